-- Generated from the server's settings by editors/nvim/pages.py (make docs).

---@class twolane.Settings.near
---@field model? string The GGUF file of a model that can fill in the middle. Empty: the small starter model that comes with Twolane. `~` is your home folder; a relative path starts at the folder of this file.
---@field context_tokens? integer The model's window for one file, in tokens. 0: chosen from the model and this machine's memory.
---@field slots? integer How many files keep their state in the model at once. 0: chosen from the memory of this machine.
---@field threads? integer Processor threads the model computes with. 0: as many as there are cores that no other program is using.
---@field gpu_layers? integer Layers of the model to put on the GPU. -1: as many as fit; 0: none.
---@field flash_attention? "auto"|"on"|"off" Compute attention in pieces that need less memory. `auto`: where the GPU can, not where that would be slower.
---@field kv_type? "auto"|"f16"|"q8_0"|"q4_0" How the state of files is stored: in 16 bits a number, or in 8 or 4, which needs flash attention and changes suggestions a little (`q8_0`) or more (`q4_0`). `auto`: 16 bits, or 8 where the GPU's memory is short.
---@field adapters? table[] LoRA adapters (fine-tunes) for the model, GGUF files: `["own.gguf"]`, or with a strength of their own `[{ path = "own.gguf", scale = 0.5 }]`. Relative paths start at the folder of this file.
---@field draft_model? string The GGUF file of a small model with the same vocabulary, which guesses ahead for the model and so makes it faster. Empty: none.

---@class twolane.Settings.engine
---@field idle_exit_minutes? number The engine leaves, and gives its memory back, after so many minutes in which nobody needed it.

---@class twolane.Settings.completion
---@field enabled? boolean Suggest while typing.
---@field context_tokens? integer How many tokens of other files the model may be shown beside the file at hand. 0: none.
---@field max_tokens? integer The longest suggestion, in tokens of the model.
---@field time_limit_ms? integer A suggestion stops growing so many milliseconds after its first token.
---@field multiline? "auto"|"never"|"always" Suggest more than one line: `auto` where a block is about to begin, `never`, or `always`.
---@field goal_ms? integer Nine answers of ten shall be there within so many milliseconds: the sizes of prompt and answer follow the speed that is measured. 0: 250 on a graphics card, 600 on a processor.
---@field ahead? boolean Let the engine read while you type and where you put the cursor, and write what follows a suggestion before you accept it.
---@field max_document_bytes? integer No suggestions in files that are larger (UTF-8 bytes).
---@field wait_ms? integer A request waits for the next key as long as your typing makes one likely before an answer could be there, but no longer than so many milliseconds. -1: 0 for the model on this machine, 150 for a team's server.
---@field check? boolean Look at a suggestion as code before it is shown: what brings syntax errors, or names that cannot exist, is cut or withheld.
---@field hypotheses? integer A very small model on this machine, such as the starter, ends a line in so many ways side by side, and the likeliest counts. 1: each word is the likeliest next one, as in larger models; that takes half the time.
---@field copies? boolean A very small model (the starter) goes on as the same text did, here or in files near it.
---@field in_strings? boolean Suggest inside strings.
---@field in_comments? boolean Suggest inside comments.
---@field in_middle_of_line? boolean Suggest where code follows the cursor on its line, not only what closes it.
---@field menu_entry? boolean In an editor that knows no inline suggestions, offer them as entries of its completion menu.
---@field disabled_languages? string[] No suggestions in these languages, by LSP identifier: `["markdown", "yaml"]`. The workspace's file adds to your own list.

---@class twolane.Settings.team
---@field url? string The server's address: `https://models.example.com`. Empty: there is none.
---@field model? string The model to ask for, as the server calls it. Empty: the one that it has.
---@field family? ""|"starter"|"qwen-coder"|"codegemma"|"starcoder2"|"granite"|"granite-4"|"deepseek-coder"|"codestral"|"seed-coder"|"starcoder"|"fim" The form of prompt that the model was trained with for filling in the middle, as docs/models.md names them. Empty: found out from the server.
---@field completion? boolean Let the team's server suggest while you type, in place of the model on this machine.
---@field ahead? boolean Send the team's server also what nobody waits for yet (guesses at what you do next). Costs it work.
---@field plain_http? boolean Allow an address that begins with http: on another machine, so that code travels unencrypted.

---@class twolane.Settings.far
---@field enabled? boolean Let them be asked at all.
---@field model? string The model to ask for, as Anthropic calls it.
---@field timeout_s? number An answer that has not ended after so many seconds is given up.

---@class twolane.Settings.budget
---@field request_dollars? number The most that one request may cost, at its worst.
---@field day_dollars? number The most that may be spent in a day.
---@field month_dollars? number The most that may be spent in a calendar month.
---@field project_dollars? number The most that may be spent in a calendar month for one workspace.
---@field prices? string[] Prices of your own, before those that come with Twolane, in dollars per million tokens: `["MODEL input=3 output=15 cache_read=0.3 cache_write=3.75"]`. The two of the cache may be left out. MODEL may be `PROVIDER/MODEL` or `PROVIDER/*`; a server of your own that costs nothing is `["team/* input=0 output=0"]`.
---@field keep_days? integer How many days the ledger remembers each request and what it sent.

