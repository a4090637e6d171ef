package pow_test

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger/pow"
)

func Example() {
	rule := pow.Rule{GenesisDifficulty: 1000, MinDifficulty: 100, TargetSpacing: 10}
	parent := genesis()

	block := header(1, parent.Time+170) // 16 spacings late
	block.ParentHash, block.MixDigest = parent.Hash(), parent.Hash()
	difficulty, err := pow.NextDifficulty(rule, parent, block.Time)
	if err != nil {
		fmt.Println(err)
		return
	}
	block.Extra = pow.Seal{Difficulty: difficulty}.Bytes()
	sealed, _, err := pow.Search(context.Background(), block, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("difficulty", difficulty)
	fmt.Println("error", pow.VerifySeal(rule, parent, sealed, sealed.Time))
	// Output:
	// difficulty 500
	// error <nil>
}
