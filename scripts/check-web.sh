#!/usr/bin/env bash
# Fails if the pages do not type-check, if building them again gives other files than those in web/dist, or if a first screen is too large.
set -euo pipefail
cd "$(dirname "$0")/../web"

npm run --silent check
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
npm run --silent build -- --outDir "$built" --emptyOutDir --logLevel warn
diff -rq dist "$built" || {
	echo "web/dist is not what web/src builds: run make web and commit it" >&2
	exit 1
}
node scripts/first-screen.mjs
