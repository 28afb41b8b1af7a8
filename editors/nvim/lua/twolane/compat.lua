--- What Neovim 0.10, 0.11 and 0.12 name differently.
local M = {}

local has_methods = vim.fn.has("nvim-0.11") == 1

--- Send a request; the handler gets `(err, result, context)`. Returns whether it left, and its number.
---@return boolean, integer?
function M.request(client, method, params, handler, buffer)
  if has_methods then
    return client:request(method, params, handler, buffer)
  end
  return client.request(method, params, handler, buffer)
end

--- Send a notification.
function M.notify(client, method, params)
  if has_methods then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

--- Cancel a request by its number.
function M.cancel(client, number)
  if has_methods then
    client:cancel_request(number)
  else
    client.cancel_request(number)
  end
end

--- Whether a client has ended or is about to.
---@return boolean
function M.stopped(client)
  if has_methods then
    return client:is_stopped()
  end
  return client.is_stopped()
end

--- End a client; `force` does not wait for its farewell.
function M.stop(client, force)
  if has_methods then
    client:stop(force)
  else
    client.stop(force)
  end
end

--- Compare two texts as a unified diff.
---@param before string
---@param after string
---@return string
function M.diff(before, after)
  local diff = (vim.text and vim.text.diff) or vim.diff
  return diff(before, after, { ctxlen = 3 }) --[[@as string]]
end

return M
