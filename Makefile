# Every target sets up what it needs, once: the environment .venv, the packages, the native engine (tools/set_up.sh).
# Plain sh and GNU make 3.81 are enough.

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
SET_UP = @VENV='$(VENV)' PYTHON='$(PYTHON)' sh tools/set_up.sh
# As many tests at a time as there are cores; ARGS=-n0 runs one at a time.
JOBS = -n auto
ARGS =

.PHONY: help demo gallery test check bench large native clean distclean
.NOTPARALLEL:
.DEFAULT_GOAL = help
MAKEFLAGS += --no-print-directory

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'
	@echo 'PYTHON=… chooses the Python, ARGS=… is handed on, SLOPEWISE_NATIVE=auto|require|off chooses the engine.'

demo: ## run the whole story and draw its pictures into demo-out/
	$(SET_UP) demo
	$(BIN)/slopewise demo $(ARGS)

gallery: ## draw every kind of picture and animation into gallery-out/index.html
	$(SET_UP) demo
	$(BIN)/python docs/gallery.py $(ARGS)

test: ## run the tests, on the native engine and on the interpreted one
	$(SET_UP) dev
	$(BIN)/python -m pytest $(JOBS) $(ARGS)
	@if $(BIN)/python -c 'import sys, slopewise.engine; sys.exit(not slopewise.engine.NATIVE)'; then \
	    echo 'The same on the interpreted engine:'; \
	    SLOPEWISE_NATIVE=off $(BIN)/python -m pytest $(JOBS) $(ARGS); \
	fi

check: ## everything that must hold before a change is merged, the tests on both engines among it
	$(SET_UP) dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	SLOPEWISE_NATIVE=off $(BIN)/stubtest --ignore-missing-stub --allowlist tools/stubs_allowed.txt $$($(BIN)/python -P src/slopewise/_native.py --list)
	$(BIN)/lint-imports
	$(BIN)/codespell
	SLOPEWISE_NATIVE=off $(BIN)/python -m pytest $(JOBS) tests src --doctest-modules --cov
	$(BIN)/python -m pytest $(JOBS) --dist loadfile -m packaging
	$(BIN)/python -m pytest $(JOBS) tests README.md docs --doctest-glob='*.md'

bench: ## measure beside the peers; writes benchmarks/results/*.json
	$(SET_UP) bench
	$(BIN)/python benchmarks/run.py $(ARGS)
	$(BIN)/python benchmarks/picture.py

large: ## the tests that need minutes and memory: ten million nodes
	$(SET_UP) dev
	$(BIN)/python -m pytest -m large $(ARGS)

native: ## build the native engine anew, and say which engine runs
	$(SET_UP) dev
	$(BIN)/python setup.py --quiet build_ext --inplace --force
	@$(BIN)/python -P src/slopewise/_native.py

clean: ## remove what was built, drawn and cached; .venv stays
	rm -rf build dist demo-out gallery-out htmlcov src/*.egg-info .coverage .coverage.*
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find src \( -name '*.so' -o -name '*.pyd' -o -name '*.stamp' \) -exec rm -f {} +

distclean: clean ## remove .venv too
	rm -rf $(VENV)
