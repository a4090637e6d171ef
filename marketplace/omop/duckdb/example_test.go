package duckdb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

func ExampleImport() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx, records := context.Background(), filepath.Join(dir, "omop")
	if _, err := synth.Generate(ctx, synth.Config{Patients: 50, Seed: 1, Dir: records}); err != nil {
		fmt.Println(err)
		return
	}
	report, err := duckdb.Import(ctx, duckdb.ImportConfig{From: records, File: filepath.Join(dir, "hospital.duckdb")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Patients, report.Synthetic, report.ReferenceYear)
	// Output: 50 true 2026
}
