# make demo            the main job at full scale: simulator, gateway, 10,000 inquiries, 1,000 claims enforced,
#                      cases tracked, debtors listed   (SCENARIO=calm|storm|outage|liars|night)
# make test            everything that CI runs
# make bench           all named benchmarks beside what they are compared with   (QUICK=1: 3 minutes, ONLY="engine journal")
# make bench-services  those of the services beside it, into the same table   (QUICK=1: 3 minutes, ONLY="tracker")
# make bench-plots     docs/benchmarks/*.png from out/bench.json
# make bench-engine    the Engine alone, with pytest-benchmark
# make bench-core      its modules one by one, likewise: a minute
# make bench-guard     is the Engine slower than its baseline? In instructions, under valgrind   (MOVE=1 moves the baseline)
# make fuzz            the Engine against its model, on other days at every run
# make load            Locust against a stack of its own
# make lint            formatters and linters alone
# make types           mypy alone
# make build           compile what changed
# make clean           remove .venv, what was compiled, and out/
# make help            these lines

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCENARIO ?= calm
WORKERS ?= 2
READY := $(VENV)/ready
PROTOS := $(shell find proto -name '*.proto')
MEASURED := --benchmark-enable --benchmark-only --benchmark-columns=min,median,max,rounds
COMPILED := $(shell find blacklist gateway runtime simulator benchmarks -name "*.pyx" -o -name "*.pxd") $(wildcard gateway/holds/*.py)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: bench bench-core bench-engine bench-guard bench-plots bench-services demo fuzz help test load build clean lint types

demo: build
	$(BIN)/python -m benchmarks.demo --scenario $(SCENARIO)

load: build
	$(BIN)/python -m benchmarks.load

bench: build
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

bench-services: build
	$(BIN)/python -m benchmarks.bench --services $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

bench-plots: build
	$(BIN)/python -m benchmarks.bench.plots

bench-engine: build
	$(BIN)/python -m pytest benchmarks/engine $(MEASURED)

bench-core: build
	$(BIN)/python -m pytest benchmarks/core $(MEASURED)

bench-guard: build
	$(BIN)/python -m benchmarks.guard $(if $(MOVE),--move)

fuzz: build
	$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/gateway/test_core.py

# Two at a time: half of the tests wait for processes, clocks and sockets.
test: build
	$(MAKE) -j2 lint types
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: build
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/cython-lint blacklist gateway runtime simulator benchmarks
	cd proto && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code

types: build
	$(BIN)/mypy

build: $(READY)

$(READY): pyproject.toml setup.py constraints.txt $(PROTOS) $(COMPILED)
	@echo "Building (the first time it takes a few minutes)"
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt setuptools cython grpcio-tools mypy-protobuf
	$(BIN)/pip install -q -c constraints.txt --no-build-isolation -e '.[dev]'
	$(BIN)/python setup.py -q build_ext --inplace
	touch $@

help:
	@sed -n 's/^# \(make \| \)/\1/p' Makefile

clean:
	rm -rf $(VENV) build out chakong *.egg-info
	find blacklist gateway runtime simulator benchmarks -name '*.so' -delete
