--- LSP's columns and Neovim's bytes; pure functions over one line.
local M = {}

--- How many units of an encoding the character that begins with this byte takes, and how many bytes.
local function width(lead, encoding)
  local bytes = lead < 0x80 and 1 or lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
  if encoding == "utf-16" then
    return bytes == 4 and 2 or 1, bytes
  end
  return 1, bytes
end

--- The byte (from 0) of a column; beyond the line it is the line's end.
---@param line string
---@param column integer
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer
function M.byte(line, column, encoding)
  if encoding == "utf-8" then
    return math.min(column, #line)
  end
  local byte, units = 0, 0
  while units < column and byte < #line do
    local more, bytes = width(line:byte(byte + 1), encoding)
    units, byte = units + more, byte + bytes
  end
  return math.min(byte, #line)
end

--- The column of a byte (from 0).
---@param line string
---@param byte integer
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer
function M.column(line, byte, encoding)
  if encoding == "utf-8" then
    return math.min(byte, #line)
  end
  local at, units = 0, 0
  while at < byte and at < #line do
    local more, bytes = width(line:byte(at + 1), encoding)
    units, at = units + more, at + bytes
  end
  return units
end

--- A text's length in UTF-16 code units, which is what the notifications of acceptance count in.
---@param text string
---@return integer
function M.utf16_length(text)
  return M.column(text, #text, "utf-16")
end

return M
