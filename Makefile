# `make` alone lists what there is; every target explains itself.
.DEFAULT_GOAL := help
.PHONY: help demo test build lint gdal unit sdk app examples e2e web node chromium parsers screenshots fuzz clean

BIN     := bin/gridwalk
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X gridwalk/server.Version=$(VERSION)
FUZZTIME ?= 10s
SYNCFUZZ ?= 30s

help: ## List the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/  make \1	\2/' | expand -t 18

demo: build ## Build, make a fictional demo county in ./gw_data, serve it on 127.0.0.1:8090
	$(BIN) demo

test: lint gdal unit sdk app examples e2e parsers ## Run every test there is

build: ## Build the static binary bin/gridwalk
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) .

lint: ## Check formatting, go vet and staticcheck
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...

gdal: ## Install GDAL to compare maps with, where apt is there and we are root; without it those tests are skipped
	@command -v ogr2ogr >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get install -qq -y --no-install-recommends gdal-bin >/dev/null; } || \
		echo "GDAL is not installed: maps are not compared with it"

unit: ## Run the Go tests
	go test ./...

sdk: node build sdk/node_modules ## Check and test the TypeScript client, with npm
	cd sdk && npm run --silent check && npm run --silent fresh && GRIDWALK=../$(BIN) npm run --silent test

app: node sdk/node_modules ## Check the officer app, and test what it computes
	cd web && ../sdk/node_modules/.bin/tsc -p . && ../sdk/node_modules/.bin/tsc -p tsconfig.worker.json
	mkdir -p web/node_modules && ln -sfn ../../sdk web/node_modules/gridwalk
	cd web && rm -rf build && ../sdk/node_modules/.bin/tsc -p tsconfig.test.json && node --test build/test

examples: node build examples/node_modules ## Test that RxDB and WatermelonDB sync with a server
	cd examples && GRIDWALK=../$(BIN) npm run --silent test

e2e: node build chromium e2e/node_modules ## Test the officer app in Chromium, against a server that is killed and a network that fails
	cd e2e && GRIDWALK=../$(BIN) npm run --silent test

screenshots: node build chromium e2e/node_modules ## Make docs/screens/ anew
	cd e2e && GRIDWALK=../$(BIN) npm run --silent screenshots

chromium: ## Install Chromium and Chinese letters where they are missing, by apt as root
	@command -v chromium >/dev/null || [ -n "$$CHROMIUM" ] || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; } || \
		{ echo "Chromium is needed: apt-get install chromium fonts-noto-cjk, or set CHROMIUM to its path"; exit 1; }

web: build node sdk/node_modules ## Build sdk/dist and web/dist from their sources and the Go tables
	cd sdk && ../$(BIN) docs sdk > src/schema.ts && npm run --silent types
	go run ./tools/web

%/node_modules: %/package-lock.json
	cd $* && npm ci --ignore-scripts
	touch $@

node: ## Install Node and npm where they are missing, by apt as root
	@command -v npm >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update && apt-get install -y --no-install-recommends nodejs npm; } || \
		{ echo "Node 18 or later and npm are needed: apt-get install nodejs npm"; exit 1; }

parsers: ## Fuzz what the sync engine reads from strangers, SYNCFUZZ (30s) each
	@for f in FuzzPushBody FuzzPullBody FuzzCursor; do \
		go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(SYNCFUZZ) ./replica || exit 1; \
	done

fuzz: ## Fuzz everything that parses input, FUZZTIME (10s) each
	@for pkg in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

clean: ## Remove what was built; the data in ./gw_data stays
	rm -rf bin sdk/node_modules sdk/build web/build web/node_modules e2e/node_modules examples/node_modules
