--- The keys in insert mode. Where there is no ghost text, a key does what it did before.
local config = require("twolane.config")
local ghost = require("twolane.ghost")

local M = {}

---@class twolane.KeyOptions
---@field accept? string|false Accept the whole suggestion.
---@field accept_word? string|false Accept its next word.
---@field accept_line? string|false Accept its next line.
---@field next? string|false Show another suggestion; asks for alternatives, or for a first one where there is none.
---@field prev? string|false Go back to the suggestion before.
---@field dismiss? string|false Show nothing until the next change.
---@field suggest? string|false Ask for a suggestion now.
M.defaults = {
  accept = "<Tab>",
  accept_word = "<M-Right>",
  accept_line = "<M-C-Right>",
  next = "<M-]>",
  prev = "<M-[>",
  dismiss = "<C-]>",
  suggest = "<M-\\>",
}
M.types = {
  accept = "string|boolean",
  accept_word = "string|boolean",
  accept_line = "string|boolean",
  next = "string|boolean",
  prev = "string|boolean",
  dismiss = "string|boolean",
  suggest = "string|boolean",
}

--- What each key does, and whether it does so only where something is shown.
local actions = {
  accept = { "accept()", "Twolane: accept the suggestion", true },
  accept_word = { "accept_word()", "Twolane: accept a word of the suggestion", true },
  accept_line = { "accept_line()", "Twolane: accept a line of the suggestion", true },
  next = { "cycle(1)", "Twolane: next suggestion", false },
  prev = { "cycle(-1)", "Twolane: previous suggestion", false },
  dismiss = { "dismiss()", "Twolane: dismiss the suggestion", true },
  suggest = { "suggest()", "Twolane: suggest now", false },
}

local installed = {}

--- Keep what a key does now under a name of its own, in the current buffer; returns the keys that call it.
local function kept(key, name)
  local plug = ("<Plug>(twolane-before-%s)"):format(name)
  local before = vim.fn.maparg(key, "i", false, true)
  if vim.tbl_isempty(before) then
    vim.keymap.set("i", plug, key, { buffer = true, noremap = true })
  else
    local copy = vim.tbl_extend("force", before, { lhs = plug, lhsraw = vim.keycode(plug), buffer = 1 })
    copy.lhsrawalt = nil
    vim.fn.mapset("i", false, copy)
  end
  return plug, before
end

--- Set the keys in a buffer, unless they are.
---@param buffer integer
function M.attach(buffer)
  if installed[buffer] then
    return
  end
  installed[buffer] = {}
  vim.api.nvim_buf_call(buffer, function()
    for name, key in pairs(config.of("keys")) do
      local call, description, only_shown = unpack(actions[name])
      if key and key ~= "" and key ~= true then
        local plug, before = kept(key, name)
        vim.keymap.set("i", key, function()
          if only_shown and not ghost.visible() then
            return plug
          end
          return ("<Cmd>lua require('twolane.ghost').%s<CR>"):format(call)
        end, { buffer = buffer, expr = true, remap = true, desc = description })
        installed[buffer][key] = before
      end
    end
  end)
end

--- Give a buffer its own keys back.
---@param buffer integer
function M.detach(buffer)
  local keys = installed[buffer]
  installed[buffer] = nil
  if not keys or not vim.api.nvim_buf_is_valid(buffer) then
    return
  end
  vim.api.nvim_buf_call(buffer, function()
    for key, before in pairs(keys) do
      pcall(vim.keymap.del, "i", key, { buffer = buffer })
      if before.buffer == 1 then
        vim.fn.mapset("i", false, before)
      end
    end
  end)
end

return M
