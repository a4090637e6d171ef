// Package omoptest has the suite that each engine passes. It also finds OMOP data sets for tests, and starts a Postgres of
// their own. It promises that a folder it names has a data set, and that a server it started is stopped; tests
// skip where there is none.
package omoptest

import (
	"os"
	"path/filepath"
)

// SharedData is the folder of OMOP data sets: $MEDMARKET_SHARED_DATA, or
// shared/data beside a parent of the working directory. It is "" where there is none.
func SharedData() string {
	if dir := os.Getenv("MEDMARKET_SHARED_DATA"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		candidate := filepath.Join(parent, "shared", "data")
		if _, err := os.Stat(filepath.Join(candidate, "gibleed", "person.parquet")); err == nil {
			return candidate
		}
	}
	return ""
}
