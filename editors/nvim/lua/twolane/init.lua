--- Suggestions while you type, from a model on your own machine: a thin shell over the language server `twolane`.
local M = {}

--- Whether `setup()` was called; Twolane does nothing before.
M.ready = false

--- Start Twolane: for the buffers that are open and each that is opened. To be called once, with the options.
---@param options? twolane.Options
function M.setup(options)
  if vim.fn.has("nvim-0.10") == 0 then
    vim.notify("Twolane needs Neovim 0.10 or newer.", vim.log.levels.ERROR)
    return
  end
  for _, problem in ipairs(require("twolane.config").read(options)) do
    vim.notify("Twolane: " .. problem, vim.log.levels.WARN)
  end
  if M.ready then
    require("twolane.server").restart()
    return
  end
  M.ready = true
  vim.cmd.runtime("plugin/twolane.lua")
  local group = vim.api.nvim_create_augroup("twolane", {})
  local function ours(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    return client and client.name == "twolane"
  end
  vim.api.nvim_create_autocmd("LspAttach", {
    group = group,
    callback = function(event)
      if not ours(event) then
        return
      end
      local built_in = vim.lsp.inline_completion
      if built_in and built_in.is_enabled({ client_id = event.data.client_id }) then
        built_in.enable(false, { client_id = event.data.client_id })
      end
      require("twolane.keys").attach(event.buf)
      require("twolane.ghost").attach(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    callback = function(event)
      if ours(event) then
        require("twolane.ghost").detach(event.buf)
        require("twolane.keys").detach(event.buf)
      end
    end,
  })
  require("twolane.ghost").begin()
  require("twolane.status").begin()
  require("twolane.server").begin()
end

--- A short text for a statusline: lane, model, state unless all is well, what was spent today. Empty where the buffer
--- has no server.
---@param buffer? integer
---@return string
function M.status(buffer)
  return M.ready and require("twolane.status").text(buffer) or ""
end

--- The same in parts: `lane`, `model`, `state`, `message`, `spent`, `problems`.
---@param buffer? integer
---@return twolane.State
function M.state(buffer)
  return require("twolane.status").state(buffer)
end

--- Accept the whole suggestion. Returns whether one was shown.
---@return boolean
function M.accept()
  return require("twolane.ghost").accept()
end

--- Accept its next word. Returns whether one was shown.
---@return boolean
function M.accept_word()
  return require("twolane.ghost").accept_word()
end

--- Accept its next line. Returns whether one was shown.
---@return boolean
function M.accept_line()
  return require("twolane.ghost").accept_line()
end

--- Show another suggestion: 1 for the next, -1 for the one before.
---@param step integer
---@return boolean
function M.cycle(step)
  return require("twolane.ghost").cycle(step)
end

--- Show nothing until the next change. Returns whether a suggestion was shown.
---@return boolean
function M.dismiss()
  return require("twolane.ghost").dismiss()
end

--- Ask for a suggestion now.
---@return boolean
function M.suggest()
  return require("twolane.ghost").suggest()
end

--- Whether a suggestion is shown in the current buffer.
---@return boolean
function M.visible()
  return require("twolane.ghost").visible()
end

return M
