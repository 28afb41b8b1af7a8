--- Tells the server what became of its suggestions, in the words of GitHub's language server.
local compat = require("twolane.compat")

local M = {}

local function client_of(offer)
  local client = vim.lsp.get_client_by_id(offer.client_id)
  return client and not compat.stopped(client) and client or nil
end

--- An item is on the screen.
---@param offer twolane.Offer
function M.shown(offer)
  local client = client_of(offer)
  if client then
    compat.notify(client, "textDocument/didShowCompletion", { item = offer.item })
  end
end

--- A part was put in; `length` is how much of the whole text stands there now, in UTF-16 code units.
---@param offer twolane.Offer
---@param length integer
function M.partly_accepted(offer, length)
  local client = client_of(offer)
  if client then
    local params = { item = offer.item, acceptedLength = length }
    compat.notify(client, "textDocument/didPartiallyAcceptCompletion", params)
  end
end

--- All of it stands in the document: the item's command is run, which is how the server hears of it.
---@param offer twolane.Offer
---@param buffer integer
function M.accepted(offer, buffer)
  local client, command = client_of(offer), offer.item.command
  if client and command then
    local params = { command = command.command, arguments = command.arguments }
    compat.request(client, "workspace/executeCommand", params, function() end, buffer)
  end
end

return M
