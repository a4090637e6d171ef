#!/usr/bin/env bash
# Compares proto/ with an earlier state by buf's WIRE_JSON rules. The earlier state is $BREAKING_BASE (any git revision),
# else the newest release tag v*, else the tip of main. Called by `make buf-breaking`.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
	echo "check-breaking: SKIPPED: $1"
	exit 0
}

git rev-parse --git-dir >/dev/null 2>&1 || skip "not a git clone"
base=${BREAKING_BASE:-$(git tag --list 'v*' --sort=-v:refname | head -n 1)}
if [ -z "$base" ]; then
	for ref in origin/main main; do
		if git rev-parse --verify --quiet "$ref^{commit}" >/dev/null; then
			base=$ref
			break
		fi
	done
fi
[ -n "$base" ] || skip "no release tag and no branch main to compare with"
git cat-file -e "$base:buf.yaml" 2>/dev/null || skip "$base has no buf.yaml yet"
git cat-file -e "$base:proto" 2>/dev/null || skip "$base has no proto yet"

scripts/proto-imports.sh
mkdir -p build
old=$(mktemp -d build/.breaking.XXXXXX)
trap 'rm -rf "$old"' EXIT
git archive "$base" buf.yaml proto | tar -x -C "$old"
mkdir -p "$old/build"
cp -R build/proto "$old/build/proto"
.tools/buf breaking --against "$old"
echo "check-breaking: compatible with $base ($(git rev-parse --short "$base"))"
