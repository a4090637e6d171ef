package audit_test

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/audit"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

type hash = tlog.Hash

func TestCheck(t *testing.T) {
	w := newWorld(t)
	var heard []int
	sum, err := audit.Check(w.history, w.trust, audit.Options{Now: 9000, Progress: func(done, total int) { heard = append(heard, done, total) }})
	ok(t, err)
	want := audit.Summary{Studies: 1, Entries: 3, Anchored: 3, Receipts: 3, Escrows: 1, Anchors: 5, Leaves: 192, Releases: 3}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{3, 195, 195, 195}, heard); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// G6: whatever of the history is changed, left out or added, is seen, and named.
func TestG6Tampering(t *testing.T) {
	for name, c := range map[string]struct {
		part   string // of the fault, a prefix
		change func(*testing.T, *world)
	}{
		"an entry left out": {"entry 1", func(_ *testing.T, w *world) {
			w.history.Entries = append(w.history.Entries[:1], w.history.Entries[2])
		}},
		"an entry left out, and the others moved up": {"anchor of the receipts log", func(_ *testing.T, w *world) {
			w.history.Receipts = nil
			w.history.Entries = append(w.history.Entries[:1], w.history.Entries[2])
			w.history.Entries[1].Index = 1
		}},
		"the last entry left out": {"anchor of the receipts log", func(_ *testing.T, w *world) {
			w.history.Receipts, w.history.Entries = w.history.Receipts[:2], w.history.Entries[:2]
		}},
		"entries swapped": {"anchor of the receipts log", func(_ *testing.T, w *world) {
			w.history.Receipts = nil
			e := w.history.Entries
			e[0], e[1] = e[1], e[0]
			e[0].Index, e[1].Index = 0, 1
		}},
		"an answer twice":             {"entry 1", func(_ *testing.T, w *world) { w.history.Entries[1].Request = w.history.Entries[0].Request }},
		"a price, beside the receipt": {"receipt of entry 1", func(_ *testing.T, w *world) { w.history.Entries[1].Work++ }},
		"a time, beside the receipt":  {"receipt of entry 2", func(_ *testing.T, w *world) { w.history.Entries[2].Time++ }},
		"a purpose":                   {"receipt of entry 0", func(_ *testing.T, w *world) { w.history.Entries[0].Permission = "DUO:0000042" }},
		"a cost":                      {"entry 0", func(_ *testing.T, w *world) { w.history.Entries[0].NanoRho-- }},
		"a cost, at the hospital too": {"receipt of entry 0", func(_ *testing.T, w *world) {
			w.history.Entries[0].NanoRho--
			w.history.Entries[0].Hospitals[0].NanoRho--
		}},
		"another leaf": {"receipt of entry 2", func(_ *testing.T, w *world) { w.history.Entries[2].Leaf[0]++ }},
		"another leaf, without the receipt": {"anchor of the receipts log", func(_ *testing.T, w *world) {
			w.history.Receipts = nil
			w.history.Entries[2].Leaf[0]++
		}},
		"a receipt of another entry": {"receipt of entry 0", func(_ *testing.T, w *world) { w.history.Receipts[0].Content = w.history.Receipts[1].Content }},
		"a byte of a receipt": {"receipt of entry 1", func(_ *testing.T, w *world) {
			w.history.Receipts[1].Content = []byte(strings.Replace(string(w.history.Receipts[1].Content), `"work":2`, `"work":1`, 1))
		}},
		"receipts out of order": {"receipts", func(_ *testing.T, w *world) {
			r := w.history.Receipts
			r[0], r[1] = r[1], r[0]
		}},
		"a grant that the chain does not have": {"entry 0", func(_ *testing.T, w *world) { w.history.Studies = nil }},
		"another document of the grant":        {"study ", func(_ *testing.T, w *world) { w.history.Studies[0].Record.Document[0]++ }},
		"somebody who is not of the study":     {"entry 0", func(_ *testing.T, w *world) { w.history.Studies[0].Researchers = nil }},
		"before the study began":               {"entry 0", func(_ *testing.T, w *world) { w.history.Studies[0].Record.NotBefore = start + 1 }},
		"after the study ended":                {"entry 2", func(_ *testing.T, w *world) { w.history.Studies[0].Record.Expiry = start + 2 }},
		"after its review was due":             {"entry 2", func(_ *testing.T, w *world) { w.history.Studies[0].Record.ReviewBy = start + 2 }},
		"more than was granted":                {"entry 2", func(_ *testing.T, w *world) { w.history.Studies[0].Record.Ceilings[0] = 2 * nanoRho }},
		"another dataset": {"entry 0", func(_ *testing.T, w *world) {
			w.history.Studies[0].Record.Datasets[0] = ledger.DatasetID("st-bo")
		}},
		"escrow that does not cover all answers": {"escrow of 0x", func(_ *testing.T, w *world) { w.history.Escrows[0].Held-- }},
		"escrow that went back": {"escrow of 0x", func(_ *testing.T, w *world) {
			w.history.Escrows[0] = audit.Escrow{Researcher: w.researcher.Address(), Burnt: 5}
		}},
		"hospitals that drew more than is said": {"escrow of 0x", func(t *testing.T, w *world) {
			w.history.Studies[0].Record.Ceilings[0] = 4 * nanoRho
			w.cheap = true
			w.answer(t, 3, w.history.Studies[0].ID, w.history.Logs[1].Leaves[:64])
		}},
		"no escrow":        {"escrow of 0x", func(_ *testing.T, w *world) { w.history.Escrows = nil }},
		"another's escrow": {"escrow of 0x", func(_ *testing.T, w *world) { w.history.Escrows[0].Researcher[0]++ }},
		"an escrow twice": {"escrow of 0x", func(_ *testing.T, w *world) {
			w.history.Escrows = append(w.history.Escrows, w.history.Escrows[0])
		}},
		"escrow below zero":         {"escrow of 0x", func(_ *testing.T, w *world) { w.history.Escrows[0].Burnt = -1 }},
		"escrow beyond all numbers": {"escrow of 0x", func(_ *testing.T, w *world) { w.history.Escrows[0].Burnt = math.MaxInt64 }},
		"another root on the chain": {"anchor of the receipts log", func(_ *testing.T, w *world) { w.history.Logs[0].Anchors[0].Root[0]++ }},
		"anchors in no order": {"anchor of the receipts log", func(_ *testing.T, w *world) {
			a := w.history.Logs[0].Anchors
			a[0], a[1] = a[1], a[0]
		}},
		"another marketplace": {"marketplace", func(_ *testing.T, w *world) { w.history.Marketplace[0]++ }},
		"another log":         {"logs", func(_ *testing.T, w *world) { w.history.Logs[0].Keeper[0]++ }},
		"a hospital nobody trusts": {"logs", func(_ *testing.T, w *world) {
			w.trust.Providers = append(w.trust.Providers, ledger.Address{9})
			w.history.Logs[1].Keeper[0]++
		}},
		"a leaf of a hospital":         {"log of ", func(_ *testing.T, w *world) { w.history.Logs[1].Leaves[10][0]++ }},
		"another root of a hospital's": {"anchor of the provider log", func(_ *testing.T, w *world) { w.history.Logs[1].Anchors[2].Root[0]++ }},
		"a leaf between anchors":       {"log of ", func(_ *testing.T, w *world) { w.history.Logs[1].Leaves[100][0]++ }},
		"a hospital that cuts its log": {"log of ", func(_ *testing.T, w *world) {
			w.history.Logs[1].Leaves, w.history.Logs[1].Anchors = w.history.Logs[1].Leaves[:128], w.history.Logs[1].Anchors[:2]
		}},
		"a hospital that says two roots": {"receipt of entry 3", func(t *testing.T, w *world) {
			w.history.Studies[0].Record.Ceilings[0] = 4 * nanoRho
			w.answer(t, 9, w.history.Studies[0].ID, make([]ledger.Hash, 64))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w)
			_, err := w.check()
			var f *audit.Fault
			if !errors.As(err, &f) || !strings.HasPrefix(f.Part, c.part) {
				t.Errorf("got %v, want a fault of %s", err, c.part)
			}
		})
	}
}

