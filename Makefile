# Every target can be run again at no cost, as root or as a user with sudo.
# `make` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# One setting for everything, or each change of it rebuilds the world. Only the
# race detector needs cgo, and only test-race sets it.
export CGO_ENABLED := 0

VERSION ?= $(shell git describe --tags --dirty --match 'v*' 2>/dev/null | sed 's/^v//')
ifeq ($(VERSION),)
VERSION := $(shell sed -n 's/^\#\# \[\([0-9][0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)
endif
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
DATE    ?= $(shell date -u +%Y-%m-%dT%H:%M:%SZ)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)

BIN   := bin/techcopilot
TOOLS := bin/tools
PKGS  ?= ./...

# What `make eval` and `make bench` measure: a folder of manuals with its
# cases.jsonl, such as EVAL=../shared/manuals. Empty is the demo manuals. OCR=off
# measures what the text layers alone give, in a minute instead of ten.
EVAL     ?=
OCR      ?=
BASELINE := internal/eval/baseline/$(if $(EVAL),manuals,demo)$(if $(filter off,$(OCR)),-text).json
FOLDER   := $(if $(EVAL),--manuals $(EVAL) --cases $(EVAL)/cases.jsonl) $(if $(filter off,$(OCR)),--tesseract none)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- the program --------------------------------------------------------------

.PHONY: build
build: ## Build bin/techcopilot
	@go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/techcopilot

.PHONY: run
run: setup-run build ## Start the server with the demo library
	@$(BIN) serve --demo

.PHONY: clean
clean: ## Remove what was built (no data folder is touched)
	@rm -rf bin

# --- what the machine needs -----------------------------------------------------

.PHONY: setup-run setup-test setup-race setup-bench
setup-run:
	@scripts/setup-debian.sh postgresql tesseract
setup-test:
	@scripts/setup-debian.sh postgresql tesseract poppler
setup-race: setup-test
	@scripts/setup-debian.sh compiler
setup-bench: setup-test
	@scripts/setup-debian.sh pymupdf

# --- tests ----------------------------------------------------------------------

# Most tests wait for a database or another process most of the time.
GOTEST := -parallel 4

.PHONY: test
test: setup-test $(TOOLS)/gotestsum ## Run all tests, in few rounds; skipped ones are named at the end
	@$(TOOLS)/gotestsum --format pkgname --format-hide-empty-pkg -- $(GOTEST) -timeout 10m $(PKGS)

.PHONY: test-full
test-full: setup-test $(TOOLS)/gotestsum ## Run all tests, those with random kills and broken files in all their rounds
	@TECHCOPILOT_ROUNDS=full $(TOOLS)/gotestsum --format pkgname --format-hide-empty-pkg -- $(GOTEST) -timeout 90m $(PKGS)

.PHONY: test-race
test-race: setup-race $(TOOLS)/gotestsum ## Run all tests with the race detector, and the programs they start; SHORT=1 for fewer
	@CGO_ENABLED=1 $(TOOLS)/gotestsum --format pkgname --format-hide-empty-pkg -- $(GOTEST) -race $(if $(SHORT),-short) -timeout 40m $(PKGS)

.PHONY: check
check: lint check-generated test ## Format, lint, generated files, tests: what has to pass before a commit

# --- code -----------------------------------------------------------------------

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Check format, import direction and style
	@$(TOOLS)/golangci-lint run

.PHONY: fmt
fmt: $(TOOLS)/golangci-lint ## Format the code
	@$(TOOLS)/golangci-lint fmt

.PHONY: generate
generate: $(TOOLS)/sqlc build ## Write the generated files: queries, configuration, command and API reference
	@scripts/generate.sh

.PHONY: check-generated
check-generated: $(TOOLS)/sqlc build ## Fail when a generated file or go.mod is out of date
	@scripts/generate.sh --check
	@go mod tidy -diff
	@go mod verify >/dev/null

# --- measures -------------------------------------------------------------------

.PHONY: eval
eval: setup-test build ## Measure the answers against the baseline; EVAL=DIR for real manuals, UPDATE=1 to accept
	@$(BIN) eval $(FOLDER) --baseline $(BASELINE) $(if $(UPDATE),--update-baseline)

.PHONY: bench
bench: setup-bench build ## Measure import and answers beside PyMuPDF and pdftotext; EVAL=DIR as above
	@go build -o bin/bench ./internal/eval/bench
	@bin/bench --program $(BIN) $(if $(EVAL),--manuals $(EVAL))
	@echo && go test -run '^$$' -bench . -benchmem $(PKGS) | grep -E '^(pkg|Benchmark|FAIL|---)' || true

# --- tools ----------------------------------------------------------------------

# The tools are a module of their own, so that their dependencies are none of the
# program's. Each is built when it is first needed.
.PHONY: tools
tools: $(addprefix $(TOOLS)/,golangci-lint gofumpt gotestsum sqlc benchstat) ## Build all tools

TOOL_golangci-lint := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
TOOL_gofumpt       := mvdan.cc/gofumpt
TOOL_gotestsum     := gotest.tools/gotestsum
TOOL_sqlc          := github.com/sqlc-dev/sqlc/cmd/sqlc
TOOL_benchstat     := golang.org/x/perf/cmd/benchstat

$(TOOLS)/%: tools/go.mod tools/go.sum
	@echo "building $* (once)" >&2
	@go build -C tools -o ../$@ $(TOOL_$*)
	@touch $@
