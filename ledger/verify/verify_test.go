package verify_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/ledger/verify"
)

// wantMismatch fails unless g is refused for that part, because of that.
func wantMismatch(t *testing.T, g golden, part string, cause error) {
	t.Helper()
	err := g.verify()
	var mismatch *ledger.MismatchError
	if !errors.As(err, &mismatch) || mismatch.Part != part {
		t.Errorf("got %v, want a mismatch of %s", err, part)
		return
	}
	if cause != nil && !errors.Is(err, cause) {
		t.Errorf("got %v, want it to be %v", err, cause)
	}
}

// notUnderRace skips a test with -short, which is how make test-race runs them: it does one thing after another,
// so the race detector would find nothing that make test does not.
func notUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}

func TestAnchor(t *testing.T) {
	if err := read(t).verify(); err != nil {
		t.Fatal(err)
	}
}

// TestEveryByteOfHeaders flips one bit of each byte of each header, and all bits
// of the last header, on which no other depends.
func TestEveryByteOfHeaders(t *testing.T) {
	notUnderRace(t)
	g := read(t)
	for n, header := range g.Proof.Headers {
		last := n == len(g.Proof.Headers)-1
		for i := range header {
			for bit := range 8 {
				if !last && bit != i%8 {
					continue
				}
				header[i] ^= 1 << bit
				wantMismatch(t, g, verify.PartHeaders, nil)
				header[i] ^= 1 << bit
				if t.Failed() {
					t.Fatalf("header %d, byte %d, bit %d", n, i, bit)
				}
			}
		}
	}
}

// TestEveryBitOfNodes flips each bit of each trie node.
func TestEveryBitOfNodes(t *testing.T) {
	notUnderRace(t)
	g := read(t)
	for part, nodes := range map[string][]ledger.Bytes{verify.PartAccount: g.Proof.Account, verify.PartStorage: g.Proof.Storage} {
		for n, node := range nodes {
			for i := range 8 * len(node) {
				node[i/8] ^= 1 << (i % 8)
				wantMismatch(t, g, part, verify.ErrNodeMissing)
				node[i/8] ^= 1 << (i % 8)
			}
			if t.Failed() {
				t.Fatalf("%s, node %d", part, n)
			}
		}
	}
}

func TestEveryBitOfBlock(t *testing.T) {
	g := read(t)
	for i := range 64 {
		g.Proof.Block ^= 1 << i
		wantMismatch(t, g, verify.PartBlock, verify.ErrConfirmations)
		g.Proof.Block ^= 1 << i
	}
}

// TestListsOfProof drops, repeats, swaps and adds elements.
func TestListsOfProof(t *testing.T) {
	lists := map[string]func(*ledger.AnchorProof) *[]ledger.Bytes{
		verify.PartHeaders: func(p *ledger.AnchorProof) *[]ledger.Bytes { return &p.Headers },
		verify.PartAccount: func(p *ledger.AnchorProof) *[]ledger.Bytes { return &p.Account },
		verify.PartStorage: func(p *ledger.AnchorProof) *[]ledger.Bytes { return &p.Storage },
	}
	for part, list := range lists {
		whole := read(t).Proof
		size := len(*list(&whole))
		if size < 2 {
			t.Fatalf("%s has %d elements: the golden proof shows too little", part, size)
		}
		for i := range size {
			t.Run(fmt.Sprintf("%s %d dropped", part, i), func(t *testing.T) {
				g := read(t)
				l := list(&g.Proof)
				*l = slices.Delete(*l, i, i+1)
				if part == verify.PartHeaders && i == size-1 {
					wantMismatch(t, g, verify.PartBlock, verify.ErrConfirmations)
					return
				}
				wantMismatch(t, g, part, nil)
			})
			t.Run(fmt.Sprintf("%s %d twice", part, i), func(t *testing.T) {
				g := read(t)
				l := list(&g.Proof)
				*l = slices.Insert(*l, i, (*l)[i])
				wantMismatch(t, g, part, nil)
			})
			t.Run(fmt.Sprintf("%s %d swapped", part, i), func(t *testing.T) {
				g := read(t)
				l := *list(&g.Proof)
				j := (i + 1) % size
				l[i], l[j] = l[j], l[i]
				wantMismatch(t, g, part, nil)
			})
		}
		t.Run(part+" empty", func(t *testing.T) {
			g := read(t)
			*list(&g.Proof) = nil
			wantMismatch(t, g, part, nil)
		})
		t.Run(part+" with an empty one more", func(t *testing.T) {
			g := read(t)
			l := list(&g.Proof)
			*l = append(*l, ledger.Bytes{})
			wantMismatch(t, g, part, nil)
		})
	}
}

func TestNamesTheBlock(t *testing.T) {
	g := read(t)
	seal := bytes.Index(g.Proof.Headers[3], []byte("MRP1")) + 31
	g.Proof.Headers[3][seal] ^= 1
	wantMismatch(t, g, verify.PartHeaders, pow.ErrWork)
	var block *pow.BlockError
	if err := g.verify(); !errors.As(err, &block) || block.Number != 3 {
		t.Errorf("got %v, want it to name block 3", err)
	}
}

