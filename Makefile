# Every target makes the environment it needs. `make demo` is the place to start.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
# On all cores, where pip would use one; packages hold some files for later Pythons.
COMPILE := $(BIN)/python -m compileall -q -q -j 0 $(VENV)/lib || true
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
unexport PYTHONDONTWRITEBYTECODE # each of the suite's processes would compile every module again
export MOTIF_LITERT_PYTHON ?= $(CURDIR)/$(VENV)-litert/bin/python

.PHONY: demo test test-slow lint types floors pages kernels bench docs constraints clean

demo: $(VENV)/.demo ## simulate, train, judge, pack, verify, replay
	$(BIN)/motif demo

test: $(VENV)/.dev ## everything that must be green
	$(MAKE) --jobs 2 types kernels pages floors lint
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --dist worksteal --durations 20 -m "not slow" --doctest-modules --cov --cov-report= src/motif tests
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" --cov --cov-append --cov-report= tests/signals tests/templates/test_template_kernels.py
	$(BIN)/coverage report --fail-under 90

test-slow: $(VENV)/.dev $(VENV)-litert/.ready ## the long ones
	$(BIN)/python -m pytest -m slow tests

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev
	$(BIN)/lint-imports

pages: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

kernels: $(VENV)/.dev ## compiled while types are checked, and not by each of the suite's processes
	$(BIN)/python -m pytest --quiet --doctest-modules src/motif/templates/_classifier.py src/motif/behavior/discover/_discover.py

bench: $(VENV)/.dev $(VENV)-litert/.ready $(VENV)-peers/.ready ## figures, peers beside us in the same run
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev
	$(BIN)/mkdocs serve

constraints: ## write down the versions of a fresh environment that passed
	{ echo "# What make test last passed with, written by make constraints."; \
	  $(BIN)/python -m pip freeze --exclude-editable; \
	  echo "torch==2.13.0 # newer ones bring gigabytes of GPU packages"; } > constraints.txt.new
	mv constraints.txt.new constraints.txt

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable ".[train]"
	$(COMPILE)
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable ".[dev]"
	$(COMPILE)
	touch $@ $(VENV)/.demo

$(VENV)-litert/.ready: litert.txt
	$(PYTHON) -m venv $(VENV)-litert
	$(VENV)-litert/bin/python -m pip install --quiet --disable-pip-version-check --requirement litert.txt
	touch $@

$(VENV)-peers/.ready: benchmarks/peers.txt
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement benchmarks/peers.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-litert $(VENV)-peers site motif-demo
