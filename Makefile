# `make demo` and `make test` do all set-up themselves, in .venv; they need make, Python 3.11 or
# later and a package index that pip can reach (PIP_* variables are honoured).

VENV := .venv
RUN := $(VENV)/bin/python -m
DEMO := odograph-demo
WORKERS ?= 2
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

.PHONY: demo test torture lint bench calibration series docs site release viewer clean

demo: $(VENV)/ready
	$(VENV)/bin/odograph demo --out $(DEMO)
	@echo $(DEMO)/report.html

# Two processes beside each other; then, alone, the tests that measure time.
test: lint
	$(RUN) pytest -q -n $(WORKERS) --dist loadfile -m "not alone"
	$(RUN) pytest -q -m alone

# Commands killed at 200 random moments; prints the table of docs/promises.md.
torture: $(VENV)/ready-for-tests
	ODOGRAPH_TORTURE_ROUNDS=200 $(RUN) pytest -q -s tests/torture

lint: $(VENV)/ready-for-tests
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy

# The notebook that it is compared with needs pandas, which is installed for tests.
bench: $(VENV)/ready-for-tests
	$(RUN) bench

calibration: $(VENV)/ready
	OMP_NUM_THREADS=1 $(RUN) calibration

# The checkpoints that `python training/train.py` has left in training/work/ladder, as a series.
series: $(VENV)/ready
	$(VENV)/bin/python training/series.py

docs: $(VENV)/ready-for-tests
	$(RUN) odograph.cli.reference > docs/commands.md
	$(RUN) odograph.cli.reference measures > docs/measures.md
	$(RUN) odograph.cli.reference options > $(VENV)/options && cp $(VENV)/options src/odograph/run/typed_options.py
	$(VENV)/bin/python tests/models/families.py > docs/families.md
	$(VENV)/bin/python docs/columns_page.py > docs/run-folder.md
	$(VENV)/bin/odograph demo --out build/demo
	$(VENV)/bin/python docs/written.py build/demo
	$(VENV)/bin/python docs/pictures.py build/demo
	$(MAKE) site

# The pages as a site, in build/site; its notebooks are run. Needs no network.
site: $(VENV)/ready-for-tests
	$(RUN) sphinx -W --keep-going -q -d build/trees docs build/site
	@echo build/site/index.html

# The page's script and style; users need no Node, the built files are committed.
viewer: viewer/node_modules
	cd viewer && npm run --silent check && npm run --silent build

viewer/node_modules: viewer/package.json viewer/package-lock.json
	cd viewer && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(VENV)/made:
	@test -n "$(PYTHON)" || { \
	echo "odograph: no Python 3.11 or later with venv was found; name one: make PYTHON=python3.12" >&2; \
	exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The build backend is installed beside the rest, so that its version is pinned too.
$(VENV)/ready: $(VENV)/made pyproject.toml constraints.txt
	$(RUN) pip install -c constraints.txt torch
	$(RUN) pip install -c constraints.txt hatchling editables
	$(RUN) pip install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready
	$(RUN) pip install -c constraints.txt --no-build-isolation -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) viewer/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# sdist and wheel, tried in fresh environments of every Python at hand.
release: $(VENV)/ready
	$(VENV)/bin/python release.py
