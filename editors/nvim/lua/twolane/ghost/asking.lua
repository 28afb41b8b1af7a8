--- At most one request of a buffer under way; an answer to any but the newest is never heard of.
local compat = require("twolane.compat")
local positions = require("twolane.positions")

local M = {}

local METHOD = "textDocument/inlineCompletion"
local CURSOR = "twolane/cursor"

--- What a request was asked about: the line and the cursor as they were.
---@class twolane.Asked
---@field client_id integer
---@field encoding string
---@field row integer
---@field line string
---@field cursor integer

local live = {}

local function here()
  local row, cursor = unpack(vim.api.nvim_win_get_cursor(0))
  return row, cursor, vim.api.nvim_get_current_line()
end

local function place(client, buffer)
  local row, cursor, line = here()
  return {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    position = { line = row - 1, character = positions.column(line, cursor, client.offset_encoding) },
  }
end

--- Stop waiting; the server hears of it.
---@param buffer integer
function M.cancel(buffer)
  local request = live[buffer]
  live[buffer] = nil
  if request and request.number and not compat.stopped(request.client) then
    compat.cancel(request.client, request.number)
  end
end

--- Ask for suggestions at the cursor of the current window. `answer` gets the items and what was asked; it is not
--- called where another request took this one's place, or where the server answers with an error.
---@param client vim.lsp.Client
---@param buffer integer
---@param kind 1|2 1 where a person asked for it, 2 where typing did
---@param answer fun(items: table[], asked: twolane.Asked)
function M.ask(client, buffer, kind, answer)
  M.cancel(buffer)
  local row, cursor, line = here()
  local asked = { client_id = client.id, encoding = client.offset_encoding, row = row - 1, line = line, cursor = cursor }
  local request = { client = client }
  live[buffer] = request
  local params = place(client, buffer)
  params.context = { triggerKind = kind }
  local left, number = compat.request(client, METHOD, params, function(err, result)
    if live[buffer] ~= request then
      return
    end
    live[buffer] = nil
    if not err then
      result = result or {}
      answer(result.items or result, asked)
    end
  end, buffer)
  if left then
    request.number = number
  elseif live[buffer] == request then
    live[buffer] = nil
  end
end

--- Tell where the cursor of the current window is, so that the prompt is read before the first key.
---@param client vim.lsp.Client
---@param buffer integer
function M.expect(client, buffer)
  compat.notify(client, CURSOR, place(client, buffer))
end

return M
