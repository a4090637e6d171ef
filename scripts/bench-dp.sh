#!/usr/bin/env bash
# Measures questions against plain SQL over the same records, in one run, and records it in docs/bench/dp.txt: machine,
# commit, its load, and a figure a line. BENCH_ROWS is the number of measurements (default 10,000,000), of 1,000,000
# patients (a tenth of the rows, in Postgres). The test fails if a figure with a bar misses it.
set -euo pipefail
cd "$(dirname "$0")/.."

record=docs/bench/dp.txt
mkdir -p build docs/bench
log=build/bench-dp.log

load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)
code=0
MEDMARKET_BENCH=1 "${GO:-go}" test -count=1 -v -timeout 90m -p 1 -run '^TestBench$' ./marketplace/omop/duckdb ./marketplace/omop/postgres >"$log" 2>&1 || code=$?

{
	echo "make bench-dp, $(date -u +%Y-%m-%d), exit code $code"
	echo "commit   $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "go       $("${GO:-go}" env GOVERSION GOOS GOARCH | paste -sd' ')"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1); load before: $load"
	echo
	sed -n 's/^.*bench: //p' "$log"
} >"$record"

cat "$record"
[ "$code" -eq 0 ] || { grep -E '^ +[a-z_]+\.go:[0-9]+: .*want' "$log" || true; echo "bench-dp: failed; the whole log is in $log" >&2; exit "$code"; }
