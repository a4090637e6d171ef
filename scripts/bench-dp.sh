#!/usr/bin/env bash
# Measures questions against plain SQL over the same records, in one run, and records it in docs/bench/dp.txt. BENCH_ROWS is
# the number of measurements (default 10,000,000), of 1,000,000 patients (a tenth of the rows, in Postgres). 20,000,000 take 2.1 GB
# of memory; DuckDB is kept to 4 GB and sorts on disk beyond. 50,000,000 want about 6 GB of memory and 12 GB of TMPDIR, most of it Postgres's.
exec "$(dirname "$0")/bench.sh" dp 3h -timeout 90m -run '^TestBench$' ./marketplace/omop/duckdb ./marketplace/omop/postgres
