# Two commands matter: `make run` and `make test`. Each makes what it needs: Python 3.11 or later
# with venv, git and make are enough to begin with.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

IN := .venv/bin/python
OURS := app migrations tests bench config.py wsgi.py

# $(call stage,name,command): says what begins, how long it took, and where it stopped.
define stage
@printf '\n== %s\n' "$(1)"; \
if $(2); then printf '   %s s\n' "$$SECONDS"; \
else printf '\nmake $@ stopped at: %s\n' "$(1)" >&2; exit 1; fi
endef

.PHONY: help run test lint prove bench lighthouse screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## the whole site with invented people (PORT=8000 HOST=127.0.0.1 DATABASE_URL=…)
	@requirements/install run
	@$(IN) -m compileall -q app config.py wsgi.py migrations
	@exec $(IN) -m app.demo

test: ## every check and every test
	$(call stage,packages,requirements/install dev)
	$(call stage,browser,requirements/browser)
	$(call stage,bytecode,$(IN) -W error -m compileall -q -f $(OURS))
	@$(MAKE) lint
	$(call stage,condition packs,$(IN) -m app.commands conditions check)
	$(call stage,tests,$(IN) -m pytest -n 5 --dist worksteal)

lint: ## style, types and the layers of the house
	$(call stage,packages,requirements/install dev)
	$(call stage,ruff check,$(IN) -m ruff check .)
	$(call stage,ruff format,$(IN) -m ruff format --check .)
	$(call stage,mypy,$(IN) -m mypy)
	$(call stage,layers,$(IN) .venv/bin/lint-imports)
	$(call stage,templates,$(IN) -m djlint --lint --quiet templates)

prove: ## prove the rules of every pack, and compare a million forms
	@requirements/install dev
	@$(IN) -m tests.proofs

bench: ## measure the hot paths
	@requirements/install dev
	@$(IN) -m bench

lighthouse: ## measure two pages of the demo on a phone (needs npm; fails below 98)
	@requirements/install dev
	@requirements/browser
	@requirements/lighthouse
	@$(IN) -m app.demo.lighthouse

screenshots: ## take the pictures of the README and of shared links again
	@requirements/install dev
	@requirements/browser
	@$(IN) -m app.demo.pictures docs/pictures
	@$(IN) -m app.demo.share_picture app/static/share.png

# The lock files name no registry: pip and uv ask the one that they are set up for.
UV := .venv-lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header pyproject.toml

lock: ## pin the packages of pyproject.toml again
	@[ -d .venv-lock ] || python3 -m venv .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check install --quiet 'uv==0.13.*'
	$(UV) --group run -o requirements/run.lock
	$(UV) --group dev -o requirements/dev.lock

clean: ## forget everything that these commands have made, the demo's records included
	rm -rf .venv .venv-lock .lighthouse instance htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache
	find $(wildcard $(OURS)) -name __pycache__ -type d -prune -exec rm -rf {} +
