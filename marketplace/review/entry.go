package review

import (
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

func day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Entry is a step on record.
type Entry struct {
	Step Step           `json:"step"`
	By   ledger.Address `json:"by"`
	At   int64          `json:"at"`   // Unix seconds
	Salt ledger.Hash    `json:"salt"` // random, so that the hash tells nothing to who does not have the entry
	// Expiry and Signature are of the signed step; no signature: it is not signed as a step.
	Expiry    int64             `json:"expiry,omitempty"`
	Signature *ledger.Signature `json:"signature,omitempty"`
}

// Hash is what goes on the chain of an entry: SHA-256 of its canonical form.
func (e Entry) Hash() (ledger.Hash, error) { return ledger.HashOf(e) }

// Signed is the step as it was signed, nil where it was not.
func (e Entry) Signed() (*ledger.SignedDocument, error) {
	if e.Signature == nil {
		return nil, nil
	}
	content, err := ledger.Canonical(e.Step)
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", e.Step.Number, err)
	}
	return &ledger.SignedDocument{Content: content, Revision: e.Step.Number, Expiry: e.Expiry, Signature: *e.Signature}, nil
}

// Check says whether the entry is signed by who is said to have taken it; a step that is not signed as such passes if its
// action is Submit or Approve.
func (e Entry) Check(d ledger.Domain) error {
	signed, err := e.Signed()
	if err != nil {
		return err
	}
	if signed == nil {
		if e.Step.Action == Submit || e.Step.Action == Approve {
			return nil
		}
		return fmt.Errorf("%w: step %d is not signed", ErrMalformed, e.Step.Number)
	}
	by, err := signed.Signer(d, ledger.KindReviewStep)
	if err != nil {
		return fmt.Errorf("step %d: %w", e.Step.Number, err)
	}
	if by != e.By {
		return fmt.Errorf("%w: step %d is signed by %s, and said to be by %s", ErrMalformed, e.Step.Number, by, e.By)
	}
	return nil
}

// Heads are what the chain holds after each of the entries ([ledger.StepsHead]): the first is of none.
func Heads(entries []Entry) ([]ledger.Hash, error) {
	heads := make([]ledger.Hash, 1, len(entries)+1)
	for i, e := range entries {
		h, err := e.Hash()
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", e.Step.Number, err)
		}
		heads = append(heads, ledger.StepsHead(heads[i], h))
	}
	return heads, nil
}