---@class twolane.Settings.routing
---@field rules? table[] Rules in order, each a table `[[routing.rules]]`; the first that fits a request decides. Rules of the workspace's file come after your own and can only take away.

---@class twolane.Settings.privacy
---@field blocked? string[] Files that no model may see, not even the one on this machine: `["vault/", "*.sql"]`.
---@field near_only? string[] Files that only the model on this machine may see: `["src/pricing/"]`.
---@field allow_sensitive? string[] Files that may leave this machine though they are named like files with keys and passwords (`.env`, `*.pem`, …): `["tests/fixtures/*.pem"]`.
---@field send_ignored? boolean Let files that git ignores leave this machine too.

---@class twolane.Settings.history
---@field keep_days? integer How many days paths, names, numbers and reasons are kept, at most the last 5,000 requests of each workspace. 0: nothing is kept, and what was kept of a workspace is deleted with the next request there.

---@class twolane.Settings.workspace
---@field index? boolean Index the whole workspace, in a process beside the server that goes behind everything else. Without it only files that an open document imports are known.

---@class twolane.Settings.refactor
---@field context_tokens? integer How many tokens of code a command may show a model: the place, what it calls, what calls it, its tests.
---@field tries? integer So many answers of the team's model are tried before a model of the far lane is asked, where one of your checks can tell a good one. 0 or 1: none.
---@field tries_for? string[] The tasks for which that is done.

---@class twolane.Settings.checks
---@field format? string[] Formats the changed files in place: `"ruff format {files}"`. Empty: none.
---@field types? string[] The type checker: `"mypy ."`. Empty: none.
---@field tests? string[] The tests: `".venv/bin/pytest -q"`. Empty: none.
---@field timeout_s? number A check that has not ended after so many seconds counts as failed.
---@field memory_mb? integer A check that uses more memory than so many MB, all its processes together, counts as failed.
---@field linked? string[] Folders at the top of the workspace that the copy only links to, because they hold installed packages.

---@class twolane.Settings.review
---@field on_save? "ask"|"on"|"off" Review what changed when a file is saved: `on`, `off`, or `ask`, once, when there is a model that may do it. Your answer is kept in `review.json` of your data folder.
---@field pause_s? number After a review on save has begun, the next one begins no sooner than so many seconds later.
---@field most? integer The most findings that are told of one file, the worst first.

---@class twolane.Settings
---@field near? twolane.Settings.near
---@field engine? twolane.Settings.engine
---@field completion? twolane.Settings.completion
---@field team? twolane.Settings.team
---@field far? twolane.Settings.far
---@field budget? twolane.Settings.budget
---@field routing? twolane.Settings.routing
---@field privacy? twolane.Settings.privacy
---@field history? twolane.Settings.history
---@field workspace? twolane.Settings.workspace
---@field refactor? twolane.Settings.refactor
---@field checks? twolane.Settings.checks
---@field review? twolane.Settings.review

---@class twolane.Options
---@field server? twolane.ServerOptions
---@field ghost? twolane.GhostOptions
---@field keys? twolane.KeyOptions
---@field preview? twolane.PreviewOptions
---@field settings? twolane.Settings

local M = {}

---@type twolane.Settings
M.defaults = {
  near = {
    model = "",
    context_tokens = 0,
    slots = 0,
    threads = 0,
    gpu_layers = -1,
    flash_attention = "auto",
    kv_type = "auto",
    adapters = {},
    draft_model = "",
  },
  engine = {
    idle_exit_minutes = 10.0,
  },
  completion = {
    enabled = true,
    context_tokens = 1024,
    max_tokens = 64,
    time_limit_ms = 600,
    multiline = "auto",
    goal_ms = 0,
    ahead = true,
    max_document_bytes = 2000000,
    wait_ms = -1,
    check = true,
    hypotheses = 4,
    copies = true,
    in_strings = true,
    in_comments = true,
    in_middle_of_line = true,
    menu_entry = true,
    disabled_languages = {},
  },
  team = {
    url = "",
    model = "",
    family = "",
    completion = false,
    ahead = false,
    plain_http = false,
  },
  far = {
    enabled = true,
    model = "claude-sonnet-5-5",
    timeout_s = 180.0,
  },
  budget = {
    request_dollars = 2.0,
    day_dollars = 5.0,
    month_dollars = 50.0,
    project_dollars = 50.0,
    prices = {},
    keep_days = 400,
  },
  routing = {
    rules = {},
  },
  privacy = {
    blocked = {},
    near_only = {},
    allow_sensitive = {},
    send_ignored = false,
  },
  history = {
    keep_days = 30,
  },
  workspace = {
    index = true,
  },
  refactor = {
    context_tokens = 12000,
    tries = 0,
    tries_for = { "tests", "types", "fix", "simplify" },
  },
  checks = {
    format = {},
    types = {},
    tests = {},
    timeout_s = 120.0,
    memory_mb = 4096,
    linked = { "node_modules", ".venv", "venv" },
  },
  review = {
    on_save = "ask",
    pause_s = 3.0,
    most = 5,
  },
}

return M
