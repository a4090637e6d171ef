package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// MaxPast is the most that is shown of a patient's past at a time.
const MaxPast = 200

// PastPreference is one document of a patient's history.
type PastPreference struct {
	Document ledger.SignedDocument
	AsOf     uint64 // its token: from which it was in force
	At       int64  // when it was recorded, Unix seconds
}

// Exposure is a charge under which a patient could have been counted: the decision
// permitted her preference, its end had not come and her own cap was not reached.
// Whether her records were in the cohort it does not say, nor does the hospital
// know. It is a function of public facts and of her own record.
type Exposure struct {
	Request  ledger.Hash // id of the request, as in the public register
	Scope    string      // of the grant; empty: of a restore
	AsOf     uint64      // log index of the decision
	At       int64       // of the decision, Unix seconds
	Cost     accountant.Cost
	Policy   ledger.Hash      // the dataset policy that was in force
	Revision uint64           // of her preference in force; 0: she was never asked
	Lost     accountant.Cost  // a bound of all that she had lost after it
	Cap      *accountant.Cost // her own then; nil: none
	Grounds  []byte           // canonical [Grounds]
}

// Restored says that nobody asked: it stands for what may have been asked and was lost with a store ([Extents]).
func (e Exposure) Restored() bool { return e.Scope == "" }

// Asked is what the charge was for: the study and the question, as the hospital keeps them; nothing if it was Restored.
func (e Exposure) Asked() (g policy.Grant, s dp.Statement, p ledger.Purpose, err error) {
	if e.Restored() {
		return g, s, p, nil
	}
	var grounds Grounds
	if err = json.Unmarshal(e.Grounds, &grounds); err != nil {
		return g, s, p, fmt.Errorf("grounds: %w", err)
	}
	if err = json.Unmarshal(grounds.Question.Grant.Content, &g); err != nil {
		return g, s, p, fmt.Errorf("grant: %w", err)
	}
	if err = json.Unmarshal(grounds.Question.Plan, &s); err != nil {
		return g, s, p, fmt.Errorf("plan: %w", err)
	}
	return g, s, grounds.Question.Ask.Purpose, nil
}

// Grant is the study that the charge was for; zero if it was Restored.
func (e Exposure) Grant() (ledger.Hash, error) {
	if e.Restored() {
		return ledger.Hash{}, nil
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(e.Scope, grantPrefix), "/")
	g, err := ledger.ParseHash(name)
	if err != nil {
		return g, fmt.Errorf("scope %q: %w", e.Scope, err)
	}
	return g, nil
}

// Past is what a [Store] keeps of what was, for the patient of a key alone. All of
// its methods return [MaxPast] rows at most, oldest first, and ErrNotEnrolled.
type Past interface {
	// History returns the documents whose revision is above after.
	History(ctx context.Context, key ledger.Address, after uint64) ([]PastPreference, error)
	// Exposures returns the charges whose log index is above after.
	Exposures(ctx context.Context, key ledger.Address, after uint64) ([]Exposure, error)
	// ExposuresOf is Exposures for a patient number, whether or not anybody speaks for it.
	ExposuresOf(ctx context.Context, patient int64, after uint64) ([]Exposure, error)
}

// History returns the documents of a key's patient whose revision is above after.
// Errors: ErrNotEnrolled.
func (n *Node) History(ctx context.Context, key ledger.Address, after uint64) ([]PastPreference, error) {
	return n.cfg.Store.History(ctx, key, after)
}

// Exposures returns the charges after a log index under which a key's patient could
// have been counted. Errors: ErrNotEnrolled.
func (n *Node) Exposures(ctx context.Context, key ledger.Address, after uint64) ([]Exposure, error) {
	return n.cfg.Store.Exposures(ctx, key, after)
}
