package marketplace_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// G2, G5: a clock that is set an hour back or forward, at marketplace and hospital, brings back no grant that is over and no budget that
// is spent. A node remembers how late it was; one that was started anew sees blocks from after its time.
func TestG2ClocksReopenNothing(t *testing.T) {
	const hour = 3600
	for name, c := range map[string]struct {
		forward int64 // before it is set back
		restart bool
	}{
		"back":                        {0, false},
		"forward, then back":          {hour, false},
		"back, and started anew":      {0, true},
		"forward, and started anew":   {hour, true},
		"far forward, and back again": {10 * hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			once := w.price / 3 // nano-rho, at providertest.Price
			w.study(func(g *policy.Grant) { g.ID, g.Period.End = "brief", w.Clock.Now().Unix()+100 })
			w.answered(w.order("while it runs", nil))
			late := w.order("when it is over", func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() + 100*hour })
			never := func(when string) {
				t.Helper()
				counted := len(w.Engine.Counted())
				if _, err := w.ask(late); err == nil {
					t.Errorf("%s: answered", when)
				}
				if s := w.observe(); s.Charged != once || len(w.Engine.Counted()) != counted {
					t.Errorf("%s: %d charged, %d counted", when, s.Charged, len(w.Engine.Counted())-counted)
				}
			}
			w.Clock.Advance(101)
			never("when it is over")
			if c.restart { // else the chain is as late as the clock says
				w.Chain.Sealed(w.Clock.Now().Unix())
			}
			w.Clock.Advance(c.forward)
			if c.forward > 0 {
				never("forward")
			}
			w.Clock.Advance(-c.forward - hour)
			if c.restart {
				w.Restart()
				w.restart()
			}
			never("an hour back")

			// The budget is what it was.
			w.Clock.Advance(hour)
			w.Chain.Sealed(0)
			p := w.Policy()
			p.Revision, p.TotalNanoRho = 2, once
			ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
			w.study(func(g *policy.Grant) { g.ID = "another" })
			spent := w.order("beyond the budget", func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() + 100*hour })
			for _, by := range []int64{0, -hour, 2 * hour} {
				w.Clock.Advance(by)
				if _, err := w.ask(spent); err == nil {
					t.Errorf("%d seconds later the budget is open again", by)
				}
			}
			if s := w.observe(); s.Charged != once {
				t.Errorf("%d charged in the end", s.Charged)
			}
		})
	}
}

// study gives the researcher another study than the usual one, from now on.
func (w *world) study(change func(*policy.Grant)) {
	w.t.Helper()
	g := w.Grant()
	change(&g)
	var err error
	w.grant, err = w.market.RequestGrant(w.t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(w.t, err)
	ok(w.t, w.market.ApproveGrant(w.t.Context(), w.grant, w.approval(w.Committee)))
}
