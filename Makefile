# All that is done with this checkout. It needs Python 3.11 or newer; everything else goes to .venv,
# at the versions and with the hashes of the lock files.
#
#   make demo     see it work, with nothing set up
#   make test     all tests; Go builds the real kube-apiserver, etcd and Gitea for them
#   make lint     ruff, mypy, import-linter, zizmor
#   make image    how large the image is, and how long a start of it takes (needs root and buildah)
#   make bench    how fast it is, and how much memory it takes
#   make lock     newest versions of everything into the lock files
#   make clean    take .venv and what the tools keep away
#
# PYTHON=python3.13 names another interpreter, ARGS="-k ledger -x" is handed on.

PYTHON ?= python3
ARGS ?=
# Each worker has servers of its own; a file goes to one of them. WORKERS= is one process.
WORKERS ?= -n 2 --dist loadfile

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL = $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
EDITABLE := --no-deps --no-build-isolation --editable .
CHECKED := statusbot tests schemas entrypoint.py $(wildcard benchmarks)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint bench image parts lock clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/run.stamp
	@$(BIN)/statusbot demo $(ARGS)

test: $(VENV)/dev.stamp parts
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --explicit-package-bases $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github action.yml

bench: $(VENV)/dev.stamp parts
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.post
	$(BIN)/python -m benchmarks.follow

image: $(VENV)/dev.stamp
	$(BIN)/python -m tests.real.image_figures

# Minutes the first time, so not inside a test, which has a time limit.
parts: $(VENV)/dev.stamp
	@command -v go >/dev/null || { echo "no go on PATH: tests with real servers will be skipped" >&2; exit 0; }; \
	echo "real servers for the tests: built once for each version, outside the tree"; \
	$(BIN)/python -c 'from tests.real import control_plane_parts as parts, gitea_part, kustomize; parts.etcd(); parts.kube_apiserver(); parts.kubectl(); gitea_part.gitea_folder(); kustomize.kustomize()'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "statusbot needs Python 3.11 or newer: name one with make PYTHON=..." >&2; exit 1; }
	@echo "a virtual environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "no venv: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

$(VENV)/run.stamp: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo "statusbot and what it needs, from requirements.lock"
	@$(PIP_INSTALL) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP_INSTALL) $(EDITABLE)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "statusbot and what its tests need, from requirements-dev.lock"
	@$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@$(PIP_INSTALL) $(EDITABLE)
	@touch $@

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade

lock: $(VENV)/dev.stamp
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --group build --output-file requirements-build.lock
	$(COMPILE) --group cel --output-file requirements-cel.lock
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
