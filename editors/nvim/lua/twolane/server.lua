--- Finds the server, starts one for each workspace, and brings it back when it ends by itself.
local compat = require("twolane.compat")
local config = require("twolane.config")
local find = require("twolane.find")

local M = {}

---@class twolane.ServerOptions
---@field cmd? string[] The command that starts the server, for example `{ "/path/to/twolane", "serve" }`. Without it: `twolane` of the active virtual environment (`$VIRTUAL_ENV`), of the workspace's own environment where the workspace is trusted, or of `$PATH`.
---@field trusted? boolean|string[]|fun(root: string): boolean Which workspaces are trusted: all, those under the folders in a list, or those for which a function says so. In a trusted workspace its `twolane.toml` may choose models and servers, and its environment's `twolane` may be started.
---@field filetypes? string[] The filetypes with suggestions. Without it: all but those in `exclude`.
---@field exclude? string[] Filetypes without suggestions.
---@field root_markers? string[] A workspace is the nearest folder above a file that holds one of these.
---@field restarts? integer How often the server is brought back within three minutes before that is given up; 0: never.
M.defaults = {
  trusted = false,
  exclude = { "help", "gitrebase", "qf", "netrw" },
  root_markers = { "twolane.toml", "pyproject.toml", ".git" },
  restarts = 5,
}
M.types = {
  cmd = "table",
  trusted = "boolean|table|function",
  filetypes = "table",
  exclude = "table",
  root_markers = "table",
  restarts = "number",
}

local FIRST_PAUSE_MS = 500
local PATIENCE_S = 180

--- One workspace's server. `buffers` are those that come back with it.
---@class twolane.Place
---@field root? string
---@field client_id? integer
---@field buffers table<integer, true>
---@field deaths integer[]
---@field stopping? integer the client that was told to end, by whomever
---@field problem? string

---@type table<string, twolane.Place>
local places = {}
local leaving = false
local overrides = {}

--- The URI by which the server knows a buffer.
---@type table<integer, string>
local opened = {}

local function tell(text, level)
  vim.notify("Twolane: " .. text, level or vim.log.levels.WARN)
end

--- Whether a buffer is one that gets suggestions.
---@param buffer integer
---@return boolean
function M.wants(buffer)
  if not vim.api.nvim_buf_is_loaded(buffer) or vim.bo[buffer].buftype ~= "" then
    return false
  end
  local options, filetype = config.of("server"), vim.bo[buffer].filetype
  if filetype == "" or vim.tbl_contains(options.exclude, filetype) then
    return false
  end
  return options.filetypes == nil or vim.tbl_contains(options.filetypes, filetype)
end

--- Whether another buffer that has suggestions goes by the same URI, as all without a name do: a server would take the
--- text of one for that of the other.
local function doubled(buffer)
  local uri = vim.uri_from_bufnr(buffer)
  for _, place in pairs(places) do
    for other in pairs(place.buffers) do
      if other ~= buffer and vim.api.nvim_buf_is_valid(other) and vim.uri_from_bufnr(other) == uri then
        return true
      end
    end
  end
  return false
end

local function place_of(root)
  local key = root or ""
  places[key] = places[key] or { root = root, buffers = {}, deaths = {} }
  return places[key]
end

--- Settings with others over them, setting by setting; `vim.tbl_deep_extend` would let an empty list change nothing.
local function over(settings, change)
  for section, values in pairs(change) do
    local before = settings[section]
    settings[section] = vim.tbl_extend("force", type(before) == "table" and before or {}, values)
  end
  return settings
end

--- The settings for the server: those of `setup()`, over them those of this session.
---@return table
function M.settings()
  return over(config.settings(), overrides)
end

