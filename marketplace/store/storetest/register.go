package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// testRegister pages through the answers of two studies, every third of the
// second; one ask is only reserved, and another is answered between pages.
func testRegister(t *testing.T, b *bench) {
	ctx := t.Context()
	one, two, ada := b.study(t, "one"), b.study(t, "two"), person("ada")
	equal(t, "empty", b.pages(t, ledger.Hash{}, 3), []marketplace.Entry(nil))
	var all, ofTwo []marketplace.Entry
	for i := range 8 {
		grant := one
		if i%3 == 1 {
			grant = two
		}
		e := b.answered(t, fmt.Sprint(i), ada, grant, uint64(i+1))
		all = append(all, e)
		if grant == two {
			ofTwo = append(ofTwo, e)
		}
	}
	_, err := b.Reserve(ctx, b.reservation("waiting", ada, two, 1, 1, 9))
	ok(t, err)
	slices.Reverse(all)
	slices.Reverse(ofTwo)
	for limit := 1; limit <= 9; limit++ {
		equal(t, fmt.Sprint("all, pages of ", limit), b.pages(t, ledger.Hash{}, limit), all)
		equal(t, fmt.Sprint("one study, pages of ", limit), b.pages(t, two, limit), ofTwo)
	}
	equal(t, "unknown study", b.pages(t, name("no study"), 3), []marketplace.Entry(nil))

	first, err := b.Answers(ctx, marketplace.Page{Limit: 3})
	ok(t, err)
	newest := b.answered(t, "newest", ada, one, 10)
	next, err := b.Answers(ctx, marketplace.Page{Limit: 100, Before: first[2].Index})
	ok(t, err)
	equal(t, "pages around a new answer", slices.Concat(first, next), all)
	first, err = b.Answers(ctx, marketplace.Page{Limit: 1, Before: 1 << 63})
	ok(t, err)
	equal(t, "from far above", first, []marketplace.Entry{newest})

	taken := func(study ledger.Hash, want map[string]int64) {
		t.Helper()
		got, err := b.Taken(ctx, study)
		ok(t, err)
		equal(t, "taken", got, want)
	}
	taken(one, map[string]int64{"hospital-a": 6})
	taken(two, map[string]int64{"hospital-a": 4}) // one of them waits
	taken(name("no study"), map[string]int64{})
	b.drawings(t, ada, 10, "waiting")

	for _, limit := range []int{0, -1, marketplace.MaxPage + 1} {
		b.refused(t, marketplace.ErrMalformed, func(ctx context.Context) error {
			_, err := b.Answers(ctx, marketplace.Page{Limit: limit})
			return err
		})
	}
	b.survives(t)
}

// answered reserves and completes an ask of cost and price 1.
func (b *bench) answered(t *testing.T, request string, who ledger.Address, grant ledger.Hash, cumulative uint64) marketplace.Entry {
	t.Helper()
	r := b.reservation(request, who, grant, 1, 1, cumulative)
	_, err := b.Reserve(t.Context(), r)
	ok(t, err)
	rec, leaf := receipt(t, r)
	e, err := b.Complete(t.Context(), r.Ask.RequestID, rec, leaf)
	ok(t, err)
	return e
}

// drawings checks that what is drawn of a researcher's escrow, so many asks, is what her account says; all but one are
// complete.
func (b *bench) drawings(t *testing.T, who ledger.Address, n int, open string) {
	t.Helper()
	all, err := b.Drawings(t.Context(), who, ledger.Hash{})
	ok(t, err)
	account, err := b.Account(t.Context(), who)
	ok(t, err)
	var drawn int64
	for _, d := range all {
		drawn += d.Work
		equal(t, "complete", d.Complete, d.Ask.RequestID != name("%s", open))
	}
	equal(t, "asks and what they drew", []int64{int64(len(all)), drawn}, []int64{int64(n), account.Drawn})
	rest, err := b.Drawings(t.Context(), who, all[n/2].Ask.RequestID)
	ok(t, err)
	equal(t, "the rest", rest, all[n/2+1:])
	none, err := b.Drawings(t.Context(), person("nobody"), ledger.Hash{})
	ok(t, err)
	equal(t, "of somebody else", len(none), 0)
}

// pages reads the register to its end.
func (b *bench) pages(t *testing.T, grant ledger.Hash, limit int) (all []marketplace.Entry) {
	t.Helper()
	p := marketplace.Page{Grant: grant, Limit: limit}
	for {
		page, err := b.Answers(t.Context(), p)
		ok(t, err)
		if len(page) > limit {
			t.Fatalf("%d entries on a page of %d", len(page), limit)
		}
		all = append(all, page...)
		if len(page) < limit || page[limit-1].Index == 0 {
			return all
		}
		p.Before = page[limit-1].Index
	}
}

// testAnswered asks one question several times, among others. The first answer
// that reaches the log index is the one, for ever.
func testAnswered(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada := b.study(t, "study"), person("ada")
	at := map[string]uint64{"a": 128, "b": 64, "c": 192, "other plan": 256}
	question, err := marketplace.Question(b.reservation("a", ada, grant, 1, 1, 1).Ask)
	ok(t, err)
	var entries []marketplace.Entry
	for i, request := range []string{"other plan", "a", "b", "c"} {
		r := b.reservation(request, ada, grant, 1, 1, uint64(i+1))
		if request == "other plan" {
			r.Ask.PlanHash = name("other plan")
		}
		_, err := b.Reserve(ctx, r)
		ok(t, err)
		if i == 1 {
			_, found, err := b.Answered(ctx, question, 0)
			ok(t, err)
			equal(t, "found what is only reserved", found, false)
		}
		rec, leaf := receiptAsOf(t, r, at[request])
		e, err := b.Complete(ctx, r.Ask.RequestID, rec, leaf)
		ok(t, err)
		entries = append(entries, e)
		if i == 0 {
			continue
		}
		for _, want := range []struct {
			asOf  uint64
			entry int // of entries; -1: none
		}{{0, 1}, {64, 1}, {128, 1}, {129, last(i, 3)}, {192, last(i, 3)}, {193, -1}, {1 << 63, -1}} {
			e, found, err := b.Answered(ctx, question, want.asOf)
			ok(t, err)
			equal(t, fmt.Sprint("found as of ", want.asOf), found, want.entry >= 0)
			if found {
				equal(t, fmt.Sprint("as of ", want.asOf), e, entries[want.entry])
			}
		}
	}
	b.survives(t)
}

// last is n once there are as many, else none.
func last(have, n int) int {
	if have < n {
		return -1
	}
	return n
}
