package provider

import (
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// Facts are what a query is decided on at the query level. All of them are
// public, or shown by the researcher, so a marketplace that trusts the same issuers
// of visas can decide beforehand as the hospital will.
type Facts struct {
	Ask          ledger.Ask
	Researcher   ledger.Address // who signed the ask
	Organisation ledger.Hash    // the researcher's, as registered
	Actor        policy.Actor   // what she showed of herself; public to those whom she asks
	Plan         dp.Plan
	Policy       policy.DatasetPolicy
	Grant        *policy.Grant      // nil when it is not on the chain: no grant
	Record       ledger.GrantRecord // of Grant
	DatasetSpent accountant.Cost
	GrantSpent   accountant.Cost // at the dataset
	// OrganisationSpent is what all of the researcher's organisation have spent at the dataset.
	OrganisationSpent accountant.Cost
	Now               int64         // Unix seconds
	AsOf              uint64        // log index the decision stands on
	Diseases          *duo.Diseases // nil: none is known
	// TermsAccepted is the revision of the dataset's terms that the researcher has signed (AcceptedRevision).
	TermsAccepted uint64
}

// Input puts the facts into the form that policy.Decide takes. A grant that
// the chain records in other terms than its document's is no grant: the
// committee named in the document did not approve it.
func (f Facts) Input() policy.Input {
	in := policy.Input{
		Request: policy.Request{
			Dataset: f.Ask.Dataset, Researcher: f.Researcher.String(), Organisation: f.Organisation.String(), Grant: f.Ask.Grant.String(),
			Purpose:  policy.DataUse{Permission: duo.Permission(f.Ask.Purpose.Permission), Diseases: f.Ask.Purpose.Diseases, Methods: f.Ask.Purpose.Methods},
			Concepts: f.Plan.Concepts(), Roots: f.Plan.Roots(), AnyConcept: f.Plan.Query.PrivateKeys(),
			NanoRho: f.Plan.Cost.NanoRho, Delta: f.Plan.Cost.Delta, NanoEpsilon: f.Plan.Cost.NanoEpsilon, Now: f.Now, AsOf: f.Ask.AtLeastAsOf, Head: f.AsOf,
		},
		Policy: f.Policy, Actor: f.Actor, Diseases: f.Diseases, TermsAccepted: f.TermsAccepted,
		Spent: policy.Spent{
			GrantNanoRho: f.GrantSpent.NanoRho, OrganisationNanoRho: f.OrganisationSpent.NanoRho,
			DatasetNanoRho: f.DatasetSpent.NanoRho, DatasetDelta: f.DatasetSpent.Delta,
			OrganisationNanoEpsilon: f.OrganisationSpent.NanoEpsilon, DatasetNanoEpsilon: f.DatasetSpent.NanoEpsilon,
		},
	}
	for _, c := range f.Plan.Columns() {
		in.Request.Columns = append(in.Request.Columns, policy.ColumnUse{
			Name: c.Name, Category: policy.Category(c.Category), Level: c.Level, Data: policy.Period{Start: c.Time.From, End: c.Time.Until},
		})
	}
	if f.Grant == nil || !SameTerms(*f.Grant, f.Record) {
		return in
	}
	if status, known := grantStatus[f.Record.Status]; known {
		in.Grant, in.GrantStatus, in.ReviewBy, in.Since = f.Grant, status, f.Record.ReviewBy, f.Record.Since
	}
	return in
}

var grantStatus = map[ledger.GrantStatus]policy.GrantStatus{
	ledger.GrantActive: policy.GrantActive, ledger.GrantSuspended: policy.GrantSuspended, ledger.GrantRevoked: policy.GrantRevoked,
	ledger.GrantSuperseded: policy.GrantSuperseded, ledger.GrantClosed: policy.GrantClosed,
}

// SameTerms says whether the chain records what the document says, but for a review that was put off.
func SameTerms(g policy.Grant, r ledger.GrantRecord) bool {
	amends := ""
	if !r.Amends.IsZero() {
		amends = r.Amends.String()
	}
	if g.Amends != amends || r.ReviewBy < g.ReviewBy || (g.ReviewBy == 0) != (r.ReviewBy == 0) {
		return false
	}
	if g.Amends != "" && r.Since <= 0 { // it is not known since when the study runs
		return false
	}
	if g.Committee != r.Committee.String() || g.Period.Start != r.NotBefore || g.Period.End != r.Expiry || len(g.Datasets) != len(r.Datasets) {
		return false
	}
	for _, d := range g.Datasets {
		if ceiling, ok := r.Ceiling(d.Dataset); !ok || ceiling != d.NanoRho {
			return false
		}
	}
	return true
}
