# `make run` serves the tracker and `make test` checks it. Every target installs what it needs into .venv first.
# The README has the commands of `make run` for machines without make.
export DATA_DIR ?= var
PYTHON ?= python3
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

.PHONY: run demo test bench soak audit lint messages lock clean

# Static files are collected again when one of them is newer than the last collection. Make itself cannot compare them,
# since DATA_DIR may have blanks.
run: .venv/run .venv/messages
	@test -n "$$(find "$$DATA_DIR/static/staticfiles.json" -newer .venv/run 2>/dev/null)" -a -z "$$(find static -newer "$$DATA_DIR/static/staticfiles.json" 2>/dev/null)" || .venv/bin/python manage.py collectstatic --no-input --verbosity 0
	@exec .venv/bin/python manage.py serve

# Adds an invented plan that runs today to the database in DATA_DIR: see tests/demo.py. Then: make run.
demo: .venv/run .venv/messages
	@.venv/bin/python manage.py prepare
	@.venv/bin/python -m tests.demo

test: .venv/test .venv/messages lint
	WITH=nginx .ci/services .venv/bin/python -m pytest -n 3 --dist worksteal -q
	WITH="nginx redis-server" .ci/services --postgresql .venv/bin/python -m pytest -n 3 --dist worksteal -q -m "not browser and not once"

# What things cost: requests a second, memory, documents, imports. Nothing is asserted but a few upper bounds.
bench: .venv/test .venv/messages
	WITH=wrk .ci/services .venv/bin/python -m pytest -q -s tests/benchmarks/*.py tests/browser/jobs.py
	WITH=wrk .ci/services --postgresql .venv/bin/python -m pytest -q -s tests/benchmarks/*.py

# The long form of the crash tests: kills the server and the database again and again, and each of several machines.
soak: .venv/test .venv/messages
	SOAK=1 .ci/services .venv/bin/python -m pytest -q -s tests/crashes tests/test_database_away.py tests/test_no_lost_update.py
	SOAK=1 .ci/services --postgresql .venv/bin/python -m pytest -q -s tests/crashes tests/test_database_away.py tests/test_no_lost_update.py
	SOAK=1 WITH="nginx redis-server" .ci/services --postgresql .venv/bin/python -m pytest -q -s tests/machines

# Lighthouse and the Nu HTML checker. Needs Node and Java, and fetches both programs from npm.
audit: .venv/test .venv/messages .venv/audit
	.ci/services .venv/bin/python -m tests.audit

lint: .venv/test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djade --check $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
	.venv/bin/python -m tests.lint

# Raises the versions and writes the lock files, with hashes. A later file may not differ in what an earlier one locks.
lock: .venv/lock
	.venv/bin/uv pip compile pyproject.toml --quiet --universal --upgrade --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --output-file .ci/requirements.txt
	.venv/bin/uv pip compile pyproject.toml --extra files --extra oidc --extra sentry --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --constraint .ci/requirements.txt --output-file .ci/requirements-optional.txt
	.venv/bin/uv pip compile pyproject.toml --extra test --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --constraint .ci/requirements-optional.txt --output-file .ci/requirements-test.txt

clean:
	rm -rf .venv

# Updates the .po files from the code and lists what is still to be translated.
messages: .venv/run
	.venv/bin/python manage.py gather_messages

.venv/messages: $(wildcard metropolis_tracker/locale/*/LC_MESSAGES/django.po) | .venv/run
	.venv/bin/pybabel -q compile --domain django --directory metropolis_tracker/locale
	touch $@

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: .ci/requirements.txt | .venv/bin/python
	$(PIP) $<
	touch $@

.venv/test: .ci/requirements-test.txt .venv/run | .venv/bin/python
	$(PIP) $<
	touch $@

.venv/audit: | .venv/bin/python
	npm install --no-fund --no-audit --silent --prefix $@ lighthouse@13.5.0 vnu-jar@26.9.27

.venv/lock: pyproject.toml | .venv/bin/python
	.venv/bin/python -m pip install --quiet "uv~=0.13.9"
	touch $@
