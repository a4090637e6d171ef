#!/usr/bin/env bash
# Measures the ledger and records it in docs/bench/ledger.txt.
exec "$(dirname "$0")/bench.sh" ledger 10m -timeout 10m -run '^(TestBench|TestClaimGas$)' ./ledger/pow ./ledger/chain ./ledger/eth
