# `make run` serves the tracker, `make test` checks it. The README shows each line in full.
export DATA_DIR ?= var
export HOST ?= 127.0.0.1
export PORT ?= 8000
export WORKERS ?= 2
PYTHON ?= python3
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

.PHONY: run test bench soak audit lint messages lock clean

run: $(DATA_DIR)/static/staticfiles.json .venv/messages
	@if .venv/bin/python -c "import socket; socket.create_connection(('$(HOST)', $(PORT)), 1)" 2>/dev/null; then echo "Port $(PORT) is in use: end what listens there, or choose another with PORT=8001 make run." >&2; exit 1; fi
	@.venv/bin/python manage.py prepare
	@exec .venv/bin/granian --interface wsgi --host $(HOST) --port $(PORT) --workers $(WORKERS) --blocking-threads 1 --respawn-failed-workers --no-ws --log-level warning metropolis_tracker.wsgi:application

test: .venv/test .venv/messages lint
	.ci/services .venv/bin/python -m pytest -n 2 -q
	.ci/services --postgresql .venv/bin/python -m pytest -n 2 -q -m "not browser and not once"

bench: .venv/test .venv/messages
	WITH=wrk .ci/services .venv/bin/python -m pytest -q -s tests/benchmarks/*.py tests/browser/jobs.py
	WITH=wrk .ci/services --postgresql .venv/bin/python -m pytest -q -s tests/benchmarks/*.py

soak: .venv/test .venv/messages
	SOAK=1 .ci/services .venv/bin/python -m pytest -q -s tests/crashes tests/test_database_away.py
	SOAK=1 .ci/services --postgresql .venv/bin/python -m pytest -q -s tests/crashes tests/test_database_away.py

audit: .venv/test .venv/messages .venv/audit
	.ci/services .venv/bin/python -m tests.audit

lint: .venv/test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djade --check $$(git ls-files --cached --others --exclude-standard 'templates/*.html')

lock: .venv/lock
	.venv/bin/uv pip compile pyproject.toml --quiet --universal --upgrade --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --output-file .ci/requirements.txt
	.venv/bin/uv pip compile pyproject.toml --extra test --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --constraint .ci/requirements.txt --output-file .ci/requirements-test.txt

clean:
	rm -rf .venv

$(DATA_DIR)/static/staticfiles.json: .venv/run $(shell find static -type f)
	.venv/bin/python manage.py collectstatic --no-input --verbosity 0

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
