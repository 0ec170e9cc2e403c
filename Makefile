# Set-up and the two commands of the README. Everything is installed into .venv, from the versions in requirements/.
# A recipe that has run leaves a stamp, so that running it again takes seconds.

CANDIDATES := python3 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for p in $(CANDIDATES); do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# As the command sets it for itself (evaluator/cli/main.py).
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test check docs lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

demo: $(VENV)/runtime.stamp ## grade the sample answer with the embedded judge
	@$(BIN)/evaluator grade dora-rollout docs/examples/dora-answer.md
	@echo
	@echo "To go on: source $(BIN)/activate    and then, for instance: evaluator questions list"

test: $(VENV)/test.stamp ## run the tests
	@$(BIN)/pytest -n auto $(ARGS)

check: $(VENV)/check.stamp ## lint, types, import rule, bank, help pages and README
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python docs/make_docs.py --check
	@$(BIN)/python docs/make_threats.py --check
	@$(BIN)/python docs/make_redaction.py --check

docs: $(VENV)/check.stamp ## write the help pages and the README's output anew
	@$(BIN)/python docs/make_docs.py
	@$(BIN)/python docs/make_threats.py
	@$(BIN)/python docs/make_redaction.py

lock: ## resolve requirements/ anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" -q -o requirements/runtime.txt
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" -q -o requirements/test.txt
	uv pip compile pyproject.toml --extra test --extra check --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" -q -o requirements/check.txt

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "evaluator needs Python 3.11 or later; none of '$(CANDIDATES)' is. Install one, or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot create an environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/%.stamp: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing what is needed ($<) ..."
	@$(INSTALL) --require-hashes -r $< || { echo "Installing failed: is the package index reachable? The lines above say what went wrong." >&2; exit 1; }
	@$(INSTALL) --no-deps --editable . || { echo "Installing evaluator itself failed; the lines above say what went wrong." >&2; exit 1; }
	@touch $@
