package dp_test

import (
	"fmt"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise"
)

func Example() {
	query := dp.Query{
		Dataset: "st-elsewhere",
		GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.AgeBand, Edges: []int{18, 65}}},
	}
	metadata := dp.Metadata{Dataset: "st-elsewhere", Version: "2024-01", ReferenceYear: 2024}
	var err error
	if query.NanoRho, err = dp.CostForMargin(query, metadata, dp.Margin{Half: 20}); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := dp.NewPlan(query, metadata)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d nano-rho, ±%.1f patients\n", plan.Cost.NanoRho, plan.Margin())

	exact := dp.NewExact([]int64{412, 198, 390, 171}) // the engine's counts
	fmt.Println(exact)
	noisy, err := dp.Release(plan, exact, noise.New())
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := plan.Estimate(noisy)
	if err != nil {
		fmt.Println(err)
		return
	}
	females := rows[0].Estimates[0]
	fmt.Println(rows[0].Key, females.Value > 412-100 && females.Value < 412+100, females.High-females.Value)
	// Output:
	// 5055140 nano-rho, ±20.0 patients
	// redacted
	// [female 18-64] true 20
}
