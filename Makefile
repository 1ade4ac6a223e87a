# Two commands are all a newcomer needs: `make demo` and `make test`. Everything they need goes into this folder.
# Each step leaves a stamp beside what it installed, so that a second run starts at once.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --require-hashes
SEEDS ?= 1000

CATALOGUES := $(wildcard src/lendchain/locale/*/LC_MESSAGES/*.po)

.PHONY: help install install-demo demo test test-all bench lint format docs sbom audit simulate proofs contracts \
        messages lock wheel

help:  ## List the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# --- What is installed --------------------------------------------------------------------------------------------

install: $(STAMPS)/dev $(STAMPS)/package .node/.installed .node-dev/.installed  ## Install everything into .venv, .node and .node-dev
install-demo: $(STAMPS)/package .node/.installed

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lendchain needs Python 3.11 or newer: make PYTHON=...")'
	@test -x $(BIN)/python || { echo "Making .venv ..."; $(PYTHON) -m venv .venv; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements/runtime.txt | $(STAMPS)/venv
	@echo "Installing the packages that Lendchain runs on ..."
	@$(PIP) -r $<
	@touch $@

$(STAMPS)/dev: requirements/dev.txt | $(STAMPS)/runtime
	@echo "Installing the packages that its tests and checks need ..."
	@$(PIP) -r $<
	@touch $@

$(STAMPS)/package: pyproject.toml $(CATALOGUES) | $(STAMPS)/runtime
	@echo "Installing Lendchain itself ..."
	@$(PIP) -r requirements/build.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Node.js comes as a Python package where the machine has none.
$(STAMPS)/node: requirements/node.txt | $(STAMPS)/runtime
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "Installing Node.js ..."; $(PIP) -r $<; }
	@touch $@

.node/.installed: src/lendchain/chain/node/package-lock.json | $(STAMPS)/node $(STAMPS)/package
	@$(BIN)/python -m lendchain.chain.node >/dev/null && touch $@

# The Solidity compiler and the reference contracts that tests compare ours with.
.node-dev/.installed: tests/node/package-lock.json | $(STAMPS)/node $(STAMPS)/package
	@echo "Installing the reference contracts that tests compare with ..."
	@$(BIN)/python tools/install_node_packages.py tests/node .node-dev && touch $@

# --- What users run ------------------------------------------------------------------------------------------------

demo: install-demo  ## Live a small real loan book on a local chain, from application to the last cent
	@$(BIN)/lendchain demo

test: install  ## Check the code and run the tests, each suite with its share of time
	@$(BIN)/python -m tools.run_tests

test-all: install  ## The same, and the slow tests too
	@$(BIN)/python -m tools.run_tests --all

bench: install  ## Measure, print tables, write bench/results.json
	@$(BIN)/python -m bench

simulate: install  ## Run the platform's parts under SEEDS seeds (make simulate SEEDS=1000)
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

proofs: install  ## Prove the arithmetic lemmas with an SMT solver
	@$(BIN)/python -m pytest tests/proofs -m "slow or not slow"

# --- What maintainers run ------------------------------------------------------------------------------------------

lint: install  ## Style, types, import directions, translations, lock files, contract artifacts
	@$(BIN)/python tools/lint.py

format: install  ## Put the code into its one format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

contracts: install  ## Compile the contracts into the package
	@$(BIN)/python contracts/build.py

messages: install  ## Collect the texts to translate into the catalogues
	@$(BIN)/python tools/messages.py update

docs: install  ## Build the documentation into docs/_build, every link checked
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet docs docs/_build
	@echo "docs/_build/index.html"

sbom: install  ## Write dist/sbom.json: every package that Lendchain runs on (CycloneDX)
	@$(BIN)/python tools/sbom.py

audit: install  ## Look for known faults in the packages that Lendchain is locked to
	@$(BIN)/python tools/audit.py

wheel: install  ## Build dist/lendchain-*.whl
	@rm -f dist/lendchain-*.whl
	@$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/lendchain-*.whl

lock: $(STAMPS)/dev  ## Pin every package anew, with hashes
	@$(BIN)/python tools/lock.py