local function exited(place, code, signal, client_id)
  if place.client_id ~= client_id then
    return
  end
  place.client_id = nil
  if leaving or place.stopping == client_id then
    return
  end
  local now = os.time()
  place.deaths = vim.tbl_filter(function(at)
    return now - at < PATIENCE_S
  end, place.deaths)
  table.insert(place.deaths, now)
  if #place.deaths > config.of("server").restarts then
    place.problem = ("the server ended %d times within three minutes (exit code %d, signal %d)"):format(
      #place.deaths,
      code,
      signal
    )
    tell(place.problem .. ". `:Twolane log` tells why, `:Twolane restart` tries again.", vim.log.levels.ERROR)
    return
  end
  vim.defer_fn(function()
    if not leaving and not place.client_id then
      M.attach_all(place)
    end
  end, FIRST_PAUSE_MS * 2 ^ (#place.deaths - 1))
end

--- Tell the server what a person would tell it in the editor's settings; in 0.11+ it also asks for them.
local function configured(place, cmd)
  local settings = M.settings()
  local trusted = find.trusted(place.root, config.of("server").trusted)
  return {
    name = "twolane",
    cmd = cmd,
    root_dir = place.root,
    settings = { twolane = settings },
    init_options = vim.tbl_extend("error", vim.empty_dict(), settings, { trusted = trusted }),
    capabilities = require("twolane.refactoring").capabilities(),
    commands = require("twolane.refactoring").commands,
    handlers = {
      ["workspace/applyEdit"] = require("twolane.preview").handler,
      ["window/showMessage"] = function(_, params)
        vim.notify(params.message, ({ vim.log.levels.ERROR, vim.log.levels.WARN })[params.type] or vim.log.levels.INFO)
        return vim.NIL
      end,
    },
    on_init = function(client)
      place.problem = nil
      require("twolane.preview").guard(client)
      local stop = client.stop
      client.stop = function(...)
        place.stopping = client.id
        return stop(...)
      end
    end,
    on_exit = function(code, signal, client_id)
      vim.schedule(function()
        exited(place, code, signal, client_id)
      end)
    end,
  }
end

--- Attach a buffer to its workspace's server, which is started where there is none.
---@param buffer integer
---@return integer? client_id
function M.attach(buffer)
  if not M.wants(buffer) or doubled(buffer) then
    return nil
  end
  local options = config.of("server")
  local place = place_of(vim.fs.root(buffer, options.root_markers))
  place.buffers[buffer] = true
  if not place.client_id and #place.deaths > options.restarts then
    return nil
  end
  local cmd, why = find.command(place.root, options)
  if not cmd then
    place.problem = why
    vim.notify_once("Twolane: " .. why, vim.log.levels.WARN)
    return nil
  end
  local client_id = vim.lsp.start(configured(place, cmd), { bufnr = buffer, silent = true })
  if not client_id then
    place.problem = ("%s (from %s) cannot be started; what it needs may be gone."):format(cmd[1], why)
    vim.notify_once("Twolane: " .. place.problem, vim.log.levels.WARN)
    return nil
  end
  place.client_id = client_id
  return client_id
end

local function attach_loaded()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(buffer)
  end
end

local function let_go(buffer)
  for _, place in pairs(places) do
    place.buffers[buffer] = nil
  end
end

--- Follow a buffer to its new name: for the server that is another document, perhaps of another workspace.
local function renamed(buffer)
  local client, before = M.client(buffer), opened[buffer]
  if client and before and before ~= vim.uri_from_bufnr(buffer) then
    compat.notify(client, "textDocument/didClose", { textDocument = { uri = before } })
    vim.lsp.buf_detach_client(buffer, client.id)
  end
  let_go(buffer)
  M.attach(buffer)
end

--- Attach every buffer of a workspace that is still there.
---@param place twolane.Place
function M.attach_all(place)
  for buffer in pairs(place.buffers) do
    if not M.attach(buffer) then
      place.buffers[buffer] = nil
    end
  end
end

--- End the servers of all workspaces and start them anew, with the options as they are now.
function M.restart()
  for _, place in pairs(places) do
    local client = place.client_id and vim.lsp.get_client_by_id(place.client_id)
    place.deaths, place.problem, place.client_id = {}, nil, nil
    if client and not compat.stopped(client) then
      compat.stop(client)
      vim.wait(2000, function()
        return compat.stopped(client) and not vim.lsp.get_client_by_id(client.id)
      end, 20)
      if not compat.stopped(client) then
        compat.stop(client, true)
      end
    end
    place.buffers = {}
  end
  attach_loaded()
end

--- Change the server's settings for this session, without a restart.
---@param change table tables of the settings, as in `setup { settings = … }`
function M.configure(change)
  over(overrides, change)
  for _, client in ipairs(M.clients()) do
    client.settings = { twolane = M.settings() }
    compat.notify(client, "workspace/didChangeConfiguration", { settings = client.settings })
  end
end

--- The server of a buffer, or nil.
---@param buffer? integer 0 or nil: the current one
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ name = "twolane", bufnr = buffer or 0 })[1]
end

--- All servers of this Neovim.
---@return vim.lsp.Client[]
function M.clients()
  return vim.lsp.get_clients({ name = "twolane" })
end

--- Why there is no server for a buffer, one sentence; nil where nothing is known.
---@param buffer? integer
---@return string?
function M.problem(buffer)
  local root = vim.fs.root(buffer or 0, config.of("server").root_markers)
  return (places[root or ""] or {}).problem
end

--- Run one of the server's commands. `answer` gets its result; what goes wrong is told to the person.
---@param name string
---@param arguments? any[]
---@param answer? fun(result: table)
---@param buffer? integer
---@return boolean asked
function M.command(name, arguments, answer, buffer)
  local client = M.client(buffer) or M.clients()[1]
  if not client then
    tell(M.problem(buffer) or "no server runs for this file. `:checkhealth twolane` says more.")
    return false
  end
  local params = { command = name, arguments = arguments or {} }
  return (
    compat.request(client, "workspace/executeCommand", params, function(err, result)
      if err then
        tell(err.message or "the server gave no reason", vim.log.levels.ERROR)
      elseif answer then
        answer(result)
      end
    end, buffer or 0)
  )
end

--- Begin to attach buffers: those that are open, and each that is opened from now on.
function M.begin()
  local group = vim.api.nvim_create_augroup("twolane.server", {})
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    callback = function(event)
      M.attach(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd({ "BufDelete", "BufWipeout" }, {
    group = group,
    callback = function(event)
      let_go(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd("LspAttach", {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == "twolane" then
        opened[event.buf] = vim.uri_from_bufnr(event.buf)
      end
    end,
  })
  vim.api.nvim_create_autocmd("LspDetach", {
    group = group,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == "twolane" then
        opened[event.buf] = nil
      end
    end,
  })
  vim.api.nvim_create_autocmd("BufFilePost", {
    group = group,
    callback = function(event)
      renamed(event.buf)
    end,
  })
  vim.api.nvim_create_autocmd("VimLeavePre", {
    group = group,
    callback = function()
      leaving = true
    end,
  })
  attach_loaded()
end

return M
