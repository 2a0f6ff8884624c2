# The doors to this repository. The work is done by CMake (CMakePresets.json), tests/run, tests/lint
# and tests/deps.

# Suites for `make test`, e.g. ONLY="unit e2e", or benchmarks for `make bench`, scenarios for
# `make reality` and `make contest`; empty: all.
ONLY ?=
# Name of the image (as deploy/ names it), and the base that it is built on if not the Dockerfile's.
IMAGE ?= evenkeel:$(shell sed -n 's/^project.evenkeel VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
BASE ?=

.DEFAULT_GOAL := build
.PHONY: build help deps demo test test-unit test-integration test-e2e conformance bench score sensitivity reality contest asan tsan lint format image clean

build: ## build the controller: build/release/evenkeel (the default)
	@tests/deps build
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release

help: ## list the targets
	@echo 'usage: make [TARGET]'
	@sed -nE 's/^([a-z0-9 -]+):.* ## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install what building and testing need (as root; Debian)
	@tests/deps

demo: build ## a local control plane, a Node.js service, a load spike: watch it scale
	@tests/deps test npm
	@cd tests && cluster/go run ./demo

test: deps ## run every test; ONLY="unit e2e" runs some (tests/run --help lists them)
	@tests/run $(if $(ONLY),--only $(ONLY))

test-unit: ## C++ unit tests
	@tests/deps build test
	@tests/run --only unit

test-integration: ## C++ integration tests, on a local cluster
	@tests/deps build test npm
	@tests/run --only integration

test-e2e: ## the whole path, on a local cluster
	@tests/deps build test npm
	@tests/run --only e2e

conformance: ## 240,000 decisions compared with those of the HPA's own code
	@tests/deps build test
	@tests/conformance/run

bench: ## all benchmarks, each with a table and build/bench/NAME.json; ONLY=decide runs one
	@tests/deps build
	@tests/bench/run $(ONLY)

score: build ## policies beside other autoscalers in all simulated scenarios: build/score/; EVENKEEL_TRACES=DIR
	@tests/score/run

sensitivity: build ## some scenarios with one property changed at a time, and where rivals win
	@tests/deps test
	@tests/score/sensitivity

reality: RUNS ?= 3
reality: build ## the simulator beside Node.js processes (an hour and a half, quiet machine); ONLY=step RUNS=3
	@tests/reality/run -runs $(RUNS) $(ONLY)

contest: RUNS ?= 1
contest: build ## Evenkeel beside the real HPA on Node.js processes (an hour); ONLY=step RUNS=1
	@tests/reality/run -contest -runs $(RUNS) $(ONLY)

asan tsan: ## unit and integration tests under that sanitizer (tsan: of what has threads)
	@tests/deps build test
	@tests/run --only $@

lint: ## formatting, shellcheck, go vet, and clang-tidy on changed files
	@tests/deps build test lint
	@tests/lint --tidy changed

format: ## format C++ and Go
	@tests/deps lint
	@find controller policies tests -name node_modules -prune -o -name '*.[ch]pp' -print | xargs clang-format-19 -i
	@cd tests && cluster/go fmt ./...

image: ## build the container image with buildah: IMAGE=name, BASE=base image
	@tests/deps image
	@buildah bud --layers $(if $(BASE),--build-arg BASE=$(BASE)) --tag $(IMAGE) .

clean: ## remove what was built here (caches outside stay)
	@rm -rf build tests/service/node_modules tests/exporters/node_modules
