package audit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/audit"
)

// account is of the researcher of w, with all kinds of changes, in a statement from block 12 on.
func (w *world) account() audit.Account {
	market, hash := w.market.Address(), func(i byte) ledger.Hash { return ledger.Hash{0xcc, i} }
	a := audit.Account{
		Researcher: w.researcher.Address(), Marketplace: market, Since: 12, Until: 30, SinceTime: 500,
		Events: []ledger.CreditEvent{
			{Kind: ledger.CreditClaimed, Work: 100, Block: 10, Transaction: hash(1), Time: 100, Sealed: 3},
			{Kind: ledger.CreditEscrowed, Work: 60, Block: 12, Transaction: hash(2), Time: 400, Marketplace: market},
			{Kind: ledger.CreditInherited, Work: 7, Block: 13, Transaction: hash(3), Time: 600, Account: ledger.Address{9}},
			{Kind: ledger.CreditEscrowed, Work: 5, Block: 13, Position: 1, Transaction: hash(4), Time: 600, Marketplace: ledger.Address{8}}, // another marketplace
			{Kind: ledger.CreditSettled, Work: 3, Block: 20, Transaction: hash(5), Time: 2000, Marketplace: market},
			{Kind: ledger.CreditReturned, Work: 10, Block: 21, Transaction: hash(6), Time: 2100, Marketplace: market},
			{Kind: ledger.CreditMoved, Work: 1, Block: 30, Transaction: hash(7), Time: 2200, Account: ledger.Address{7}},
		},
		Opening: ledger.CreditBalance{Free: 40, Escrowed: 60},
		Closing: ledger.CreditBalance{Free: 51, Escrowed: 47, Burnt: 3},
		Drawn:   10,
	}
	for i, r := range w.receipts {
		s := r.Statement
		a.Drawings = append(a.Drawings, audit.Drawing{
			Request: s.Ask.RequestID, Grant: s.Ask.Grant, Datasets: []string{dataset}, Work: s.Work, Time: s.Time, Complete: true, Receipt: w.history.Receipts[i].Content,
		})
	}
	a.Drawings = append(a.Drawings, audit.Drawing{Request: ledger.Hash{0xaa}, Work: 4, Time: 3000}) // not answered yet
	return a
}

func TestStatement(t *testing.T) {
	w := newWorld(t)
	s, err := audit.NewStatement(w.account(), w.trust, 9000)
	ok(t, err)
	var kinds []audit.LineKind
	for _, l := range s.Lines {
		kinds = append(kinds, l.Kind)
	}
	want := []audit.LineKind{
		ledger.CreditInherited, ledger.CreditEscrowed, audit.LineDrawn, audit.LineDrawn, audit.LineDrawn, ledger.CreditSettled, ledger.CreditReturned, ledger.CreditMoved, audit.LineDrawn,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(audit.Balance{CreditBalance: ledger.CreditBalance{Free: 51, Escrowed: 47, Burnt: 3}, Drawn: 10}, s.Closing); diff != "" {
		t.Errorf("closing (-want +got):\n%s", diff)
	}
	last := s.Lines[len(s.Lines)-1]
	if !last.Open || last.After != s.Closing {
		t.Errorf("the last line is %+v", last)
	}
}

// Whatever of a statement is changed, left out or added, is seen, and named: by the chain, or by a receipt.
func TestTamperedStatement(t *testing.T) {
	for name, c := range map[string]struct {
		part   string
		change func(*world, *audit.Account)
	}{
		"a claim of more":              {"closing balance", func(_ *world, a *audit.Account) { a.Events[0].Work++ }},
		"a settlement of less":         {"closing balance", func(_ *world, a *audit.Account) { a.Events[4].Work-- }},
		"an event left out":            {"closing balance", func(_ *world, a *audit.Account) { a.Events = append(a.Events[:2], a.Events[3:]...) }},
		"an event twice":               {"event in block 10", func(_ *world, a *audit.Account) { a.Events = append(a.Events[:1], a.Events...) }},
		"more escrowed than there was": {"escrowed in block 12", func(_ *world, a *audit.Account) { a.Events[1].Work = 101 }},
		"another opening":              {"opening balance", func(_ *world, a *audit.Account) { a.Opening.Free-- }},
		"another closing":              {"closing balance", func(_ *world, a *audit.Account) { a.Closing.Burnt++ }},
		"a later event":                {"event in block 31", func(_ *world, a *audit.Account) { a.Events[6].Block = 31 }},
		"a price":                      {"drawn by request 0x01", func(_ *world, a *audit.Account) { a.Drawings[0].Work++ }},
		"a question left out":          {"closing balance", func(_ *world, a *audit.Account) { a.Drawings = a.Drawings[1:] }},
		"a question twice":             {"drawn by request 0x01", func(_ *world, a *audit.Account) { a.Drawings = append(a.Drawings, a.Drawings[0]) }},
		"a question of nobody's":       {"closing balance", func(_ *world, a *audit.Account) { a.Drawings[3].Work++ }},
		"an amount below zero":         {"drawn by request 0xaa", func(_ *world, a *audit.Account) { a.Drawings[3].Work = -4 }},
		"another's receipt":            {"drawn by request 0x02", func(w *world, a *audit.Account) { a.Drawings[1].Receipt = w.history.Receipts[2].Content }},
		"no receipt":                   {"drawn by request 0x03", func(_ *world, a *audit.Account) { a.Drawings[2].Receipt = nil }},
		"another study":                {"drawn by request 0x03", func(_ *world, a *audit.Account) { a.Drawings[2].Grant[0]++ }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.account()
			c.change(w, &a)
			_, err := audit.NewStatement(a, w.trust, 9000)
			var f *audit.Fault
			if !errors.As(err, &f) || !strings.HasPrefix(f.Part, c.part) {
				t.Errorf("got %v, want a fault of %s", err, c.part)
			}
		})
	}
}
