--- A suggestion and the place that it was made for; pure functions, no Neovim state.
---
--- The line is thought of as `head`, what was typed of the suggestion, the cursor, and `after`. As long as that holds
--- the suggestion does, whoever typed.
local positions = require("twolane.positions")

local M = {}

---@class twolane.Offer
---@field item table what the server sent, for what is told to it
---@field client_id integer
---@field row integer from 0
---@field head string the line before the suggestion's text
---@field after string the line behind the cursor
---@field replaces integer bytes of `after` that acceptance replaces
---@field text string what of the suggestion belongs behind `head`, lines ended by "\n"
---@field taken integer bytes of the whole text that were accepted and stand before `head`'s end

--- Make an offer of an item; nil where it does not fit the line that it was asked for.
---@param item table an `InlineCompletionItem`
---@param asked { client_id: integer, encoding: string, row: integer, line: string, cursor: integer } bytes from 0
---@return twolane.Offer?
function M.new(item, asked)
  local text = item.insertText
  if type(text) == "table" then
    text = text.value
  end
  if type(text) ~= "string" or text == "" then
    return nil
  end
  local start, stop = asked.cursor, asked.cursor
  if item.range then
    if item.range.start.line ~= asked.row or item.range["end"].line ~= asked.row then
      return nil
    end
    start = positions.byte(asked.line, item.range.start.character, asked.encoding)
    stop = positions.byte(asked.line, item.range["end"].character, asked.encoding)
  end
  if start > asked.cursor or stop < asked.cursor then
    return nil
  end
  local offer = {
    item = item,
    client_id = asked.client_id,
    row = asked.row,
    head = asked.line:sub(1, start),
    after = asked.line:sub(asked.cursor + 1),
    replaces = stop - asked.cursor,
    text = (text:gsub("\r\n", "\n")),
    taken = 0,
  }
  return M.rest(offer, asked.row, asked.line, asked.cursor) and offer or nil
end

--- What of an offer is left to show at a cursor; nil where the offer does not hold there.
---@param offer twolane.Offer
---@param row integer
---@param line string
---@param cursor integer byte from 0
---@return string?
function M.rest(offer, row, line, cursor)
  if row ~= offer.row or line:sub(cursor + 1) ~= offer.after or cursor < #offer.head then
    return nil
  end
  if line:sub(1, #offer.head) ~= offer.head then
    return nil
  end
  local typed = line:sub(#offer.head + 1, cursor)
  if #typed >= #offer.text or offer.text:sub(1, #typed) ~= typed then
    return nil
  end
  return offer.text:sub(#typed + 1)
end

--- The first word of a text: space before it, and letters and digits, or one run of other signs.
---@param text string
---@return string
function M.word(text)
  return text:match("^%s*[%w_\128-\255]+") or text:match("^%s*[^%w_%s\128-\255]+") or text
end

--- The first line of a text; where the text begins with a line's end, that and the next line.
---@param text string
---@return string
function M.line(text)
  return text:match("^\n?[^\n]*")
end

--- The offer that is left after the first part of its rest was put in at the cursor.
---@param offer twolane.Offer
---@param rest string what was shown
---@param part string what of it was put in
---@param row integer where the cursor stands now
---@param line string the line there, as it is now
---@param cursor integer
---@return twolane.Offer? left nil where nothing is
function M.after_part(offer, rest, part, row, line, cursor)
  if part == rest then
    return nil
  end
  return vim.tbl_extend("force", offer, {
    row = row,
    head = line:sub(1, cursor),
    after = line:sub(cursor + 1),
    text = rest:sub(#part + 1),
    taken = offer.taken + #offer.text - #rest + #part,
  })
end

--- How much of an offer's whole text stands in the document, in UTF-16 code units, once `part` of `rest` is put in.
---@param offer twolane.Offer
---@param rest string
---@param part string
---@return integer
function M.accepted(offer, rest, part)
  local text = type(offer.item.insertText) == "table" and offer.item.insertText.value or offer.item.insertText
  local whole = text:gsub("\r\n", "\n")
  local done = whole:sub(1, offer.taken + #offer.text - #rest + #part)
  local ends = text == whole and 0 or select(2, done:gsub("\n", "\n"))
  return positions.utf16_length(done) + ends
end

return M
