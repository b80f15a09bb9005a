# Two commands do everything: `make run` and `make test`. Each builds what it needs.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

# Installs Debian packages, as root or by sudo; says plainly when neither is possible.
APT = as() { if [ "$$(id -u)" = 0 ]; then "$$@"; elif command -v sudo >/dev/null; then sudo "$$@"; \
  else echo "needs root or sudo to install Debian packages: apt-get install"; return 1; fi; }; \
  as apt-get update -q && as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends

.PHONY: run test check static format messages picture clean help

help:  ## show what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

run: .make/run  ## build, run the weekly flow on the sample exports, print the week
	@KESHEV_CONTACT_COST=$${KESHEV_CONTACT_COST-30} $(BIN)/keshev run data/exports
	@echo 'Desk: $(BIN)/keshev user add NAME --role admin, then $(BIN)/keshev desk'

test: .make/test .make/system  ## build, and pass all tests on SQLite and PostgreSQL
	@$(BIN)/pytest -n 2 --dist loadgroup

check: static test  ## what CI holds: format, lint, types, layers, tests

static: .make/test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .make/test  ## write the format and the safe fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

messages: .make/test  ## bring the English catalogue up to date with the code's Hebrew texts
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-location --sort-output -o .make/keshev.pot desk keshev
	@$(BIN)/pybabel -q update -l en -i .make/keshev.pot -o desk/locale/en.po --init-missing \
	  --ignore-obsolete --no-fuzzy-matching --omit-header --width 100

picture: .make/test .make/system run  ## take the README's pictures
	@$(BIN)/python benchmarks/picture.py keshev-data/reports docs/report.png
	@KESHEV_WRITE_PICTURES=1 $(BIN)/pytest -q -n 0 tests/desk/web/test_days.py

clean:  ## remove the environment and the sample store
	rm -rf $(VENV) .make keshev-data

# A fresh Debian has neither package lists nor python3.11-venv; a half-made environment is removed.
$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  $(APT) python3.11 python3.11-venv; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

.make/run: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/pip install -q -c constraints.txt -e .
	@mkdir -p .make && touch $@

.make/test: pyproject.toml constraints.txt | $(BIN)/pip
	$(BIN)/pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/pip install -q -c constraints.txt -e ".[train,dev]"
	@mkdir -p .make && touch $@ .make/run

# Chromium shows the report to the tests; the fonts make its pictures readable.
.make/system:
	@command -v chromium >/dev/null || { $(APT) chromium fonts-noto-core; }
	@mkdir -p .make && touch $@
