#!/usr/bin/env bash
# Measures decisions, changes, proofs and what they take of the disk, and records it in docs/bench/policy.txt: machine, commit, its
# load, and a figure a line (name value unit). BENCH_PATIENTS says how large the hospital of the restart is (1,000,000).
set -euo pipefail
cd "$(dirname "$0")/.."

record=docs/bench/policy.txt
mkdir -p build docs/bench
log=build/bench-policy.log

load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)
code=0
MEDMARKET_BENCH=1 timeout --signal=INT 10m "${GO:-go}" test -p 1 -count=1 -v -timeout 10m -run '^TestBench' \
	./marketplace/provider ./marketplace/store >"$log" 2>&1 || code=$?

{
	echo "make bench-policy, $(date -u +%Y-%m-%d), exit code $code"
	echo "commit   $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "go       $("${GO:-go}" env GOVERSION GOOS GOARCH | paste -sd' ')"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1); load before: $load"
	echo
	sed -n 's/^.*bench: //p' "$log"
} >"$record"

cat "$record"
[ "$code" -eq 0 ] || { echo "bench-policy: failed; the whole log is in $log" >&2; exit "$code"; }
