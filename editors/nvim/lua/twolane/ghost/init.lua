--- Ghost text: asked for while typing, drawn behind the cursor, accepted whole or in parts.
local asking = require("twolane.ghost.asking")
local config = require("twolane.config")
local offers = require("twolane.ghost.offer")
local server = require("twolane.server")
local telling = require("twolane.ghost.telling")
local view = require("twolane.ghost.view")

local M = {}

---@class twolane.GhostOptions
---@field automatic? boolean Suggest while typing. Off: only where the key `suggest` asks for it.
---@field with_menu? boolean Suggest while the completion menu is open too.
---@field highlight? string The highlight group whose looks ghost text has.
M.defaults = { automatic = true, with_menu = false, highlight = "Comment" }
M.types = { automatic = "boolean", with_menu = "boolean", highlight = "string" }

local INVOKED, AUTOMATIC = 1, 2

--- What a buffer shows. `seen` is the state of text and cursor that was last looked at.
---@class twolane.Ghost
---@field offers twolane.Offer[]
---@field index integer
---@field seen? string
---@field told? table the item that was last told to be shown
---@field compared? boolean alternatives were asked for; what is counted may be one

---@type table<integer, twolane.Ghost>
local ghosts = {}

local function ghost_of(buffer)
  ghosts[buffer] = ghosts[buffer] or { offers = {}, index = 1 }
  return ghosts[buffer]
end

local function inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == "i"
end

local function here()
  local row, cursor = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, vim.api.nvim_get_current_line(), cursor
end

local function options()
  return config.of("ghost")
end

--- Whether nothing may be shown in the current buffer just now. Not while a macro is recorded, either: it would hold the
--- key that accepts, and put that key in where it runs.
local function hushed()
  return vim.b.twolane == false
    or not inserting()
    or vim.fn.reg_executing() ~= ""
    or vim.fn.reg_recording() ~= ""
    or (vim.fn.pumvisible() == 1 and not options().with_menu)
end

