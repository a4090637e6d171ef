#!/usr/bin/env bash
# Generates everything again and fails, with the names, if any generated file was not what it should be. The tree is
# then up to date: commit what changed. Contracts need Node; without it they are skipped, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

sums() {
	find proto marketplace/server/openapi \( -name '*.pb.go' -o -name '*.pb.gw.go' -o -name '*.json' \) -exec sha256sum {} +
	find ledger/contracts -path '*/node_modules' -prune -o \( -name '*.go' -o -path '*/artifacts/*' \) -type f \
		-exec sha256sum {} +
}

mkdir -p build
before=$(sums | sort -k2)
make --no-print-directory generate-proto
if command -v node >/dev/null && command -v npm >/dev/null; then
	make --no-print-directory generate-contracts
else
	echo "check-generated: SKIPPED contracts: no node and npm here, so the bindings were not compared with src/*.sol"
fi
after=$(sums | sort -k2)
if [ "$before" != "$after" ]; then
	echo "check-generated: generated files were out of date; they are regenerated now, commit them:" >&2
	diff <(echo "$before") <(echo "$after") | sed -n 's/^[<>] [0-9a-f]*  /  /p' | sort -u >&2
	exit 1
fi
echo "check-generated: up to date"
