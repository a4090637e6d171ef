#!/usr/bin/env bash
# Measures the record index and records it in docs/bench/records.txt. BENCH_POINTERS says how many pointers are added (300,000; 10,000,000
# take the better part of an hour).
limit=10m
[ "${BENCH_POINTERS:-300000}" -le 1000000 ] || limit=2h
exec "$(dirname "$0")/bench.sh" records "$limit" -timeout "$limit" -run '^TestBench(Pointers|Timeline|Verify)$' ./marketplace/recordindex ./cmd/medmarket