--- Show the chosen offer where it holds; else nothing. Returns whether something is shown.
local function show(buffer)
  local ghost = ghost_of(buffer)
  local offer = ghost.offers[ghost.index]
  local row, line, cursor = here()
  local rest = offer and offers.rest(offer, row, line, cursor)
  if not rest or hushed() then
    view.clear(buffer)
    return false
  end
  local several = #ghost.offers > 1 or ghost.compared
  local count = several and { index = ghost.index, of = #ghost.offers } or nil
  view.draw(buffer, row, cursor, rest, offer.after, offer.replaces, count)
  if not vim.deep_equal(ghost.told, offer.item) then
    ghost.told = offer.item
    telling.shown(offer)
  end
  return true
end

local function forget(buffer)
  local ghost = ghosts[buffer]
  if ghost then
    ghost.offers, ghost.index, ghost.seen, ghost.compared = {}, 1, nil, nil
  end
  asking.cancel(buffer)
  view.clear(buffer)
end

local function ask(buffer, kind, answered)
  local client = server.client(buffer)
  if not client then
    return false
  end
  asking.ask(client, buffer, kind, function(items, asked)
    if vim.api.nvim_get_current_buf() ~= buffer or not inserting() then
      return
    end
    local made = {}
    for _, item in ipairs(items) do
      table.insert(made, offers.new(item, asked))
    end
    answered(ghost_of(buffer), made)
    show(buffer)
  end)
  return true
end

--- Look at text and cursor as they are now: keep what still holds, ask for what the server has to say.
local function look(buffer)
  if vim.api.nvim_get_current_buf() ~= buffer then
    return
  end
  if hushed() then
    return forget(buffer)
  end
  local ghost, row, _, cursor = ghost_of(buffer), here()
  local now = ("%d:%d:%d"):format(vim.api.nvim_buf_get_changedtick(buffer), row, cursor)
  if ghost.seen == now then
    return
  end
  ghost.seen = now
  show(buffer)
  if options().automatic then
    ask(buffer, AUTOMATIC, function(own, made)
      own.offers, own.index, own.compared = made, 1, nil
    end)
  end
end

--- The shown offer with its rest, or nil.
local function current(buffer)
  local ghost = ghosts[buffer]
  local offer = ghost and ghost.offers[ghost.index]
  if not offer or not inserting() then
    return nil
  end
  local row, line, cursor = here()
  local rest = offers.rest(offer, row, line, cursor)
  if rest and #vim.api.nvim_buf_get_extmarks(buffer, view.namespace, 0, -1, { limit = 1 }) > 0 then
    return offer, rest, row, cursor
  end
end

--- End the undo step, so that undoing acceptance takes back the acceptance and nothing typed.
local function cut_undo()
  vim.cmd("let &g:undolevels = &g:undolevels")
end

--- Put text in at the cursor over so many bytes; the cursor goes behind it.
local function put_in(buffer, row, cursor, text, replaces)
  local lines = vim.split(text, "\n", { plain = true })
  cut_undo()
  vim.api.nvim_buf_set_text(buffer, row, cursor, row, cursor + replaces, lines)
  local column = #lines == 1 and cursor + #lines[1] or #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines, column })
  cut_undo()
end

--- Accept what `part_of` takes of what is shown; the rest stays. Returns whether something was shown.
local function accept(part_of)
  local buffer = vim.api.nvim_get_current_buf()
  local offer, rest, row, cursor = current(buffer)
  if not offer then
    return false
  end
  local part = part_of(rest)
  asking.cancel(buffer)
  view.clear(buffer)
  put_in(buffer, row, cursor, part, part == rest and offer.replaces or 0)
  local now_row, line, now_cursor = here()
  local left = offers.after_part(offer, rest, part, now_row, line, now_cursor)
  local ghost = ghost_of(buffer)
  ghost.offers, ghost.index, ghost.compared = { left }, 1, nil
  if left then
    telling.partly_accepted(offer, offers.accepted(offer, rest, part))
    ghost.seen = ("%d:%d:%d"):format(vim.api.nvim_buf_get_changedtick(buffer), now_row, now_cursor)
    show(buffer)
  else
    telling.accepted(offer, buffer)
    look(buffer)
  end
  return true
end

--- Accept all that is shown.
---@return boolean accepted whether something was shown
function M.accept()
  return accept(function(rest)
    return rest
  end)
end

--- Accept the next word.
---@return boolean accepted
function M.accept_word()
  return accept(offers.word)
end

--- Accept the next line.
---@return boolean accepted
function M.accept_line()
  return accept(offers.line)
end

--- Whether a suggestion is shown in the current buffer.
---@return boolean
function M.visible()
  return current(vim.api.nvim_get_current_buf()) ~= nil
end

--- Show nothing until the next change.
---@return boolean dismissed whether something was shown
function M.dismiss()
  local buffer = vim.api.nvim_get_current_buf()
  local was = M.visible()
  local ghost = ghost_of(buffer)
  local seen = ghost.seen
  forget(buffer)
  ghost.seen = seen
  return was
end

--- Ask for a suggestion now, whatever is known.
---@return boolean asked
function M.suggest()
  local buffer = vim.api.nvim_get_current_buf()
  if vim.b.twolane == false or not inserting() then
    return false
  end
  return ask(buffer, INVOKED, function(ghost, made)
    ghost.offers, ghost.index = made, 1
  end)
end

--- Go to another alternative; the first time the server is asked for them.
---@param step integer 1 for the next, -1 for the one before
---@return boolean done whether there is a server to ask, or an alternative
function M.cycle(step)
  local buffer = vim.api.nvim_get_current_buf()
  local ghost = ghost_of(buffer)
  if #ghost.offers > 1 and current(buffer) then
    ghost.index = (ghost.index - 1 + step) % #ghost.offers + 1
    return show(buffer)
  end
  local offer, rest = current(buffer)
  if not offer then
    return M.suggest()
  end
  return ask(buffer, INVOKED, function(own, made)
    local row, line, cursor = here()
    local others = vim.tbl_filter(function(other)
      return offers.rest(other, row, line, cursor) ~= rest
    end, made)
    own.offers, own.index = { offer, unpack(others) }, 1
    own.index = #own.offers == 1 and 1 or step % #own.offers + 1
    own.compared = true
  end)
end

--- Begin to suggest in a buffer that a server is attached to.
---@param buffer integer
function M.attach(buffer)
  local group = vim.api.nvim_create_augroup("twolane.ghost." .. buffer, {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = buffer, callback = callback })
  end
  on({ "TextChangedI", "TextChangedP", "CursorMovedI" }, function()
    look(buffer)
  end)
  on({ "InsertEnter", "CompleteDone" }, function()
    vim.schedule(function()
      look(buffer)
    end)
  end)
  on({ "CursorMoved" }, function()
    local client = options().automatic and vim.b.twolane ~= false and server.client(buffer)
    if client then
      asking.expect(client, buffer)
    end
  end)
  on({ "BufLeave" }, function()
    forget(buffer)
  end)
  if inserting() and vim.api.nvim_get_current_buf() == buffer then
    look(buffer)
  end
end

--- Stop suggesting in a buffer.
---@param buffer integer
function M.detach(buffer)
  pcall(vim.api.nvim_del_augroup_by_name, "twolane.ghost." .. buffer)
  forget(buffer)
  ghosts[buffer] = nil
end

--- Define the looks, again after a change of colour scheme; ask again once the model is there.
function M.begin()
  local function link()
    vim.api.nvim_set_hl(0, view.group, { link = options().highlight, default = true })
  end
  link()
  local group = vim.api.nvim_create_augroup("twolane.ghost", {})
  vim.api.nvim_create_autocmd("ColorScheme", { group = group, callback = link })
  -- Not by `InsertLeave`, which hears nothing of CTRL-C.
  vim.api.nvim_create_autocmd("ModeChanged", {
    group = group,
    pattern = "i*:[^i]*",
    callback = function()
      forget(vim.api.nvim_get_current_buf())
    end,
  })
  vim.api.nvim_create_autocmd("User", {
    group = group,
    pattern = "TwolaneReady",
    callback = function()
      local buffer = vim.api.nvim_get_current_buf()
      if ghosts[buffer] and not M.visible() then
        ghosts[buffer].seen = nil
        look(buffer)
      end
    end,
  })
end

return M
