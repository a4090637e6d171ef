package pow_test

import (
	"context"
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// easy is a rule whose blocks take a few dozen hashes.
var easy = pow.Rule{GenesisDifficulty: 64, MinDifficulty: 16, TargetSpacing: 10}

const genesisTime = 1_700_000_000

// header returns a header of the right shape without a seal.
func header(number int64, time uint64) *types.Header {
	return &types.Header{
		UncleHash:        types.EmptyUncleHash,
		Root:             types.EmptyRootHash,
		TxHash:           types.EmptyTxsHash,
		ReceiptHash:      types.EmptyReceiptsHash,
		Difficulty:       new(big.Int),
		Number:           big.NewInt(number),
		GasLimit:         60_000_000,
		Time:             time,
		BaseFee:          common.Big1,
		WithdrawalsHash:  &types.EmptyWithdrawalsHash,
		BlobGasUsed:      new(uint64),
		ExcessBlobGas:    new(uint64),
		ParentBeaconRoot: new(common.Hash),
		RequestsHash:     &types.EmptyRequestsHash,
	}
}

func genesis() *types.Header {
	h := header(0, genesisTime)
	h.Extra = easy.Extra()
	return h
}

// child returns a sealed child of parent, with change applied before sealing.
func child(t testing.TB, parent *types.Header, change func(*types.Header)) *types.Header {
	t.Helper()
	h := header(parent.Number.Int64()+1, parent.Time+10)
	h.ParentHash, h.MixDigest = parent.Hash(), parent.Hash()
	difficulty, err := pow.NextDifficulty(easy, parent, h.Time)
	if err != nil {
		t.Fatal(err)
	}
	h.Extra = pow.Seal{Difficulty: difficulty}.Bytes()
	if change != nil {
		change(h)
	}
	return search(t, h)
}

func search(t testing.TB, h *types.Header) *types.Header {
	t.Helper()
	if _, err := pow.ParseSeal(h.Extra); err != nil {
		return h // a test of broken seals
	}
	sealed, _, err := pow.Search(context.Background(), h, 1)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// Every rule has a block that breaks just this one, with enough work done.
func TestVerifySealRefuses(t *testing.T) {
	parent := child(t, genesis(), nil)
	const now = genesisTime + 20
	if err := pow.VerifySeal(easy, parent, child(t, parent, nil), now); err != nil {
		t.Fatalf("a good block: %v", err)
	}
	for name, tc := range map[string]struct {
		change func(*types.Header)
		want   error
	}{
		"parent hash":       {func(h *types.Header) { h.ParentHash[0] ^= 1 }, pow.ErrParentHash},
		"number repeats":    {func(h *types.Header) { h.Number = big.NewInt(1) }, pow.ErrNumber},
		"number skips":      {func(h *types.Header) { h.Number = big.NewInt(3) }, pow.ErrNumber},
		"equal time":        {func(h *types.Header) { h.Time = parent.Time }, pow.ErrTimeNotRising},
		"time falls":        {func(h *types.Header) { h.Time = parent.Time - 1 }, pow.ErrTimeNotRising},
		"16 s ahead":        {func(h *types.Header) { h.Time = now + pow.MaxFuture + 1 }, pow.ErrTimeFuture},
		"prevRandao":        {func(h *types.Header) { h.MixDigest[31] ^= 1 }, pow.ErrPrevRandao},
		"beacon root":       {func(h *types.Header) { h.ParentBeaconRoot = &common.Hash{1} }, pow.ErrBeaconRoot},
		"no seal":           {func(h *types.Header) { h.Extra = nil }, pow.ErrSealSize},
		"other magic":       {func(h *types.Header) { h.Extra[0] = 'X' }, pow.ErrSealMagic},
		"difficulty less":   {func(h *types.Header) { h.Extra[11]-- }, pow.ErrWrongDifficulty},
		"difficulty more":   {func(h *types.Header) { h.Extra[11]++ }, pow.ErrWrongDifficulty},
		"ignores its time":  {func(h *types.Header) { h.Time += 10 }, pow.ErrWrongDifficulty},
		"header difficulty": {func(h *types.Header) { h.Difficulty = common.Big1 }, pow.ErrHeaderShape},
		"header nonce":      {func(h *types.Header) { h.Nonce[0] = 1 }, pow.ErrHeaderShape},
		"uncles":            {func(h *types.Header) { h.UncleHash = common.Hash{} }, pow.ErrHeaderShape},
		"older fork":        {func(h *types.Header) { h.RequestsHash = nil }, pow.ErrHeaderShape},
		"later fork":        {func(h *types.Header) { h.BlockAccessListHash = new(common.Hash) }, pow.ErrHeaderShape},
		"128-bit number":    {func(h *types.Header) { h.Number = new(big.Int).Lsh(common.Big1, 64) }, pow.ErrHeaderShape},
	} {
		if err := pow.VerifySeal(easy, parent, child(t, parent, tc.change), now); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
}

func TestVerifySealRefusesTooLittleWork(t *testing.T) {
	parent := genesis()
	good := child(t, parent, nil)
	seal, err := pow.ParseSeal(good.Extra)
	if err != nil {
		t.Fatal(err)
	}
	for { // the next nonce that does not meet the target
		seal.Nonce++
		good.Extra = seal.Bytes()
		if good.Hash().Cmp(pow.Target(seal.Difficulty)) > 0 {
			break
		}
	}
	if err := pow.VerifySeal(easy, parent, good, good.Time); !errors.Is(err, pow.ErrWork) {
		t.Errorf("error %v, want ErrWork", err)
	}
}

func TestVerifySealAtTheEdgeOfTheFuture(t *testing.T) {
	parent := genesis()
	block := child(t, parent, nil)
	if err := pow.VerifySeal(easy, parent, block, block.Time-pow.MaxFuture); err != nil {
		t.Errorf("15 s ahead: %v", err)
	}
}

func TestVerifyUnlinked(t *testing.T) {
	const now = genesisTime + 100
	good := child(t, genesis(), func(h *types.Header) { h.ParentHash, h.MixDigest = common.Hash{1}, common.Hash{2} })
	if err := pow.VerifyUnlinked(easy, good, now); err != nil {
		t.Errorf("a sealed header on an unknown parent: %v", err)
	}
	lazy := types.CopyHeader(good)
	for lazy.Hash().Cmp(pow.Target(64)) <= 0 {
		lazy.Extra[31]++
	}
	for name, tc := range map[string]struct {
		header *types.Header
		want   error
	}{
		"no work":   {lazy, pow.ErrWork},
		"too easy":  {child(t, genesis(), func(h *types.Header) { h.Extra = pow.Seal{Difficulty: easy.MinDifficulty - 1}.Bytes() }), pow.ErrWrongDifficulty},
		"future":    {child(t, genesis(), func(h *types.Header) { h.Time = now + pow.MaxFuture + 1 }), pow.ErrTimeFuture},
		"no seal":   {&types.Header{}, pow.ErrHeaderShape},
		"old forks": {child(t, genesis(), func(h *types.Header) { h.Difficulty = common.Big1 }), pow.ErrHeaderShape},
	} {
		if err := pow.VerifyUnlinked(easy, tc.header, now); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
	if err := pow.VerifyUnlinked(easy, child(t, genesis(), func(h *types.Header) { h.Time = now + pow.MaxFuture }), now); err != nil {
		t.Errorf("at the bound of the future: %v", err)
	}
}
