--- `:Twolane`: the subcommands, their arguments and what they complete.
local explain = require("twolane.explain")
local ghost = require("twolane.ghost")
local refactoring = require("twolane.refactoring")
local reviewing = require("twolane.reviewing")
local server = require("twolane.server")
local status = require("twolane.status")
local window = require("twolane.window")

local M = {}

local SENT_LOOKED_AT = 100
local SETTLED_MS = 200

local function tell(text, level)
  vim.notify("Twolane: " .. text, level or vim.log.levels.INFO)
end

local function paused(answer)
  tell(answer.paused and "suggestions are paused." or "suggestions are on.")
  status.refresh()
end

local function here_off(off)
  vim.b.twolane = not off
  ghost.dismiss()
  tell(off and "no suggestions in this file until `:Twolane resume file`." or "suggestions are on in this file.")
  vim.cmd("redrawstatus!")
end

--- What the server calls the language of the current file, as its lists have it: not always what Neovim does.
local function language_here(answer)
  local uri = vim.uri_from_bufnr(0)
  for _, document in ipairs(answer.documents or {}) do
    if document.uri == uri and document.language then
      return document.language:lower()
    end
  end
  return vim.bo.filetype
end

--- Change the list of languages without suggestions: the one in force, which is made of files that are not read here.
local function language_off(off)
  server.command("twolane.status", {}, function(before)
    local language = language_here(before)
    local own = (server.settings().completion or {}).disabled_languages
    local without = vim.tbl_filter(function(name)
      return name ~= language
    end, before.disabled_languages or own or {})
    if off then
      table.insert(without, language)
    end
    server.configure({ completion = { disabled_languages = without } })
    server.command("twolane.status", {}, function(after)
      if not off and vim.tbl_contains(after.disabled_languages or {}, language) then
        return tell(("suggestions stay off in %s files: the workspace's twolane.toml has it so."):format(language))
      end
      tell(("suggestions are %s in %s files for this session."):format(off and "off" or "on", language))
      status.refresh()
    end)
  end)
end

local function pause_or_resume(off)
  return function(arguments)
    local what = arguments[1]
    if what == "file" then
      here_off(off)
    elseif what == "language" then
      language_off(off)
    elseif what == nil then
      server.command("twolane.pause", { off }, paused)
    else
      tell("allowed is file, language, or nothing for everywhere.", vim.log.levels.WARN)
    end
  end
end

--- What the server says of itself, as lines for a person.
---@param answer table
---@return string[]
function M.status_lines(answer)
  local state = status.read(answer)
  local model = type(answer.model) == "table" and answer.model or {}
  local spend = answer.spend or {}
  local lines = {
    ("%-8s %s"):format("state", state.state .. (state.message ~= "" and ": " .. state.message or "")),
    ("%-8s %s"):format("lane", state.lane ~= "" and state.lane or "none"),
    ("%-8s %s"):format("model", model.name or "none"),
  }
  if (model.path or "") ~= "" then
    table.insert(lines, ("%-8s %s"):format("", model.path))
  elseif (model.host or "") ~= "" then
    table.insert(lines, ("%-8s on %s"):format("", model.host))
  end
  local cap = spend.day_cap_usd and (" of $%.2f"):format(spend.day_cap_usd) or ""
  table.insert(lines, ("%-8s $%.4f%s today, $%.4f this month"):format("spent", state.spent, cap, spend.month_usd or 0))
  if (spend.held or "") ~= "" then
    table.insert(lines, ("%-8s %s"):format("", spend.held))
  end
  local review = answer.review
  if type(review) == "table" then
    local words = { on = "on save", off = "on command only", ask = "on save, once you have said yes" }
    local under_way = (review.reviewing or "") ~= "" and (", at work on " .. review.reviewing) or ""
    table.insert(lines, ("%-8s %s, %d findings%s"):format("review", words[review.on_save] or "", review.findings or 0, under_way))
    for _, one in ipairs(review.incomplete or {}) do
      table.insert(lines, ("%-8s %s: %s"):format("", one.path, one.reason))
    end
  end
  local uri = vim.uri_from_bufnr(0)
  for _, document in ipairs(answer.documents or {}) do
    if document.uri == uri then
      local off = vim.b.twolane == false and "suggestions are off here (:Twolane resume file)" or document.off
      table.insert(lines, ("%-8s %s"):format("file", off ~= "" and off or "followed, suggestions are on"))
    end
  end
  for index, problem in ipairs(state.problems) do
    table.insert(lines, ("%-8s %s"):format(index == 1 and "problems" or "", problem))
  end
  return lines
end

local function choose_model(arguments)
  local path = table.concat(arguments, " ")
  if path == "" then
    return server.command("twolane.status", {}, function(answer)
      local name = type(answer.model) == "table" and answer.model.name or "none"
      tell(("the model is %s. `:Twolane model FILE.gguf` takes another one, `:Twolane model starter` the one that comes with Twolane."):format(name))
    end)
  end
  local full = path == "starter" and "" or vim.fn.fnamemodify(vim.fs.normalize(path), ":p")
  if full ~= "" and vim.fn.filereadable(full) == 0 then
    return tell(full .. " is no file that can be read.", vim.log.levels.ERROR)
  end
  server.configure({ near = { model = full } })
  tell(
    ("for this session the model is %s. To keep it: setup({ settings = { near = { model = %s } } })."):format(
      full == "" and "the starter" or full,
      vim.inspect(full)
    )
  )
  vim.defer_fn(status.refresh, SETTLED_MS)
