#!/usr/bin/env bash
# Writes the Go code of proto/ beside the .proto files, removes what no .proto accounts for any more, and writes the
# OpenAPI documents of the two REST servers, marketplace/server/openapi. A file is touched only if its content changes.
# Called by `make generate-proto`, which builds .tools/buf first.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/proto-imports.sh
mkdir -p build
new=$(mktemp -d build/.generate.XXXXXX)
trap 'rm -rf "$new"' EXIT
.tools/buf generate --output "$new"

(cd "$new" && find proto \( -name '*.pb.go' -o -name '*.pb.gw.go' \) | sort) >"$new/files"
while read -r file; do
	cmp -s "$new/$file" "$file" || install -m 644 "$new/$file" "$file"
done <"$new/files"
find proto \( -name '*.pb.go' -o -name '*.pb.gw.go' \) | sort | comm -23 - "$new/files" | while read -r file; do
	echo "generate-proto: removing $file, which no .proto makes any more"
	rm "$file"
done

# What the hospital serves; the marketplace serves sessions too, and all the others. The first file has what is said of the whole.
hospital=(preference patient decision record session)
market=(participant session)
for file in "$new"/openapi/medmarket/v1/*.openapi.json; do
	name=$(basename "$file" .openapi.json)
	[[ " ${hospital[*]} ${market[*]} " == *" $name "* ]] || market+=("$name")
done
mkdir -p marketplace/server/openapi
merge() {
	local to=$1
	shift
	go tool -modfile=tools/go.mod openapiv3-merge "${@/%/.openapi.json}" >"$new/$to.json"
	cmp -s "$new/$to.json" "marketplace/server/openapi/$to.json" || install -m 644 "$new/$to.json" "marketplace/server/openapi/$to.json"
}
merge marketplace "${market[@]/#/$new/openapi/medmarket/v1/}"
merge hospital "${hospital[@]/#/$new/openapi/medmarket/v1/}"
