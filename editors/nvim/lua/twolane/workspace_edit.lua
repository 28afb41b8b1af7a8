--- A `WorkspaceEdit` as changes of files: what each would hold, whether it still fits, and the whole as a diff.
local compat = require("twolane.compat")
local positions = require("twolane.positions")

local M = {}

---@class twolane.Change
---@field kind "edit"|"create"|"rename"|"delete"
---@field path string
---@field target? string a rename's new path
---@field uri string
---@field version? integer
---@field confirm? boolean the server wants a person's consent
---@field over? boolean a created file may be there already
---@field before string
---@field after string

local function loaded(uri)
  local buffer = vim.uri_to_bufnr(uri)
  return vim.api.nvim_buf_is_loaded(buffer) and buffer or nil
end

--- The lines that a file has: those of its buffer, else those on the disk.
local function lines_of(uri)
  local buffer = loaded(uri)
  if buffer then
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end
  local path = vim.uri_to_fname(uri)
  if vim.uv.fs_stat(path) then
    return vim.fn.readfile(path)
  end
  return {}
end

local function text_of(lines)
  return #lines == 0 and "" or table.concat(lines, "\n") .. "\n"
end

--- The text after edits that do not overlap, all of them counted in the text before.
---@param lines string[]
---@param edits table[] `TextEdit`s
---@param encoding string
---@return string
function M.edited(lines, edits, encoding)
  local starts, at = {}, 0
  for index, line in ipairs(lines) do
    starts[index], at = at, at + #line + 1
  end
  local text = text_of(lines)
  local function offset(position)
    local line = lines[position.line + 1]
    if not line then
      return #text
    end
    return starts[position.line + 1] + positions.byte(line, position.character, encoding)
  end
  local sorted = {}
  for index, edit in ipairs(edits) do
    sorted[index] = { offset(edit.range.start), offset(edit.range["end"]), edit.newText:gsub("\r\n?", "\n"), index }
    sorted[index][4] = index
  end
  table.sort(sorted, function(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[4] < b[4])
  end)
  local pieces, done = {}, 0
  for _, edit in ipairs(sorted) do
    table.insert(pieces, text:sub(done + 1, edit[1]))
    table.insert(pieces, edit[3])
    done = math.max(done, edit[2])
  end
  table.insert(pieces, text:sub(done + 1))
  return table.concat(pieces)
end

local function short(uri)
  return vim.fn.fnamemodify(vim.uri_to_fname(uri), ":~:.")
end

--- Read an edit; nil and one sentence where it is none that can be shown and applied.
---@param edit table
---@param encoding string
---@return twolane.Change[]?
---@return string? refusal
function M.read(edit, encoding)
  local asks = edit.changeAnnotations or {}
  local operations = edit.documentChanges
  if not operations then
    operations = {}
    for uri, edits in vim.spairs(edit.changes or {}) do
      table.insert(operations, { textDocument = { uri = uri }, edits = edits })
    end
  end
  local changes, by_uri = {}, {}
  for _, operation in ipairs(operations) do
    local change
    if operation.kind == nil then
      local uri = operation.textDocument.uri
      local version = operation.textDocument.version
      local earlier = by_uri[uri]
      local lines = earlier and vim.split(earlier.after:gsub("\n$", ""), "\n", { plain = true }) or lines_of(uri)
      if earlier and earlier.after == "" then
        lines = {}
      end
      change = earlier or { kind = "edit", uri = uri, path = short(uri), before = text_of(lines) }
      change.version = version ~= vim.NIL and version or nil
      change.after = M.edited(lines, operation.edits, encoding)
      for _, piece in ipairs(operation.edits) do
        change.confirm = change.confirm or (asks[piece.annotationId] or {}).needsConfirmation
      end
      if earlier then
        change = nil
      end
    elseif operation.kind == "create" then
      local how = operation.options or {}
      change = { kind = "create", uri = operation.uri, path = short(operation.uri), before = "", after = "" }
      change.over = how.overwrite or how.ignoreIfExists
    elseif operation.kind == "rename" then
      change = { kind = "rename", uri = operation.oldUri, path = short(operation.oldUri), target = short(operation.newUri) }
      change.before, change.after = "", ""
    elseif operation.kind == "delete" then
      change = { kind = "delete", uri = operation.uri, path = short(operation.uri), after = "" }
      change.before = text_of(lines_of(operation.uri))
    else
      return nil, ("The server's edit holds an operation that is not known here: %s."):format(tostring(operation.kind))
    end
    if change then
      table.insert(changes, change)
      by_uri[change.uri] = change
    end
  end
  return changes
end

--- Why the changes fit the files no more, one sentence; nil where they do. All files are then loaded, and the edit can be
--- applied as a whole.
---@param changes twolane.Change[]
---@return string?
function M.stale(changes)
  for _, change in ipairs(changes) do
    local buffer = change.kind == "edit" and loaded(change.uri)
    if buffer and change.version and change.version > 0 then
      local now = vim.lsp.util.buf_versions[buffer]
      if now and now ~= change.version then
        return ("%s was changed meanwhile; run it again."):format(change.path)
      end
    end
    if change.kind == "create" and not change.over and vim.uv.fs_stat(vim.uri_to_fname(change.uri)) then
      return ("%s exists already; nothing is written over it."):format(change.path)
    end
    if change.kind == "edit" and text_of(lines_of(change.uri)) ~= change.before then
      return ("%s was changed meanwhile; run it again."):format(change.path)
    end
    if change.kind == "edit" then
      local there = vim.uri_to_bufnr(change.uri)
      if not pcall(vim.fn.bufload, there) or not vim.bo[there].modifiable then
        return ("%s cannot be changed in this Neovim."):format(change.path)
      end
    end
  end
end

--- The changes as one unified diff.
---@param changes twolane.Change[]
---@return string[]
function M.diff(changes)
  local lines = {}
  for _, change in ipairs(changes) do
    if change.kind == "rename" then
      vim.list_extend(lines, { "rename from " .. change.path, "rename to " .. change.target })
    else
      local made, gone = change.kind == "create", change.kind == "delete"
      table.insert(lines, "--- " .. (made and "/dev/null" or "a/" .. change.path))
      table.insert(lines, "+++ " .. (gone and "/dev/null" or "b/" .. change.path))
      local body = compat.diff(change.before, change.after)
      vim.list_extend(lines, vim.split(body:gsub("\n$", ""), "\n", { plain = true }))
    end
    table.insert(lines, "")
  end
  return lines
end

return M
