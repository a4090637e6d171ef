#!/usr/bin/env bash
# Prints the packages that `make test-race` watches: all but those where nothing happens at once, neither in their own files, tests
# included, nor in what of ours they import (docs/adr/0068). It looks for the words by which Go starts another goroutine, so a package
# is watched from the day on that it has one. The others are named on stderr.
set -euo pipefail
cd "$(dirname "$0")/.."

# What starts another goroutine: a go statement, WaitGroup.Go and the like, a parallel test, a timer's function, and the libraries
# that call from goroutines of their own: servers, clients, databases.
words='^\s*(defer )?go [a-zA-Z(]|\.Go\(|\.(Run)?Parallel\(|AfterFunc\(|"(net|net/http|net/http/httptest|database/sql|os/signal|testing/synctest|google.golang.org/grpc)"'

# Of each package: its folder, its files, the files of its tests, and all that it and they import.
"${GO:-go}" list -f '{{.ImportPath}}{{"\t"}}{{.Dir}}{{"\t"}}{{join .GoFiles " "}} {{join .CgoFiles " "}}{{"\t"}}{{join .TestGoFiles " "}} {{join .XTestGoFiles " "}}{{"\t"}}- {{join .Imports " "}}{{"\t"}}- {{join .TestImports " "}} {{join .XTestImports " "}}' ./... |
	while IFS=$'\t' read -r path dir files tests imports test_imports; do
		code=- test=-
		(cd "$dir" && grep -qE "$words" ${files:+$files} /dev/null) && code=at-once
		(cd "$dir" && grep -qE "$words" ${tests:+$tests} /dev/null) && test=at-once
		printf '%s\t%s\t%s\t%s\t%s\n' "$path" "$code" "$test" "$imports" "$test_imports"
	done |
	awk -F'\t' '
		{ path[NR] = $1; busy[$1] = $2 == "at-once"; own[$1] = $3 == "at-once"; imports[$1] = $4; tests[$1] = $5 }
		function meets(list,   n, i, names) {
			n = split(list, names, " ")
			for (i = 1; i <= n; i++) if (busy[names[i]]) return 1
			return 0
		}
		END {
			do {
				more = 0
				for (p in imports) if (!busy[p] && meets(imports[p])) busy[p] = more = 1
			} while (more)
			for (i = 1; i <= NR; i++) {
				if (busy[path[i]] || own[path[i]] || meets(tests[path[i]])) print path[i]
				else left = left " " path[i]
			}
			print "race-packages: nothing happens at once in" left > "/dev/stderr"
		}'
