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
