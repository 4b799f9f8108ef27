# What developers and CI run. `make check` is the gate for every commit; `make test` is everything.

GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod

.PHONY: check test conformance bench fuzz run build lint short

# check: formatting, vet, static analysis, all tests with the race detector, a moment of fuzzing.
check: lint test

lint:
	@unformatted=$$(gofmt -l bench cmd client internal conformance); \
	if [ -n "$$unformatted" ]; then echo "not gofmt-ed:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	cd bench && $(GO) vet ./...
	cd conformance/harness && $(GO) vet ./...
	cd conformance/scaleway-go && $(GO) vet ./...
	cd conformance/vngcloud-go && $(GO) vet ./...
	node conformance/js-harness/check.mjs
	$(TOOL) staticcheck ./...

# test: everything that CI runs. Nothing is skipped; what cannot be set up fails.
test: build
	$(GO) test -race -timeout 20m ./...
	FUZZTIME=2s ./scripts/fuzz.sh
	cd bench && $(GO) test ./...
	./scripts/conformance.sh
	./scripts/readme.sh

# conformance: the vendors' own clients, as released, against a real server. SUITE=cloudflare-js runs one suite.
conformance:
	./scripts/conformance.sh $(SUITE)

# bench: every speed figure, in one run. docs/benchmarks.md says how to read them.
bench:
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./...

# fuzz: every fuzz target for FUZZTIME each (default 10 minutes).
fuzz:
	./scripts/fuzz.sh

run:
	$(GO) run ./cmd/writ quickstart

# build: one static binary without cgo.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o writ ./cmd/writ
