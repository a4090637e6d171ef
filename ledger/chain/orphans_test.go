package chain

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/pow"
)

// Of more orphans than the pool takes the oldest are kept: the later ones of a sender
// are worth nothing without them.
func TestOldestOrphansAreKept(t *testing.T) {
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	n, err := Open(Config{
		Dir: t.TempDir(), ChainID: 5, Now: func() time.Time { return now },
		Rule:  pow.Rule{GenesisDifficulty: 64, MinDifficulty: 16, TargetSpacing: 1},
		Alloc: map[Address]*big.Int{crypto.PubkeyToAddress(key.PublicKey): big.NewInt(params.Ether)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	for nonce := range uint64(6) {
		tx, err := types.SignNewTx(key, types.LatestSignerForChainID(big.NewInt(5)), &types.DynamicFeeTx{
			ChainID: big.NewInt(5), Nonce: nonce, To: &Address{1}, Gas: params.TxGas, GasTipCap: common.Big1, GasFeeCap: big.NewInt(10),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Client().SendTransaction(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		for mined := uint64(0); mined <= nonce; { // a block for each, and perhaps some empty ones
			if _, err := n.SealBlock(context.Background(), MineConfig{Coinbase: Address{1}}); err != nil {
				t.Fatal(err)
			}
			if mined, err = n.Client().NonceAt(t.Context(), crypto.PubkeyToAddress(key.PublicKey), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	bc := n.eth.BlockChain()
	genesis := bc.GetBlockByNumber(0)
	for most, want := range map[int]int{3: 3, 6: 6, 100: 6} {
		orphans := n.orphans(bc.CurrentBlock(), genesis, most)
		if len(orphans) != want {
			t.Fatalf("%d orphans, want %d", len(orphans), want)
		}
		for i, tx := range orphans {
			if tx.Nonce() != uint64(i) {
				t.Errorf("of %d, orphan %d has nonce %d", most, i, tx.Nonce())
			}
		}
	}
}
