#!/usr/bin/env bash
# Copies the .proto files that ours import out of their Go modules into build/proto, which buf.yaml lists as a second
# module. Needs the Go module proxy the first time only. Add a line to `imports` for each new import.
set -euo pipefail
cd "$(dirname "$0")/.."

# module@version, folder inside the module that is the import root, files below it
imports=(
	"github.com/bufbuild/protovalidate@v1.2.2 proto/protovalidate buf/validate/validate.proto"
	"github.com/google/gnostic@v0.7.1 cmd/protoc-gen-openapi/examples google/api/annotations.proto google/api/http.proto"
	"github.com/grpc-ecosystem/grpc-gateway/v2@v2.33.0 . protoc-gen-openapiv3/options/annotations.proto protoc-gen-openapiv3/options/openapiv3.proto"
)

for line in "${imports[@]}"; do
	read -r module root files <<<"$line"
	dir=$(go mod download -json "$module" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
	[ -n "$dir" ] || { echo "proto-imports: go mod download gave no folder for $module" >&2; exit 1; }
	for file in $files; do
		install -D -m 644 "$dir/$root/$file" "build/proto/$file"
	done
done
