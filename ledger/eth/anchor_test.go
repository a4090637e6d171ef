package eth_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/verify"
)

func (w *world) call(t *testing.T, to ledger.Address, input []byte) error {
	t.Helper()
	_, err := w.chain.Client().CallContract(t.Context(), ethereum.CallMsg{To: (*common.Address)(&to), Data: input}, nil)
	return err
}

func anchor(ctx context.Context, tr *eth.Transactor, kind string, size uint64, root ledger.Hash) error {
	_, err := tr.Anchor(ctx, kind, size, root)
	return err
}

func TestAnchor(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	const kind = ledger.LogReceipts
	log, root := ledger.LogID(kind, w.marketplace.Address()), ledger.HashBytes([]byte("root"))
	other := ledger.HashBytes([]byte("other root"))

	refused(t, anchor(ctx, w.researcher, kind, 1, root), eth.NotAnchorer)
	refused(t, anchor(ctx, w.marketplace, kind, 1, ledger.Hash{}), eth.ZeroRoot)
	must(t, anchor(ctx, w.marketplace, kind, 0, root)) // an empty log has a root as well
	t.Logf("anchor, first: %d gas", w.lastGas())
	must(t, anchor(ctx, w.marketplace, kind, 5, root))
	t.Logf("anchor, later: %d gas", w.lastGas())
	must(t, anchor(ctx, w.marketplace, kind, 5, root)) // again: nothing happens
	refused(t, anchor(ctx, w.marketplace, kind, 5, other), eth.RootConflict)
	refused(t, anchor(ctx, w.marketplace, kind, 4, other), eth.SizeFell)
	refused(t, anchor(ctx, w.marketplace, kind, 0, root), eth.SizeFell)
	must(t, anchor(ctx, w.marketplace, kind, 1<<64-1, other))
	must(t, w.operator.Remove(ctx, w.marketplace.Address()))
	refused(t, anchor(ctx, w.marketplace, kind, 1<<64-1, other), eth.NotAnchorer)

	w.finalise(t)
	for size, want := range map[uint64]ledger.Hash{0: root, 4: {}, 5: root, 1<<64 - 1: other} {
		if got, err := w.client.AnchorRoot(ctx, log, size); err != nil || got != want {
			t.Errorf("AnchorRoot at %d is %s, %v; want %s", size, got, err, want)
		}
	}
}

// TestAnchorsOfOneKeeper: nobody can take, block or write to the log of another;
// and one key's logs are apart by kind.
func TestAnchorsOfOneKeeper(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	const kind = ledger.LogReceipts
	mine, squat := ledger.HashBytes([]byte("mine")), ledger.HashBytes([]byte("squat"))
	must(t, anchor(ctx, w.hospital, kind, 9, squat)) // before the owner, at a greater size
	must(t, anchor(ctx, w.marketplace, kind, 5, mine))
	must(t, anchor(ctx, w.marketplace, ledger.LogProvider, 3, squat))
	w.finalise(t)

	market, hospital := w.marketplace.Address(), w.hospital.Address()
	want := map[ledger.Hash]map[uint64]ledger.Hash{
		ledger.LogID(kind, market):               {3: {}, 5: mine, 9: {}},
		ledger.LogID(ledger.LogProvider, market): {3: squat, 5: {}, 9: {}},
		ledger.LogID(kind, hospital):             {3: {}, 5: {}, 9: squat},
	}
	for log, sizes := range want {
		for size, root := range sizes {
			if got, err := w.client.AnchorRoot(ctx, log, size); err != nil || got != root {
				t.Errorf("AnchorRoot of %s at %d is %s, %v; want %s", log, size, got, err, root)
			}
		}
	}
}

// TestLogID asks the contract itself how it names logs.
func TestLogID(t *testing.T) {
	w := newWorld(t)
	anchors := contracts.NewAnchors()
	for _, keeper := range []ledger.Address{{}, {0: 0x80}, {19: 1}, w.marketplace.Address(), w.hospital.Address()} {
		for _, kind := range []string{"", ledger.LogReceipts, ledger.LogProvider} {
			input := anchors.PackLogIdOf(common.Address(keeper), ledger.LogKindHash(kind))
			output, err := w.chain.Client().CallContract(t.Context(), ethereum.CallMsg{To: (*common.Address)(&w.at.Anchors), Data: input}, nil)
			must(t, err)
			got, err := anchors.UnpackLogIdOf(output)
			must(t, err)
			if want := ledger.LogID(kind, keeper); got != want {
				t.Errorf("the contract calls the log %q of %s %x, Go %s", kind, keeper, got, want)
			}
		}
	}
}

func (w *world) trust() verify.Trust {
	return verify.Trust{
		Genesis: w.domain.Genesis, Rule: w.chain.Rule(), Anchors: w.at.Anchors, Confirmations: w.chain.Confirmations(),
	}
}

// hashOf is the hash of a block.
func (w *world) hashOf(t *testing.T, number uint64) ledger.Hash {
	t.Helper()
	header, err := w.chain.Client().HeaderByNumber(t.Context(), new(big.Int).SetUint64(number))
	must(t, err)
	return ledger.Hash(header.Hash())
}

