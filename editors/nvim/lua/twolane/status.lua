--- How Twolane is, for the statusline: what the server said last, asked again now and then.
local compat = require("twolane.compat")
local server = require("twolane.server")

local M = {}

local FRESH_MS = 5000
local BUSY_MS = 500
local PASSING = { "starting", "loading", "down", "away", "" }

---@class twolane.State
---@field lane string "near", "team" or ""
---@field model string the model's name, "" where none is loaded
---@field state string "ready", "loading", "starting", "away", "down", "refused", "paused", "off" or "no server"
---@field message string what the server says of that state
---@field spent number dollars spent today on models elsewhere
---@field problems string[] what is wrong with the settings
---@field work string what the server is at work on, "" where nothing
---@field off table<string, string> why the server suggests nothing in a file, by its URI

---@type table<integer, { state: twolane.State, at: integer, asking?: boolean, waiting?: boolean }>
local known = {}

local none = { lane = "", model = "", state = "no server", message = "", spent = 0, problems = {}, work = "", off = {} }
local starting = vim.tbl_extend("force", none, { state = "starting" })

--- What the servers said of work that is under way, by client, in the order in which it began.
---@type table<integer, { token: integer|string, title: string, message: string }[]>
local under_way = {}

--- Read the answer of `twolane.status`.
---@param answer table
---@return twolane.State
function M.read(answer)
  local state = answer.state or ""
  if answer.enabled == false then
    state = "off"
  elseif answer.paused then
    state = "paused"
  end
  local off = {}
  for _, document in ipairs(answer.documents or {}) do
    off[document.uri] = document.off ~= "" and document.off or nil
  end
  return {
    lane = answer.lane or "",
    model = type(answer.model) == "table" and answer.model.name or "",
    state = state,
    message = answer.message or "",
    spent = (answer.spend or {}).day_usd or 0,
    problems = answer.problems or {},
    work = "",
    off = off,
  }
end

--- Ask the server of a buffer how it is; whoever wants to know when that is known listens to `User TwolaneStatus`.
---@param buffer? integer
function M.refresh(buffer)
  local client = server.client(buffer) or server.clients()[1]
  if not client then
    return
  end
  local entry = known[client.id] or { state = starting, at = 0 }
  known[client.id] = entry
  if entry.asking then
    return
  end
  entry.asking, entry.at = true, vim.uv.now()
  compat.request(client, "workspace/executeCommand", { command = "twolane.status" }, function(err, answer)
    entry.asking = nil
    if err then
      return
    end
    local before = entry.state
    entry.state = M.read(answer)
    if not vim.deep_equal(before, entry.state) then
      vim.cmd("redrawstatus!")
      vim.api.nvim_exec_autocmds("User", { pattern = "TwolaneStatus", modeline = false })
      if entry.state.state == "ready" and before.state ~= "ready" then
        vim.api.nvim_exec_autocmds("User", { pattern = "TwolaneReady", modeline = false })
      end
    end
    M.look_again(client.id)
  end)
end

--- Ask again by and by while the state may change by itself: a statusline asks for nothing while nobody types.
---@param client_id integer
function M.look_again(client_id)
  local entry = known[client_id]
  if not entry or entry.waiting or not vim.tbl_contains(PASSING, entry.state.state) then
    return
  end
  entry.waiting = true
  vim.defer_fn(function()
    entry.waiting = nil
    local client = vim.lsp.get_client_by_id(client_id)
    local buffer = client and known[client_id] == entry and next(client.attached_buffers)
    if buffer then
      M.refresh(buffer)
    end
  end, M.patience(entry))
end

--- How long what is known of a server is good, in milliseconds.
function M.patience(entry)
  return vim.tbl_contains({ "starting", "loading" }, entry.state.state) and BUSY_MS or FRESH_MS
end

--- What is known of the buffer's server. Asking costs nothing; what is old is asked for in the background.
---@param buffer? integer
---@return twolane.State
function M.state(buffer)
  local client = server.client(buffer)
  if not client then
    return none
  end
  local entry = known[client.id]
  if not entry or vim.uv.now() - entry.at > M.patience(entry) then
    vim.schedule(function()
      M.refresh(buffer)
    end)
  end
  local state = entry and entry.state or starting
  return vim.tbl_extend("force", state, { work = M.work(client.id) })
end

--- What a server is at work on, of several the one that began last.
---@param client_id integer
---@return string
function M.work(client_id)
  local works = under_way[client_id] or {}
  local newest = works[#works]
  if not newest then
    return ""
  end
  local title = newest.title:gsub("^Twolane: ", "")
  return newest.message ~= "" and ("%s: %s"):format(title, newest.message) or title
end

--- Follow the server's `$/progress`.
local function follow(client_id, progress)
  local works = under_way[client_id] or {}
  under_way[client_id] = works
  local value, place = progress.value, #works + 1
  for number, work in ipairs(works) do
    place = work.token == progress.token and number or place
  end
  if value.kind == "end" then
    table.remove(works, place)
  else
    works[place] = works[place] or { title = "", message = "", token = progress.token }
    local work = works[place]
    work.title, work.message = value.title or work.title, value.message or work.message
  end
  vim.cmd("redrawstatus!")
end

--- Ask the servers to give up what they are at work on.
function M.cancel()
  for _, client in ipairs(server.clients()) do
    for _, work in ipairs(under_way[client.id] or {}) do
      compat.notify(client, "window/workDoneProgress/cancel", { token = work.token })
    end
  end
end

--- One short piece of text for a statusline: lane, model, state unless all is well, today's spend where there is one.
--- Empty where no server is attached to the buffer.
---@param buffer? integer
---@return string
function M.text(buffer)
  if not server.client(buffer) then
    return ""
  end
  local state = M.state(buffer)
  return M.line(state, vim.b[buffer or 0].twolane == false or state.off[vim.uri_from_bufnr(buffer or 0)] ~= nil)
end

--- The text for a state.
---@param state twolane.State
---@param off_here boolean whether the buffer has suggestions turned off
---@return string
function M.line(state, off_here)
  local words = {}
  local function add(word)
    if word ~= "" then
      table.insert(words, word)
    end
  end
  add(state.lane)
  add(state.model)
  add(off_here and state.state ~= "off" and "off here" or state.state == "ready" and "" or state.state)
  add(state.work or "")
  add(state.spent > 0 and ("$%.2f"):format(state.spent) or "")
  return #words > 0 and table.concat(words, " · ") or "twolane"
end

--- Follow what changes the state: attaching, and the progress that the server reports.
function M.begin()
  local group = vim.api.nvim_create_augroup("twolane.status", {})
  vim.api.nvim_create_autocmd({ "LspAttach", "LspProgress" }, {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id((event.data or {}).client_id or -1)
      if client and client.name == "twolane" then
        if event.event == "LspProgress" then
          follow(client.id, event.data.params)
        end
        M.refresh(event.event == "LspAttach" and event.buf or nil)
      end
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    callback = function(event)
      vim.schedule(function()
        local id = (event.data or {}).client_id
        if id and not vim.lsp.get_client_by_id(id) then
          known[id], under_way[id] = nil, nil
          vim.cmd("redrawstatus!")
        end
      end)
    end,
  })
end

return M