func TestTrust(t *testing.T) {
	tests := map[string]struct {
		change func(*golden)
		part   string
		cause  error
	}{
		"no genesis":         {func(g *golden) { g.Trust.Genesis = ledger.Hash{} }, verify.PartTrust, verify.ErrTrust},
		"no contract":        {func(g *golden) { g.Trust.Anchors = ledger.Address{} }, verify.PartTrust, verify.ErrTrust},
		"no confirmations":   {func(g *golden) { g.Trust.Confirmations = 0 }, verify.PartTrust, verify.ErrTrust},
		"no rule":            {func(g *golden) { g.Trust.Rule = pow.Rule{} }, verify.PartHeaders, pow.ErrRule},
		"other genesis":      {func(g *golden) { g.Trust.Genesis[31] ^= 1 }, verify.PartHeaders, pow.ErrTrusted},
		"other rule":         {func(g *golden) { g.Trust.Rule.TargetSpacing++ }, verify.PartHeaders, pow.ErrGenesisRule},
		"other contract":     {func(g *golden) { g.Trust.Anchors[19] ^= 1 }, verify.PartAccount, nil},
		"more confirmations": {func(g *golden) { g.Trust.Confirmations++ }, verify.PartBlock, verify.ErrConfirmations},
		"less confirmations": {func(g *golden) { g.Trust.Confirmations-- }, verify.PartBlock, verify.ErrConfirmations},
		"clock behind":       {func(g *golden) { g.Now -= pow.MaxFuture + 1 }, verify.PartHeaders, pow.ErrTimeFuture},
		"other log":          {func(g *golden) { g.Claim.Log[0] ^= 1 }, verify.PartStorage, nil},
		"other size":         {func(g *golden) { g.Claim.Size-- }, verify.PartStorage, nil},
		"far other size":     {func(g *golden) { g.Claim.Size ^= 1 << 63 }, verify.PartStorage, nil},
		"other root":         {func(g *golden) { g.Claim.Root[31] ^= 1 }, verify.PartRoot, verify.ErrOtherRoot},
		"no root":            {func(g *golden) { g.Claim.Root = ledger.Hash{} }, verify.PartRoot, verify.ErrOtherRoot},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := read(t)
			test.change(&g)
			wantMismatch(t, g, test.part, test.cause)
		})
	}
}

// TestAbsent cuts a proof down to what shows that a slot is empty.
func TestAbsent(t *testing.T) {
	g := read(t)
	for size := range uint64(64) {
		g.Claim.Size = 1000 + size
		for n := range g.Proof.Storage {
			cut := g
			cut.Proof.Storage = g.Proof.Storage[:n+1]
			if err := cut.verify(); errors.Is(err, verify.ErrAbsent) {
				wantMismatch(t, cut, verify.PartStorage, verify.ErrAbsent)
				return
			}
		}
	}
	t.Error("no proof of absence was recognised")
}

// TestKnown: headers may begin with the block that is known, and with no other but the genesis block.
func TestKnown(t *testing.T) {
	g := read(t)
	known := func(n uint64) *verify.Known {
		return &verify.Known{Block: n, Hash: ledger.Hash(crypto.Keccak256Hash(g.Proof.Headers[n]))}
	}
	from := func(n uint64, trusted *verify.Known) golden {
		cut := g
		cut.Proof.Headers, cut.Trust.Known = g.Proof.Headers[n:], trusted
		return cut
	}
	if g.Proof.Block < 2 {
		t.Fatalf("anchored in block %d: there is nothing between it and genesis", g.Proof.Block)
	}
	for n := range g.Proof.Block {
		for name, good := range map[string]golden{"begins there": from(n+1, known(n+1)), "begins with genesis": from(0, known(n+1))} {
			if err := good.verify(); err != nil {
				t.Errorf("known %d, %s: %v", n+1, name, err)
			}
			if got, want := verify.AnchoredIn(good.Proof, good.Trust), *known(g.Proof.Block); got != want {
				t.Errorf("known %d, %s: anchored in %v, want %v", n+1, name, got, want)
			}
		}
		wantMismatch(t, from(n+1, nil), verify.PartHeaders, pow.ErrTrusted)
		wantMismatch(t, from(n+1, known(n)), verify.PartHeaders, pow.ErrTrusted)
	}
	other := known(1)
	other.Hash[0] ^= 1
	wantMismatch(t, from(1, other), verify.PartHeaders, pow.ErrTrusted)
	other = known(1)
	other.Block++
	wantMismatch(t, from(1, other), verify.PartHeaders, pow.ErrTrusted)
	// What comes before the known block cannot be proven by what comes after it.
	wantMismatch(t, from(g.Proof.Block+1, known(g.Proof.Block+1)), verify.PartBlock, verify.ErrConfirmations)
	cut := from(1, known(1)) // a block too few on top
	cut.Proof.Headers = cut.Proof.Headers[:len(cut.Proof.Headers)-1]
	wantMismatch(t, cut, verify.PartBlock, verify.ErrConfirmations)
}

// FuzzAnchor changes proofs at will: none but the true one may pass.
func FuzzAnchor(f *testing.F) {
	g := read(f)
	raw, err := json.Marshal(g.Proof)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"block":1,"headers":["0x"],"account":[],"storage":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		changed := g
		changed.Proof = ledger.AnchorProof{}
		if json.Unmarshal(raw, &changed.Proof) != nil {
			return
		}
		var mismatch *ledger.MismatchError
		switch err := changed.verify(); {
		case err == nil && !reflect.DeepEqual(changed.Proof, g.Proof):
			t.Error("a changed proof passed")
		case err != nil && !errors.As(err, &mismatch):
			t.Errorf("error %v names no part", err)
		}
	})
}
