# Two commands do everything on a fresh machine with Python 3.11 or newer, a C++ compiler and make:
#   make demo    the main job on a bundled real project
#   make test    all tests
# Both set .venv/ up first, which costs nothing when it is as the lock files say.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo test test-editors test-neovim test-vscode vscode test-litellm test-vllm test-training check format bench bench-typing bench-context bench-indexing bench-review docs picture picture-neovim picture-vscode lock clean setup setup-dev

help:
	@echo "make demo    show suggestions on a bundled real project (sets everything up first)"
	@echo "make test    run all tests, on up to four cores; ARGS='tests/context -k imports' narrows them, ARGS=-n0 uses one"
	@echo "make test-editors  the plugins in the real editors: test-neovim (installs Neovim 0.12 and 0.11 once, 110 MB, into a"
	@echo "             folder of its own) and test-vscode (installs VS Code, 0.9 GB, and with apt-get Chromium)"
	@echo "make vscode  pack the extension for VS Code: editors/vscode/dist/twolane.vsix (needs Node 20 and npm)"
	@echo "make test-litellm, make test-vllm  the team's lane against those servers (installs 0.7 and 3.3 GB once)"
	@echo "make test-training  the scripts that train the starter model, on tiny models (installs PyTorch once, 4.1 GB)"
	@echo "make check   lint, formatting, types and the direction of imports"
	@echo "make format  mend formatting and what the linter can mend"
	@echo "make bench   measure and print the tables behind docs/performance.md"
	@echo "make bench-context  how many of the definitions that a line needs are shown, by method"
	@echo "make bench-typing  replay a typing session against llama.cpp's server asked as llama.vim asks it"
	@echo "make bench-indexing  index, know again and follow a workspace of 10,000 files, some minutes"
	@echo "make bench-review  from a save to the request, what the cache saves, how reviews of real repairs are scored"
	@echo "make docs    write the generated pages again"
	@echo "make picture draw the picture in the README again, from a real run of the demo"
	@echo "make lock    resolve the lock files again (needs uv)"
	@echo "make clean   remove .venv and every cache in this folder"

setup:
	@$(PYTHON) dev/bootstrap.py run

setup-dev:
	@$(PYTHON) dev/bootstrap.py dev

demo: setup
	@$(BIN)/twolane demo $(ARGS)

test: setup-dev
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

test-editors: test-neovim test-vscode

test-neovim test-vscode picture-neovim picture-vscode: EDITORS ?= $(HOME)/.cache/twolane/editors
test-neovim: setup-dev
	@$(BIN)/python dev/editors_neovim.py $(EDITORS)
	@TWOLANE_EDITORS=$(EDITORS) $(BIN)/pytest tests/editors/nvim/check_*.py $(ARGS)

test-vscode: setup-dev
	@$(BIN)/python dev/editors_vscode.py $(EDITORS)
	@TWOLANE_EDITORS=$(EDITORS) $(BIN)/pytest tests/editors/vscode/check_*.py $(ARGS)

vscode:
	@command -v npm >/dev/null || { echo "make vscode needs Node 20 or newer, with npm"; exit 1; }
	@cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent package

test-litellm test-vllm: PEERS ?= $(HOME)/.cache/twolane/peers
test-litellm test-vllm: test-%: setup-dev
	@$(PYTHON) tests/peers/install.py $* $(PEERS)/$*
	@PEER=$(PEERS)/$* $(BIN)/pytest tests/peers/check_$*.py $(ARGS)

test-training: TRAINING ?= $(HOME)/.cache/twolane/training
test-training: setup-dev
	@$(BIN)/python tests/starter/training/install.py $(TRAINING)
	@TRAINING=$(TRAINING) $(BIN)/pytest tests/starter/training/check_*.py $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p twolane
	$(BIN)/mypy tests benchmarks dev/*.py editors/*/*.py
	$(BIN)/lint-imports

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev
	@$(BIN)/python -m benchmarks.startup $(ARGS)
	@$(BIN)/python -m benchmarks.first_answer $(ARGS)
	@$(BIN)/python -m benchmarks.decode $(ARGS)
	@$(BIN)/python -m benchmarks.rereading $(ARGS)
	@$(BIN)/python -m benchmarks.gateway $(ARGS)
	@$(BIN)/python -m benchmarks.refactor $(ARGS)

bench-indexing: setup-dev
	@$(BIN)/python -m benchmarks.indexing $(ARGS)

bench-review: setup-dev
	@$(BIN)/python -m benchmarks.review $(ARGS)

bench-context: setup-dev
	@$(BIN)/python -m benchmarks.context $(ARGS)

bench-typing: setup-dev
	@$(BIN)/python -m benchmarks.typing $(ARGS)

docs: setup-dev
	@$(BIN)/python -P -m twolane.server.config.settings_docs > .venv/settings.md && mv .venv/settings.md docs/settings.md
	@$(BIN)/python -P editors/nvim/pages.py
	@$(BIN)/python -P editors/vscode/configuration.py

picture: setup
	@$(BIN)/python dev/picture.py --until Neovim docs/demo.svg $(BIN)/twolane demo

picture-neovim: setup-dev
	@$(BIN)/python dev/editors_neovim.py $(EDITORS)
	@TWOLANE_EDITORS=$(EDITORS) $(BIN)/python -m tests.editors.nvim.picture docs/neovim.svg docs/neovim.cast

picture-vscode: setup-dev
	@$(BIN)/python dev/editors_vscode.py $(EDITORS)
	@TWOLANE_EDITORS=$(EDITORS) $(BIN)/python -m tests.editors.vscode.picture docs/vscode.png

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: .venv/bin/pip install uv, then make lock UV=.venv/bin/uv"; exit 1; }
	$(LOCK) --no-strip-extras --group build pyproject.toml -o requirements.lock
	$(LOCK) --no-strip-extras --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(LOCK) --group native -o dev/native.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
