# Two commands do everything: `make run` and `make test`. Each builds what it needs.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.PHONY: run test check static format picture clean help

help:  ## show what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

run: .make/run  ## build, run the weekly flow on the sample exports, print the week
	@$(BIN)/keshev run data/exports

test: .make/test .make/system  ## build, and pass all tests on SQLite and PostgreSQL
	@$(BIN)/pytest -n 2 --dist worksteal

check: static test  ## what CI holds: format, lint, types, layers, tests

static: .make/test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .make/test  ## write the format and the safe fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

picture: .make/test .make/system .make/run  ## take the report's picture for the README
	@$(BIN)/python benchmarks/picture.py keshev-data/reports docs/report.png

clean:  ## remove the environment and the sample store
	rm -rf $(VENV) .make keshev-data

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: apt-get install python3.11-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { apt-get install -y -q python3.11-venv && $(PYTHON) -m venv $(VENV); }

.make/run: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt -e .
	@mkdir -p .make && touch $@

.make/test: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/pip install -q -c constraints.txt -e ".[train,dev]"
	@mkdir -p .make && touch $@ .make/run

# Chromium shows the report to the tests; the fonts make its pictures readable.
.make/system:
	@command -v chromium >/dev/null || { \
	  SUDO=; [ "$$(id -u)" = 0 ] || SUDO=sudo; \
	  $$SUDO apt-get update -q && $$SUDO apt-get install -y -q --no-install-recommends chromium fonts-noto-core; }
	@mkdir -p .make && touch $@