end

local function sent()
  server.command("twolane.explain", { SENT_LOOKED_AT }, function(answer)
    local lines = {}
    for index = #answer.requests, 1, -1 do
      local request = answer.requests[index]
      for _, line in ipairs(#(request.sent or {}) > 0 and explain.sent(request) or {}) do
        table.insert(lines, ("%s  %s%s"):format(os.date("%H:%M:%S", math.floor(request.at)), request.path, line))
      end
    end
    if #lines == 0 then
      lines = { ("Nothing left this machine for the last %d requests."):format(#answer.requests) }
    end
    table.insert(lines, "")
    table.insert(lines, "`twolane ledger --egress` in a terminal tells all that ever did, line by line.")
    window.float(lines, "Twolane: what was sent")
  end)
end

local function log()
  local path = vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
  vim.cmd.tabnew(vim.fn.fnameescape(path))
  vim.bo.readonly, vim.bo.modifiable = true, false
  vim.cmd.normal({ "G", bang = true })
end

---@class twolane.Subcommand
---@field doc string
---@field run fun(arguments: string[], options: table)
---@field complete? fun(lead: string, given: string): string[] for the word under way; `given` is all behind the name

local function files_or_languages()
  return { "file", "language" }
end

--- The subcommands by name; `doc` is also the manual's.
---@type table<string, twolane.Subcommand>
M.subcommands = {
  status = {
    doc = "How Twolane is: state, lane, model, today's spend, what is wrong with the settings.",
    run = function()
      server.command("twolane.status", {}, function(answer)
        window.float(M.status_lines(answer), "Twolane")
      end)
    end,
  },
  explain = {
    doc = "Why there was this suggestion or none, where the time went, and what the model read; with a number, that many of the last requests.",
    run = function(arguments)
      local count = tonumber(arguments[1] or "5")
      if not count or count < 1 then
        return tell("allowed is a number of requests.", vim.log.levels.WARN)
      end
      server.command("twolane.explain", { math.floor(count) }, function(answer)
        window.float(explain.lines(answer.requests), "Twolane: the last request")
      end)
    end,
  },
  toggle = {
    doc = "Pause suggestions, or go on.",
    run = function()
      server.command("twolane.pause", {}, paused)
    end,
  },
  pause = {
    doc = "Pause suggestions: everywhere, with `file` in this file, with `language` in files of this language.",
    run = pause_or_resume(true),
    complete = files_or_languages,
  },
  resume = {
    doc = "Go on with suggestions: everywhere, with `file` in this file, with `language` in files of this language.",
    run = pause_or_resume(false),
    complete = files_or_languages,
  },
  model = {
    doc = "Take another model for this session: a GGUF file, or `starter`; without a name: say which one answers.",
    run = choose_model,
    complete = function(lead, given)
      local found = {}
      for _, path in ipairs(vim.fn.getcompletion(given, "file")) do
        table.insert(found, path:sub(#given - #lead + 1))
      end
      return vim.list_extend(given == lead and { "starter" } or {}, found)
    end,
  },
  refactor = {
    doc = "Choose a refactoring for the cursor or the range; with words, only those whose title holds them.",
    run = refactoring.choose,
  },
  review = {
    doc = "Have a model review what changed in this file; with `all`, in every file that differs from the last commit; with `again`, also what was reviewed before.",
    run = reviewing.run,
    complete = function()
      return { "all", "again" }
    end,
  },
  cancel = { doc = "Give up what the server is at work on.", run = status.cancel },
  sent = { doc = "What left this machine for the last requests.", run = sent },
  log = { doc = "Open the log that Neovim keeps of its language servers.", run = log },
  restart = {
    doc = "End the server and start it anew.",
    run = function()
      server.restart()
      local problem = server.problem()
      tell(problem or "started anew.", problem and vim.log.levels.WARN or nil)
    end,
  },
  health = {
    doc = "Check the set-up: the same as `:checkhealth twolane`.",
    run = function()
      vim.cmd("checkhealth twolane")
    end,
  },
}

--- The names of the subcommands, in order.
---@return string[]
function M.names()
  local names = vim.tbl_keys(M.subcommands)
  table.sort(names)
  return names
end

--- Run `:Twolane …`.
---@param options table as Neovim gives it to a user command
function M.run(options)
  local arguments = vim.deepcopy(options.fargs)
  local name = table.remove(arguments, 1) or "status"
  local subcommand = M.subcommands[name]
  if not subcommand then
    return tell(("no such subcommand: %s; there are %s."):format(name, table.concat(M.names(), ", ")), vim.log.levels.ERROR)
  end
  subcommand.run(arguments, options)
end

--- Complete `:Twolane …`.
---@param lead string the word under way
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim((line:gsub("^.-Twolane%s*", ""))), "%s+", { trimempty = true })
  local name = words[1]
  local candidates
  if #words == 0 or (#words == 1 and lead ~= "") then
    candidates = M.names()
  else
    local subcommand = M.subcommands[name]
    local given = line:match("Twolane%s+%S+%s+(.*)$") or lead
    candidates = subcommand and subcommand.complete and subcommand.complete(lead, given) or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
