package synth_test

import (
	"context"
	"fmt"
	"os"

	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

func ExampleGenerate() {
	dir, err := os.MkdirTemp("", "hospital-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	summary, err := synth.Generate(context.Background(), synth.Config{Patients: 20, Seed: 1, Dir: dir})
	fmt.Println(summary.Patients, summary.ReferenceYear, err)
	// Output: 20 2026 <nil>
}