func TestAnchorProof(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	log, root := ledger.LogID(ledger.LogReceipts, w.marketplace.Address()), ledger.HashBytes([]byte("root"))
	block, err := w.marketplace.Anchor(ctx, ledger.LogReceipts, 5, root)
	must(t, err)
	if _, final, err := w.anchorProof(t, log, 5, block); err != nil || final {
		t.Errorf("right after the block AnchorProof returned %t, %v; want false", final, err)
	}
	w.seal(t, common.Address{1}, int(w.chain.Confirmations()))
	proof, final, err := w.anchorProof(t, log, 5, block)
	if err != nil || !final {
		t.Fatalf("AnchorProof returned %t, %v; want true", final, err)
	}
	claim := verify.Claim{Log: log, Size: 5, Root: root}
	must(t, verify.Anchor(proof, w.trust(), claim, uint64(w.now())))
	if proof.Block != block {
		t.Errorf("proof is of block %d, want %d", proof.Block, block)
	}

	// The block remembered from before a reorganisation: proven where it is final.
	moved, final, err := w.anchorProof(t, log, 5, block-1)
	if err != nil || !final {
		t.Fatalf("AnchorProof of a moved anchor returned %t, %v; want true", final, err)
	}
	must(t, verify.Anchor(moved, w.trust(), claim, uint64(w.now())))
	// Headers from a block on that the verifier knows: before the anchor's, its own, after it, and not there yet.
	last, err := w.client.ProvableBlock(ctx)
	must(t, err)
	for known, want := range map[uint64]uint64{block - 1: block, block: block, last: last, last + 1: block} {
		proof, final, err := w.client.AnchorProof(ctx, log, 5, block, known)
		if err != nil || !final || proof.Block != want {
			t.Fatalf("AnchorProof from block %d returned one in %d, %t, %v; want %d", known, proof.Block, final, err, want)
		}
		trust, length := w.trust(), want+1+w.chain.Confirmations()
		if known <= last {
			trust.Known = &verify.Known{Block: known, Hash: w.hashOf(t, known)}
			length -= known
		}
		must(t, verify.Anchor(proof, trust, claim, uint64(w.now())))
		if uint64(len(proof.Headers)) != length {
			t.Errorf("%d headers from block %d, want %d", len(proof.Headers), known, length)
		}
	}
	if _, final, err := w.anchorProof(t, log, 6, block); err != nil || final {
		t.Errorf("AnchorProof of what was not anchored returned %t, %v; want false", final, err)
	}
}

// TestConcurrentWrites sends from one key at once: every transaction must come in.
func TestConcurrentWrites(t *testing.T) {
	w := newWorld(t)
	const writers = 24
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			errs[i] = anchor(t.Context(), w.hospital, fmt.Sprint(i), 1, ledger.HashBytes([]byte("root")))
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
}

// TestRefusedInBlock has two accounts claim the same block before either claim is
// in one: the estimates of both are good, and the second fails on the chain.
func TestRefusedInBlock(t *testing.T) {
	w := newWorld(t)
	header := w.seal(t, common.Address(w.researcher.Address()), 1)[0]
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	w.sealing.Lock() // no block until both are in the pool
	errs := make(chan error)
	for _, tr := range []*eth.Transactor{w.hospital, w.marketplace} {
		go func() { errs <- tr.ClaimHeaders(t.Context(), header) }()
		for pending, mined := uint64(0), uint64(0); pending == mined; {
			var first, second error
			pending, first = w.chain.Client().PendingNonceAt(t.Context(), common.Address(tr.Address()))
			mined, second = w.chain.Client().NonceAt(t.Context(), common.Address(tr.Address()), nil)
			must(t, errors.Join(first, second))
		}
	}
	w.sealing.Unlock()
	first, second := <-errs, <-errs
	if (first == nil) == (second == nil) {
		t.Fatalf("the claims returned %v and %v, want one of them refused", first, second)
	}
	refused(t, cmp.Or(first, second), eth.AlreadyClaimed)
}

// TestWriteCancelled leaves a transaction behind; the next write must still get in.
func TestWriteCancelled(t *testing.T) {
	w := newWorld(t)
	w.sealing.Lock() // no block for now
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	const kind = ledger.LogProvider
	log, root := ledger.LogID(kind, w.hospital.Address()), ledger.HashBytes([]byte("root"))
	go func() { done <- anchor(ctx, w.hospital, kind, 1, root) }()
	for pending := uint64(0); pending == 0; {
		count, err := w.chain.Client().PendingNonceAt(t.Context(), common.Address(w.hospital.Address()))
		must(t, err)
		pending = count
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("a write whose context ended returned nil")
	}
	w.sealing.Unlock()
	must(t, anchor(t.Context(), w.hospital, kind, 2, root))
	w.finalise(t)
	if got, err := w.client.AnchorRoot(t.Context(), log, 1); err != nil || got != root {
		t.Errorf("the write left behind: root %s, %v; want %s", got, err, root)
	}
}

// anchorProof asks for a proof, and whether there is one.
func (w *world) anchorProof(t *testing.T, log ledger.Hash, size, block uint64) (ledger.AnchorProof, bool, error) {
	t.Helper()
	proof, found, err := w.client.AnchorProof(t.Context(), log, size, block, 0)
	if provable, asked := w.client.AnchorProvable(t.Context(), log, size, block); provable != found || asked != nil {
		t.Errorf("provable: %t, %v; found: %t", provable, asked, found)
	}
	return proof, found, err
}
