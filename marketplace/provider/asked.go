package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Asked is a question that was charged, as accountings of disclosures and records of processing say it. All of it is
// public, or the researcher's and the committee's; nothing of it is of patients.
type Asked struct {
	DecisionName
	Researcher   ledger.Address
	Organisation ledger.Hash // the researcher's then, as registered
	Recipient    Recipient   // that organisation, as the present profile names it; empty: it does not
	Grant        ledger.Hash // document
	Study        policy.Grant
	Purpose      ledger.Purpose
	Question     dp.Query
	Columns      []dp.Column // of patients' records that it read
	Cost         accountant.Cost
	Policy       ledger.Hash // the dataset policy that was in force
	// Release is what was signed for whoever asks under the request id. Whether it was fetched the hospital does not see; whatever
	// the researcher got stands in the public register. Nil: nothing was released, and nothing left the hospital.
	Release *ledger.SignedRelease
	// Unreadable says that the hospital cannot read any more what was asked, or it is not what was signed. Then only the decision's name, Cost,
	// Policy and Release are known.
	Unreadable bool
}

// Disclosure is a question that could have counted a patient, for an accounting of disclosures (45 CFR 164.528).
type Disclosure struct {
	Asked
	Revision uint64          // of her preference that permitted it; 0: she had said nothing, and the law permitted it
	Lost     accountant.Cost // a bound of all that she had lost after it
}

// Disclosures are those of a key's patient after a log index, [MaxPast] at most, oldest first, without what was lost with a
// store ([Extents]). Errors: ErrNotEnrolled.
func (n *Node) Disclosures(ctx context.Context, key ledger.Address, after uint64) ([]Disclosure, error) {
	return n.disclosures(ctx, after, func(after uint64) ([]Exposure, error) { return n.cfg.Store.Exposures(ctx, key, after) })
}

// DisclosuresOf is Disclosures for a patient number; the caller has checked that a steward asks. Errors: ErrUnknownPatient.
func (n *Node) DisclosuresOf(ctx context.Context, patient int64, after uint64) ([]Disclosure, error) {
	if !n.inRecords(patient) {
		return nil, ErrUnknownPatient
	}
	return n.disclosures(ctx, after, func(after uint64) ([]Exposure, error) { return n.cfg.Store.ExposuresOf(ctx, patient, after) })
}

// disclosures are MaxPast, or all that there are. Of what was Restored nobody knows to whom it went: exposures say how much it may have been.
func (n *Node) disclosures(ctx context.Context, after uint64, read func(after uint64) ([]Exposure, error)) (all []Disclosure, err error) {
	recipients, err := n.recipients(ctx)
	if err != nil {
		return nil, err
	}
	for {
		page, err := read(after)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if after = e.AsOf; e.Restored() {
				continue
			}
			asked, err := n.asked(ctx, e.Request, recipients)
			if err != nil {
				return nil, err
			}
			if all = append(all, Disclosure{Asked: asked, Revision: e.Revision, Lost: e.Lost}); len(all) == MaxPast {
				return all, nil
			}
		}
		if len(page) < MaxPast {
			return all, nil
		}
	}
}

// Processing is what was charged within a time, until not included, after a log index: [MaxPast] at most, oldest first. The
// caller has checked that one of the hospital asks.
func (n *Node) Processing(ctx context.Context, after uint64, from, until int64) ([]Asked, error) {
	names, err := n.cfg.Store.Decisions(ctx, after, from, until)
	if err != nil {
		return nil, err
	}
	recipients, err := n.recipients(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Asked, len(names))
	for i, name := range names {
		if all[i], err = n.asked(ctx, name.Request, recipients); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// recipients are those that the present profile names, by organisation.
func (n *Node) recipients(ctx context.Context) (map[ledger.Hash]Recipient, error) {
	signed, found, err := n.cfg.Store.Profile(ctx)
	if err != nil || !found {
		return nil, err
	}
	p, err := ParseProfile(signed)
	if err != nil {
		return nil, fmt.Errorf("profile on record: %w", err)
	}
	all := map[ledger.Hash]Recipient{}
	for _, r := range p.Recipients {
		all[ledger.DatasetID(r.Organisation)] = r
	}
	return all, nil
}

// asked reads what a request was charged for. What cannot be read is said to be so: no line is left out of an account for it, and none
// ends it.
func (n *Node) asked(ctx context.Context, request ledger.Hash, recipients map[ledger.Hash]Recipient) (Asked, error) {
	charged, err := n.cfg.Store.Grounds(ctx, request)
	if err != nil {
		return Asked{}, err
	}
	a := Asked{
		DecisionName: DecisionName{Request: request, AsOf: charged.AsOf, At: charged.Now}, Cost: charged.Cost, Policy: charged.Policy, Release: charged.Release,
	}
	q, _, err := n.pastQuestion(charged.Grounds, charged.Ask)
	if err != nil {
		n.cfg.Log.ErrorContext(ctx, "what was charged for cannot be read; accountings say so", "request", request, "err", err)
		a.Unreadable = true
		return a, nil
	}
	a.Researcher, a.Organisation, a.Recipient, a.Grant, a.Study = q.researcher, q.organisation, recipients[q.organisation], q.Ask.Grant, q.grant
	a.Purpose, a.Question, a.Columns = q.Ask.Purpose, q.plan.Query, q.plan.Columns()
	return a, nil
}

// Categories are those of the columns, each once, in order.
func (a Asked) Categories() (all []string) {
	for _, c := range a.Columns {
		all = append(all, c.Category)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
