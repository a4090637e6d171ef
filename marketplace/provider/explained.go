package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Explained says why a question was allowed, or refused, to the hospital itself. A refusal has no scopes and no classes.
type Explained struct {
	DecisionName
	Decision     policy.Decision
	Grant        ledger.Hash           // document
	Policy       ledger.SignedDocument // that was in force
	Organisation string                // the researcher's, as registered
	Documents    []ExplainedDocument   // that decided at the query level
	Scopes       map[string]accountant.Scope
	Classes      []ExplainedClass
}

// ExplainedDocument is a document that decided, and who answers for it.
type ExplainedDocument struct {
	Kind     ledger.Kind
	Hash     ledger.Hash
	Revision uint64         // 0: the kind has none
	Signer   ledger.Address // the key that signed it
	Approved ledger.Address // of a grant: the committee's member who signed it on the chain
}

// ExplainedClass is what was decided of a class. Its document is named by hash; zero are those who were never asked. Who signed it is
// not told: that is each patient's.
type ExplainedClass struct {
	Document ledger.Hash
	Content  []byte // of the document, of the class that was asked about; else nil
	Reason   policy.ReasonCode
	Default  policy.Default  // of those who were never asked: the row that decided
	Odometer accountant.Cost // before the charge
}

// Explain returns the documents and rules that decided, and what came of each class, or, if a document is named, of the class
// that has it, with what it says: inside the hospital only; the caller has checked that one of its own asks. Errors: ErrUnknownRequest, and
// ErrReplay if the decision cannot be made again as it was.
func (n *Node) Explain(ctx context.Context, request ledger.Hash, document *ledger.Hash) (Explained, error) {
	past, err := n.cfg.Store.Decision(ctx, request)
	if errors.Is(err, ErrUnknownRequest) {
		return n.explainRefusal(ctx, request)
	}
	if err != nil {
		return Explained{}, err
	}
	q, j, err := n.again(ctx, past)
	if err != nil {
		return Explained{}, fmt.Errorf("%w: %w", ErrReplay, err)
	}
	x, err := n.explained(DecisionName{Request: request, AsOf: past.AsOf, At: past.Now}, q, j, past.Before)
	if err != nil {
		return Explained{}, err
	}
	if document == nil || document.IsZero() {
		x.Classes = []ExplainedClass{{Reason: j.unasked, Default: j.input.Policy.Default(), Odometer: past.Before.Unasked}}
	}
	for i, c := range past.Before.Classes {
		one := ExplainedClass{Document: j.documents[i], Reason: j.reasons[i], Odometer: c.Charged()}
		if document != nil {
			if *document != one.Document {
				continue
			}
			read := func(_ uint32, content []byte) error { one.Content = content; return nil }
			if err := n.cfg.Store.Documents(ctx, []uint32{c.ID}, read); err != nil {
				return Explained{}, err
			}
		}
		x.Classes = append(x.Classes, one)
	}
	return x, nil
}

// explained is what there is to say at the query level.
func (n *Node) explained(name DecisionName, q question, j judged, before Snapshot) (x Explained, err error) {
	x = Explained{DecisionName: name, Decision: j.Decision, Policy: before.Policy, Scopes: j.Scopes, Grant: q.Ask.Grant, Organisation: j.Asked.Organisation}
	if x.Documents, err = n.documents(q, before.Policy, j.input.TermsAccepted > 0); err != nil {
		err = fmt.Errorf("%w: %w", ErrReplay, err)
	}
	return x, err
}

// documents are those that decided at the query level, each with the key that signed it.
func (n *Node) documents(q question, p ledger.SignedDocument, accepted bool) (all []ExplainedDocument, err error) {
	add := func(kind ledger.Kind, d ledger.SignedDocument, approved ledger.Address) {
		if err != nil {
			return
		}
		one := ExplainedDocument{Kind: kind, Hash: d.Hash(), Revision: d.Revision, Approved: approved}
		if one.Signer, err = d.Signer(n.cfg.Domain, kind); err == nil {
			all = append(all, one)
		}
	}
	all = append(all, ExplainedDocument{Kind: ledger.KindAsk, Hash: q.asked, Signer: q.researcher})
	add(ledger.KindDatasetPolicy, p, ledger.Address{})
	if q.onChain {
		add(ledger.KindDataGrant, q.Grant, q.record.Committee)
	}
	if accepted {
		add(ledger.KindTermsAcceptance, *q.Acceptance, ledger.Address{})
	}
	return all, err
}
