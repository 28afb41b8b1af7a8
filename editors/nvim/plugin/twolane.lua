if vim.g.loaded_twolane then
  return
end
vim.g.loaded_twolane = true

vim.api.nvim_create_user_command("Twolane", function(options)
  require("twolane.commands").run(options)
end, {
  nargs = "*",
  range = true,
  desc = "Twolane: status, explain, pause and more",
  complete = function(lead, line)
    return require("twolane.commands").complete(lead, line)
  end,
})
