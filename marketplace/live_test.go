package marketplace_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Who asks sees her ask while it is under way, nobody else does, and nobody sees it afterwards.
func TestLive(t *testing.T) {
	w := openOperating(t)
	live := func(who ledger.Address) marketplace.Live {
		t.Helper()
		l, err := w.market.Live(t.Context(), who)
		ok(t, err)
		return l
	}
	her := w.Researcher.Address()
	before := live(her)
	o := w.order("one", nil)
	asked, goOn := make(chan struct{}), make(chan struct{})
	w.wire.onWay = func(provider.Question) error {
		close(asked)
		<-goOn
		return nil
	}
	w.start(o)
	<-asked
	equal(t, "under way", live(her).UnderWay, []marketplace.UnderWay{{Request: o.Ask.RequestID, Hospitals: 1}})
	equal(t, "of others", len(before.UnderWay)+len(live(w.Committee.Address()).UnderWay), 0)
	close(goOn)
	w.ended(o)
	w.Chain.Seal()
	equal(t, "within the second", live(her), marketplace.Live{Seen: before.Seen})
	w.Clock.Advance(1)
	after := live(her)
	equal(t, "receipts", []uint64{before.Receipts, after.Receipts}, []uint64{0, 1})
	equal(t, "the head", after.Head.Number, before.Head.Number+1)
	equal(t, "under way", len(after.UnderWay), 0)
}

func TestBlocks(t *testing.T) {
	w := open(t)
	w.Chain.Seal()
	w.Chain.Finalise()
	page, final, err := w.market.Blocks(t.Context(), 0, marketplace.MaxBlocks)
	ok(t, err)
	equal(t, "newest", page[0].Number, final)
	rest, _, err := w.market.Blocks(t.Context(), page[0].Number, 1)
	ok(t, err)
	equal(t, "the one before", rest[0].Number, final-1)
	for _, limit := range []int{0, marketplace.MaxBlocks + 1} {
		w.refused(t, marketplace.ErrMalformed, func() error {
			_, _, err := w.market.Blocks(t.Context(), 0, limit)
			return err
		})
	}
}
