# The commands of this repository; CI and the README call only these.
# A fresh machine needs make, git and Python 3.11 or newer. Everything else lands in .venv.

DATA ?= ./var
HOST ?= 127.0.0.1
PORT ?= 8025
# More words for pytest, the benchmark or the experiments: make test ARGS="-k otp"
ARGS ?=

UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready
TOOLS := sdk/typescript/tools
COMPILER := $(TOOLS)/node_modules/.package-lock.json

# An environment that is active in the caller's shell is not ours.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench soak docs sdk try-compiler clean anew

help:
	@echo "make setup   create .venv with the posthouse command"
	@echo "make run     set up and serve on http://$(HOST):$(PORT), data in $(DATA)   (DATA= HOST= PORT=)"
	@echo "make test    set up and run all tests                                  (ARGS=)"
	@echo "make lint    ruff, mypy, import contracts, file sizes"
	@echo "make bench   measure this machine; installs wrk where it can           (ARGS=)"
	@echo "make soak    torment it for a quarter of an hour, and count           (ARGS=)"
	@echo "make docs    check that the documentation tells the truth: play every guide"
	@echo "make sdk     make the client for TypeScript anew from the API; needs Node 20 and npm"
	@echo "make clean   remove .venv, caches and builds; data stays"

setup: $(READY)

run: $(READY)
	@exec $(BIN)/posthouse serve --data "$(DATA)" --host $(HOST) --port $(PORT)

test: $(READY) $(if $(shell command -v npm),try-compiler)
	@$(BIN)/pytest -q -n 2 -m "not guide" $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(wildcard src sdk/python tests bench soak scripts)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/tidy.py

bench: $(READY)
	@command -v wrk >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install -y -qq wrk >/dev/null; \
	} || { echo "make bench needs wrk; install it first, e.g. sudo apt-get install wrk" >&2; exit 1; }
	@$(BIN)/python -m bench $(ARGS)

soak: $(READY)
	@$(BIN)/python -m soak $(ARGS)

docs: $(READY)
	@$(BIN)/pytest -q -n 2 tests/docs

sdk: $(READY) $(COMPILER)
	@cd $(TOOLS) && node generate.mjs --serve "$(CURDIR)/$(BIN)/posthouse" && node build.mjs

$(COMPILER): $(TOOLS)/package-lock.json
	@cd $(TOOLS) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Without a network the tests that compile are skipped, and say so.
try-compiler:
	@npm_config_fetch_retries=0 $(MAKE) --no-print-directory $(COMPILER) >/dev/null 2>&1 || true

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf $(TOOLS)/node_modules
	find src sdk/python tests bench soak scripts -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# Marks a .venv that matches the lock file. An environment without pip, or one whose Python has gone, is
# made anew.
$(READY): pyproject.toml sdk/python/pyproject.toml uv.lock $(if $(shell test -x $(BIN)/python && echo yes),,anew)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
			$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		done; \
		[ $$python != none ] || { \
			echo "Posthouse needs Python 3.11 or newer, and none is on the PATH; install one and run make again." >&2; \
			exit 1; \
		}; \
		$$python -m venv --clear .venv; \
	}
	@[ "$$($(BIN)/uv --version 2>/dev/null | cut -d' ' -f2)" = $(UV_VERSION) ] || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never \
		$(BIN)/uv sync --frozen --compile-bytecode --quiet --python $(BIN)/python
	@$(BIN)/python -m compileall -q src sdk/python/src
	@touch $@
