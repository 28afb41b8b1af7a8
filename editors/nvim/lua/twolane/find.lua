--- Where the server's program is, and which workspaces may say so.
local M = {}

local function normal(path)
  return (vim.fs.normalize(path):gsub("/+$", ""))
end

--- Whether a workspace is trusted, as the option says.
---@param root? string
---@param trusted boolean|string[]|fun(root: string): boolean
---@return boolean
function M.trusted(root, trusted)
  if type(trusted) == "boolean" then
    return trusted
  end
  if not root then
    return false
  end
  if type(trusted) == "function" then
    local ok, answer = pcall(trusted, root)
    return ok and answer == true
  end
  local place = normal(vim.uv.fs_realpath(root) or root)
  for _, folder in ipairs(trusted) do
    local under = normal(vim.uv.fs_realpath(vim.fs.normalize(folder)) or folder)
    if place == under or vim.startswith(place, under .. "/") then
      return true
    end
  end
  return false
end

--- `twolane` in an environment's folder, where it can be started.
local function within(environment)
  for _, name in ipairs({ "bin/twolane", "Scripts/twolane.exe" }) do
    local program = environment .. "/" .. name
    if vim.fn.executable(program) == 1 then
      return program
    end
  end
end

--- `twolane` in $PATH; a relative folder there is passed over, for it may be a workspace that nobody trusts.
local function in_path()
  local windows = vim.fn.has("win32") == 1
  for folder in vim.gsplit(vim.env.PATH or "", windows and ";" or ":", { plain = true }) do
    local program = folder:gsub("[/\\]+$", "") .. (windows and "/twolane.exe" or "/twolane")
    if folder:find(windows and "^%a:[/\\]" or "^/") and vim.fn.executable(program) == 1 then
      return program
    end
  end
end

--- The command that starts the server and where it comes from; or nil, and in one sentence what to do.
---@param root? string the workspace
---@param options twolane.ServerOptions
---@return string[]? command
---@return string where
function M.command(root, options)
  if options.cmd then
    local program = options.cmd[1]
    if type(program) ~= "string" or vim.fn.executable(program) == 0 then
      return nil, ("server.cmd names %s, which cannot be started."):format(vim.inspect(program))
    end
    return options.cmd, "the option server.cmd"
  end
  local active = vim.env.VIRTUAL_ENV
  local program = active and active ~= "" and within(active)
  if program then
    return { program, "serve" }, "the active virtual environment"
  end
  local passed_over = ""
  for _, name in ipairs(root and { ".venv", "venv" } or {}) do
    program = within(root .. "/" .. name)
    if program and M.trusted(root, options.trusted) then
      return { program, "serve" }, "the workspace's environment"
    elseif program then
      passed_over = (" %s has one, which is not started because the workspace is not trusted (server.trusted)."):format(
        root .. "/" .. name
      )
    end
  end
  program = in_path()
  if program then
    return { program, "serve" }, "$PATH"
  end
  return nil,
    "there is no `twolane` in $VIRTUAL_ENV or $PATH."
      .. passed_over
      .. " Install it, or name it: setup({ server = { cmd = { '/path/to/twolane', 'serve' } } })."
end

return M
