# Emerging Tech LMS. `make up` starts everything; `make` alone lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON_BIN := .venv/bin/python
STACK := $(PYTHON_BIN) -m devstack
# A worker waits for servers half of its time; each has its own, and files stay whole so that fixtures are shared.
TEST_WORKERS ?= 2

.PHONY: faults drill
.PHONY: help setup frontend up down status seed test pytest isolation faults-fleet faults-moves lint types contracts \
	frontend-checks browser bench soak neighbours bench-fleet schema release template lock format \
	tf-check tf-apply-local tf-scan cost observability

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv and install what requirements.lock says (skipped when unchanged)
	@scripts/setup.sh

frontend: setup ## Install the frontend's packages and build it (skipped when unchanged)
	@scripts/frontend.sh

up: frontend ## Set everything up and start it; Ctrl-C stops it
	@$(STACK) up

down: ## Stop the stack that another terminal started
	@$(STACK) stop

status: ## Health of each part
	@$(STACK) status

seed: ## Two demo organizations in the running stack; writes .local/demo.json
	@$(STACK) seed

test: frontend browser lint types contracts secret-scan frontend-checks pytest ## Everything that has to hold, from a fresh clone on

pytest: frontend ## The whole Python suite, journeys included, by two workers: TEST_WORKERS=0 runs it in one process
	$(PYTHON_BIN) -m pytest -n $(TEST_WORKERS) --dist=loadfile --no-loadscope-reorder

faults: frontend ## Kill and stall every part under load; writes docs/operations/resiliency.md: make faults FAULTS="--only F3 --seed 7"
	$(PYTHON_BIN) -m tests.faults.campaign --lines=docs/operations/resiliency.jsonl --page $(FAULTS)

drill: frontend ## Twenty organizations, the cluster destroyed and restored by one command: DRILL=5 makes fewer
	$(PYTHON_BIN) -m tests.faults.campaign --only=full-loss $(FAULTS)

faults-fleet: setup ## Two hundred organizations brought along by runners that die: FLEET_SEED=n repeats a run
	FLEET_FAULTS=200 $(PYTHON_BIN) -m pytest tests/faults/test_fleet.py -q -s -k "killed"

faults-moves: setup ## A move killed at every statement of every step, there and back: LMS_FAULTS_SEED=n repeats a run
	LMS_FAULTS_MOVES=all $(PYTHON_BIN) -m pytest tests/faults/test_moves.py -q -s -k "killed"

isolation: setup ## Every route by every role of another organization, and the check of that check
	$(PYTHON_BIN) -m pytest tests/isolation -q -s

.PHONY: attack-mutants
attack-mutants: setup ## The most dangerous attack tests, each with the guard cut out that it is about: all must turn red
	$(PYTHON_BIN) -m tests.attacks.mutants

tf-check: setup ## infra/terraform: format, validity, Terraform's own tests with mocked providers, and ours of what they make
	$(PYTHON_BIN) -m pytest tests/infra -q

tf-apply-local: setup ## Apply staging to moto in AWS's place, count what it took, and destroy it
	$(PYTHON_BIN) scripts/terraform_apply_local.py

tf-scan: setup ## checkov over infra/terraform, in an environment of its own; every exception says why
	@scripts/terraform_scan.sh

cost: setup ## docs/operations/cost.md from infra/cost: what a cell costs a month
	$(PYTHON_BIN) infra/cost/sheet.py

lint: setup ## ruff: rules and format
	$(PYTHON_BIN) -m ruff check .
	$(PYTHON_BIN) -m ruff format --check .

format: setup ## Let ruff put the code into its format
	$(PYTHON_BIN) -m ruff format .
	$(PYTHON_BIN) -m ruff check --fix .

types: setup ## mypy
	$(PYTHON_BIN) -m mypy

contracts: setup ## Who may import whom
	.venv/bin/lint-imports

frontend-checks: frontend ## Lint, types and unit tests of the frontend
	$(PYTHON_BIN) scripts/complete_npm_lock.py --check
	npm --prefix frontend run --silent lint
	npm --prefix frontend run --silent types
	npm --prefix frontend run --silent test

