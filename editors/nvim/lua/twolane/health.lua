--- `:checkhealth twolane`: the program, the servers, the settings, and what `twolane doctor` finds.
local compat = require("twolane.compat")
local config = require("twolane.config")
local find = require("twolane.find")
local server = require("twolane.server")
local settings = require("twolane.settings")

local M = {}

local DOCTOR_PATIENCE_MS = 30000
local SERVER_PATIENCE_MS = 3000
local health = vim.health

--- The server's command with other words in the place of `serve`; nil where it has none: it may be anything then.
local function instead(command, ...)
  for at, word in ipairs(command) do
    if word == "serve" then
      return vim.list_extend(vim.list_slice(command, 1, at - 1), { ... })
    end
  end
end

local function run(command)
  local ok, process = pcall(vim.system, command, { text = true, timeout = DOCTOR_PATIENCE_MS })
  if not ok then
    return { code = -1, stdout = "", stderr = tostring(process) }
  end
  return process:wait()
end

local function check_program()
  health.start("Twolane: the server's program")
  local root = vim.fs.root(vim.fn.getcwd(), config.of("server").root_markers) or vim.fn.getcwd()
  local command, where = find.command(root, config.of("server"))
  if not command then
    health.error(where)
    return nil
  end
  local asking = instead(command, "--version")
  if not asking then
    return health.info(("%s from %s: without the word `serve` it cannot be asked"):format(command[1], where))
  end
  local version = run(asking)
  if version.code == 0 then
    health.ok(("%s from %s: %s"):format(vim.trim(version.stdout), where, command[1]))
    return instead(command, "doctor", "--json")
  end
  local said = vim.trim(version.stderr)
  health.error(("%s (from %s) does not start: %s"):format(command[1], where, said ~= "" and said or "no reason given"))
end

--- What a server says of itself, or nil where it does not answer.
local function answered(client)
  local done, told = false, nil
  compat.request(client, "workspace/executeCommand", { command = "twolane.status" }, function(_, answer)
    done, told = true, answer
  end)
  vim.wait(SERVER_PATIENCE_MS, function()
    return done
  end, 10)
  return told
end

local function check_server(client)
  local place = ("%s, %d buffers"):format(
    client.root_dir or "files without a workspace",
    vim.tbl_count(client.attached_buffers)
  )
  local answer = answered(client)
  if not answer then
    return health.warn(place .. ": no answer", { ":Twolane log", ":Twolane restart" })
  end
  local state = require("twolane.status").read(answer)
  local line = ("%s: %s%s"):format(place, state.state, state.message ~= "" and ", " .. state.message or "")
  if state.state == "refused" then
    health.error(line)
  elseif state.state == "down" then
    health.warn(line)
  else
    health.ok(line)
  end
  for _, problem in ipairs(state.problems) do
    health.warn(problem, { ":help twolane-settings" })
  end
end

local function check_servers()
  health.start("Twolane: the servers of this Neovim")
  if not require("twolane").ready then
    health.warn("setup() was not called, so that nothing is started", { 'require("twolane").setup()' })
    return
  end
  local clients = server.clients()
  if #clients == 0 then
    health.warn(server.problem() or "none runs", { "open a file of a kind that has suggestions", ":Twolane log" })
  end
  for _, client in ipairs(clients) do
    check_server(client)
  end
end

local function check_settings()
  health.start("Twolane: the settings")
  local unknown = {}
  for section, values in config.sorted(config.settings()) do
    if settings.defaults[section] == nil then
      table.insert(unknown, tostring(section))
    elseif type(values) == "table" then
      for name in config.sorted(values) do
        if settings.defaults[section][name] == nil then
          table.insert(unknown, section .. "." .. tostring(name))
        end
      end
    end
  end
  for _, name in ipairs(unknown) do
    health.warn(("settings.%s: no such setting in this version of the plugin"):format(name), { ":help twolane-settings" })
  end
  for _, complaint in ipairs(config.complaints()) do
    health.warn("setup(): " .. complaint, { ":help twolane-options" })
  end
  if #unknown + #config.complaints() == 0 then
    health.ok(vim.tbl_isempty(config.settings()) and "nothing is set here: your twolane.toml and the workspace's decide" or vim.inspect(config.settings()))
  end
end

local function check_machine(command)
  health.start("Twolane: this machine (twolane doctor)")
  local done = run(command)
  local ok, answer = pcall(vim.json.decode, done.stdout)
  if not ok or type(answer) ~= "table" or not answer.checks then
    local said = vim.trim(done.stderr)
    health.warn("twolane doctor gave no answer: " .. (said ~= "" and said or ("exit code %d"):format(done.code)))
    return
  end
  for _, check in ipairs(answer.checks) do
    local line = ("%s: %s"):format(check.name, check.detail)
    local mend = check.fix ~= "" and { check.fix } or nil
    if check.level == "ok" then
      health.ok(line)
    elseif check.level == "note" then
      health.info(line)
    elseif check.level == "warning" then
      health.warn(line, mend)
    else
      health.error(line, mend)
    end
  end
end

--- What `:checkhealth` calls.
function M.check()
  health.start("Twolane: Neovim")
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  else
    health.error("Neovim 0.10 or newer is needed")
    return
  end
  local doctor = check_program()
  check_servers()
  check_settings()
  if doctor then
    check_machine(doctor)
  end
end

return M
