package duo_test

import (
	"fmt"

	"github.com/medmarket/medmarket/policy/duo"
)

func ExampleWithin() {
	permitted := []duo.Use{{Permission: duo.HMB}}
	for _, use := range []duo.Permission{duo.HMB, duo.GRU, duo.POA} {
		fmt.Println(use.Label()+":", duo.Within(permitted, duo.Use{Permission: use}, nil) == duo.Covered)
	}
	// Output:
	// health or medical or biomedical research: true
	// general research use: false
	// population origins or ancestry research only: false
}