browser: ## Find Chromium, or install it
	@scripts/install_browser.sh

observability: setup ## Burn alerts and dashboards of infra/observability from slo.yml
	$(PYTHON_BIN) scripts/build_observability.py

bench: frontend ## Measure every promised figure of one organization, or one: make bench BENCH=edge
	@$(PYTHON_BIN) -m bench $(BENCH)

soak: frontend ## Two hours of the student mix and what grows meanwhile: make soak MINUTES=20
	@$(PYTHON_BIN) -m bench.load.soak $(MINUTES)

neighbours: frontend ## Measure what one organization's hurry costs the others, and a class that begins at once
	@$(PYTHON_BIN) -m bench.load.neighbours

bench-fleet: frontend ## Build 1,000 organizations and measure among them (not part of bench): make bench-fleet FLEET=40
	@$(PYTHON_BIN) -m bench fleet

schema: setup ## docs/openapi.yaml and openapi-staff.yaml from the code, and the frontend's types from them
	$(STACK) with --parts=postgres,valkey -- $(PYTHON_BIN) manage.py spectacular --urlconf config.urls.api --file docs/openapi.yaml --validate
	$(STACK) with --parts=postgres,valkey -- $(PYTHON_BIN) manage.py spectacular --urlconf config.urls.staff_api --file docs/openapi-staff.yaml --validate
	npm --prefix frontend run api

release: setup ## The next release of the organization schema, to be reviewed by hand: make release NAME=archived_courses
	$(STACK) with --owner --parts=postgres,valkey -- bash -c "$(PYTHON_BIN) manage.py prepare_database --unrecorded && $(PYTHON_BIN) manage.py write_release '$(NAME)'"

template: setup ## tenants/schema/template.sql from the migrations of the apps
	$(STACK) with --owner --parts=postgres,valkey -- bash -c "$(PYTHON_BIN) manage.py prepare_database --unrecorded && $(PYTHON_BIN) manage.py build_template"

.PHONY: single-host
single-host: setup ## infra/single-host/Caddyfile from the code of the embedded default's front door
	$(PYTHON_BIN) -c "from devstack.parts import single_host; print(single_host.write(), end='')" > infra/single-host/Caddyfile

.PHONY: image image-check image-pins image-pinned release-step deploy-rehearsal
image-check: setup ## The Dockerfile's lines done without Docker, and the product run from what they made (root)
	$(PYTHON_BIN) -m tests.image.check

image: ## The image, where Docker is: make image IMAGE=registry/lms:1.2.3 RELEASE=1.2.3
	@scripts/image.sh

image-pins: ## Write the digests of the images that ours stands on, where a registry is reached; commit what it writes
	@scripts/image_pins.sh write

image-pinned: ## Fail where an image is named without its digest: what a build for production asks first
	@scripts/image_pins.sh check

deploy-rehearsal: frontend ## The release before and this tree at work, there, back and there again: make deploy-rehearsal REHEARSAL="--rounds 3"
	$(PYTHON_BIN) -m tests.rehearsal $(REHEARSAL)

release-step: ## A release on AWS: make release-step ENVIRONMENT=staging STEP=canary IMAGE=…@sha256:…
	@scripts/release.sh "$(ENVIRONMENT)" "$(STEP)" "$(IMAGE)"

lock: setup ## requirements.lock from pyproject.toml; the npm lock completed
	@scripts/lock.sh
	@$(PYTHON_BIN) scripts/complete_npm_lock.py

.PHONY: scale
scale: setup ## docs/operations/scale.md: ten thousand organizations, simulated from what was measured
	$(PYTHON_BIN) -m bench.scale

.PHONY: secret-scan sbom check-deploy
secret-scan: setup ## Look for secrets in every tracked file; a finding that nobody read fails
	$(PYTHON_BIN) scripts/secret_scan.py

sbom: setup ## What the product is made of, as CycloneDX, from both locks into build/
	$(PYTHON_BIN) scripts/sbom.py

check-deploy: setup ## The checks of a deployment, with a sample of a production environment
	$(PYTHON_BIN) -m pytest platform/config/tests/test_checks.py -q
