#!/bin/sh
# Changes the rules of package policy one token at a time and prints which changes no test notices (see tools/mutate).
# Takes three quarters of an hour on a quiet machine.
set -eu
cd "$(dirname "$0")/../tools"
go run ./mutate -root .. -tests ./policy \
	policy/rules.go policy/terms.go policy/modifier.go policy/provision.go policy/country.go policy/actor.go
