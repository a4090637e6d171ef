package provider

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Grounds are what a decision rested on besides what the store keeps anyway: the dataset policy, the classes and what was
// charged before. They are kept with the charge, or with the refusal.
type Grounds struct {
	Question     Question            `json:"question"`          // as it came, but for the passport: whoever has a visa can show it
	Passport     ledger.Hash         `json:"passport"`          // [Passport.Hash]
	Record       *ledger.GrantRecord `json:"record"`            // of the grant, on the chain; nil: there was none
	Organisation ledger.Hash         `json:"organisation"`      // the researcher's, on the chain
	Actor        policy.Actor        `json:"actor"`             // what her visas said of her then
	Vocabulary   string              `json:"vocabulary"`        // [policy.Decision]
	Refused      []policy.ReasonCode `json:"refused,omitempty"` // likewise, if it was
	Recheck      bool                `json:"recheck,omitempty"` // it was refused after it had been charged, by no budget
}

// Decided is a decision on a question. The hospital keeps the hash of its canonical form behind a salt,
// and commits to that in the release, if it is not a refusal, which has no scopes and classes: the whole of it tells which classes there are.
type Decided struct {
	Request   ledger.Hash                 `json:"request"` // id
	Ask       ledger.Hash                 `json:"ask"`     // [ledger.Ask.By]
	Grounds   ledger.Hash                 `json:"grounds"` // SHA-256 of them as they are kept
	Policy    ledger.Hash                 `json:"policy"`  // document hash
	AsOf      uint64                      `json:"as_of"`
	LastEvent uint64                      `json:"last_event"`
	Asked     policy.Request              `json:"asked"` // what the rules saw of it
	Decision  policy.Decision             `json:"decision"`
	Cost      accountant.Cost             `json:"cost"`
	Scopes    map[string]accountant.Scope `json:"scopes"`  // after the charge
	Classes   ledger.Hash                 `json:"classes"` // of each, in order: document, reason, odometer after
}

// Digest is the hiding commitment to d.
func (d Decided) Digest(salt ledger.Hash) (ledger.Hash, error) {
	content, err := ledger.Canonical(d)
	if err != nil {
		return ledger.Hash{}, err
	}
	return ledger.HashBytes(ledger.SaltedLeaf(salt, content)), nil
}

// judged is a decision and what it was made from.
type judged struct {
	Decided
	input     policy.Input
	documents []ledger.Hash       // of the classes, in order
	reasons   []policy.ReasonCode // likewise
	unasked   policy.ReasonCode   // for whoever was never asked
	permitted []Permitted
}

// judge decides: the query level with every reason, then each class. It depends on its arguments, the dataset and the
// diseases that the node knows alone, so that a decision can be made again. One that does not allow q has no scopes and classes.
func (n *Node) judge(ctx context.Context, q question, s Snapshot, now int64) (j judged, err error) {
	j, p, err := n.judgeQuery(q, s, now)
	if err != nil || !j.Decision.Allowed() {
		return j, err
	}
	if j.Scopes, err = n.charge(q, p, s); err != nil {
		return j, err
	}
	if err := n.judgeClasses(ctx, &j, s, q.classes); err != nil {
		return j, err
	}
	j.Classes = j.digestOf(s.Classes)
	return j, nil
}

// judgeQuery decides at the query level alone, by public facts: no class is looked at.
func (n *Node) judgeQuery(q question, s Snapshot, now int64) (j judged, p policy.DatasetPolicy, err error) {
	if p, err = n.policies.of(s.Policy); err != nil {
		return j, p, err
	}
	if err := sameRule(q.plan, p); err != nil {
		return j, p, err
	}
	j.input = n.input(q, p, s, now)
	j.Decided = Decided{
		Request: q.Ask.RequestID, Ask: q.asked, Policy: s.Policy.Hash(), AsOf: s.AsOf, LastEvent: s.LastEvent,
		Asked: j.input.Request, Decision: policy.Decide(j.input), Cost: q.plan.Cost,
	}
	return j, p, nil
}

// judgeClasses decides on each class, and on whoever was never asked. What the terms permit is charged.
func (n *Node) judgeClasses(ctx context.Context, j *judged, s Snapshot, ahead map[uint32]classDocument) error {
	ids := make([]uint32, len(s.Classes))
	for i, c := range s.Classes {
		ids[i] = c.ID
	}
	documents, hashes, err := n.classes.of(ctx, ids, ahead)
	if err != nil {
		return err
	}
	terms := j.input.Terms()
	j.documents, j.reasons, j.unasked, j.permitted = hashes, reasons(terms, documents), terms.PatientReason(nil, policy.Loss{}), make([]Permitted, 0, len(ids)+1)
	permit := func(class uint32, odometer accountant.Cost) error {
		after, err := odometer.Add(accountant.ZCDP.Counted(j.Cost))
		if err != nil {
			return fmt.Errorf("charging a class: %w", err)
		}
		j.permitted = append(j.permitted, Permitted{Class: class, Odometer: after})
		return nil
	}
	if j.unasked == policy.PatientEligibleDefault {
		if err := permit(0, s.Unasked); err != nil {
			return err
		}
	}
	for i, c := range s.Classes {
		if j.reasons[i] != policy.PatientEligible {
			continue
		}
		if err := permit(c.ID, c.Odometer); err != nil {
			return err
		}
	}
	return nil
}

// grounds are those of a decision on q, as they are kept.
func (q question) grounds(d policy.Decision) ([]byte, error) {
	kept := q.Question
	kept.Passport = Passport{}
	g := Grounds{Question: kept, Passport: q.passport, Organisation: q.organisation, Actor: q.actor, Vocabulary: d.Vocabulary, Refused: d.Reasons, Recheck: q.recheck}
	if q.onChain {
		g.Record = &q.record
	}
	content, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("keeping what a decision rests on: %w", err)
	}
	return content, nil
}

// digestOf hashes what was decided of those who were never asked, and then of each class. Permitted ones are in the
// order of all.
func (j judged) digestOf(all []Class) ledger.Hash {
	permitted := j.permitted
	content := make([]byte, 0, 96*(len(all)+1))
	one := func(class uint32, document ledger.Hash, reason policy.ReasonCode) {
		content = append(content, document[:]...)
		content = binary.BigEndian.AppendUint64(content, uint64(len(reason)))
		content = append(content, reason...)
		var after accountant.Cost
		if len(permitted) > 0 && permitted[0].Class == class {
			after, permitted = permitted[0].Odometer, permitted[1:]
		}
		content = binary.BigEndian.AppendUint64(content, uint64(after.NanoRho))
		content = binary.BigEndian.AppendUint64(content, uint64(after.Delta))
	}
	one(0, ledger.Hash{}, j.unasked)
	for i, c := range all {
		one(c.ID, j.documents[i], j.reasons[i])
	}
	return ledger.HashBytes(content)
}
