package marketplace_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// G6: the register has every answered ask and nothing of one that is not.
func TestG6Register(t *testing.T) {
	w := open(t)
	university := ledger.HashBytes([]byte("University"))
	w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: university})
	list, err := w.market.RegisteredQueries(t.Context(), marketplace.Page{Limit: 10})
	ok(t, err)
	equal(t, "an empty register", len(list), 0)
	if _, anchored, err := w.market.NewestAnchor(t.Context()); anchored || err != nil {
		t.Errorf("anchored: %v, %v", anchored, err)
	}
	first, second := w.answered(w.order("first", nil)), w.answered(w.order("second", nil))
	waiting := w.order("waiting", nil)
	w.wire.onWay = func(_ provider.Question) error { return errors.New("the line is cut") }
	if _, err := w.ask(waiting); err == nil {
		t.Fatal("answered over a line that is cut")
	}

	list, err = w.market.RegisteredQueries(t.Context(), marketplace.Page{Limit: 10})
	ok(t, err)
	if len(list) != 2 {
		t.Fatalf("%d entries, want the two answered", len(list))
	}
	for i, r := range []ledger.Receipt{second, first} {
		s := r.Statement
		equal(t, "entry", list[i], marketplace.Registered{
			Request: s.Ask.RequestID, Researcher: w.Researcher.Address(), Organisation: university, Grant: w.grant,
			Protocol: w.Grant().Protocol, Purpose: s.Ask.Purpose, Question: list[i].Question, Provider: w.Address(),
			Cost: list[i].Cost, Work: s.Work, AsOf: s.Releases[0].Release.AsOf, Time: s.Time, Index: uint64(1 - i), Leaf: leafOf(t, r),
			Hospitals: []marketplace.RegisteredHospital{{
				Dataset: s.Ask.Dataset, Provider: w.Address(), PlanHash: s.Ask.PlanHash, Cost: list[i].Cost, AsOf: s.Releases[0].Release.AsOf,
			}},
		})
		if list[i].Cost.NanoRho != s.NanoRho || list[i].Cost.Delta != s.Delta {
			t.Errorf("cost %v of %v", list[i].Cost, s)
		}
		content, err := ledger.Canonical(list[i].Question)
		ok(t, err)
		equal(t, "plan", ledger.HashBytes(content), s.Ask.PlanHash)
		one, err := w.market.RegisteredQuery(t.Context(), s.Ask.RequestID)
		ok(t, err)
		equal(t, "by its request id", one, list[i])
	}
	for name, id := range map[string]ledger.Hash{"waiting": waiting.Ask.RequestID, "unknown": ledger.HashBytes(nil)} {
		if _, err := w.market.RegisteredQuery(t.Context(), id); !errors.Is(err, marketplace.ErrUnknownReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err = w.market.RegisteredQueries(t.Context(), marketplace.Page{Grant: ledger.HashBytes(nil), Limit: 10})
	ok(t, err)
	equal(t, "of an unknown study", len(list), 0)
	if _, err := w.market.RegisteredQueries(t.Context(), marketplace.Page{}); !errors.Is(err, marketplace.ErrMalformed) {
		t.Errorf("a page of nothing: %v", err)
	}
}

// Whoever is no longer registered keeps her entries; her organisation is not known.
func TestRegisterOfOneWhoLeft(t *testing.T) {
	w := open(t)
	w.answered(w.order("first", nil))
	w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address()})
	list, err := w.market.RegisteredQueries(t.Context(), marketplace.Page{Limit: 1})
	ok(t, err)
	if len(list) != 1 || list[0].Researcher != w.Researcher.Address() || !list[0].Organisation.IsZero() {
		t.Errorf("got %v", list)
	}
}

