package audit_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/audit"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// world is a marketplace and a hospital with three answers, all of it signed.
type world struct {
	domain                       ledger.Domain
	researcher, market, hospital *ledger.Key
	trust                        verifier.Trust
	history                      audit.History
	receipts                     []ledger.Receipt
	cheap                        bool // statements say a price of 0
}

const (
	dataset = "st-ada"
	nanoRho = 1_000_000
	start   = 1000 // of the study, Unix seconds
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		domain: ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("genesis"))}, researcher: key(t, 1), market: key(t, 2), hospital: key(t, 3),
	}
	w.trust = verifier.Trust{
		ChainID: w.domain.ChainID, Genesis: w.domain.Genesis, Rule: pow.Rule{}, Confirmations: 1, Anchors: ledger.Address{1},
		Marketplaces: []ledger.Address{w.market.Address()}, Providers: []ledger.Address{w.hospital.Address()},
	}
	grant := ledger.HashBytes([]byte("grant"))
	hospital := audit.Log{Kind: ledger.LogProvider, Keeper: w.hospital.Address()}
	for i := range 192 {
		hospital.Leaves = append(hospital.Leaves, ledger.LeafHash([]byte{byte(i)}))
	}
	for _, size := range []uint64{0, 64, 192} {
		hospital.Anchors = append(hospital.Anchors, ledger.Anchored{Size: size, Root: rootOf(t, hospital.Leaves[:size])})
	}
	w.history = audit.History{
		Marketplace: w.market.Address(),
		Studies: []audit.Study{{ID: grant, Researchers: []ledger.Address{w.researcher.Address()}, Record: ledger.GrantRecord{
			Document: grant, Study: grant, Datasets: []ledger.Hash{ledger.DatasetID(dataset)}, Ceilings: []uint64{3 * nanoRho}, NotBefore: start, Expiry: 9000,
		}}},
		Escrows: []audit.Escrow{{Researcher: w.researcher.Address()}}, // of all that she asks
		Logs:    []audit.Log{{Kind: ledger.LogReceipts, Keeper: w.market.Address()}, hospital},
	}
	for i := range 3 {
		w.answer(t, i, grant, hospital.Leaves[:64*(i+1)])
	}
	log := &w.history.Logs[0]
	for _, size := range []int{1, 3} {
		log.Anchors = append(log.Anchors, ledger.Anchored{Size: uint64(size), Root: rootOf(t, leavesOf(w.history.Entries[:size]))})
	}
	return w
}

// answer adds a receipt, and its entry.
func (w *world) answer(t *testing.T, i int, grant ledger.Hash, log []ledger.Hash) {
	t.Helper()
	plan, err := dp.NewPlan(dp.Query{Dataset: dataset, GroupBy: []dp.Group{{Kind: dp.Sex}}, NanoRho: nanoRho}, dp.Metadata{Dataset: dataset, Version: "v1", ReferenceYear: 2020})
	ok(t, err)
	content, err := ledger.Canonical(plan.Statement())
	ok(t, err)
	ask := ledger.Ask{
		RequestID: ledger.Hash{byte(i + 1)}, PlanHash: ledger.HashBytes(content), Grant: grant, Provider: w.hospital.Address(), Dataset: dataset,
		Purpose: ledger.Purpose{Permission: "DUO:0000006"}, MaxNanoRho: nanoRho, MaxWork: 10, Expiry: 8000,
	}
	by, err := ask.By(w.researcher.Address())
	ok(t, err)
	release := ledger.Release{
		RequestID: ask.RequestID, Ask: by, Dataset: dataset, DatasetVersion: "v1", PlanHash: ask.PlanHash, Grant: grant, AsOf: uint64(len(log)), LogRoot: rootOf(t, log),
		NanoRho: plan.Cost.NanoRho, Delta: plan.Cost.Delta, Work: int64(i + 1), Vector: []int64{40, int64(-20 - i)}, Time: int64(start + i),
	}
	s := ledger.Statement{
		Genesis: w.domain.Genesis, Researcher: w.researcher.Address(), Ask: ask, AskSignature: w.sign(t, w.researcher, ledger.KindAsk, ask, ask.Expiry), Plan: content,
		Releases: []ledger.SignedRelease{{Release: release, Provider: w.hospital.Address(), Signature: w.sign(t, w.hospital, ledger.KindRelease, release, 0)}},
		NanoRho:  release.NanoRho, Delta: release.Delta, Work: int64(i + 1), Time: release.Time,
	}
	if w.cheap {
		s.Work = 0
	}
	s.Answer, err = marketplace.Groups(plan, release.Vector)
	ok(t, err)
	w.log(t, s)
}

// log signs a statement and adds its receipt, included in the log as it is then.
func (w *world) log(t *testing.T, s ledger.Statement) {
	t.Helper()
	r := ledger.Receipt{Statement: s, Marketplace: w.market.Address(), Signature: w.sign(t, w.market, ledger.KindReceipt, s, 0)}
	h, i := &w.history, len(w.history.Entries)
	h.Escrows[0].Held += s.Work
	e, err := audit.EntryOf(r, uint64(i))
	ok(t, err)
	h.Entries = append(h.Entries, e)
	tree := treeOf(t, leavesOf(h.Entries))
	r.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogReceipts, w.market.Address()), Index: uint64(i), Size: uint64(i + 1)}
	r.Inclusion.Root, err = ledger.Root(uint64(i+1), tree)
	ok(t, err)
	r.Inclusion.Path, err = ledger.ProveInclusion(uint64(i+1), uint64(i), tree)
	ok(t, err)
	content, err := ledger.Canonical(r)
	ok(t, err)
	h.Receipts, w.receipts = append(h.Receipts, audit.Shown{Index: uint64(i), Content: content}), append(w.receipts, r)
}

func (w *world) sign(t *testing.T, k *ledger.Key, kind ledger.Kind, v any, expiry int64) ledger.Signature {
	t.Helper()
	sig, err := ledger.SignDocument(k, w.domain, kind, v, 0, expiry)
	ok(t, err)
	return sig
}

func (w *world) check() (audit.Summary, error) {
	return audit.Check(w.history, w.trust, audit.Options{Now: 9000})
}

func leavesOf(entries []audit.Entry) (all []ledger.Hash) {
	for _, e := range entries {
		all = append(all, e.Leaf)
	}
	return all
}

// tree has the stored hashes of a log.
type tree []ledger.Hash

func (r tree) ReadHashes(indexes []int64) ([]hash, error) {
	out := make([]hash, len(indexes))
	for i, n := range indexes {
		out[i] = hash(r[n])
	}
	return out, nil
}

func treeOf(t *testing.T, leaves []ledger.Hash) (r tree) {
	t.Helper()
	for i, leaf := range leaves {
		more, err := ledger.AppendHashes(uint64(i), leaf, r)
		ok(t, err)
		r = append(r, more...)
	}
	return r
}

func rootOf(t *testing.T, leaves []ledger.Hash) ledger.Hash {
	t.Helper()
	root, err := ledger.Root(uint64(len(leaves)), treeOf(t, leaves))
	ok(t, err)
	return root
}

func key(t *testing.T, n byte) *ledger.Key {
	t.Helper()
	k, err := ledger.KeyFromBytes(slices.Concat(bytes.Repeat([]byte{0}, 31), []byte{n}))
	ok(t, err)
	return k
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
