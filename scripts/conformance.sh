#!/usr/bin/env bash
# Drives the vendors' own clients, as released, against a real server, which is built here once. Arguments name the suites,
# which are folders of conformance/; without any, all run. A suite that cannot be set up fails: nothing is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

suites=("$@")
if [ ${#suites[@]} -eq 0 ]; then
	suites=(harness cloudflare-js scaleway-js scaleway-go vngcloud-go)
fi

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
go build -o "$built/writ" ./cmd/writ
export CONFORMANCE_WRIT="$built/writ"

# node_suite runs a suite in JavaScript, with the packages of its lock file.
node_suite() {
	local missing
	for missing in node npm; do
		if ! command -v "$missing" >/dev/null; then
			echo "conformance/$1 needs Node.js 20.19.4 or newer with npm, and there is no $missing here; install it and run this again" >&2
			return 1
		fi
	done
	(cd "conformance/$1" && npm ci && npm test)
}

# go_suite runs a suite in Go, and again with each further module file that it has, which is named after the version of the SDK that it
# pins, as is its build tag. Tests against a server that is built anew are never to come from the cache.
go_suite() {
	(
		cd "conformance/$1" && go test -count=1 ./... || exit 1
		for file in v*.mod; do
			[ ! -f "$file" ] || go test -count=1 -modfile="$file" -tags="${file%.mod}" ./... || exit 1
		done
	)
}

failed=()
for suite in "${suites[@]}"; do
	echo "== conformance/$suite"
	if [ -f "conformance/$suite/package.json" ]; then
		node_suite "$suite" || failed+=("$suite")
	elif [ -f "conformance/$suite/go.mod" ]; then
		go_suite "$suite" || failed+=("$suite")
	else
		echo "there is no suite conformance/$suite" >&2
		failed+=("$suite")
	fi
done
if [ ${#failed[@]} -gt 0 ]; then
	echo "conformance failed: ${failed[*]}" >&2
	exit 1
fi
