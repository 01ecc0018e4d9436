# make run    sets up and runs every case study     make test   sets up and passes the tests
# Another Python: make test PYTHON=python3.13 (it gets an environment of its own)

PYTHON ?= python3
VENV := .venv$(if $(filter-out python3,$(notdir $(PYTHON))),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
EXTRAS := cluster,dev,lake
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest
NBVAL := $(PYTEST) -q -o addopts= --nbval --nbval-current-env -p mlsd_kit.curriculum.run.nbval_hint
# What starts processes, servers or kernels, or runs other libraries' suites, takes minutes.
FAST := tests $(addprefix --ignore=tests/,browser curriculum/cli curriculum/drills curriculum/grading \
  curriculum/run notebooks peer services site systems)

# One BLAS thread a process, set before NumPy loads: results do not depend on the core count.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1
export MLSD_HOME := $(CURDIR)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup run test quick fast template unit graders lowest notebooks check lab portability bench bench-run site build data doctor test-browser clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-14s %s\n", $$1, $$2}'

setup: $(INSTALLED)  ## create the environment and install the pinned packages

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
	  echo "Setting up $(VENV) with uv ..." && \
	  { [ -x $(BIN)/python ] || uv venv --quiet --seed --python $(PYTHON) $(VENV); } && \
	  uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$(EXTRAS)]'; \
	else \
	  echo "Setting up $(VENV) with pip (about two minutes) ..." && \
	  { [ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'; \
	fi
	@$(BIN)/python -m ipykernel install --prefix $(VENV) --name mlsd --display-name "ML System Design" >/dev/null
	@touch $@

run: setup  ## run every case study headlessly and print the table of results
	@$(BIN)/mlsd run

data: setup  ## fetch every data set into the cache
	@$(BIN)/mlsd data fetch

test: setup  ## everything: style, types, unit tests, graders, notebooks
	@$(BIN)/python .ci/stages.py test check data unit graders notebooks

quick: setup  ## in under four minutes: style, types, fast tests, the template notebook
	@$(BIN)/python .ci/stages.py quick check fast template

fast: setup  ## the tests that start no process
	@$(PYTEST) -q -n $(WORKERS) $(FAST)

template: setup
	@$(BIN)/mlsd data fetch cdnow
	@$(NBVAL) notebooks/template

check: setup  ## style, types and the lint of the notebooks
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/mlsd lint

unit: setup data  ## unit tests, doctests and tests of the command line
	@$(PYTEST) -q -n $(WORKERS)

graders: setup  ## prove every grader against right and wrong solutions (skips what is unchanged)
	@$(BIN)/mlsd dev-check --jobs $(WORKERS)

notebooks: setup data  ## every committed notebook gives its recorded outputs again (nbval)
	@$(NBVAL) -n $(WORKERS) --dist loadscope notebooks

portability: setup data  ## run the notebooks as other processors would: which outputs differ? (NAMES=..., ARGS=--write)
	@$(BIN)/python -m mlsd_kit.curriculum.run.portability $(NAMES) $(ARGS)

lab: setup  ## open JupyterLab on the notebooks
	@$(BIN)/mlsd lab

build: setup data  ## make every .ipynb from its .py
	@$(BIN)/mlsd build

bench: setup  ## compare the kit with scikit-learn and imbalanced-learn
	@$(BIN)/python benchmarks/run.py

bench-run: setup data  ## compare the headless run with papermill's command line and with its floor
	@$(BIN)/python benchmarks/runner.py

site: setup  ## build the site from the executed notebooks into build/site
	@$(BIN)/python -c 'import furo, latex2mathml, myst_nb, sphinx_design' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	@$(BIN)/python docs/site/build.py

doctor: setup  ## check this machine
	@$(BIN)/mlsd doctor

test-browser: setup data  ## notebooks, exercises, report and site in a real browser (needs chromium)
	@$(BIN)/python -c 'import playwright, furo, latex2mathml, myst_nb, sphinx_design' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[browser,docs]'
	@$(PYTEST) -q tests/site
	@$(PYTEST) -q -o addopts= -m browser tests/browser -rs

lowest:  ## the fast tests with the oldest packages that pyproject.toml allows (needs uv)
	@uv venv --quiet --seed --clear --python $(PYTHON) .venv-lowest
	@uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct -e '.[$(EXTRAS)]'
	@.venv-lowest/bin/python -m pytest -q -n $(WORKERS) $(FAST)

clean:  ## remove results (data and environments stay)
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
