# medmarket: see `make help`. Needs Go and a C compiler; Node only for the pages (web, check-web, test-web, screens) and
# generate-contracts; Chromium for test-web and screens. What a target needs beyond that, it fetches itself from the Go
# module proxy (and, for the pages and the contracts, from the npm registry).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO ?= go
TOOLS := $(GO) build -modfile=tools/go.mod
TEST_TIMEOUT ?= 10m
LONG_TIMEOUT ?= 150m
# The race detector makes proof of work and noise statistics several times slower.
RACE_TIMEOUT ?= 25m
# Packages at once: one more than there are cores, since tests wait much, for blocks, for disks and for other processes.
AT_ONCE ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# What the race detector does not look into, where most of the time would go: hashes, curves and SQLite, which share nothing
# with us but what they are passed. No package belongs here that makes a sync.Map, a sync.Pool or another type of sync or
# sync/atomic with its own copy of their code: the linker may take that copy for all, and races are seen where none are.
UNWATCHED := modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory golang.org/x/crypto/sha3 github.com/decred/... \
	github.com/ethereum/go-ethereum/crypto/keccak github.com/ethereum/go-ethereum/crypto/secp256k1 github.com/holiman/uint256
RACE := -race $(foreach package,$(UNWATCHED),-gcflags=$(package)=-race=false)

##@ Use

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## build bin/medmarket
	$(GO) build -o bin/medmarket ./cmd/medmarket

.PHONY: demo
demo: build ## tell the whole story once: hospital, patients, mining, grant, question, receipt
	bin/medmarket demo --once

.PHONY: demo-serve
demo-serve: build ## the same story, then keep serving; prints the addresses, Ctrl-C stops it
	bin/medmarket demo

##@ Test

.PHONY: test
test: ## run every test, within 10 minutes on 2 cores (make check vets)
	$(GO) test -p $(AT_ONCE) -vet=off -timeout $(TEST_TIMEOUT) ./...

.PHONY: test-race
test-race: ## run the tests of what happens at once under the race detector, what only repeats fewer times
	packages=$$(GO="$(GO)" scripts/race-packages.sh) && $(GO) test -p $(AT_ONCE) $(RACE) -short -vet=off -timeout $(RACE_TIMEOUT) $$packages

.PHONY: test-long
test-long: ## run every test at full counts (up to two hours) and record it in docs/bench
	GO="$(GO)" scripts/test-long.sh $(LONG_TIMEOUT)

.PHONY: bench-dp
bench-dp: ## measure questions against plain SQL over 10,000,000 records (BENCH_ROWS), and record it in docs/bench
	GO="$(GO)" scripts/bench-dp.sh

.PHONY: bench-ledger
bench-ledger: ## measure the ledger, a figure a line (up to 10 minutes), and record it in docs/bench
	GO="$(GO)" scripts/bench-ledger.sh

.PHONY: bench-policy
bench-policy: ## measure decisions, changes and proofs, a figure a line (up to 10 minutes), and record it in docs/bench
	GO="$(GO)" scripts/bench-policy.sh

.PHONY: bench-market
bench-market: ## measure quotes, asks and memory of a marketplace with a hospital (about 5 minutes), and record it in docs/bench
	GO="$(GO)" scripts/bench-market.sh

.PHONY: bench-market-memory
bench-market-memory: ## the same with 100,000 asks: memory must not grow (a quarter of an hour and more)
	GO="$(GO)" BENCH_ASKS=100000 scripts/bench-market.sh

.PHONY: bench-records
bench-records: ## measure the record index, a figure a line (up to 10 minutes), and record it in docs/bench
	GO="$(GO)" scripts/bench-records.sh

.PHONY: test-web
test-web: build web/node_modules/.package-lock.json ## try the pages in Chromium against a demo of its own
	cd web && npm run --silent test

.PHONY: check-web
check-web: web/node_modules/.package-lock.json ## type-check the pages, build them again and fail if web/dist differs
	scripts/check-web.sh

.PHONY: check
check: check-format check-generated vet lint buf-lint buf-breaking test-race ## all that a change must pass

##@ Parts of check

.PHONY: check-format
check-format: .tools/golangci-lint .tools/buf ## fail if Go or proto files are not formatted
	.tools/golangci-lint fmt --diff
	@scripts/proto-imports.sh
	.tools/buf format --diff --exit-code proto

.PHONY: check-generated
check-generated: .tools/buf ## generate again and fail if anything differed
	scripts/check-generated.sh

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: lint
lint: .tools/golangci-lint ## golangci-lint, import directions (layers) included
	.tools/golangci-lint run

.PHONY: buf-lint
buf-lint: .tools/buf ## lint proto by buf's STANDARD rules
	@scripts/proto-imports.sh
	.tools/buf lint

.PHONY: buf-breaking
buf-breaking: .tools/buf ## compare proto with $BREAKING_BASE, the last release, or main
	scripts/check-breaking.sh

##@ Write

.PHONY: fmt
fmt: .tools/golangci-lint .tools/buf ## format Go and proto files
	.tools/golangci-lint fmt
	@scripts/proto-imports.sh
	.tools/buf format --write proto

.PHONY: web
web: web/node_modules/.package-lock.json ## build the pages into web/dist; needs Node 20 or newer
	cd web && npm run --silent build

.PHONY: screens
screens: build web/node_modules/.package-lock.json ## photograph every screen of the pages into docs/screens
	cd web && npm run --silent screens

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --silent
	touch $@

.PHONY: generate
generate: generate-proto generate-contracts ## write all generated code again

.PHONY: generate-proto
generate-proto: .tools/buf ## Go code of proto/
	scripts/generate-proto.sh

.PHONY: generate-contracts
generate-contracts: ## compile ledger/contracts/src and write its Go bindings; needs Node
	ledger/contracts/generate.sh

.PHONY: clean
clean: ## remove bin, build and .tools
	rm -rf bin build .tools

# Built once, and again when tools/go.mod changes.
.tools/golangci-lint: tools/go.mod tools/go.sum
	$(TOOLS) -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.tools/buf: tools/go.mod tools/go.sum
	$(TOOLS) -o $@ github.com/bufbuild/buf/cmd/buf
	@touch $@
