--- At most one request of a buffer under way; an answer to any but the newest is never heard of.
local compat = require("twolane.compat")
local positions = require("twolane.positions")

local M = {}

local METHOD = "textDocument/inlineCompletion"

--- What a request was asked about: the line and the cursor as they were.
---@class twolane.Asked
---@field client_id integer
---@field encoding string
---@field row integer
---@field line string
---@field cursor integer

local live = {}

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
  local row, cursor = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  local asked = { client_id = client.id, encoding = client.offset_encoding, row = row - 1, line = line, cursor = cursor }
  local request = { client = client }
  live[buffer] = request
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    position = { line = row - 1, character = positions.column(line, cursor, client.offset_encoding) },
    context = { triggerKind = kind },
  }
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

return M
