package chain_test

import (
	"context"
	"fmt"
	"os"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/pow"
)

func Example() {
	dir, err := os.MkdirTemp("", "medmarket-chain")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	node, err := chain.Open(chain.Config{
		Dir:     dir,
		ChainID: 31337,
		Rule:    pow.Rule{GenesisDifficulty: 1000, MinDifficulty: 100, TargetSpacing: 10},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()

	researcher := chain.Address{0x11}
	if _, err := node.SealBlock(context.Background(), chain.MineConfig{Coinbase: researcher}); err != nil {
		fmt.Println(err)
		return
	}
	balance, err := node.Client().BalanceAt(context.Background(), researcher, nil)
	fmt.Println("block", node.Head().Number, "paid", balance, "wei", err)
	// Output: block 1 paid 1000000000000000000 wei <nil>
}
