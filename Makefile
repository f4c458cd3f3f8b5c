# What a user and CI run. Every target sets up what it needs, once.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKING := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --python-version 3.11

.PHONY: demo test run check fmt lock train heldout bench clean setup setup-dev setup-train

demo: setup            ## the main job on a bundled newsroom, on this machine alone
	$(BIN)/drawdown demo

test: setup-dev        ## all tests
	$(BIN)/python -m pytest $(ARGS)

run: setup             ## the daemon on the real source list
	$(BIN)/drawdown init drawdown-data
	cd drawdown-data && ../$(BIN)/drawdown run

check: setup-dev       ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fmt: setup-dev         ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup-dev        ## resolve the dependencies again
	$(LOCKING) --upgrade pyproject.toml --group build -o requirements.lock
	$(LOCKING) --upgrade pyproject.toml --extra llm --group dev -o requirements-dev.lock
	$(LOCKING) --upgrade pyproject.toml --group build --group train -o requirements-train.lock

train: setup-train     ## the readers' models, from corpus/train
	$(BIN)/python -m monitor.reading.training corpus/train
	$(BIN)/python -m monitor.training corpus/train

heldout: setup         ## how well passages are read that no model has seen
	$(BIN)/python -m bench.heldout corpus/train

bench: setup           ## what crawling, reading and knowing cost
	$(BIN)/python -m bench.crawling
	$(BIN)/python -m bench.reading
	$(BIN)/python -m bench.knowing

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

setup: $(VENV)/.program
setup-dev: $(VENV)/.dev
setup-train: $(VENV)/.train

# The lock is complete, so nothing is resolved (--no-deps): an old pip trips over trafilatura's extras.
$(VENV)/.program: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Drawdown needs Python 3.11 or newer; say which with make PYTHON=...")'
	@test -x $(BIN)/python || { echo "setting up in $(VENV) (once)"; $(PYTHON) -m venv $(VENV); }
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.program
	$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

$(VENV)/.train: requirements-train.lock $(VENV)/.program
	$(PIP) install --require-hashes --no-deps -r requirements-train.lock
	@touch $@
