# Every target makes the environment it needs: Python 3.11 or newer and pip are enough to begin.
# `make test PYTHON=python3.12` chooses the interpreter; `make test JOBS=4` the number of test workers.

PYTHON ?= python3
JOBS ?= 2
RUN := .venv/bin/python -m

.PHONY: help demo test lint types arch bench bench-server bench-check load docs soak clean base dev
.PHONY: contracts unit
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: base ## Run a short story on a small project, with nothing but the package installed
	.venv/bin/python examples/demo.py

test: lint types contracts unit ## Everything a change must pass: format, lint, types, contracts, tests

lint: dev ## Check format and lint rules
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: dev ## Check the types of the source and of the tests
	$(RUN) mypy

arch: contracts ## Check the direction of imports, the sizes and the cold start
	$(RUN) pytest tests/architecture

bench: bench-server ## Measure speed and concurrency on this machine; MILLION=1 adds a million tasks
	.venv/bin/python benchmarks/run.py
	.venv/bin/python benchmarks/engines.py $(if $(MILLION),--million)

bench-server: dev ## Measure the server over its floor: what the same server does with nothing behind
	.venv/bin/python benchmarks/load/floor.py

bench-check: dev ## Fail when the server is slower than it was; RENEW=1 keeps what is measured now
	.venv/bin/python benchmarks/load/check.py $(if $(RENEW),--renew)

load: dev ## Put the server under load with Locust and write a report; LOAD="mixed --users=1000"
	.venv/bin/python benchmarks/load/run.py $(LOAD)

docs: dev ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict

soak: dev ## Run the tests that take minutes: many processes, crashes, random operations
	$(RUN) pytest -m soak --timeout=1800

clean: ## Remove the environment, caches and built files
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist site
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

base:
	@PYTHON="$(PYTHON)" sh .ci/venv base

dev: base
	@PYTHON="$(PYTHON)" sh .ci/venv dev

contracts: dev
	.venv/bin/lint-imports --no-logo

unit: dev
	$(RUN) pytest --numprocesses=$(JOBS) --dist=worksteal --hypothesis-profile=ci
