package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// What is kept of the refusals of one organisation: the last ones. An organisation pushes out its own and nobody else's, and what
// it can have the hospital keep is bounded.
const (
	MaxRefusals     = 200
	MaxRefusalBytes = 16 << 20 // of their grounds; the last refusal is kept, whatever it takes
)

// KeptRefusal is a question that was refused, as it is kept: who asked it, on what it was decided, and the hash of what was. It cost
// nothing, and no class was decided on, so that there is nothing of any patient in it. A re-check that ended a question is kept as
// one: what was charged before stands.
type KeptRefusal struct {
	Request      ledger.Hash
	Organisation ledger.Hash // of the researcher, on the chain
	Ask          ledger.Hash // names the ask and who signed it
	Policy       ledger.Hash
	Recheck      bool
	Reasons      []policy.ReasonCode
	AsOf         uint64      // where a charge would have closed the log; of a re-check, where it did
	LastEvent    uint64      // likewise
	Now          int64       // Unix seconds
	Decision     ledger.Hash // [Decided.Digest] under Salt: the refusal's name
	Salt         ledger.Hash
	Grounds      []byte // as of a charge
}

// PastRefusal is a refusal on record, with what it was made from.
type PastRefusal struct {
	KeptRefusal
	Before Snapshot // without classes; of the scopes, all that there were
}

// RefusalName names a refusal.
type RefusalName struct {
	DecisionName
	Number uint64 // rises
}

// Refusals is what a [Store] keeps, beside its log, of questions that were refused.
type Refusals interface {
	// Refuse keeps a refusal, and of those of its organisation the last [MaxRefusals], or fewer that come to [MaxRefusalBytes]. It
	// changes nothing if the same ask is on record as refused under the same policy, for the same reasons, as a re-check or not.
	Refuse(ctx context.Context, r KeptRefusal) error
	// Refused returns the refusal of a name, or the last of a request; ErrUnknownRequest.
	Refused(ctx context.Context, name ledger.Hash) (PastRefusal, error)
	// Refusals names those within a time, until not included, whose number is above after: [MaxPast] at most, oldest first.
	Refusals(ctx context.Context, after uint64, from, until int64) ([]RefusalName, error)
}

// refused is a decision against a question, on its way to be kept: no error that leaves the node.
type refused struct{ judged }

func (e *refused) Error() string { return Refusal(e.input, e.judged.Decision).Error() }

// Decide decides on a question at the query level and does no more: it can never charge, and reads nothing of any patient. It is for what
// a marketplace refuses beforehand by the same public rules: what is refused here too is kept, counted, and leaves at a slot, like any
// refusal. It returns nil, and keeps nothing, if the question is not refused. Of one that was charged it makes the re-check.
//
// Errors: *RefusedError, ErrMalformed, ErrSignature, ErrExpired, ErrPlanMismatch, ErrNoPolicy, ErrRequestReused, ErrCheckpointStale.
func (n *Node) Decide(ctx context.Context, q Question) error {
	err := n.decideOnly(ctx, q)
	n.heard.end(n.Now(), err)
	return err
}

func (n *Node) decideOnly(ctx context.Context, q Question) error {
	checked, err := n.check(q)
	if err != nil {
		return err
	}
	charged, found, err := n.cfg.Store.Charged(ctx, q.Ask.RequestID)
	switch {
	case err != nil:
		return err
	case found && charged.Ask != checked.asked:
		return ErrRequestReused
	case !found && q.Ask.Expiry <= n.Now().Unix():
		return ErrExpired
	}
	if err := Fresh(ctx, n.cfg.Chain, n.Now(), n.cfg.StaleAfter); err != nil {
		return err
	}
	if err := n.plan(&checked); err != nil {
		return err
	}
	if found {
		return n.stillAllowed(ctx, checked, charged)
	}
	s, _, err := n.cfg.Store.Look(ctx, checked.researcher, n.cfg.Marketplace)
	if err != nil {
		return err
	}
	return n.decideQuery(ctx, checked, s)
}

// refuse keeps the refusal of q and returns it. What cannot be kept is not told.
func (n *Node) refuse(ctx context.Context, q question, j judged) error {
	r := KeptRefusal{
		Request: j.Request, Organisation: q.organisation, Ask: j.Ask, Policy: j.Policy, Recheck: q.recheck, Reasons: j.Decision.Reasons,
		AsOf: j.AsOf, LastEvent: j.LastEvent, Now: j.Asked.Now, Salt: NewSalt(),
	}
	var err error
	if r.Grounds, err = q.grounds(j.Decision); err != nil {
		return err
	}
	j.Grounds = ledger.HashBytes(r.Grounds)
	if r.Decision, err = j.Digest(r.Salt); err != nil {
		return err
	}
	if err := n.cfg.Store.Refuse(ctx, r); err != nil {
		return err
	}
	return Refusal(j.input, j.Decision)
}

// Refusals names those within a time, until not included, above a number: [MaxPast] at most.
func (n *Node) Refusals(ctx context.Context, after uint64, from, until int64) ([]RefusalName, error) {
	return n.cfg.Store.Refusals(ctx, after, from, until)
}

func (r KeptRefusal) name() DecisionName {
	return DecisionName{Request: r.Request, AsOf: r.AsOf, At: r.Now, Refusal: r.Decision, Recheck: r.Recheck}
}

func (n *Node) replayRefusal(ctx context.Context, name ledger.Hash) (Replayed, error) {
	past, err := n.cfg.Store.Refused(ctx, name)
	if err != nil {
		return Replayed{}, err
	}
	_, _, err = n.refusedAgain(past)
	return Replayed{DecisionName: past.name(), Digest: past.Decision}.found(err)
}

// refusedAgain decides once more on what was refused. An error that is a difference names the first.
func (n *Node) refusedAgain(past PastRefusal) (q question, j judged, err error) {
	q, g, err := n.pastQuestion(past.Grounds, past.Ask)
	if err != nil {
		return q, j, err
	}
	if past.Recheck {
		past.Before = unspent(past.AsOf, past.LastEvent, past.Before.Policy)
	}
	if err := samePolicy(past.Before, past.Policy); err != nil {
		return q, j, err
	}
	if j, _, err = n.judgeQuery(q, past.Before, past.Now); err != nil {
		return q, j, differs("decision: %v", err)
	}
	j.Grounds = ledger.HashBytes(past.Grounds)
	switch {
	case past.Organisation != g.Organisation || past.Request != j.Request || past.Recheck != g.Recheck || !slices.Equal(past.Reasons, g.Refused):
		return q, j, differs("name: it is kept as another organisation's, of another request or moment, or for other reasons")
	case j.Decision.Vocabulary != g.Vocabulary:
		return q, j, otherVocabulary(g, j)
	case !slices.Equal(j.Decision.Reasons, g.Refused):
		return q, j, differs("outcome: it was refused for %v, and comes to %s %v", g.Refused, j.Decision.Outcome, j.Decision.Reasons)
	}
	return q, j, sameDigest(past.Salt, past.Decision, j.Decided)
}

// explainRefusal is [Node.Explain] for a refusal: documents and rules of the query level, with no scope and no class.
func (n *Node) explainRefusal(ctx context.Context, name ledger.Hash) (Explained, error) {
	past, err := n.cfg.Store.Refused(ctx, name)
	if err != nil {
		return Explained{}, err
	}
	q, j, err := n.refusedAgain(past)
	if err != nil {
		return Explained{}, fmt.Errorf("%w: %w", ErrReplay, err)
	}
	return n.explained(past.name(), q, j, past.Before)
}
