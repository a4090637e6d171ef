package audit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// Drawing is what a marketplace says that a question has drawn of a researcher's escrow.
type Drawing struct {
	Request  ledger.Hash
	Grant    ledger.Hash
	Datasets []string
	Work     int64 // expected hashes
	Time     int64 // Unix seconds
	Receipt  []byte
	// Complete: it is answered. Then Receipt, whose anchor may be left out, is required.
	Complete bool
}

// Account is what a statement is made from.
type Account struct {
	Researcher, Marketplace ledger.Address
	Events                  []ledger.CreditEvent // all that ever were, in order, up to the block Until
	Since, Until            uint64               // the statement begins after the block Since and ends with Until
	SinceTime               int64                // of the block Since, Unix seconds; drawings from then on are in the statement
	Opening, Closing        ledger.CreditBalance // that the chain holds after those two blocks
	Drawings                []Drawing            // all that ever were
	Drawn                   int64                // that the marketplace says, in all
}

// LineKind is what a line of a statement is: one of ledger's kinds of events, or LineDrawn.
type LineKind = ledger.CreditKind

// LineDrawn is what a question has drawn. It is the marketplace's word and the researcher's voucher: what is drawn is burnt on the
// chain later, by a line of the kind settled.
const LineDrawn LineKind = "drawn"

// Line is a change of a researcher's credit. Work is in expected hashes.
type Line struct {
	Kind        LineKind       `json:"kind"`
	Time        int64          `json:"time"` // Unix seconds
	Work        int64          `json:"work"`
	Block       uint64         `json:"block,omitempty"`
	Transaction ledger.Hash    `json:"transaction,omitzero"`
	Sealed      uint64         `json:"sealed,omitempty"` // block whose work was claimed
	Marketplace ledger.Address `json:"marketplace,omitzero"`
	Account     ledger.Address `json:"account,omitzero"`
	Receipt     ledger.Hash    `json:"receipt,omitzero"` // request id
	Grant       ledger.Hash    `json:"grant,omitzero"`
	Datasets    []string       `json:"datasets,omitempty"`
	Open        bool           `json:"open,omitempty"` // drawn, and not answered yet
	After       Balance        `json:"after"`
}

// Balance is where a researcher stands.
type Balance struct {
	ledger.CreditBalance
	Drawn int64 `json:"drawn"` // in all
}

// Statement is a researcher's account with one marketplace, which comes to what the chain holds.
type Statement struct {
	Researcher  ledger.Address `json:"researcher"`
	Marketplace ledger.Address `json:"marketplace"`
	Since       uint64         `json:"since"` // block
	Until       uint64         `json:"until"`
	Opening     Balance        `json:"opening"`
	Lines       []Line         `json:"lines"`
	Closing     Balance        `json:"closing"`
}

// NewStatement makes a statement and holds it against the chain, and what was drawn against receipts. The error is a [*Fault].
func NewStatement(a Account, t verifier.Trust, now int64) (Statement, error) {
	s := Statement{Researcher: a.Researcher, Marketplace: a.Marketplace, Since: a.Since, Until: a.Until, Lines: []Line{}}
	lines, err := a.lines(t, now)
	if err != nil {
		return s, err
	}
	var at Balance
	for _, l := range lines {
		switch {
		case l.Work < 0 || at.Drawn+l.Work < 0:
			return s, fault(l.name(), "an amount of %d", l.Work)
		case l.Kind == LineDrawn:
			at.Drawn += l.Work
		default:
			at.CreditBalance = at.After(ledger.CreditEvent{Kind: l.Kind, Work: l.Work, Marketplace: l.Marketplace}, a.Marketplace)
		}
		if at.Free < 0 || at.Escrowed < 0 || at.Burnt < 0 {
			return s, fault(l.name(), "takes more than there is")
		}
		l.After = at
		if l.before(a) {
			s.Opening = at
			continue
		}
		s.Lines = append(s.Lines, l)
	}
	s.Closing = at
	switch {
	case s.Closing.CreditBalance != a.Closing:
		return s, fault("closing balance", "the lines come to %+v, the chain holds %+v after block %d", s.Closing.CreditBalance, a.Closing, a.Until)
	case s.Closing.Drawn != a.Drawn:
		return s, fault("closing balance", "the questions come to %d drawn, the marketplace says %d", s.Closing.Drawn, a.Drawn)
	case s.Opening.CreditBalance != a.Opening:
		return s, fault("opening balance", "the lines before come to %+v, the chain holds %+v after block %d", s.Opening.CreditBalance, a.Opening, a.Since)
	}
	return s, nil
}

// before reports whether a line is of the time before the statement.
func (l Line) before(a Account) bool {
	if l.Kind == LineDrawn {
		return l.Time < a.SinceTime
	}
	return l.Block <= a.Since
}

func (l Line) name() string {
	if l.Kind == LineDrawn {
		return "drawn by request " + l.Receipt.String()
	}
	return fmt.Sprintf("%s in block %d, transaction %s", l.Kind, l.Block, l.Transaction)
}

// lines are all there are, those of before the statement first, in the order of their times, and of the chain's among one another.
func (a Account) lines(t verifier.Trust, now int64) (all []Line, err error) {
	for i, e := range a.Events {
		if e.Block > a.Until || i > 0 && (e.Block < a.Events[i-1].Block || e.Block == a.Events[i-1].Block && e.Position <= a.Events[i-1].Position) {
			return nil, fault(fmt.Sprintf("event in block %d", e.Block), "is out of order")
		}
		all = append(all, Line{
			Kind: e.Kind, Time: e.Time, Work: e.Work, Block: e.Block, Transaction: e.Transaction, Sealed: e.Sealed, Marketplace: e.Marketplace, Account: e.Account,
		})
	}
	seen := map[ledger.Hash]bool{}
	for _, d := range a.Drawings {
		l := Line{Kind: LineDrawn, Time: d.Time, Work: d.Work, Receipt: d.Request, Grant: d.Grant, Datasets: d.Datasets, Open: !d.Complete, Marketplace: a.Marketplace}
		if seen[d.Request] {
			return nil, fault(l.name(), "is there twice")
		}
		seen[d.Request] = true
		if d.Complete {
			if err := a.receipt(d, t, now); err != nil {
				return nil, &Fault{l.name(), err}
			}
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(x, y Line) int { // a block's time never falls
		return cmp.Or(boolCompare(y.before(a), x.before(a)), cmp.Compare(x.Time, y.Time), boolCompare(x.Kind == LineDrawn, y.Kind == LineDrawn), cmp.Compare(x.Block, y.Block))
	})
	return all, nil
}

// boolCompare has false before true.
func boolCompare(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// receipt holds a drawing against its receipt.
func (a Account) receipt(d Drawing, t verifier.Trust, now int64) error {
	r, err := verifier.Receipt(d.Receipt, t, now)
	if err != nil && !errors.Is(err, verifier.ErrPending) {
		return fmt.Errorf("receipt: %w", err)
	}
	s := r.Statement
	switch {
	case s.Ask.RequestID != d.Request || s.Researcher != a.Researcher || s.Ask.Grant != d.Grant || r.Marketplace != a.Marketplace:
		return errors.New("the receipt is of another question")
	case s.Work != d.Work:
		return fmt.Errorf("the receipt says a price of %d, drawn are %d", s.Work, d.Work)
	}
	return nil
}
