package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
)

// PastDecision is a decision as it is on record, with what it was made from.
type PastDecision struct {
	Charged
	// Before is what the decision saw. Of the scopes there are those that were charged; the policy is empty if none on
	// record has the hash that was decided on.
	Before Snapshot
	Hashes []ledger.Hash // of the documents of Before.Classes, as they first were
}

// PastMember is what is on record of a patient's preference at a time. It does not say whose it is.
type PastMember struct {
	Content []byte      // of the document that she or somebody for her signed
	Class   ledger.Hash // the class that the store has her in
	Until   int64
	Cap     *accountant.Cost
}

// DecisionName names a decision.
type DecisionName struct {
	Request ledger.Hash
	AsOf    uint64
	At      int64       // Unix seconds
	Refusal ledger.Hash // of a refusal its own name, since a request may be refused again and again; zero: it was charged
	Recheck bool        // the refusal is of a question that had been charged
}

// Decisions is what a [Store] keeps of how it was decided.
type Decisions interface {
	// Decisions names those within a time, until not included, whose log index is above after: [MaxPast] at most, oldest first.
	Decisions(ctx context.Context, after uint64, from, until int64) ([]DecisionName, error)
	// Decision returns what is on record of a request that was charged; ErrUnknownRequest.
	Decision(ctx context.Context, request ledger.Hash) (PastDecision, error)
	// Grounds is Charged with the grounds; ErrUnknownRequest.
	Grounds(ctx context.Context, request ledger.Hash) (Charged, error)
	Refusals
	// Recommit makes the root that the checkpoint at asOf should name from the events and charges alone, without what is
	// kept of the map, and shows each patient's preference to see. ErrNoInterval, ErrNotReached, and any error of see.
	Recommit(ctx context.Context, asOf uint64, see func(PastMember) error) (ledger.Hash, error)
}

// Replayed is what came of making a decision again.
type Replayed struct {
	DecisionName
	Digest     ledger.Hash // of the decision, as recorded
	Difference string      // the first thing that is not as it was; empty: the decision is the same, byte for byte
}

// difference is the first thing that a replay finds to differ.
type difference string

func (d difference) Error() string { return string(d) }

func differs(format string, args ...any) error { return difference(fmt.Sprintf(format, args...)) }

// Decisions names those within a time, until not included, after a log index: [MaxPast] at most.
func (n *Node) Decisions(ctx context.Context, after uint64, from, until int64) ([]DecisionName, error) {
	return n.cfg.Store.Decisions(ctx, after, from, until)
}

// Replay makes a decision again, or a refusal by its name, from what is on record of its moment, and compares it with the one that was made then:
// what was signed, documents, odometers, scopes, each class, the digest, the release, the log. With activeSet it also makes
// the root of the consent map again from every patient's preference, which takes seconds for 100,000 of them. It is for the
// hospital's own auditors: the caller has checked that one asks. Errors: ErrUnknownRequest.
func (n *Node) Replay(ctx context.Context, request ledger.Hash, activeSet bool) (Replayed, error) {
	past, err := n.cfg.Store.Decision(ctx, request)
	if errors.Is(err, ErrUnknownRequest) {
		return n.replayRefusal(ctx, request)
	}
	if err != nil {
		return Replayed{}, err
	}
	out := Replayed{DecisionName: DecisionName{Request: request, AsOf: past.AsOf, At: past.Now}, Digest: past.Decision}
	_, _, err = n.again(ctx, past)
	if err == nil {
		err = n.inLog(ctx, past)
	}
	if err == nil && activeSet {
		err = n.activeSet(ctx, past)
	}
	return out.found(err)
}

// found is what a replay came to.
func (out Replayed) found(err error) (Replayed, error) {
	var found difference
	if errors.As(err, &found) {
		out.Difference, err = string(found), nil
	}
	return out, err
}

// pastQuestion reads the grounds of a decision, and checks what was signed; what her visas said is as it was read then.
func (n *Node) pastQuestion(grounds []byte, ask ledger.Hash) (q question, g Grounds, err error) {
	if err := json.Unmarshal(grounds, &g); err != nil {
		return q, g, differs("grounds: cannot be read: %v", err)
	}
	q, err = n.signed(g.Question)
	if err != nil {
		return q, g, differs("grounds: %v", err)
	}
	if q.asked != ask {
		return q, g, differs("ask: is not the one that was decided on, or not signed by the same researcher")
	}
	var s dp.Statement
	if err := ledger.ParseCanonical(q.Plan, &s); err != nil {
		return q, g, differs("plan: %v", err)
	}
	if q.plan, err = dp.NewPlan(s.Query, s.Metadata); err != nil {
		return q, g, differs("plan: %v", err)
	}
	if q.organisation, q.actor, q.onChain = g.Organisation, g.Actor, g.Record != nil; q.onChain {
		q.record = *g.Record
	}
	return q, g, nil
}

// again decides once more on what was decided. An error that is a difference names the first.
func (n *Node) again(ctx context.Context, past PastDecision) (q question, j judged, err error) {
	q, g, err := n.pastQuestion(past.Grounds, past.Ask)
	if err != nil {
		return q, j, err
	}
	if err := samePolicy(past.Before, past.Policy); err != nil {
		return q, j, err
	}
	if j, err = n.judge(ctx, q, past.Before, past.Now); err != nil {
		return q, j, differs("decision: %v", err)
	}
	for i, h := range past.Hashes {
		if i < len(j.documents) && h != j.documents[i] {
			return q, j, differs("class document %s: has changed", h)
		}
	}
	j.Grounds = ledger.HashBytes(past.Grounds)
	switch {
	case j.Decision.Vocabulary != g.Vocabulary:
		return q, j, otherVocabulary(g, j)
	case !j.Decision.Allowed():
		return q, j, differs("outcome: it was allowed, and is refused for %v", j.Decision.Reasons)
	case j.Cost != past.Cost:
		return q, j, differs("cost: %+v was charged, the plan's is %+v", past.Cost, j.Cost)
	}
	return q, j, cmp.Or(sameScopes(past.Scopes, j.Scopes), sameClasses(past, j), sameDigest(past.Salt, past.Decision, j.Decided), n.sameRelease(past, q))
}

