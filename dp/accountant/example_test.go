package accountant_test

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
)

func Example() {
	budget, err := accountant.RhoFromEpsilon(1, 1e-6)
	if err != nil {
		fmt.Println(err)
		return
	}
	scope, err := accountant.NewScope(accountant.ZCDP, accountant.Cost{NanoRho: budget})
	if err != nil {
		fmt.Println(err)
		return
	}
	query, err := accountant.Gaussian(5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for err == nil {
		scope, err = scope.Admit(query)
		fmt.Println(scope.Spent.NanoRho, "of", scope.Budget.NanoRho, err)
	}
	// Output:
	// 20000000 of 24355970 <nil>
	// 20000000 of 24355970 privacy budget spent
}
