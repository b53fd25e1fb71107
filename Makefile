# Driftbell: `make demo` shows it, `make test` checks it. Each does its own set-up.
.PHONY: demo test lint format bench crash fuzz soak mutation lock man deb clean

demo:
	@.ci/setup demo
	@.venv/bin/driftbell demo .demo

test:
	@.ci/setup test
	@.ci/test

lint:
	@.ci/setup test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd playbooks && ../.venv/bin/ansible-lint --offline --profile production -q

format:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench:
	@.ci/setup bench
	.venv/bin/python -m tests.bench

# 100,000 documents that are wrong in every way: none may hang the loader, fill the memory or be a bug.
fuzz:
	@.ci/setup test
	.venv/bin/python -m tests.fuzz
	DRIFTBELL_FUZZ=15000 .venv/bin/pytest -q tests/decide/test_compile.py

# A school year of 5,000 simulated devices, with everything that goes wrong: no write may be wrong by the world's truth.
soak:
	@.ci/setup test
	.venv/bin/python -m tests.simulator

# A daemon is killed at every point of its journal and at random instants, and has to lose and repeat nothing.
crash:
	@.ci/setup test
	.venv/bin/pytest -q -n 0 tests/crash/full_form.py

# Each guard is taken out, and everything it compares is bent: tests/guards has to fail each time.
mutation:
	@.ci/setup test
	.venv/bin/python -m tests.mutation
	DRIFTBELL_EXAMPLES=1000 .venv/bin/pytest -q tests/guards/test_properties.py

# Lock files name hashes and no index.
LOCK = .venv/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --strip-extras --allow-unsafe --no-header
lock:
	$(LOCK) --all-build-deps -o requirements.txt pyproject.toml
	$(LOCK) --all-build-deps --extra dev -o requirements-dev.txt pyproject.toml
	$(LOCK) --all-build-deps --extra dev --extra bench -o requirements-bench.txt pyproject.toml

# The manual pages, made from the commands; a test says when they are behind. The wheel carries them.
man:
	.venv/bin/driftbell man man

# The Debian package, into dist/. It fits the release that it is made on: docs/operations.md.
deb:
	@.ci/setup demo
	packaging/deb/build dist

clean:
	rm -rf .venv .demo build dist .setup.lock tests/editor/node_modules
