package marketplace_test

import (
	"context"
	"errors"
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

func (c *chain) Blocks(ctx context.Context, before uint64, limit int) ([]ledger.Block, error) {
	if c.onLook != nil {
		if err := c.onLook(ctx); err != nil {
			return nil, err
		}
	}
	return c.Chain.Blocks(ctx, before, limit)
}

// A node that does not answer holds up who looks for as long as a look may take, nobody beyond her own patience, and all who wait together
// no longer than one.
func TestLiveOfANodeThatHangs(t *testing.T) {
	w := open(t)
	looks, asked, goOn, first := 0, make(chan struct{}), make(chan struct{}), make(chan error)
	w.chain.onLook = func(ctx context.Context) error {
		looks++
		if _, limited := ctx.Deadline(); !limited {
			t.Error("a look may take for ever")
		}
		close(asked)
		<-goOn
		return errors.New("no answer")
	}
	live := func(ctx context.Context) error {
		_, err := w.market.Live(ctx, w.Researcher.Address())
		return err
	}
	go func() { first <- live(context.Background()) }()
	<-asked
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := live(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("who does not wait any more: %v", err)
	}
	close(goOn)
	if one, next := <-first, live(t.Context()); one == nil || next == nil || looks != 1 {
		t.Errorf("the first %v, the next %v, of %d looks", one, next, looks)
	}
	w.chain.onLook = nil
	w.Clock.Advance(1)
	ok(t, live(t.Context()))
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
