#!/usr/bin/env bash
# Writes the Go code of proto/ beside the .proto files and removes what no .proto accounts for any more. A file is
# touched only if its content changes. Called by `make generate-proto`, which builds .tools/buf first.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/proto-imports.sh
mkdir -p build
new=$(mktemp -d build/.generate.XXXXXX)
trap 'rm -rf "$new"' EXIT
.tools/buf generate --output "$new"

(cd "$new" && find proto -name '*.pb.go' | sort) >"$new/files"
while read -r file; do
	cmp -s "$new/$file" "$file" || install -m 644 "$new/$file" "$file"
done <"$new/files"
find proto -name '*.pb.go' | sort | comm -23 - "$new/files" | while read -r file; do
	echo "generate-proto: removing $file, which no .proto makes any more"
	rm "$file"
done
