# Hermod: set up, run, test, measure. `make` alone says what there is.

SWIFT ?= swift
BUILD = $(SWIFT) build --explicit-target-dependency-import-check error
SOURCES = Package.swift Sources Mocks Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

.DEFAULT_GOAL := help
.PHONY: help deps build demo run lint test prove sanitize test-openapi test-libcurl bench soak

help: ## Says what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Installs the system packages that are missing, and checks the Swift toolchain
	@.ci/deps

build: deps ## Builds the gateway and the mock providers (debug)
	$(BUILD)

demo: build ## Starts mocks and gateway, sends through every provider, reminds many, has a notification read, shows what became of it, ends
	@config/development/demo

run: build ## The same, and stays up: gateway on 127.0.0.1:8080, mocks on 9090, until Ctrl-C
	@config/development/demo --stay

lint: ## Checks the formatting
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

# One test after the other: many are about time (a silent server, a timeout of curl's), and on two busy cores they would measure each other.
# End-to-end tests run last and alone: they start processes and measure deadlines.
test: deps lint ## Checks everything: formatting, imports between modules, all tests
	$(BUILD) --build-tests
	@Tests/telling $(SWIFT) test --skip-build --no-parallel --skip EndToEndTests
	@Tests/telling $(SWIFT) test --skip-build --no-parallel --filter EndToEndTests
	"$$($(SWIFT) build --show-bin-path)/hermod" prove --quick
	Tests/clients/run
	Tests/openapi/run

prove: build ## Proves with 100,000 notifications and every fault that nothing is lost; SEED=N repeats a run
	"$$($(SWIFT) build --show-bin-path)/hermod" prove $(if $(SEED),--seed $(SEED))

sanitize: deps ## Runs the unit and transport suites under ThreadSanitizer, AddressSanitizer and LeakSanitizer
	Tests/sanitizers/run

test-openapi: build ## Holds a running gateway to its /openapi.json with schemathesis, where PyPI can be reached
	Tests/openapi/run

test-libcurl: deps ## Runs the transport's tests on the newer libcurl of Debian 12's backports too
	Tests/newer-libcurl.sh

bench: ## Measures, in a release build, and prints tables
	@.ci/deps bench
	@failed=0; for script in $(filter-out Benchmarks/soak.sh, $(wildcard Benchmarks/*.sh)); do echo "== $$script"; "$$script" || failed=1; done; exit $$failed

soak: ## Ten minutes of mixed load on a release build: memory and descriptors have to be flat; DURATION=SECONDS changes that
	@.ci/deps bench
	@Benchmarks/soak.sh
