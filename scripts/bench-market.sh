#!/usr/bin/env bash
# Measures quotes, asks with durable charges, repeated questions and memory over a hospital of 20,000 patients, all parties and the chain in one
# process, and records it in docs/bench/market.txt. BENCH_ASKS says how many asks the memory is watched over (2,000; 100,000 take
# a quarter of an hour and more, and go to docs/bench/market-memory.txt).
name=market limit=15m
[ "${BENCH_ASKS:-2000}" -le 2000 ] || name=market-memory limit=2h
exec "$(dirname "$0")/bench.sh" "$name" "$limit" -timeout "$limit" -run '^TestBenchMarket$' ./cmd/medmarket