// Studies are in the register once they are in force, newest first.
func TestRegisterOfStudies(t *testing.T) {
	w := open(t)
	want := []ledger.Hash{w.grant}
	for i := range 6 {
		g := w.Grant()
		g.ID = fmt.Sprint("study ", i)
		id, err := w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
		ok(t, err)
		if i%3 == 2 {
			continue // filed, not approved
		}
		w.approve(id)
		want = append(want, id)
	}
	slices.Reverse(want)
	for limit := 1; limit <= 6; limit++ {
		var got []ledger.Hash
		for before := (ledger.Hash{}); ; {
			page, next, err := w.market.RegisteredStudies(t.Context(), before, limit)
			ok(t, err)
			for _, s := range page {
				got = append(got, s.ID)
				one, final, err := w.market.RegisteredStudy(t.Context(), s.ID)
				ok(t, err)
				equal(t, "study", one, s)
				if !final {
					t.Errorf("%s is not final", s.ID)
				}
			}
			if before = next; before.IsZero() {
				break
			}
		}
		equal(t, fmt.Sprint("pages of ", limit), got, want)
	}
	record, _, err := w.Chain.Grant(t.Context(), w.grant, w.Committee.Address())
	ok(t, err)
	for _, status := range []ledger.GrantStatus{ledger.GrantRevoked, ledger.GrantSuspended, 0, ledger.GrantRevoked + 1} {
		record.Status = status
		w.Chain.Put(record)
		if _, final, err := w.market.RegisteredStudy(t.Context(), w.grant); final || err != nil {
			t.Errorf("a study of status %d: final %t, %v", status, final, err)
		}
	}
	for _, limit := range []int{0, -1, marketplace.MaxPage + 1} {
		if _, _, err := w.market.RegisteredStudies(t.Context(), ledger.Hash{}, limit); !errors.Is(err, marketplace.ErrMalformed) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	pending, err := w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, w.pending(), 1))
	ok(t, err)
	unlisted := func(what string) {
		t.Helper()
		_, _, err := w.market.RegisteredStudy(t.Context(), pending)
		_, _, after := w.market.RegisteredStudies(t.Context(), pending, 1)
		_, spent := w.market.StudySpending(t.Context(), pending)
		for _, err := range []error{err, after, spent} {
			if !errors.Is(err, marketplace.ErrUnknownGrant) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	unlisted("a study in waiting")
	// The member named has signed, and it is not yet in force: others have to, or the block is not final.
	ok(t, w.store.SaveApproval(t.Context(), pending, ledger.Signature{1}))
	unlisted("a study that is approved and not in force")
	record.Document, record.Status = pending, 0
	w.Chain.Put(record)
	unlisted("a study of which the chain has no status")
	record.Status = ledger.GrantRevoked // by approvals that somebody carried there past the marketplace
	w.Chain.Put(record)
	if s, final, err := w.market.RegisteredStudy(t.Context(), pending); s.ID != pending || final || err != nil {
		t.Errorf("a study that was in force: %v, %t, %v", s.ID, final, err)
	}
}

func (w *world) pending() policy.Grant {
	g := w.Grant()
	g.ID = "pending"
	return g
}

// approve has the committee approve a study.
func (w *world) approve(id ledger.Hash) {
	w.t.Helper()
	own := w.grant
	defer func() { w.grant = own }()
	w.grant = id
	ok(w.t, w.market.ApproveGrant(w.t.Context(), id, w.approval(w.Committee)))
}

func leafOf(t *testing.T, r ledger.Receipt) ledger.Hash {
	t.Helper()
	leaf, err := r.Leaf()
	ok(t, err)
	return leaf
}

// What a study has spent is public: it is what its answers cost, and no more once an ask has failed before the charge.
func TestStudySpending(t *testing.T) {
	w := open(t)
	see := func(what string, want int64) {
		t.Helper()
		got, err := w.market.StudySpending(t.Context(), w.grant)
		ok(t, err)
		d := w.Grant().Datasets[0]
		equal(t, what, got, []marketplace.Spending{{Dataset: d.Dataset, Ceiling: d.NanoRho, Taken: want}})
	}
	see("at first", 0)
	first := w.answered(w.order("first", nil))
	see("after an answer", first.Statement.NanoRho)
	second := w.answered(w.order("second", nil))
	see("after two", first.Statement.NanoRho+second.Statement.NanoRho)
	if _, err := w.market.StudySpending(t.Context(), ledger.HashBytes(nil)); !errors.Is(err, marketplace.ErrUnknownGrant) {
		t.Errorf("of no study: %v", err)
	}
}

// An unproven receipt is the whole receipt but for its anchor, and is included under the present root.
func TestUnprovenReceipt(t *testing.T) {
	w := open(t)
	r := w.answered(w.order("first", nil))
	w.answered(w.order("second", nil))
	got, err := w.market.ReceiptFor(t.Context(), r.Statement.Researcher, r.Statement.Ask.RequestID, nil)
	ok(t, err)
	equal(t, "size", got.Inclusion.Size, uint64(2))
	if err := got.Inclusion.Check(leafOf(t, r)); err != nil || got.Anchor != nil {
		t.Errorf("inclusion: %v, anchor %v", err, got.Anchor)
	}
	ok(t, w.market.Record(t.Context()))
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	for _, known := range []uint64{0, 1000} { // as the chain is told
		got, err := w.market.ReceiptFor(t.Context(), r.Statement.Researcher, r.Statement.Ask.RequestID, &known)
		ok(t, err)
		if got.Anchor == nil || (got.Anchor.Block == known) != (known > 0) {
			t.Errorf("known %d: anchor %+v", known, got.Anchor)
		}
	}
	if _, err := w.market.ReceiptFor(t.Context(), r.Statement.Researcher, ledger.HashBytes(nil), nil); !errors.Is(err, marketplace.ErrUnknownReceipt) {
		t.Errorf("no receipt: %v", err)
	}
}
