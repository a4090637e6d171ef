#!/usr/bin/env bash
# Runs every test with MEDMARKET_LONG=1 and records the outcome in docs/bench/test-long.txt: machine, commit, each
# package's result and time, and the lines that tests log with the prefix "bench: ". The argument is the time limit.
set -euo pipefail
cd "$(dirname "$0")/.."

limit=${1:-150m}
record=docs/bench/test-long.txt
mkdir -p build docs/bench
log=build/test-long.log

started=$(date -u +%s)
code=0
# The limit of go test is per package; `timeout` holds the whole run to it.
MEDMARKET_LONG=1 timeout --signal=INT "$limit" "${GO:-go}" test -count=1 -v -timeout "$limit" ./... >"$log" 2>&1 || code=$?
took=$(($(date -u +%s) - started))

{
	echo "make test-long, $(date -u +%Y-%m-%d), exit code $code, $took s"
	echo "commit   $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "go       $("${GO:-go}" env GOVERSION GOOS GOARCH | paste -sd' ')"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)"
	echo
	grep -E '^(ok|FAIL|---[ ]FAIL|panic:)|no test files' "$log" || true
	echo
	sed -n 's/^.*bench: //p' "$log"
} >"$record"

cat "$record"
[ "$code" -eq 0 ] || { echo "test-long: failed; the whole log is in $log" >&2; exit "$code"; }
