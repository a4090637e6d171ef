package chaintest

import (
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/chain"
)

// Historian is the name of the key whose account History spends from.
const Historian = "historian"

// History seals count blocks for the historian, each with so many of her transfers.
// Blocks are a target spacing apart, so that the difficulty stays. Her account must own some coins. It must be called once a chain, first.
func (c *Chain) History(tb testing.TB, count, transfers int) {
	tb.Helper()
	key, account := Key(tb, Historian)
	signer := types.LatestSignerForChainID(new(big.Int).SetUint64(c.ChainID()))
	nonce := uint64(0)
	for sealed := 0; sealed < count; {
		for ; nonce < uint64((sealed+1)*transfers); nonce++ {
			tx, err := types.SignNewTx(key, signer, &types.DynamicFeeTx{
				ChainID: signer.ChainID(), Nonce: nonce, To: &account, Value: common.Big1, Gas: params.TxGas,
				GasTipCap: common.Big1, GasFeeCap: big.NewInt(params.GWei),
			})
			if err != nil {
				tb.Fatal(err)
			}
			if err := c.Client().SendTransaction(tb.Context(), tx); err != nil {
				tb.Fatal(err)
			}
		}
		c.Clock.Advance(time.Duration(c.Rule().TargetSpacing-1) * time.Second) // and one more by Seal
		sealed += len(c.Seal(tb, account, 1))
	}
	// The pool may be a moment late: what is left comes into one more block at a time.
	for {
		mined, err := c.Client().NonceAt(tb.Context(), account, nil)
		if err != nil {
			tb.Fatal(err)
		}
		if mined == nonce {
			return
		}
		c.Seal(tb, account, 1)
	}
}

// Wealth is what accounts of tests own: a thousand coins.
func Wealth(accounts ...chain.Address) map[chain.Address]*big.Int {
	alloc := map[chain.Address]*big.Int{}
	for _, a := range accounts {
		alloc[a] = new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))
	}
	return alloc
}
