# Every target works from a bare checkout: it makes the environment that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test bench soak format clean

demo: $(INSTALLED)  ## record a small scripted agent and show what can be asked of it
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

# More tests at a time than there are processors: many wait. Those that share a browser or a recording stay together.
test: $(INSTALLED)  ## lint, type-check, run all tests
	sh scripts/system-tools.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 4 --dist worksteal

bench: $(INSTALLED)  ## budgets: what is allowed, what was measured, met or not
	$(BIN)/pytest benchmarks/test_stores.py -o addopts="" --import-mode=importlib --benchmark-only --benchmark-columns=median,ops
	$(BIN)/python benchmarks/report.py

soak: $(INSTALLED)  ## 300 kills under load, half of them within a transaction: nothing lost, nothing twice
	$(BIN)/pytest -n 2 tests/e2e/test_kills.py --kills 300

format: $(INSTALLED)  ## format and sort imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(INSTALLED): pyproject.toml package-lock.json hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
