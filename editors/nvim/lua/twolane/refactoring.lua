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
      compat.request(client, "workspace/executeCommand", params, function(err)
        if err then
          vim.notify("Twolane: " .. (err.message or "the server gave no reason"), vim.log.levels.ERROR)
        end
      end, context.bufnr)
    end)
  end,
}

--- Let a person choose among the refactorings for the cursor or the range; with words, among those whose title has them.
--- Where none can be had, the reason is told once.
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
  local function choose()
    M.offer(client, wanted, range)
  end
  if vim.fn.has("nvim-0.12") == 1 then
    return choose()
  end
  -- Older ones do not hear of what cannot be had, nor why.
  local encoding = client.offset_encoding
  local params = range and vim.lsp.util.make_given_range_params(range.start, range["end"], 0, encoding)
    or vim.lsp.util.make_range_params(0, encoding)
  params.context = { diagnostics = {}, triggerKind = 1 }
  compat.request(client, "textDocument/codeAction", params, function(_, actions)
    if actions and #actions > 0 then
      return choose()
    end
    local why = "nothing can be done here now; see `far` in `:checkhealth twolane`."
    vim.notify("Twolane: " .. why, vim.log.levels.WARN)
  end, vim.api.nvim_get_current_buf())
end

--- Neovim's own list of code actions, with those of ours that can be had and whose title has some words.
function M.offer(client, wanted, range)
  local can, reason = false, nil
  vim.lsp.buf.code_action({
    range = range,
    filter = function(action, client_id)
      local ours = client_id == nil or client_id == client.id
      if not ours or (wanted ~= "" and not action.title:lower():find(wanted, 1, true)) then
        return false
      end
      can = can or not action.disabled
      if action.disabled and not reason then
        reason = action.disabled.reason
        vim.schedule(function()
          if not can then
            vim.notify("Twolane: " .. reason, vim.log.levels.WARN)
          end
        end)
      end
      return not action.disabled
    end,
  })
end

return M
