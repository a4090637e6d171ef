#!/usr/bin/env bash
# Measures decisions, changes, proofs and what they take of the disk, and records it in docs/bench/policy.txt. BENCH_PATIENTS
# says how large the hospital of the restart is (1,000,000).
exec "$(dirname "$0")/bench.sh" policy 10m -timeout 10m -run '^TestBench' ./marketplace/provider ./marketplace/store
