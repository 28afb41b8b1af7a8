--- Refactorings are the server's code actions; here is what they need of an editor.
local compat = require("twolane.compat")

local M = {}

--- What this client can do beyond Neovim's own: draw suggestions, show an edit before it applies, ask for an instruction.
---@return table
function M.capabilities()
  return vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), {
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
    workspace = { workspaceEdit = { changeAnnotationSupport = { groupsOnLabel = true } } },
    experimental = { twolaneInstruction = true },
  })
end

--- Commands that the server leaves to the editor.
---@type table<string, fun(command: table, context: table)>
M.commands = {
  ["twolane.instruct"] = function(command, context)
    vim.ui.input({ prompt = "What shall be done? " }, function(instruction)
      local client = vim.lsp.get_client_by_id(context.client_id)
      if not client or not instruction or vim.trim(instruction) == "" then
        return
      end
      local argument = vim.tbl_extend("force", command.arguments[1], { instruction = instruction })
      local params = { command = "twolane.refactor", arguments = { argument } }
      compat.request(client, "workspace/executeCommand", params, function() end, context.bufnr)
    end)
  end,
}

--- Let a person choose among the refactorings for the cursor or the range; with words, among those whose title has them.
---@param arguments string[]
---@param options table as a user command gets it
function M.choose(arguments, options)
  local client = require("twolane.server").client()
  if not client then
    local problem = require("twolane.server").problem() or "no server runs for this file."
    return vim.notify("Twolane: " .. problem, vim.log.levels.WARN)
  end
  local wanted = table.concat(arguments, " "):lower()
  local range = options.range > 0
      and { start = { options.line1, 0 }, ["end"] = { options.line2, #vim.fn.getline(options.line2) } }
    or nil
  vim.lsp.buf.code_action({
    range = range,
    filter = function(action, client_id)
      local ours = client_id == nil or client_id == client.id
      return ours and (wanted == "" or action.title:lower():find(wanted, 1, true) ~= nil)
    end,
  })
end

return M
