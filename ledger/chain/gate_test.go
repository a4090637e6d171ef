package chain_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/pow"
)

var alice, bob = common.Address{0xa1}, common.Address{0xb0}

// sealed is block with its header changed, and proof of work done again.
func sealed(t *testing.T, block *types.Block, change func(*types.Header)) *types.Block {
	t.Helper()
	header := block.Header()
	change(header)
	if _, err := pow.ParseSeal(header.Extra); err == nil {
		if header, _, err = pow.Search(context.Background(), header, 1); err != nil {
			t.Fatal(err)
		}
	}
	return block.WithSeal(header)
}

// paying is block with other withdrawals, and proof of work done again.
func paying(t *testing.T, block *types.Block, paid ...*types.Withdrawal) *types.Block {
	t.Helper()
	hash := types.DeriveSha(types.Withdrawals(paid), trie.NewStackTrie(nil))
	changed := sealed(t, block, func(h *types.Header) { h.WithdrawalsHash = &hash })
	return changed.WithBody(types.Body{Withdrawals: paid})
}

func TestImportRefuses(t *testing.T) {
	maker, node := chaintest.New(t), chaintest.New(t)
	blocks := maker.Seal(t, alice, 2)
	if err := node.Import(blocks[0]); err != nil {
		t.Fatal(err)
	}
	good := blocks[1]
	now := uint64(node.Clock.Now().Unix())
	for name, tc := range map[string]struct {
		block *types.Block
		want  error
	}{
		"seal":        {sealed(t, good, func(h *types.Header) { h.Extra = []byte("free") }), pow.ErrSealSize},
		"difficulty":  {sealed(t, good, func(h *types.Header) { h.Extra[11]-- }), pow.ErrWrongDifficulty},
		"prevRandao":  {sealed(t, good, func(h *types.Header) { h.MixDigest[0] ^= 1 }), pow.ErrPrevRandao},
		"beacon root": {sealed(t, good, func(h *types.Header) { h.ParentBeaconRoot = &common.Hash{1} }), pow.ErrBeaconRoot},
		"future":      {sealed(t, good, func(h *types.Header) { h.Time = now + 16 }), pow.ErrTimeFuture},
		"not rising":  {sealed(t, good, func(h *types.Header) { h.Time = blocks[0].Time() }), pow.ErrTimeNotRising},
		"orphan":      {sealed(t, good, func(h *types.Header) { h.ParentHash[0] ^= 1 }), chain.ErrUnknownParent},
		"no reward":   {paying(t, good), chain.ErrReward},
		"two rewards": {paying(t, good, good.Withdrawals()[0], good.Withdrawals()[0]), chain.ErrReward},
		"rich reward": {paying(t, good, &types.Withdrawal{Index: 2, Address: alice, Amount: chain.RewardGwei + 1}), chain.ErrReward},
		"bob's":       {paying(t, good, &types.Withdrawal{Index: 2, Address: bob, Amount: chain.RewardGwei}), chain.ErrReward},
		"reward index": {
			paying(t, good, &types.Withdrawal{Index: 3, Address: alice, Amount: chain.RewardGwei}), chain.ErrReward},
		"validator": {
			paying(t, good, &types.Withdrawal{Index: 2, Validator: 1, Address: alice, Amount: chain.RewardGwei}), chain.ErrReward},
		"coinbase stolen": {sealed(t, good, func(h *types.Header) { h.Coinbase = bob }), chain.ErrReward},
		"state root":      {sealed(t, good, func(h *types.Header) { h.Root[0] ^= 1 }), chain.ErrInvalid},
		"body swapped":    {good.WithBody(types.Body{Withdrawals: blocks[1].Withdrawals(), Transactions: someTransactions(t)}), chain.ErrInvalid},
	} {
		if err := node.Import(tc.block); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
		if head := node.Head(); head.Number != 1 {
			t.Fatalf("%s: the head is block %d", name, head.Number)
		}
	}
	if err := node.Import(unworked(t, good)); !errors.Is(err, pow.ErrWork) {
		t.Errorf("no work: error %v, want ErrWork", err)
	}
	for range 2 { // a known block is no error
		if err := node.Import(good); err != nil {
			t.Errorf("the good block itself: %v", err)
		}
	}
	if head := node.Head(); head.Hash != good.Hash() {
		t.Errorf("the head is %+v, want the good block", head)
	}
}

// unworked is block with a nonce that misses the target.
func unworked(t *testing.T, block *types.Block) *types.Block {
	t.Helper()
	header := block.Header()
	seal, err := pow.ParseSeal(header.Extra)
	if err != nil {
		t.Fatal(err)
	}
	for header.Hash().Cmp(pow.Target(seal.Difficulty)) <= 0 {
		seal.Nonce++
		header.Extra = seal.Bytes()
	}
	return block.WithSeal(header)
}

func someTransactions(t *testing.T) types.Transactions {
	t.Helper()
	key, _ := chaintest.Key(t, "alice")
	tx, err := types.SignNewTx(key, types.LatestSignerForChainID(common.Big1), &types.DynamicFeeTx{Gas: 21000, To: &bob})
	if err != nil {
		t.Fatal(err)
	}
	return types.Transactions{tx}
}
