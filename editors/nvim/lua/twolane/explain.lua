--- Why there was this suggestion or none, in words.
local M = {}

local STAGES = { "gate", "context", "queue", "prefill", "decode", "filters", "checks" }

--- What became of a request, in one sentence.
---@param request table one of `twolane.explain`'s requests
---@return string
function M.sentence(request)
  if not request.shown then
    local reason = request.reason ~= "" and request.reason or "no reason is known."
    return "Nothing was shown: " .. reason
  end
  local from = request.lane ~= "" and (" (%s lane)"):format(request.lane) or ""
  local model = (request.model ~= "" and request.model or "no model") .. from
  if (request.generated_tokens or 0) == 0 then
    local known = ({ ["typed-through"] = "what was suggested before", speculated = "what was written ahead" })[request.origin]
    return ("Shown: %s, by %s, in %.0f ms."):format(known or "what was known", model, request.ms or 0)
  end
  return ("Shown: %d tokens by %s in %.0f ms."):format(request.generated_tokens, model, request.ms or 0)
end

local function stages_of(request)
  local stages, listed = request.stages or {}, {}
  for _, name in ipairs(STAGES) do
    if stages[name] then
      table.insert(listed, { name, stages[name] })
    end
  end
  for name, ms in vim.spairs(stages) do
    if not vim.tbl_contains(STAGES, name) then
      table.insert(listed, { name, ms })
    end
  end
  return listed
end

--- The stages of a request with a bar each, the longest being twenty cells.
---@param request table
---@return string[]
function M.timeline(request)
  local stages, most = stages_of(request), 0
  for _, stage in ipairs(stages) do
    most = math.max(most, stage[2])
  end
  return vim.tbl_map(function(stage)
    local cells = most > 0 and math.floor(stage[2] / most * 20 + 0.5) or 0
    return ("  %-10s %8.2f ms  %s"):format(stage[1], stage[2], ("█"):rep(math.max(cells, 1)))
  end, stages)
end

--- What left this machine for a request.
---@param request table
---@return string[]
function M.sent(request)
  if #(request.sent or {}) == 0 then
    return { "  nothing left this machine" }
  end
  return vim.tbl_map(function(sent)
    return ("  %d bytes to %s"):format(sent.bytes, sent.host)
  end, request.sent)
end

--- Everything about requests, the newest first, for a person.
---@param requests table[] as `twolane.explain` answers, the newest last
---@return string[]
function M.lines(requests)
  local newest = requests[#requests]
  if not newest then
    return { "Nothing has been asked yet: type something." }
  end
  local place = (newest.line or 0) > 0 and (":%d:%d"):format(newest.line, newest.column) or ""
  local clock = os.date("%H:%M:%S", math.floor(newest.at))
  local lines = { M.sentence(newest), "", ("%s%s, %s"):format(newest.path, place, clock) }
  vim.list_extend(lines, { "", "Where the time went" })
  vim.list_extend(lines, M.timeline(newest))
  if (newest.prompt_tokens or 0) > 0 then
    vim.list_extend(lines, {
      "",
      ("Prompt: %d tokens, %d of them already read"):format(newest.prompt_tokens, newest.reused_tokens or 0),
    })
    for _, source in ipairs(newest.sources or {}) do
      local place = ("  %s:%d"):format(source.path, source.start_line)
      table.insert(lines, ("%s  %s"):format(place, source.why or source.symbol or ""))
    end
  end
  local words = newest.words or {}
  for _, part in ipairs({ { words.filters, "Changed or taken out of it" }, { words.checks, "Looked at as code" } }) do
    if #(part[1] or {}) > 0 then
      vim.list_extend(lines, { "", part[2] })
      for _, phrase in ipairs(part[1]) do
        table.insert(lines, "  " .. phrase)
      end
    end
  end
  vim.list_extend(lines, { "", "Sent" })
  vim.list_extend(lines, M.sent(newest))
  if #requests > 1 then
    vim.list_extend(lines, { "", "Before that" })
    for index = #requests - 1, 1, -1 do
      local request = requests[index]
      local at = os.date("%H:%M:%S", math.floor(request.at))
      table.insert(lines, ("  %s  %s  %s"):format(at, request.path, M.sentence(request)))
    end
  end
  return lines
end

return M
