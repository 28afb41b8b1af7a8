--- Shows what an edit of several files would change, and applies all of it or nothing.
local compat = require("twolane.compat")
local config = require("twolane.config")
local workspace_edit = require("twolane.workspace_edit")

local M = {}

---@class twolane.PreviewOptions
---@field when? "several"|"always"|"never" Which edits of the server's are shown as a diff before they apply: those of more than one file and those that create, rename or delete files; all; none.
M.defaults = { when = "several" }
M.types = { when = "string" }

local UNWANTED = "The person did not want the change."
local BROKEN = "An error came between; a part of it may be there."

--- Tell why an edit was not applied, but to who did not want it.
local function tell(why)
  if why == BROKEN then
    vim.notify("Twolane: the edit was not applied as a whole. " .. why, vim.log.levels.ERROR)
  elseif why and why ~= UNWANTED then
    vim.notify("Twolane: nothing was changed. " .. why, vim.log.levels.WARN)
  end
end

local function wanted(changes)
  local when = config.of("preview").when
  if when == "never" then
    return false
  end
  local several = #changes > 1
  for _, change in ipairs(changes) do
    several = several or change.kind ~= "edit" or change.confirm
  end
  return when == "always" or several
end

--- Do something as soon as nobody types: keys that are meant for a text shall neither be lost nor decide anything.
local function at_rest(act)
  if not vim.api.nvim_get_mode().mode:find("^[iRtcsS\19]") then
    return act()
  end
  vim.notify("Twolane: a change is ready to be looked at; it is shown when you are back in normal mode.")
  vim.api.nvim_create_autocmd("ModeChanged", {
    pattern = "*:n*",
    once = true,
    callback = function()
      vim.schedule(function()
        at_rest(act)
      end)
    end,
  })
end

--- Show a diff in a tab of its own; `decided` is called once, with whether to apply it.
---@param lines string[]
---@param label string
---@param decided fun(yes: boolean)
function M.show(lines, label, decided)
  local from = vim.api.nvim_get_current_win()
  vim.cmd("tabnew")
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype, vim.bo[buffer].bufhidden, vim.bo[buffer].swapfile = "nofile", "wipe", false
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable, vim.bo[buffer].filetype = false, "diff"
  pcall(vim.api.nvim_buf_set_name, buffer, ("twolane://preview/%d"):format(buffer))
  vim.wo.winbar = " " .. label:gsub("%%", "%%%%") .. "   <CR> apply   q leave everything as it is"
  local open = true
  local function decide(yes)
    if not open then
      return
    end
    open = false
    if vim.api.nvim_buf_is_valid(buffer) then
      local looking = vim.api.nvim_get_current_buf() == buffer
      pcall(vim.api.nvim_buf_delete, buffer, { force = true })
      if looking and vim.api.nvim_win_is_valid(from) then
        vim.api.nvim_set_current_win(from)
      end
    end
    decided(yes)
  end
  local function map(key, yes)
    vim.keymap.set("n", key, function()
      decide(yes)
    end, { buffer = buffer, nowait = true })
  end
  map("<CR>", true)
  map("q", false)
  map("<Esc>", false)
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    callback = function()
      vim.schedule(function()
        decide(false)
      end)
    end,
  })
end

--- Let a person look at an edit where the options want that, then apply it wholly or not at all.
---@param edit table a `WorkspaceEdit`
---@param client vim.lsp.Client
---@param label string
---@param done fun(applied: boolean, why?: string)
function M.apply(edit, client, label, done)
  local encoding = client.offset_encoding
  local changes, refused = workspace_edit.read(edit, encoding)
  if not changes then
    return done(false, refused)
  end
  local function go()
    local stale = workspace_edit.stale(changes)
    if stale then
      return done(false, stale)
    end
    local whole = pcall(vim.lsp.util.apply_workspace_edit, edit, encoding)
    done(whole, not whole and BROKEN or nil)
  end
  if not wanted(changes) then
    return go()
  end
  at_rest(function()
    M.show(workspace_edit.diff(changes), label, function(yes)
      if yes then
        go()
      else
        done(false, UNWANTED)
      end
    end)
  end)
end

--- `workspace/applyEdit`: the answer waits until the person has decided.
---@return table
function M.handler(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  local answer
  local waiting = coroutine.running()
  local function done(applied, why)
    answer = { applied = applied, failureReason = why }
    if waiting and coroutine.status(waiting) == "suspended" then
      coroutine.resume(waiting)
    end
  end
  M.apply(params.edit, client, params.label or "Twolane", done)
  if not answer then
    coroutine.yield()
  end
  tell(answer.failureReason)
  return answer
end

--- Let the edits of this client's code actions go the same way, whoever runs them.
---@param client vim.lsp.Client
function M.guard(client)
  local request = client.request
  client.request = function(first, ...)
    local words = { ... }
    local offset = type(first) == "table" and 0 or 1
    local method = offset == 1 and first or words[1]
    local at = 3 - offset
    local answer = words[at]
    if method == "codeAction/resolve" and type(answer) == "function" then
      words[at] = function(err, action, ...)
        local rest = { ... }
        if err or not action or not action.edit then
          return answer(err, action, unpack(rest))
        end
        M.apply(action.edit, client, action.title or "Twolane", function(applied, why)
          if applied then
            answer(nil, vim.tbl_extend("force", action, { edit = false }), unpack(rest))
          else
            tell(why)
          end
        end)
      end
    end
    return request(first, unpack(words, 1, select("#", ...)))
  end
end

return M