func samePolicy(before Snapshot, decidedOn ledger.Hash) error {
	if before.Policy.Hash() != decidedOn {
		return differs("dataset policy: no revision on record is the document %s that was decided on", decidedOn)
	}
	return nil
}

func otherVocabulary(then Grounds, now judged) error {
	return differs("vocabulary: it was decided with %q, this server has %q", then.Vocabulary, now.Decision.Vocabulary)
}

func sameScopes(then, now map[string]accountant.Scope) error {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if was, kept := then[name]; !kept || was != now[name] {
			return differs("scope %s: it stood at %+v after the charge, and comes to %+v", name, was.Spent, now[name].Spent)
		}
	}
	if len(then) != len(now) {
		return differs("scopes: %d were charged, not %d", len(then), len(now))
	}
	return nil
}

func sameClasses(past PastDecision, now judged) error {
	then, again := odometers(past.Classes), odometers(now.permitted)
	for i, c := range append([]Class{{}}, past.Before.Classes...) {
		document, reason := ledger.Hash{}, now.unasked // of class 0
		if i > 0 {
			document, reason = now.documents[i-1], now.reasons[i-1]
		}
		was, permitted := then[c.ID]
		is, permits := again[c.ID]
		switch {
		case permitted && !permits:
			return differs("class %s: it was charged, and is left out for %s", document, reason)
		case permits && !permitted:
			return differs("class %s: it was left out, and is permitted", document)
		case was != is:
			return differs("odometer of class %s: read %+v after the charge, and comes to %+v", document, was, is)
		}
		delete(then, c.ID)
	}
	if len(then) > 0 {
		return differs("classes: one was charged that nobody was in")
	}
	return nil
}

// odometers are by class.
func odometers(classes []Permitted) map[uint32]accountant.Cost {
	all := make(map[uint32]accountant.Cost, len(classes))
	for _, k := range classes {
		all[k.Class] = k.Odometer
	}
	return all
}

func sameDigest(salt, recorded ledger.Hash, now Decided) error {
	digest, err := now.Digest(salt)
	if err != nil {
		return differs("decision: %v", err)
	}
	if digest != recorded {
		return differs("digest: the decision is %s, %s was recorded", digest, recorded)
	}
	return nil
}

// sameRelease holds the answer, if there is one, against the charge.
func (n *Node) sameRelease(past PastDecision, q question) error {
	if past.Release == nil {
		return nil
	}
	if err := past.Release.Check(n.cfg.Domain, q.Ask, q.researcher); err != nil {
		return differs("answer: %v", err)
	}
	r := past.Release.Release
	if r.Decision != past.Decision || r.AsOf != past.AsOf || r.LogRoot != past.Root || r.MapRoot != past.MapRoot || r.Policy != past.Policy || r.Time != past.Now {
		return differs("answer: is not of this decision")
	}
	return nil
}

// inLog checks that the log had the root that the decision names, and ends there with the checkpoint that does.
func (n *Node) inLog(ctx context.Context, past PastDecision) error {
	proof, err := n.cfg.Store.Absence(ctx, ledger.Hash{}, past.AsOf) // for its checkpoint; nobody is at 0
	if err != nil {
		return err
	}
	leaf, err := proof.Checkpoint.Leaf()
	if err != nil {
		return err
	}
	inclusion := ledger.LogProof{Log: n.log.ID(), Index: past.AsOf - 1, Size: past.AsOf}
	if inclusion.Path, inclusion.Root, err = n.cfg.Store.Inclusion(ctx, past.AsOf, past.AsOf-1); err != nil {
		return err
	}
	switch {
	case inclusion.Root != past.Root:
		return differs("log: its root was %s, and is %s", past.Root, inclusion.Root)
	case proof.Checkpoint.MapRoot != past.MapRoot || inclusion.Check(leaf) != nil:
		return differs("checkpoint: is not the one in the log")
	}
	return nil
}

// activeSet checks that what is on record of every patient at that moment is what the hospital committed to then, and
// what was signed.
func (n *Node) activeSet(ctx context.Context, past PastDecision) error {
	root, err := n.cfg.Store.Recommit(ctx, past.AsOf, func(m PastMember) error {
		var s PreferenceStatement
		if err := ledger.ParseCanonical(m.Content, &s); err != nil {
			return differs("active set: a preference cannot be read: %v", err)
		}
		class, until, ownCap := s.Preference.Class()
		hash, err := ledger.HashOf(class)
		if err != nil {
			return err
		}
		if hash != m.Class || until != m.Until || !sameCap(CapOf(ownCap), m.Cap) {
			return differs("active set: a patient is in another class, until another time or under another cap than her preference says")
		}
		return nil
	})
	if err == nil && root != past.MapRoot {
		err = differs("active set: the preferences on record lead to map root %s, the hospital committed to %s", root, past.MapRoot)
	}
	return err
}

func sameCap(a, b *accountant.Cost) bool { return a == b || a != nil && b != nil && *a == *b }
