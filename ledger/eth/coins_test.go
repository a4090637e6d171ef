package eth_test

import (
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger"
)

// Who has enough coins gets none, so that asking again and again costs nothing.
func TestProvide(t *testing.T) {
	w := newWorld(t)
	poor := ledger.Address{0xaa, 1}
	for _, c := range []struct{ coins, want uint32 }{{10, 10}, {20, 10}, {21, 21}, {3, 21}, {0, 21}} {
		must(t, w.operator.Provide(t.Context(), poor, c.coins))
		has, err := w.chain.Node.Client().BalanceAt(t.Context(), common.Address(poor), nil)
		must(t, err)
		if want := new(big.Int).Mul(big.NewInt(int64(c.want)), big.NewInt(params.Ether)); has.Cmp(want) != 0 {
			t.Errorf("after Provide(%d) it has %s, want %s", c.coins, has, want)
		}
	}
}
