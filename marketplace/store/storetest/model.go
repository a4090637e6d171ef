package storetest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// model is what a marketplace's store should do, in plain Go.
type model struct {
	taken map[ledger.Hash]int64 // by grant
	drawn map[ledger.Address]int64
	asks  map[ledger.Hash]*modelAsk
}

type modelAsk struct {
	marketplace.Reservation
	complete bool
}

func (m *model) reserve(r marketplace.Reservation) error {
	a := m.asks[r.Ask.RequestID]
	switch {
	case a != nil && a.AskHash != r.AskHash:
		return marketplace.ErrRequestReused
	case a != nil:
		return nil
	case m.taken[r.Ask.Grant]+r.Takings[0].NanoRho > r.Takings[0].Allocation:
		return marketplace.ErrGrantBudget
	case m.drawn[r.Researcher]+r.Work() > r.Escrow:
		return marketplace.ErrNoCredit
	case r.Voucher.Cumulative != uint64(m.drawn[r.Researcher]+r.Work()):
		return marketplace.ErrVoucher
	}
	m.taken[r.Ask.Grant] += r.Takings[0].NanoRho
	m.drawn[r.Researcher] += r.Work()
	m.asks[r.Ask.RequestID] = &modelAsk{Reservation: r}
	return nil
}

func (m *model) cancel(request ledger.Hash) {
	if a := m.asks[request]; a != nil && !a.complete {
		m.taken[a.Ask.Grant] -= a.Takings[0].NanoRho
		m.drawn[a.Researcher] -= a.Work()
		delete(m.asks, request)
	}
}

func (m *model) complete(request ledger.Hash) error {
	a := m.asks[request]
	if a == nil {
		return marketplace.ErrUnknownReceipt
	}
	a.complete = true
	return nil
}

func (m *model) unsettled(settled map[ledger.Address]int64) map[ledger.Address]uint64 {
	out := map[ledger.Address]uint64{}
	for _, a := range m.asks {
		c := a.Voucher.Cumulative
		if a.complete && c > uint64(settled[a.Researcher]) && c <= uint64(m.drawn[a.Researcher]) {
			out[a.Researcher] = max(out[a.Researcher], c)
		}
	}
	return out
}

// testMarketModel runs random calls against the store and the model. All runs
// share the store, under names of their own.
func testMarketModel(t *testing.T, b *bench) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		modelRun(rt, b, run)
	})
	b.people = b.people[:0] // the last state is compared without the names of all runs
	b.requests = b.requests[:0]
	b.survives(t)
}

func modelRun(rt *rapid.T, b *bench, run int) {
	ctx := rt.Context()
	m := &model{taken: map[ledger.Hash]int64{}, drawn: map[ledger.Address]int64{}, asks: map[ledger.Hash]*modelAsk{}}
	settled := map[ledger.Address]int64{}
	people := []ledger.Address{person("%d ada", run), person("%d bob", run)}
	grants := []ledger.Hash{b.study(rt, "%d one", run), b.study(rt, "%d two", run)}
	request := rapid.IntRange(0, 5)
	draw := func() marketplace.Reservation {
		who := rapid.SampledFrom(people).Draw(rt, "researcher")
		work := rapid.Int64Range(0, 400).Draw(rt, "work")
		off := rapid.SampledFrom([]uint64{0, 0, 0, 0, 1}).Draw(rt, "voucher off by")
		return b.reservation(fmt.Sprintf("%d/%d", run, request.Draw(rt, "request")), who, rapid.SampledFrom(grants).Draw(rt, "grant"),
			rapid.Int64Range(0, 400).Draw(rt, "nano-rho"), work, uint64(m.drawn[who]+work)+off)
	}
	rt.Repeat(map[string]func(*rapid.T){
		"reserve": func(rt *rapid.T) {
			r := draw()
			_, err := b.Reserve(ctx, r)
			same(rt, err, m.reserve(r))
		},
		"cancel": func(rt *rapid.T) {
			id := name("%d/%d", run, request.Draw(rt, "request"))
			same(rt, b.Cancel(ctx, id), nil)
			m.cancel(id)
		},
		"complete": func(rt *rapid.T) {
			id := name("%d/%d", run, request.Draw(rt, "request"))
			r := marketplace.Reservation{Takings: []marketplace.Taking{{}}}
			if a := m.asks[id]; a != nil {
				r = a.Reservation
			}
			rec, leaf := receipt(rt, r)
			_, err := b.Complete(ctx, id, rec, leaf)
			same(rt, err, m.complete(id))
		},
		"settle": func(rt *rapid.T) {
			for who, c := range m.unsettled(settled) {
				same(rt, b.SaveSettled(ctx, who, int64(c)), nil)
				settled[who] = int64(c)
			}
		},
		"look": func(rt *rapid.T) { b.agrees(rt, m, people, settled) },
	})
	b.agrees(rt, m, people, settled)
}

// agrees compares what the store shows with the model.
func (b *bench) agrees(rt *rapid.T, m *model, people []ledger.Address, settled map[ledger.Address]int64) {
	for _, who := range people {
		a, err := b.Account(rt.Context(), who)
		same(rt, err, nil)
		if want := (marketplace.Account{Drawn: m.drawn[who], Settled: settled[who]}); a != want {
			rt.Fatalf("account %+v, want %+v", a, want)
		}
	}
	for id, a := range m.asks {
		e, found, err := b.Entry(rt.Context(), id)
		same(rt, err, nil)
		if !found || e.AskHash != a.AskHash || e.Work != a.Work() || (e.Receipt != nil) != a.complete {
			rt.Fatalf("entry %+v %v, want %+v", e, found, a)
		}
	}
	got, want := b.cumulative(rt), m.unsettled(settled)
	for _, who := range people {
		if got[who] != want[who] {
			rt.Fatalf("to settle %d, want %d", got[who], want[who])
		}
	}
}

func same(t tb, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil) != (got == nil) {
		t.Fatalf("error %v, want %v", got, want)
	}
}
