package chain_test

import (
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

func importAll(t *testing.T, node *chaintest.Chain, blocks []*types.Block) {
	t.Helper()
	for _, b := range blocks {
		if err := node.Import(b); err != nil {
			t.Fatal(err)
		}
	}
}

// send puts a transfer of one wei into the pool of node.
func send(t *testing.T, node *chain.Node, name string, nonce uint64) common.Hash {
	t.Helper()
	return submit(t, node, name, &types.DynamicFeeTx{Nonce: nonce, To: &bob, Value: common.Big1, Gas: params.TxGas})
}

// submit signs tx with the lowest fees for the named account.
func submit(t *testing.T, node *chain.Node, name string, fields *types.DynamicFeeTx) common.Hash {
	t.Helper()
	key, _ := chaintest.Key(t, name)
	fields.ChainID, fields.GasTipCap, fields.GasFeeCap = big.NewInt(chaintest.ChainID), common.Big1, big.NewInt(10)
	tx, err := types.SignNewTx(key, types.LatestSignerForChainID(fields.ChainID), fields)
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Client().SendTransaction(context.Background(), tx); err != nil {
		t.Fatal(err)
	}
	return tx.Hash()
}

func TestHeavierForkWins(t *testing.T) {
	_, sender := chaintest.Key(t, "sender")
	ours, theirs := chaintest.New(t, sender), chaintest.New(t, sender)
	tx := send(t, ours.Node, "sender", 0)
	ours.Seal(t, alice, 3)
	if _, err := ours.Client().TransactionReceipt(t.Context(), tx); err != nil {
		t.Fatalf("before: %v", err)
	}

	fork := theirs.Seal(t, bob, 4)
	theirs.Clock.Advance(time.Minute)
	ours.Clock.Advance(time.Minute)
	importAll(t, ours, fork[:3])
	if head := ours.Head(); head.Coinbase != alice {
		t.Fatalf("an equally heavy fork took over: %+v", head)
	}
	importAll(t, ours, fork[3:])
	if head := ours.Head(); head.Hash != fork[3].Hash() {
		t.Fatalf("head %+v, want block 4 of the heavier fork", head)
	}
	if _, err := ours.Client().TransactionReceipt(t.Context(), tx); err == nil {
		t.Error("the orphaned transaction still has a receipt")
	}
	ours.Seal(t, alice, 1)
	if _, err := ours.Client().TransactionReceipt(t.Context(), tx); err != nil {
		t.Errorf("the orphaned transaction was not mined again: %v", err)
	}
	balance, err := ours.Client().BalanceAt(t.Context(), alice, nil)
	if err != nil {
		t.Fatal(err)
	}
	// One block's reward is left, plus the tip of the one transaction.
	if want := new(big.Int).Add(big.NewInt(params.Ether), new(big.Int).SetUint64(params.TxGas)); balance.Cmp(want) != 0 {
		t.Errorf("alice owns %s wei, want %s", balance, want)
	}
}

func TestHeavyBeatsLong(t *testing.T) {
	ours, theirs := chaintest.New(t), chaintest.New(t)
	fork := theirs.Seal(t, bob, 1)
	for range 2 {
		ours.Clock.Advance(time.Hour) // a block after an hour has the least difficulty
		ours.Seal(t, alice, 1)
	}
	importAll(t, ours, fork)
	if head := ours.Head(); head.Number != 1 || head.Hash != fork[0].Hash() {
		t.Errorf("head %+v, want the heavier block 1", head)
	}
}

func TestFirstSeenWinsATie(t *testing.T) {
	ours, theirs := chaintest.New(t), chaintest.New(t)
	first, second := ours.Seal(t, alice, 1), theirs.Seal(t, bob, 1)
	importAll(t, ours, second)
	importAll(t, theirs, first)
	if ours.Head().Hash != first[0].Hash() || theirs.Head().Hash != second[0].Hash() {
		t.Error("a block of the same weight replaced the head")
	}
}

func TestFinalBlocksStay(t *testing.T) {
	ours, theirs := chaintest.New(t), chaintest.New(t)
	blocks := ours.Seal(t, alice, chain.DefaultConfirmations+2)
	if final := ours.Finalized(); final.Hash != blocks[1].Hash() {
		t.Fatalf("final %+v, want block 2", final)
	}
	tagged, err := ours.Client().HeaderByNumber(t.Context(), big.NewInt(-3)) // rpc.FinalizedBlockNumber
	if err != nil || tagged.Hash() != blocks[1].Hash() {
		t.Errorf("the finalized tag: %v, %v", tagged, err)
	}
	heavier := theirs.Seal(t, bob, chain.DefaultConfirmations+4)
	if err := ours.Import(heavier[0]); !errors.Is(err, chain.ErrBelowFinal) {
		t.Errorf("a fork below the final block: %v", err)
	}
	if head := ours.Head(); head.Coinbase != alice {
		t.Errorf("head %+v", head)
	}
}

// A side block imported in time is not followed once another block of its height is
// final; a fork that starts at the final block is.
func TestForksAroundTheFinalBlock(t *testing.T) {
	ours, below, above := chaintest.New(t), chaintest.New(t), chaintest.New(t)
	trunk := ours.Seal(t, alice, 2)
	below.Clock.Advance(2 * time.Second)
	importAll(t, below, trunk)
	fork := below.Seal(t, bob, 2)
	trunk = append(trunk, ours.Seal(t, alice, 1)...)
	importAll(t, ours, fork[:1])
	rest := ours.Seal(t, alice, chain.DefaultConfirmations)
	if final := ours.Finalized(); final.Hash != trunk[2].Hash() {
		t.Fatalf("final %+v, want block 3", final)
	}
	if err := ours.Import(fork[1]); !errors.Is(err, chain.ErrBelowFinal) {
		t.Errorf("a block on a side block of the final one: %v", err)
	}

	above.Clock.Advance(3 * time.Second)
	importAll(t, above, trunk)
	heavier := above.Seal(t, bob, len(rest)+1)
	ours.Clock.Advance(time.Minute)
	importAll(t, ours, heavier)
	if head := ours.Head(); head.Hash != heavier[len(rest)].Hash() {
		t.Errorf("head %+v, want the heavier fork from the final block", head)
	}
}

func TestHeadsDeliversTheNewest(t *testing.T) {
	c := chaintest.New(t)
	heads, stop := c.Heads()
	blocks := c.Seal(t, alice, 3)
	if head := <-heads; head.Hash != blocks[2].Hash() {
		t.Errorf("head %+v, want block 3", head)
	}
	stop()
	stop()
	if _, open := <-heads; open {
		t.Error("the channel is open after stop")
	}
	rest, _ := c.Heads()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, open := <-rest; open {
		t.Error("the channel is open after Close")
	}
	after, _ := c.Heads()
	if _, open := <-after; open {
		t.Error("a closed node delivers heads")
	}
}
