#!/usr/bin/env bash
# Measures the ledger and records it in docs/bench/ledger.txt: machine, commit, its load, and a figure a line (name value
# unit). The figures come from tests, which fail if one with a bar misses it. Packages run one after another.
set -euo pipefail
cd "$(dirname "$0")/.."

record=docs/bench/ledger.txt
mkdir -p build docs/bench
log=build/bench-ledger.log

load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)
code=0
MEDMARKET_BENCH=1 timeout --signal=INT 10m "${GO:-go}" test -p 1 -count=1 -v -timeout 10m -run '^(TestBench|TestClaimGas$)' \
	./ledger/pow ./ledger/chain ./ledger/eth >"$log" 2>&1 || code=$?

{
	echo "make bench-ledger, $(date -u +%Y-%m-%d), exit code $code"
	echo "commit   $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "go       $("${GO:-go}" env GOVERSION GOOS GOARCH | paste -sd' ')"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1); load before: $load"
	echo
	sed -n 's/^.*bench: //p' "$log"
} >"$record"

cat "$record"
[ "$code" -eq 0 ] || { grep -E '^ +[a-z_]+\.go:[0-9]+: .*want' "$log" || true; echo "bench-ledger: failed; the whole log is in $log" >&2; exit "$code"; }
