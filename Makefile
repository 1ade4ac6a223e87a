# Two commands are all a newcomer needs: `make demo` and `make test`. Everything they need goes into this folder.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install
help:  ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install:  ## Install everything into .venv and .node
	$(PYTHON) -m venv .venv
