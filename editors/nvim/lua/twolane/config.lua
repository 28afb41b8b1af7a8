--- The options in force. Each feature's module owns its defaults and says what is wrong with a value.
local M = {}

--- The features that have options, by the name of their table in `setup()`.
M.features = {
  server = "twolane.server",
  ghost = "twolane.ghost",
  keys = "twolane.keys",
  preview = "twolane.preview",
}

local given, complaints = {}, {}

--- Whether a value has one of the types in "string|table"; `nil` is always right.
local function fits(value, types)
  return value == nil or vim.tbl_contains(vim.split(types, "|", { plain = true }), type(value))
end

--- The pairs of a table in the order of their keys, whatever the keys are.
---@param given table
function M.sorted(given)
  local keys, at = vim.tbl_keys(given), 0
  table.sort(keys, function(one, other)
    return tostring(one) < tostring(other)
  end)
  return function()
    at = at + 1
    return keys[at], given[keys[at]]
  end
end

--- Read what a person gave; what cannot be used is left out and named. Returns the complaints, one line each.
---@param options? table
---@return string[]
function M.read(options)
  local problems = {}
  given, complaints = {}, problems
  if type(options or {}) ~= "table" then
    table.insert(problems, "setup() takes a table")
    return problems
  end
  for name, value in M.sorted(options or {}) do
    local feature = M.features[name]
    if name == "settings" then
      if type(value) == "table" then
        given.settings = value
      else
        table.insert(problems, "settings: allowed is a table")
      end
    elseif not feature then
      table.insert(problems, ("%s: no such option; there are %s, settings"):format(tostring(name), M.names()))
    elseif type(value) ~= "table" then
      table.insert(problems, name .. ": allowed is a table")
    else
      given[name] = {}
      local types = require(feature).types
      for key, inner in M.sorted(value) do
        local label = name .. "." .. tostring(key)
        if not types[key] then
          table.insert(problems, label .. ": no such option")
        elseif not fits(inner, types[key]) then
          table.insert(problems, ("%s: allowed is %s"):format(label, (types[key]:gsub("|", " or "))))
        else
          given[name][key] = inner
        end
      end
    end
  end
  return problems
end

--- What was wrong with the options when they were read, one line each.
---@return string[]
function M.complaints()
  return complaints
end

--- The names of the features, for people.
---@return string
function M.names()
  local names = vim.tbl_keys(M.features)
  table.sort(names)
  return table.concat(names, ", ")
end

--- The options of a feature: its defaults, and over them what was given.
---@param feature string
---@return table
function M.of(feature)
  local own = vim.deepcopy(require(M.features[feature]).defaults)
  for key, value in pairs(given[feature] or {}) do
    own[key] = value
  end
  return own
end

--- The server's settings that were given, as they are passed on.
---@return table
function M.settings()
  return vim.deepcopy(given.settings or {})
end

return M
