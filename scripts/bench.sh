#!/usr/bin/env bash
# scripts/bench.sh NAME LIMIT FLAGS-AND-PACKAGES: what make bench-NAME has in common. Runs go test for so long at most, one
# package after another, and records in docs/bench/NAME.txt: machine, commit, its load, and a figure a line (name value
# unit). The figures come from tests, which fail if one with a bar misses it.
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1 limit=$2
shift 2
record=docs/bench/$name.txt
mkdir -p build docs/bench
log=build/bench-$name.log

load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)
code=0
MEDMARKET_BENCH=1 timeout --signal=INT "$limit" "${GO:-go}" test -p 1 -count=1 -v "$@" >"$log" 2>&1 || code=$?

{
	echo "make bench-$name, $(date -u +%Y-%m-%d), exit code $code"
	echo "commit   $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "go       $("${GO:-go}" env GOVERSION GOOS GOARCH | paste -sd' ')"
	echo "machine  $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1); load before: $load"
	echo
	sed -n 's/^.*bench: //p' "$log"
} >"$record"

cat "$record"
[ "$code" -eq 0 ] || { grep -E '^ +[a-z_]+\.go:[0-9]+: .*want' "$log" || true; echo "bench-$name: failed; the whole log is in $log" >&2; exit "$code"; }
