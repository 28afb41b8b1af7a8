--- Draws an offer's rest as text that is not there.
local M = {}

M.namespace = vim.api.nvim_create_namespace("twolane.ghost")
M.group = "TwolaneGhost"

--- What each buffer shows, and the mark that shows it.
---@type table<integer, { key: string, mark: integer }>
local drawn = {}

--- Whether it is still shown where it was drawn: an edit of the lines around it may have carried it off.
local function stands(buffer, key, row, cursor)
  local shown = drawn[buffer]
  if not shown or shown.key ~= key then
    return false
  end
  local place = vim.api.nvim_buf_get_extmark_by_id(buffer, M.namespace, shown.mark, {})
  return place[1] == row and place[2] == cursor
end

--- Tabs as spaces, because a virtual text has no tab stops.
local function expanded(text, from, tabstop)
  local column = from
  return (
    text:gsub("[^\t]*\t?", function(piece)
      local body, tab = piece:match("^([^\t]*)(\t?)$")
      column = column + vim.fn.strdisplaywidth(body)
      local spaces = tab == "" and 0 or tabstop - column % tabstop
      column = column + spaces
      return body .. (" "):rep(spaces)
    end)
  )
end

--- Split a text where its last `cells` display cells begin.
local function split_end(text, cells)
  local characters = vim.fn.split(text, "\\zs")
  local width, at = 0, #characters
  while at > 0 and width < cells do
    width = width + vim.fn.strdisplaywidth(characters[at])
    at = at - 1
  end
  return table.concat(characters, "", 1, at), table.concat(characters, "", at + 1), width
end

--- What is drawn at the cursor, over the text behind it, and below; pure but for Neovim's width of characters.
---
--- What acceptance replaces behind the cursor is covered by the suggestion's end, and where the suggestion has more
--- lines, what stays behind it is shown where it will stand: at the end of the last one.
---@param rest string
---@param after string the line behind the cursor
---@param replaces integer how many of its bytes acceptance replaces
---@return { inline: string, overlay: string, below: string[], tail: string }
function M.laid_out(rest, after, replaces)
  local lines = vim.split(rest, "\n", { plain = true })
  local first, stays = lines[1], after:sub(replaces + 1)
  local below = { unpack(lines, 2) }
  local covered = #below > 0 and after or after:sub(1, replaces)
  local cells = vim.fn.strdisplaywidth(covered)
  local inline, overlay, width = split_end(first, cells)
  return {
    inline = inline,
    overlay = overlay .. (" "):rep(cells - width),
    below = below,
    tail = #below > 0 and stays or "",
  }
end

--- Show a rest at a place; what was shown before in the buffer goes.
---@param buffer integer
---@param row integer
---@param cursor integer byte from 0
---@param rest string
---@param after string
---@param replaces integer
---@param count? { index: integer, of: integer } shown behind it
function M.draw(buffer, row, cursor, rest, after, replaces, count)
  local tabstop = vim.bo[buffer].tabstop
  local face = M.laid_out(rest, after, replaces)
  local key = table.concat({ row, cursor, rest, after, replaces, count and count.index or 0, count and count.of or 0 }, "\0")
  if stands(buffer, key, row, cursor) then
    return
  end
  M.clear(buffer)
  local line = vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]
  if not line or #line < cursor then
    return
  end
  local from = vim.fn.strdisplaywidth(line:sub(1, cursor))
  local chunks = { { expanded(face.inline, from, tabstop), M.group } }
  local below = vim.tbl_map(function(text)
    return { { expanded(text, 0, tabstop), M.group } }
  end, face.below)
  if face.tail ~= "" then
    table.insert(below[#below], { face.tail, "Normal" })
  end
  if count then
    table.insert(#below > 0 and below[#below] or chunks, { (" (%d/%d)"):format(count.index, count.of), M.group })
  end
  local mark = vim.api.nvim_buf_set_extmark(buffer, M.namespace, row, cursor, {
    virt_text = chunks,
    virt_text_pos = "inline",
    virt_lines = #below > 0 and below or nil,
    hl_mode = "combine",
  })
  if face.overlay ~= "" then
    vim.api.nvim_buf_set_extmark(buffer, M.namespace, row, cursor, {
      virt_text = { { face.overlay, M.group } },
      virt_text_pos = "overlay",
      hl_mode = "replace",
    })
  end
  drawn[buffer] = { key = key, mark = mark }
end

--- Show nothing any more.
---@param buffer integer
function M.clear(buffer)
  if drawn[buffer] ~= nil then
    drawn[buffer] = nil
    if vim.api.nvim_buf_is_valid(buffer) then
      vim.api.nvim_buf_clear_namespace(buffer, M.namespace, 0, -1)
    end
  end
end

return M
