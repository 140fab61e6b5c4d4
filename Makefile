# Everything happens in .venv, which is made on first use: Python 3.10 or later and make are all that is needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COVERAGE :=
MUTATED := tests/autograd/testing/test_every_mode.py tests/autograd/test_accuracy.py tests/autograd/test_edges.py

.PHONY: help demo lab test test-elsewhere mutants browser notebooks generate peers references bench bench-compiled bench-gam bench-glm bench-seeing bench-training clean

help:  ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/'

demo: $(VENV)/demo  ## learn a network and draw it: results in out/
	$(BIN)/python -m examples.demo

lab: $(VENV)/lab  ## open the notebooks, to read and to change (JupyterLab, in a browser)
	$(BIN)/jupyter lab notebooks

test: $(VENV)/test  ## prove it: formatting, types, every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(COVERAGE)

test-elsewhere: $(VENV)/test $(VENV)-oldest/ready  ## the tests that hang on digits, as on other processors and with the oldest versions
	$(BIN)/python tests/elsewhere.py

mutants: $(VENV)/test  ## break each rule of the table, one partial at a time: which tests notice? (some minutes)
	$(BIN)/python -m pytest -p autograd.testing.plugin --mutate-rules=all $(MUTATED)

browser: $(VENV)/browser  ## use pages and notebooks as a person does (needs Chromium)
	$(BIN)/python -m pytest tests/browser

notebooks: $(VENV)/test  ## run the notebooks again and write them down
	$(BIN)/python notebooks/build.py

generate: $(VENV)/test  ## write the methods and functions from the table of primitives
	$(BIN)/python -m tools.generate
	$(BIN)/python -m tools.house
	$(BIN)/ruff check --quiet --fix autograd
	$(BIN)/ruff format --quiet autograd

peers: $(VENV)/test $(VENV)-peers/bin/torch  ## compare live with PyTorch and JAX, in an environment of their own
	mkdir -p out
	$(VENV)-peers/bin/python tests/peers/record.py out/peers.json
	$(VENV)-peers/bin/python tests/peers/exchange.py
	$(VENV)-peers/bin/python tests/peers/engines.py
	PEERS=out/peers.json $(BIN)/python -m pytest tests/peers

references:  ## ask R again for the fits that the tests of GLM compare with (needs R)
	@command -v Rscript >/dev/null || { echo "make: R is missing: install it with its recommended packages (Debian, Ubuntu: apt install r-base-core r-recommended)"; exit 1; }
	Rscript tests/peers/references.R tests/peers/r_answers.json
	Rscript tests/peers/gam_references.R tests/peers/gam_answers.json

bench: $(VENV)/bench  ## speed and memory beside micrograd
	$(BIN)/python -m benchmarks.eager

bench-compiled: $(VENV)-bench/ready $(VENV)-hips/bin/python  ## compiled functions beside C, JAX, PyTorch and others
	HIPS=$(VENV)-hips/bin/python $(VENV)-bench/bin/python -m benchmarks.compiled

bench-seeing: $(VENV)-bench/seeing  ## pictures and players beside torchviz (needs Chromium)
	$(VENV)-bench/bin/python -m benchmarks.seeing

bench-training: $(VENV)-bench/ready  ## training beside PyTorch, JAX with optax, and micrograd
	$(VENV)-bench/bin/python -m benchmarks.training

bench-glm: $(VENV)/bench-glm  ## GLM beside statsmodels, glum and scikit-learn
	$(BIN)/python -m benchmarks.glm

bench-gam: $(VENV)-gam/ready  ## GAM beside pyGAM, statsmodels, mgcv and others (mgcv needs R)
	$(VENV)-gam/bin/python -m benchmarks.gam

clean:  ## remove what was made
	rm -rf $(VENV) $(VENV)-oldest $(VENV)-peers $(VENV)-bench $(VENV)-gam $(VENV)-hips out build *.egg-info

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "make: Python is missing: install Python 3.10 or later (Debian, Ubuntu: apt install python3 python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: valuegrad needs Python 3.10 or later; name one, as in: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: Python's venv module is missing: install it (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)-peers/bin/torch: | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 jax
	@touch $@

# Each version is the lowest that pyproject.toml allows.
$(VENV)-oldest/ready: pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV)-oldest (a minute or two)"
	@$(PYTHON) -m venv $(VENV)-oldest
	@grep -oE '"[a-z-]+>=[0-9.]+"' pyproject.toml | tr -d '"' | sed 's/>=/==/' | sort -u > $(VENV)-oldest/lowest.txt
	@$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(VENV)-oldest/lowest.txt --editable '.[test]'
	@touch $@

$(VENV)-bench/ready: pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench,fast]' torch==2.13.0 jax optax casadi scikit-learn
	@touch $@

$(VENV)-bench/seeing: $(VENV)-bench/ready
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[wheels]' playwright torchviz
	@touch $@

# pyGAM needs an older SciPy than we have elsewhere.
$(VENV)-gam/ready: pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-gam
	$(VENV)-gam/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[fast]' pandas pygam statsmodels mgcv-rust gamfit
	@touch $@

$(VENV)-hips/bin/python: | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-hips
	$(VENV)-hips/bin/python -m pip install --quiet --disable-pip-version-check autograd

# One stamp for each set of extras, made anew when pyproject.toml changes.
$(VENV)/demo: EXTRAS = plot,wheels
$(VENV)/lab: EXTRAS = notebooks
$(VENV)/test: EXTRAS = test
$(VENV)/browser: EXTRAS = test,browser
$(VENV)/bench: EXTRAS = bench
$(VENV)/bench-glm: EXTRAS = bench-glm
$(VENV)/demo $(VENV)/lab $(VENV)/test $(VENV)/browser $(VENV)/bench $(VENV)/bench-glm: pyproject.toml | $(VENV)/bin/python
	@echo "setting up $@ (the first time takes a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]' || { echo "make: pip could not install what pyproject.toml lists; is the package index reachable?"; exit 1; }
	@touch $@
