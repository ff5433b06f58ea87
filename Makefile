# Two commands are enough: `make demo` and `make test`. Needs Python 3.11 or newer with pip and venv.
PYTHON ?= python3
export PYTHONPATH := $(CURDIR)/src
unexport PYTHONDONTWRITEBYTECODE  # what is compiled once need not be compiled by every process
run := .venv/bin/python -m
weineng := $(run) weineng
tests ?= tests
.DEFAULT_GOAL := help
.PHONY: help install demo demo-reset serve test check static types code fix messages lock ci clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: .venv/base ## eleven months of an invented district, then a platform to click through at 127.0.0.1
	@$(weineng) demo

demo-reset: .venv/base ## throw the demonstration's data away
	@$(weineng) demo --reset

install: .venv/base ## what ./weineng needs, and nothing started

serve: .venv/base ## the platform with the data of var/
	@$(weineng) serve

test: static ## everything, browser tests in Chromium included
	@$(run) pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(tests)

check: static ## the same without browser and without what takes long (the marker `slow`)
	@$(run) pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not browser and not slow" $(tests)

static: .venv/dev ## format, lint, types, contracts of imports, translations
	@$(MAKE) -s -j 2 types code

types:
	@$(run) mypy

code:
	@.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .
	@.venv/bin/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@$(weineng) messages --missing

fix: .venv/dev ## format and mend what ruff can mend
	@.venv/bin/ruff check --fix -q . ; .venv/bin/ruff format -q .

messages: .venv/dev ## merge the translators' parts, compile, list what is not translated
	@$(weineng) messages --write

lock: .venv/dev ## compile the hashed locks from requirements/*.in
	@$(run) pip install -q uv && UV=$(CURDIR)/.venv/bin/uv requirements/lock

ci: ## what the continuous integration runs
	@.ci/run

clean: ## remove .venv and caches; data in var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache

# Stamps: installed again when a lock changes. --no-deps: the locks name everything, with hashes.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Weineng needs Python 3.11 or newer: make PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv is missing (Debian: apt-get install python3-venv)."; exit 1; }

.venv/base: requirements/base.txt requirements/fonts.txt | .venv/bin/python
	@echo "Installing packages …"
	@$(run) pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/base.txt
	@$(run) pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/fonts.txt
	@touch $@

.venv/dev: requirements/dev.txt requirements/s3.txt .venv/base | .venv/bin/python
	@$(run) pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@
