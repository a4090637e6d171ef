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
	Role Role           `json:"role"` // as what, says the marketplace
	At   int64          `json:"at"`   // Unix seconds, by the marketplace's clock: nobody signs it
	Salt ledger.Hash    `json:"salt"` // random, so that the hash tells nothing to who does not have the entry
	// Signature is By's: of the grant document for a Submit, of its terms for an Approve, else of the step. It covers
	// Expiry, but for an Approve.
	Expiry    int64            `json:"expiry,omitempty"`
	Signature ledger.Signature `json:"signature"`
	Revision  uint64           `json:"revision,omitempty"` // of a Submit: the document's
	Terms     *Terms           `json:"terms,omitempty"`    // of an Approve
}

// Terms are what a member signs of a grant document to approve it, as ledger.GrantTerms.
type Terms struct {
	Revision  uint64      `json:"revision"`
	Expiry    int64       `json:"expiry"` // Unix seconds
	TermsHash ledger.Hash `json:"terms_hash"`
}

// Hash is what goes on the chain of an entry: SHA-256 of its canonical form.
func (e Entry) Hash() (ledger.Hash, error) { return ledger.HashOf(e) }

// digest is what By has signed.
func (e Entry) digest(d ledger.Domain) (ledger.Hash, error) {
	document := ledger.Document{Kind: ledger.KindReviewStep, Revision: e.Step.Number, Expiry: e.Expiry}
	switch {
	case (e.Terms != nil) != (e.Step.Action == Approve) || e.Revision != 0 && e.Step.Action != Submit:
		return ledger.Hash{}, fmt.Errorf("%w: step %d: terms are of an %s, a revision of a %s", ErrMalformed, e.Step.Number, Approve, Submit)
	case e.Step.Action == Approve:
		return d.GrantTermsDigest(ledger.GrantTerms{
			Document: e.Step.Grant, Revision: e.Terms.Revision, Expiry: e.Terms.Expiry, TermsHash: e.Terms.TermsHash,
		}), nil
	case e.Step.Action == Submit:
		document.Kind, document.Hash, document.Revision = ledger.KindDataGrant, e.Step.Grant, e.Revision
		return d.DocumentDigest(document), nil
	}
	var err error
	document.Hash, err = ledger.HashOf(e.Step)
	return d.DocumentDigest(document), err
}

// Check says whether the entry is signed by who is said to have taken it, and is whole. Of a Submit and an Approve the signature
// is of the grant document that they are about, not of their number, and nothing else is in them.
func (e Entry) Check(d ledger.Domain) error {
	if err := e.Step.Validate(); err != nil {
		return err
	}
	unsigned := e.Step.Text != "" || len(e.Step.Attachments) > 0
	if (e.Step.Action == Submit || e.Step.Action == Approve) && unsigned {
		return fmt.Errorf("%w: step %d says what nobody signed", ErrMalformed, e.Step.Number)
	}
	digest, err := e.digest(d)
	if err != nil {
		return err
	}
	by, err := ledger.Recover(digest, e.Signature)
	if err != nil {
		return fmt.Errorf("step %d: %w", e.Step.Number, err)
	}
	if by != e.By {
		return fmt.Errorf("%w: step %d is signed by %s, and said to be by %s", ErrMalformed, e.Step.Number, by, e.By)
	}
	return nil
}

// Room says whether there is room for another step, after so many entries. Applicants have MaxApplicants of them and may always
// withdraw; what they leave is the committee's. Error: ErrNotNow.
func Room(entries []Entry, a Action, by Role) error {
	taken, most := len(entries), MaxSteps
	if by == Applicant && a != Withdraw {
		taken, most = 0, MaxApplicants
		for _, e := range entries {
			if e.Role == Applicant {
				taken++
			}
		}
	}
	if taken >= most {
		return fmt.Errorf("%w: %d steps are taken already", ErrNotNow, taken)
	}
	return nil
}

// Replay returns the state that the entries lead to, from the first on. Each must be possible after those before, of the
// same study, under the next number, and about the document that is then the present one. It does not check signatures
// ([Entry.Check]), nor that who took a step was then of the committee or named in the study. Errors: ErrNotNow, ErrNotYours,
// ErrMalformed.
func Replay(entries []Entry) (s State, err error) {
	var study, present ledger.Hash
	for i, e := range entries {
		if i == 0 {
			study, present = e.Step.Study, e.Step.Study
		}
		if e.Step.Action == Resubmit {
			present = e.Step.Grant
		}
		if e.Step.Number != uint64(i)+1 || e.Step.Study != study || e.Step.Grant != present {
			return s, fmt.Errorf("%w: step %d is missing, or is of another study or document", ErrMalformed, i+1)
		}
		if s, err = Next(s, e.Step.Action, e.Role); err != nil {
			return s, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return s, nil
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
