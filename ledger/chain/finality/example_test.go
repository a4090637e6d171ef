package finality_test

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger/chain/finality"
)

func ExampleThreshold() {
	for _, n := range []int{1, 3, 4, 5} {
		fmt.Printf("%d of %d\n", finality.Threshold(n), n)
	}
	// Output:
	// 1 of 1
	// 3 of 3
	// 3 of 4
	// 4 of 5
}
