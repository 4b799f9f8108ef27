#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZTIME (default 10m) each. It fails if it finds no target: a check with
# nothing to do must not pass.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${FUZZTIME:-10m}
count=0
while IFS=: read -r file _ line; do
	name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' <<<"$line")
	echo "fuzzing $name in $(dirname "$file") for $time"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1x "./$(dirname "$file")"
	count=$((count + 1))
done < <(grep -rnE '^func Fuzz[A-Z]' --include='*_test.go' cmd client internal | sort)
if [ "$count" -eq 0 ]; then
	echo "no fuzz target found" >&2
	exit 1
fi
echo "$count fuzz targets ran"
