# Everything a person does with a checkout. `make` alone lists it.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))))
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/ready
SPARK := $(VENV)/spark
BENCH := build/bench/venv
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help run test long soak lint check bench bench-pages bench-population bench-queue bench-numbers lighthouse assets translations pictures walk lock clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Serve a demonstration at http://127.0.0.1:8000 (PORT=… for another)
	@$(RUN)/screener demonstration --port $(PORT)

test: $(READY) ## Style, types, layers, rulebook, and all tests but the long ones
	@$(MAKE) lint check
	$(RUN)/python -m tests.browser.chromium
	$(RUN)/pytest -n 2 --dist loadfile -m "not long"

long: $(READY) $(SPARK) ## The tests that take longest: all proofs, Spark, the wheel; CI runs them too
	$(RUN)/python -m tests.browser.chromium
	$(RUN)/pytest -n 2 --dist loadfile -m long

MINUTES ?= 30
soak: $(READY) ## Let the state machine look for new runs, on both databases (MINUTES=… each)
	SOAK_MINUTES=$(MINUTES) $(RUN)/pytest -n 2 --dist loadfile \
	  tests/machine/test_sqlite.py tests/machine/test_postgresql.py

lint: $(READY) ## Style, formatting, types, and which part imports which
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

check: $(READY) ## Load and cross-check the rulebook, run every case in it
	$(RUN)/screener check

bench: $(BENCH)/ready ## Measure against other rule engines; writes build/bench.json
	@$(BENCH)/bin/python -m benchmarks.bench

bench-pages: $(READY) ## Measure the pages beside an empty Flask page (needs wrk); writes build/pages.json
	@$(RUN)/python -m benchmarks.pages

bench-population: $(READY) ## Measure a million people at once; writes build/population.json
	@$(RUN)/python -m benchmarks.population

bench-queue: $(READY) ## Measure the staff's list with 1,000 and 100,000 stored, on both databases; writes build/queue.json
	@$(RUN)/python -m benchmarks.queue

bench-numbers: $(READY) ## Measure the page of numbers with 10,000 forms, on both databases; writes build/numbers.json
	@$(RUN)/python -m benchmarks.numbers

lighthouse: $(READY) ## Measure pages as a phone shows them (needs Node.js with npm)
	cd tests/lighthouse && npm ci --no-audit --no-fund
	$(RUN)/python -m tests.browser.lighthouse

assets: ## Build screener/static from assets/ (needs Node.js with npm)
	cd assets && npm ci && npm run build

WORDS := screener/translations

translations: $(READY) ## Bring the files of every language up to date, and compile what the program says
	@mkdir -p build
	$(RUN)/pybabel -q extract --no-wrap --omit-header --sort-by-file --add-location=file \
	  -F $(WORDS)/babel.cfg -k lazy_gettext -o build/messages.pot .
	@for code in $$(ls rules/languages); do \
	  test -f $(WORDS)/$$code/LC_MESSAGES/messages.po || \
	    $(RUN)/pybabel -q init -i build/messages.pot -d $(WORDS) -l $$code; \
	  $(RUN)/screener translation $$code || true; \
	done
	$(RUN)/pybabel -q update --no-wrap --ignore-obsolete --ignore-pot-creation-date -i build/messages.pot -d $(WORDS)
	$(RUN)/pybabel -q compile -d $(WORDS)

pictures: $(READY) ## Take the pictures of the README
	$(RUN)/python -m tests.browser.pictures

walk: $(READY) ## Walk the form on a phone as seven people; prints pages, taps, screens, words, bytes
	@$(RUN)/python -m tests.browser.walk

LOCK = build/lock/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet

lock: $(READY) ## Choose the newest packages and write the locks with their hashes
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	$(LOCK) --all-extras --group test -o requirements.txt
	$(subst pyproject.toml,,$(LOCK)) --group spark -c requirements.txt -o tests/spark.txt
	$(subst pyproject.toml,,$(LOCK)) --group bench -c requirements.txt -o benchmarks/requirements.txt

clean: ## Remove what was built; keeps the demonstration's data in var/
	rm -rf $(VENV) build dist assets/node_modules tests/lighthouse/node_modules .hypothesis .mypy_cache .ruff_cache \
	  .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Not an editable install: that would put a copy of rules/ beside Flask, and the copy goes stale.
# The checkout is linked instead, with its command.
$(READY): requirements.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python3'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(RUN)/python -c 'import pathlib, sysconfig; \
	  pathlib.Path(sysconfig.get_path("purelib"), "checkout.pth").write_text("$(CURDIR)\n")'
	@printf '#!/bin/sh\nexec "%s" -m screener.cli "$$@"\n' "$(CURDIR)/$(RUN)/python" > $(RUN)/screener
	@chmod +x $(RUN)/screener
	@touch $@

# A real Spark with its own Java, for the tests alone: half a gigabyte that `make run` does without.
$(SPARK): tests/spark.txt $(READY)
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes -r tests/spark.txt
	@touch $@

# The other engines have a place of their own, so that no test comes to need one.
$(BENCH)/ready: requirements.txt benchmarks/requirements.txt $(READY)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.txt -r benchmarks/requirements.txt
	@touch $@
