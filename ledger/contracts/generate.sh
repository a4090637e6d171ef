#!/bin/sh
# Compiles the contracts and writes artifacts/*.json and the Go bindings. Needs node, npm and go; run it after every
# change of src/. It changes nothing when src/ has not changed.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --silent
node compile.js
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for name in Registry WorkBudget Grants Anchors; do
	node -e 'const a=require(process.argv[1]),fs=require("fs");fs.writeFileSync(process.argv[2]+"/abi",JSON.stringify(a.abi));fs.writeFileSync(process.argv[2]+"/bin",a.bytecode)' \
		"./artifacts/$name.json" "$tmp"
	go tool -modfile=../../tools/go.mod abigen --v2 --abi "$tmp/abi" --bin "$tmp/bin" --pkg contracts --type "$name" \
		--out "$(echo "$name" | tr '[:upper:]' '[:lower:]').go"
done
gofmt -w ./*.go
chmod 644 ./*.go
