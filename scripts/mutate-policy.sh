#!/bin/sh
# Changes the rules, which are packages policy and policy/duo, one token at a time and prints which changes no test notices (see
# tools/mutate). docs/bench/mutation.txt has what came of it, and why each change that is left changes nothing.
# policy/words.go is no rule: it puts documents into sentences. Tests that take minutes on a busy machine are given them.
set -eu
cd "$(dirname "$0")/../tools"
go build -o ../build/mutate ./mutate
cd ..
flags='-rapid.nofailfile -rapid.shrinktime=1ms'
slow='TestReferenceAgrees|TestUsesTable'
# rules are the files of a package.
rules() { ls "$1"/*.go | grep -v -e _test.go -e words.go; }
build/mutate -timeout 4m -tests ./policy -flags "$flags" -last "$slow" $(rules policy)
build/mutate -timeout 4m -tests './policy/duo ./policy' -flags "$flags" -last "$slow" $(rules policy/duo)
