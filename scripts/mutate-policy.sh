#!/bin/sh
# Changes the rules of packages policy and policy/duo one token at a time and prints which changes no test notices (see
# tools/mutate). docs/bench/mutation.txt has what came of it, and why each change that is left changes nothing.
# Takes some ten minutes on a quiet machine; tests that take minutes on a busy one are given them.
set -eu
cd "$(dirname "$0")/../tools"
go build -o ../build/mutate ./mutate
cd ..
flags='-rapid.nofailfile -rapid.shrinktime=1ms'
build/mutate -timeout 4m -tests ./policy -flags "$flags" policy/reading.go policy/rules.go policy/provision.go policy/country.go \
	policy/modifier.go policy/terms.go policy/decide.go policy/actor.go policy/unasked.go
build/mutate -timeout 4m -tests './policy/duo ./policy' -flags "$flags" policy/duo/use.go policy/duo/disease.go policy/duo/duo.go
