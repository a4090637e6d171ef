#!/usr/bin/env bash
# Measures decisions, changes, proofs and what they take of the disk, and records it in docs/bench/policy.txt. BENCH_PATIENTS
# says how large the hospital of the restart, with its map on disk, is (1,000,000; 10,000,000 take hours).
limit=10m
[ "${BENCH_PATIENTS:-1000000}" -le 1000000 ] || limit=12h
exec "$(dirname "$0")/bench.sh" policy "$limit" -timeout "$limit" -run '^TestBench' ./marketplace/provider ./marketplace/store
