# The commands of the project. They need Python 3.11 or newer with venv, make and git; `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
FLASK := $(PY) -m flask --app wsgi
LOCALES := fr en
CATALOGUES := portal/translations
COMPILED := $(patsubst %.po,%.mo,$(wildcard $(CATALOGUES)/*/LC_MESSAGES/messages.po))

# The installed lock, copied into the environment once everything in it is installed.
INSTALLED := $(VENV)/installed.lock

.DELETE_ON_ERROR:
.PHONY: help env run test check campaigns bench coverage format lock catalogues vendor-check

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

env: $(INSTALLED) $(COMPILED) ## build or update the environment in .venv
	@:

$(INSTALLED): requirements-dev.lock
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Python 3.11 or newer is needed and '$(PYTHON)' was not found: install it, or name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed and '$(PYTHON)' is older ($$($(PYTHON) -V 2>&1)): name another: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python lacks its 'venv' module: on Debian or Ubuntu, apt-get install python3-venv" >&2; exit 1; }
	@cmp -s $< $@ && touch $@ || { \
	  echo "Building the environment in $(VENV) (about a minute)..."; \
	  $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV); \
	  $(PY) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $< && cp $< $@; }

$(CATALOGUES)/%/LC_MESSAGES/messages.mo: $(CATALOGUES)/%/LC_MESSAGES/messages.po | $(INSTALLED)
	@$(PY) -m babel.messages.frontend --quiet compile -l $* -i $< -o $@

run: env ## start the portal on http://127.0.0.1:8000 (PORT=… for another port), and its worker
	@exec $(FLASK) serve --port $(PORT)

test: env ## everyday tests on SQLite, then on PostgreSQL when TEST_DATABASE_URL is set
	$(PY) -m pytest
ifdef TEST_DATABASE_URL
	$(PY) -m pytest --engine=postgresql
endif

check: env vendor-check ## style, types, layers, templates, migrations, catalogues
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m djlint templates --check --quiet
	$(PY) -m djlint templates --lint
	$(FLASK) db check
	$(FLASK) catalogues check

campaigns: env ## long tests (CAMPAIGN=short for the short form); ends with 'N passed, N failed'
	@$(PY) -m pytest -p tests.closing_line -m campaign -n0 -p no:randomly --capture=no tests/campaigns

bench: env ## print the cost figures, one 'name: value' a line
	@$(PY) -m tests.bench

coverage: env ## everyday tests with a coverage report
	$(PY) -m coverage run -m pytest
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report

format: env ## rewrite Python and templates in the project's style
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	$(PY) -m djlint templates --reformat --quiet

LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command 'make lock' pyproject.toml

lock: ## resolve the dependencies again; LOCK_ARGS=--upgrade takes the newest
	$(LOCK) $(LOCK_ARGS) -o requirements.lock
	$(LOCK) $(LOCK_ARGS) --group dev -c requirements.lock -o requirements-dev.lock

catalogues: $(INSTALLED) ## extract the messages, update and compile the catalogues
	@mkdir -p $(CATALOGUES)
	$(PY) -m babel.messages.frontend --quiet extract -F pyproject.toml -k N_ -k _l -k lazy_gettext --sort-by-file --no-location \
	  --no-wrap --omit-header -o $(CATALOGUES)/messages.pot .
	for locale in $(LOCALES); do \
	  po=$(CATALOGUES)/$$locale/LC_MESSAGES/messages.po; \
	  test -e $$po && action='update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date' || action=init; \
	  $(PY) -m babel.messages.frontend --quiet $$action --no-wrap -l $$locale -i $(CATALOGUES)/messages.pot -o $$po || exit 1; \
	done
	$(PY) -m babel.messages.frontend --quiet compile -d $(CATALOGUES)

vendor-check: $(INSTALLED) ## compare the vendored files with their recorded digests
	@$(PY) .ci/vendor_check.py static/vendor tests/vendor
