--- Reviews are the server's; here is what they need of an editor: what other tools say, and where the result is told.
local M = {}

local MOST_SENT = 100

local function tell(text, level)
  vim.notify("Twolane: " .. text, level or vim.log.levels.INFO)
end

--- What others say about a buffer, so that a review does not say it again.
---@param buffer integer
---@return table[]
function M.others(buffer)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(buffer)) do
    if one.source ~= "twolane" and #found < MOST_SENT then
      table.insert(found, {
        line = one.lnum + 1,
        last_line = (one.end_lnum or one.lnum) + 1,
        message = one.message,
        source = one.source or "",
        code = one.code and tostring(one.code) or "",
      })
    end
  end
  return found
end

--- The outcome of a review in one line, and whether all of it went well.
---@param answer table
---@return string, boolean
function M.sentence(answer)
  local findings, files = #(answer.findings or {}), answer.files or 0
  local incomplete = answer.incomplete or {}
  if findings == 0 and #incomplete > 0 and #incomplete >= files then
    return ("%s was not reviewed: %s"):format(incomplete[1].path, incomplete[1].reason), false
  end
  local what = findings == 0 and "nothing found" or findings == 1 and "1 finding" or ("%d findings"):format(findings)
  local text = ("%s in %s, $%.4f."):format(what, files == 1 and "1 file" or ("%d files"):format(files), answer.cost_usd or 0)
  if #incomplete > 0 then
    text = ("%s Not reviewed to the end: %s: %s"):format(text, incomplete[1].path, incomplete[1].reason)
  end
  for reason in vim.spairs(type(answer.skipped) == "table" and answer.skipped or {}) do
    text = ("%s Not reviewed: %s"):format(text, reason)
  end
  return text, #incomplete == 0
end

--- Run `:Twolane review`.
---@param arguments string[]
function M.run(arguments)
  local wanted = { again = vim.tbl_contains(arguments, "again") }
  if not vim.tbl_contains(arguments, "all") then
    local buffer = vim.api.nvim_get_current_buf()
    wanted.uri = vim.uri_from_bufnr(buffer)
    wanted.diagnostics = M.others(buffer)
  end
  require("twolane.server").command("twolane.review", { wanted }, function(answer)
    local text, whole = M.sentence(answer)
    tell(text, whole and vim.log.levels.INFO or vim.log.levels.WARN)
  end)
end

return M