// What was spent under an amendment counts on, within the greatest ceiling that the study had.
func TestAmendmentsSpendOn(t *testing.T) {
	w := newWorld(t)
	first := w.history.Studies[0]
	amended := audit.Study{ID: ledger.Hash{7}, Researchers: first.Researchers, Record: first.Record}
	amended.Record.Document, amended.Record.Amends, amended.Record.Ceilings = amended.ID, first.ID, []uint64{4 * nanoRho}
	w.history.Studies = append(w.history.Studies, amended)
	w.answer(t, 3, amended.ID, w.history.Logs[1].Leaves[:64])
	_, err := w.check()
	ok(t, err)
	w.history.Studies[1].Record.Ceilings = []uint64{3 * nanoRho}
	if _, err = w.check(); err == nil || !strings.HasPrefix(err.Error(), "entry 3: study") {
		t.Errorf("beyond all ceilings: %v", err)
	}
	// What the committee of another organisation approved spends for itself.
	w.history.Studies[1].Record.Organisation, w.history.Studies[1].Record.Ceilings = ledger.Hash{8}, []uint64{nanoRho}
	_, err = w.check()
	ok(t, err)
}

// golden are two answers of the demo, one with its receipt, anchored on a real chain, as a history with its proof.
func golden(t *testing.T) (h audit.History, trust verifier.Trust, now int64) {
	t.Helper()
	content, err := os.ReadFile("../verifier/testdata/receipt.json")
	ok(t, err)
	raw, err := os.ReadFile("../verifier/testdata/trust.json")
	ok(t, err)
	trust, err = verifier.ParseTrust(raw)
	ok(t, err)
	var r ledger.Receipt
	ok(t, ledger.ParseCanonical(content, &r))
	if r.Inclusion.Size != 2 || r.Inclusion.Index != 0 {
		t.Fatalf("the demo's receipt is number %d of %d", r.Inclusion.Index, r.Inclusion.Size)
	}
	s, a := r.Statement, r.Anchor
	e, err := audit.EntryOf(r, 0)
	ok(t, err)
	other := e // its receipt is not shown, and nothing of it known but the leaf
	other.Index, other.Request, other.Leaf = 1, ledger.Hash{1}, r.Inclusion.Path[0]
	return audit.History{
		Marketplace: r.Marketplace, Entries: []audit.Entry{e, other}, Receipts: []audit.Shown{{Content: content}},
		Studies: []audit.Study{{ID: e.Grant, Researchers: []ledger.Address{s.Researcher}, Record: ledger.GrantRecord{
			Document: e.Grant, Study: e.Grant, Datasets: []ledger.Hash{ledger.DatasetID(s.Ask.Dataset)}, Ceilings: []uint64{2 * uint64(s.NanoRho)}, NotBefore: s.Time, Expiry: s.Time + 1,
		}}},
		Escrows: []audit.Escrow{{Researcher: s.Researcher, Burnt: s.Work, Held: s.Work}},
		Logs: []audit.Log{{
			Kind: ledger.LogReceipts, Keeper: r.Marketplace, Anchors: []ledger.Anchored{{Size: 2, Root: r.Inclusion.Root}}, Storage: [][]ledger.Bytes{a.Storage},
		}},
		Proof: &audit.Proof{Block: a.Block, Headers: a.Headers, Account: a.Account},
	}, trust, s.Time + 3600
}

// G6: an export is checked without a node: an anchor that the chain does not have is seen.
func TestG6Proven(t *testing.T) {
	h, trust, now := golden(t)
	check := func(h audit.History) error {
		_, err := audit.Check(h, trust, audit.Options{Now: now, Proven: true})
		return err
	}
	ok(t, check(h))
	for name, change := range map[string]func(*audit.History){
		"no proof":        func(h *audit.History) { h.Proof = nil },
		"another size":    func(h *audit.History) { h.Logs[0].Anchors[0].Size = 1 },
		"another root":    func(h *audit.History) { h.Logs[0].Anchors[0].Root[0]++ },
		"no storage":      func(h *audit.History) { h.Logs[0].Storage = nil },
		"another account": func(h *audit.History) { h.Proof.Account[0][9]++ },
		"another header":  func(h *audit.History) { h.Proof.Headers[3][9]++ },
		"another block":   func(h *audit.History) { h.Proof.Block-- },
	} {
		bad, _, _ := golden(t)
		change(&bad)
		var f *audit.Fault
		if err := check(bad); !errors.As(err, &f) || !strings.HasPrefix(f.Part, "anchor") {
			t.Errorf("%s: got %v, want a fault of the anchors", name, err)
		}
	}
}
