# Every daily command. Needs make and Python 3.11 or later; everything else is installed into .venv from the locks.

PYTHON ?= python3
IN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # or each of some hundred processes would compile all code anew

.PHONY: help run demo images k8s k8s-smoke test test-images test-integration bench chaos fuzz docs wheel check-outside lock clean-data
.DELETE_ON_ERROR:

help: ## show this page
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv/run.stamp ## start everything on this machine; Ctrl-C stops it, the data stay
	@exec $(IN)/python -m deploy.local run

demo: .venv/run.stamp ## tell the story over the public API of the running stack
	@exec $(IN)/python -m deploy.local.demo

test: .venv/all.stamp ## format, lint, types, import contracts, all tests
	@$(MAKE) --no-print-directory --jobs 2 check-format check-lint check-imports check-types check-tests

bench: .venv/all.stamp ## measure against the bare floor on own servers; IDS="P1 P6" for some; writes bench/results.json
	@$(IN)/python -m bench $(IDS)

chaos: .venv/all.stamp ## kill everything in turn while commands go on, then count; SECONDS=120 or EVENTS=1000000, SEED=7
	@exec $(IN)/python -m tests.chaos $(if $(EVENTS),--events $(EVENTS),--seconds $(or $(SECONDS),120)) \
		$(if $(SEED),--seed $(SEED)) $(if $(RESULT),--result $(RESULT))

fuzz: .venv/all.stamp ## any input to every operation, longer than in the tests; EXAMPLES=20 cases for each in a phase
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),20) $(IN)/pytest -q tests/journeys/test_any_input.py

images: .venv/all.stamp ## build one image for each service, with its bill of materials in .run/images; needs a Docker engine
	@$(IN)/python -m deploy.images

test-images: images ## look inside the images
	@$(IN)/pytest -q tests/images

test-integration: .venv/all.stamp ## the integration tests alone; SERVERS=containers takes MongoDB and Kafka from a Docker engine
	@$(IN)/pytest -q tests/integration

k8s: .venv/all.stamp ## render the manifests and check them against the schemas of Kubernetes; needs no cluster
	@$(IN)/python -m deploy.k8s.check

k8s-smoke: .venv/all.stamp ## try the single-node overlay on the cluster of KUBECONFIG
	@$(IN)/python -m deploy.k8s.smoke

docs: .venv/all.stamp ## write the generated pages: rules, lifecycles, configuration, metrics, dashboards, the gateway's for containers
	@$(IN)/python -m docs.generate
	@$(IN)/python -m docs.lifecycles
	@$(IN)/python -m docs.configuration
	@$(IN)/python -m docs.metrics
	@$(IN)/python -m deploy.telemetry.dashboards
	@$(IN)/python -m deploy.envoy.render

wheel: .venv/all.stamp ## build the contracts for other subscribers into dist/
	@$(IN)/python -m contracts.wheel dist

check-outside: .venv/all.stamp ## API and event documents by others' validators, and a client made from them; needs Node 20 and npm
	@$(IN)/python -m tests.outside

clean-data: ## forget the data that `make run` keeps
	@if test -e .run/running && ! flock --nonblock .run/running true; then echo "Baoqiao runs here; stop it first"; exit 1; fi
	@rm -rf $(filter-out .run/dev .run/baoqiao-test-%,$(wildcard .run/* .run/.[!.]*))

check-format: .venv/all.stamp
	$(call step,format,$(IN)/ruff format --quiet --check .)
check-lint: .venv/all.stamp
	$(call step,lint,$(IN)/ruff check --quiet .)
check-types: .venv/all.stamp
	$(call step,types,$(IN)/pyright)
check-imports: .venv/all.stamp
	$(call step,imports,$(IN)/lint-imports)
check-tests: .venv/all.stamp
	@$(IN)/pytest -q --durations=5 --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

# One line for a step that passes, its whole output for one that does not.
define step
@start=$$(date +%s); if out=$$($(2) 2>&1); then word=ok; else word=FAILED; echo "$$out"; fi; \
printf '%-8s %-7s %s s\n' $(1) $$word $$(( $$(date +%s) - start )); test $$word = ok
endef

# Installing: one stamp for what `run` needs, one for everything; both from the locks, each file checked by its hash.
LOCKS := requirements/installer.lock requirements/kafka-jars.lock

.venv/run.stamp: requirements/run.lock $(LOCKS)
	@test -e .venv/all.stamp -a .venv/all.stamp -nt $< || $(MAKE) --no-print-directory install SET=run
	@touch $@

.venv/all.stamp: requirements/all.lock $(LOCKS)
	@$(MAKE) --no-print-directory install SET=all
	@touch $@

.PHONY: install check-format check-lint check-types check-imports check-tests
install:
	@$(PYTHON) deploy/local/machine.py
	@echo "Installing requirements/$(SET).lock into .venv"
	@test -x $(IN)/python || $(PYTHON) -m venv .venv
	@$(IN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/installer.lock
	@UV_SYSTEM_CERTS=1 UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(IN)/pip config get global.index-url 2>/dev/null)}}" \
		$(IN)/uv pip install --quiet --python $(IN)/python --require-hashes --no-deps -r requirements/$(SET).lock
	@$(IN)/python -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'baoqiao.pth').write_text('$(CURDIR)\n')"
	@$(IN)/python -m deploy.local.jars fetch
	@$(IN)/python -m deploy.local.kafka
	@test $(SET) = run || $(IN)/python -m deploy.telemetry.promtool

lock: .venv/all.stamp ## renew every lock to the newest versions that pyproject.toml allows
	@$(call compile,all,pyproject.toml --group local --group tests --group checks)
	@$(call compile,run,pyproject.toml --group local --constraint requirements/all.lock)
	@$(call compile,services,pyproject.toml --constraint requirements/all.lock)
	@$(call compile,demonstration,--group demonstration --constraint requirements/all.lock)
	@$(call compile,installer,--group pyproject.toml:installer)
	@$(IN)/python -m deploy.local.jars lock

define compile
$(IN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header $(2) --output-file requirements/$(1).lock
endef
