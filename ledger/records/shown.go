package records

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
)

// Shown is an entry as a hospital shows it to a reader, with the place where its log has it.
type Shown struct {
	Kind      Kind             `json:"kind"`
	Month     Month            `json:"month"`
	Number    uint64           `json:"number"` // in its cell, from 0
	Entry     Entry            `json:"entry"`
	Salt      ledger.Hash      `json:"salt"`
	Inclusion *ledger.LogProof `json:"inclusion,omitempty"` // nil until an interval has published it
}

// Open reads the pointer with the keys of a reader and checks that the hospital's log has it, if it is published.
// Whether the log's root is on the chain is for marketplace/verifier. ErrNoKey, ErrForged.
func (s Shown) Open(keys Ring, hospital ledger.Address) (Pointer, error) {
	cell, ok := keys.Cell(s.Kind, s.Month)
	if !ok {
		return Pointer{}, ErrNoKey
	}
	p, err := cell.Open(s.Number, s.Entry)
	if err != nil {
		return p, err
	}
	if p.Provider != hospital {
		return p, fmt.Errorf("%w: it names another hospital", ErrForged)
	}
	if s.Inclusion == nil {
		return p, nil
	}
	return p, included(*s.Inclusion, s.Entry.Leaf(s.Salt), hospital)
}

// included is ErrForged unless a leaf is in the hospital's log.
func included(p ledger.LogProof, leaf ledger.Hash, hospital ledger.Address) error {
	if p.Log != ledger.LogID(ledger.LogProvider, hospital) {
		return fmt.Errorf("%w: the log is another's", ErrForged)
	}
	if err := p.Check(leaf); err != nil {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	return nil
}

// Gaps names the numbers that are missing in the cells of pointers that were shown, as many as pointers at most, whatever their
// numbers claim: a hospital that leaves one out, but for the last of a month, is seen to.
func Gaps(all []Shown) (missing []string) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Shown) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Number, b.Number))
	})
	next := uint64(0) // number in the cell that was looked at last
	for i, s := range all {
		if i == 0 || all[i-1].Kind != s.Kind || all[i-1].Month != s.Month {
			next = 0
		}
		switch {
		case s.Number == next+1:
			missing = append(missing, fmt.Sprintf("%s of %s, number %d", s.Kind, s.Month, next))
		case s.Number > next:
			missing = append(missing, fmt.Sprintf("%s of %s, numbers %d to %d", s.Kind, s.Month, next, s.Number-1))
		}
		next = max(next, s.Number+1)
	}
	return missing
}
