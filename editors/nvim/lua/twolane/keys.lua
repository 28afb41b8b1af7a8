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

local function bare_of(name)
  return ("<Plug>(twolane-bare-%s)"):format(name)
end

--- The keys that an earlier mapping of a key stands for, the key itself at their front under its bare name.
---
--- A mapping's own key at the front is never mapped again, or there would be no end; a copy of the mapping under another
--- name would come back to us by it. Plugins are told to be set up that way: `imap <expr> <Tab> … : '<Tab>'`.
---@param name string
---@param key string as `setup()` has it
---@param keys string as Neovim has keys inside
---@return string
function M.ending(name, key, keys)
  local own = vim.keycode(key)
  return vim.startswith(keys, own) and vim.keycode(bare_of(name)) .. keys:sub(#own + 1) or keys
end

--- What is other in a copy of a mapping whose keys are mapped further.
---@param before table as `maparg()` tells it
---@return table
local function copied(before, name, key)
  if before.expr == 1 and before.callback then
    return {
      replace_keycodes = 0,
      callback = function()
        local keys = before.callback() or ""
        return M.ending(name, key, before.replace_keycodes == 1 and vim.keycode(keys) or keys)
      end,
    }
  elseif before.expr == 1 then
    local written = key:gsub("'", "''"):gsub("<", "<lt>")
    return { rhs = ("v:lua.require'twolane.keys'.ending('%s', '%s', %s)"):format(name, written, before.rhs) }
  elseif before.rhs and vim.startswith(vim.keycode(before.rhs), vim.keycode(key)) then
    local first = before.rhs:match("^<[^<>]+>") or before.rhs:sub(1, 1)
    return { rhs = bare_of(name) .. before.rhs:sub(#first + 1) }
  end
  return {}
end

--- Keep what a key does now under a name of its own, in the current buffer; returns the keys that call it.
local function kept(key, name)
  local plug = ("<Plug>(twolane-before-%s)"):format(name)
  local before = vim.fn.maparg(key, "i", false, true)
  if vim.tbl_isempty(before) then
    vim.keymap.set("i", plug, key, { buffer = true, noremap = true })
  else
    local copy = vim.tbl_extend("force", before, { lhs = plug, lhsraw = vim.keycode(plug), buffer = 1 })
    copy.lhsrawalt = nil
    if before.noremap == 0 and before.script ~= 1 then
      vim.keymap.set("i", bare_of(name), key, { buffer = true, noremap = true })
      copy = vim.tbl_extend("force", copy, copied(before, name, key))
    end
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
