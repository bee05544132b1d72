# A convenience for developers on Linux and macOS; nothing needs it. `python start.py` is the way in for everybody.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup format lint types cases prove check quick test stress mutation play calibration picture bench clean

help:  ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: $(VENV)/developer  ## an environment with all a developer needs, in .venv

$(VENV)/developer: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

format: setup  ## lay out the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup  ## layout and habits of the code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup  ## types, strictly
	$(BIN)/mypy --strict -p sim -p scoring

cases: setup  ## mistakes in case files
	$(BIN)/python -m sim check scenarios

prove: setup  ## what every shipped case claims, by playing it: some minutes a case
	$(BIN)/python -m sim prove scenarios/cases/* --n 32

quick: setup  ## habits, types and the tests that do not take long: run it while you work
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --strict -p sim -p scoring
	$(BIN)/python -m pytest -q -n auto -m 'not slow'

test: setup  ## the tests, on every core
	$(BIN)/python -m pytest -n auto

stress: setup  ## attacks with chance, ten minutes; MINUTES=60 for an hour, SEED=N to make one again
	PYTHONPATH=tests $(BIN)/python -m stress --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

mutation: setup  ## change 400 places of the engine and the scoring: which does no test notice? an hour; SAMPLE=N, SEED=N
	PYTHONPATH=tests $(BIN)/python -m mutation --sample $(or $(SAMPLE),400) --seed $(or $(SEED),1)

calibration: setup  ## play the cohorts and write docs/calibration.md anew
	$(BIN)/python -m sim calibrate ipex --out docs/calibration.md

check: lint types cases test  ## all of the above: run it before every commit

play: setup  ## open the game
	@$(BIN)/python -m sim

picture: setup  ## play docs/picture.yaml and draw the picture of the README anew
	PYTHONPATH=tests $(BIN)/python -m picture

bench: setup  ## time it against its peers and write docs/benchmarks.md
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	PYTHONPATH=tests $(BIN)/python -m benchmarks.run

clean:  ## remove what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
