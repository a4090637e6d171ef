package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// An accounting of disclosures names every question that could have counted a patient, to whom and for what, and none other;
// the steward's is the same as the patient's own.
func TestDisclosures(t *testing.T) {
	w := openExact(t)
	university := provider.Recipient{Organisation: "University", Address: "1 College Street, Springfield"}
	w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: ledger.DatasetID(university.Organisation)})
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, profile(func(p *provider.DatasetProfile) { p.Recipients = []provider.Recipient{university} }), 1)))
	grant := w.Approve(w.Grant())
	first := w.Question("first", grant, w.Query(1000), nil)
	release, err := w.Release(t.Context(), first)
	ok(t, err)
	w.Prefer(providertest.Withdrawal(), 1)
	second := w.Question("second", grant, w.Query(2000), nil)
	_, err = w.Release(t.Context(), second)
	ok(t, err)

	mine, err := w.Disclosures(t.Context(), w.Patient(1).Address(), 0)
	ok(t, err)
	if len(mine) != 1 {
		t.Fatalf("%d disclosures of a patient whom one question could have counted", len(mine))
	}
	d := mine[0]
	equal(t, "what", []any{d.Request, d.AsOf, d.Release, d.Cost.NanoRho, d.Lost}, []any{
		first.Ask.RequestID, release.Release.AsOf, &release, release.Release.NanoRho, d.Cost,
	})
	equal(t, "to whom", []any{d.Researcher, d.Recipient, d.Study.Protocol}, []any{w.Researcher.Address(), university, w.Grant().Protocol})
	equal(t, "for what", d.Purpose, first.Ask.Purpose)
	if d.Question.Words(cohort.ByID) == "" || len(d.Categories()) == 0 || d.Revision == 0 {
		t.Errorf("disclosed %+v", d)
	}
	byHospital, err := w.DisclosuresOf(t.Context(), 1, 0)
	ok(t, err)
	equal(t, "the hospital's own", byHospital, mine)
	others, err := w.DisclosuresOf(t.Context(), 2, 0)
	ok(t, err)
	equal(t, "of another patient", len(others), 2)
	others, err = w.DisclosuresOf(t.Context(), 2, d.AsOf)
	ok(t, err)
	equal(t, "after the first", others[0].Request, second.Ask.RequestID)
	w.refused(provider.ErrUnknownPatient, func(ctx context.Context) error { _, err := w.DisclosuresOf(ctx, 4711, 0); return err })

	all, err := w.Processing(t.Context(), 0, 0, 1<<60)
	ok(t, err)
	equal(t, "processing", []ledger.Hash{all[0].Request, all[1].Request}, []ledger.Hash{first.Ask.RequestID, second.Ask.RequestID})
	none, err := w.Processing(t.Context(), 0, 0, d.At)
	ok(t, err)
	equal(t, "before the first", len(none), 0)
}

// What was charged and failed has left nothing, and says so.
func TestNothingWasDisclosed(t *testing.T) {
	w := openExact(t)
	q := w.Question("fails", w.Approve(w.Grant()), w.Query(1000), nil)
	w.Engine.Before = func(context.Context, provider.Active) error { return context.DeadlineExceeded }
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Fatalf("error %v, want the opaque one", err)
	}
	all, err := w.DisclosuresOf(t.Context(), 1, 0)
	ok(t, err)
	if len(all) != 1 || all[0].Release != nil {
		t.Errorf("disclosed %+v", all)
	}
}

// unreadable is a store that has lost what a request was charged for.
type unreadable struct {
	provider.Store
	request ledger.Hash
}

func (u unreadable) Grounds(ctx context.Context, request ledger.Hash) (provider.Charged, error) {
	c, err := u.Store.Grounds(ctx, request)
	if request == u.request {
		c.Grounds = c.Grounds[:len(c.Grounds)/2]
	}
	return c, err
}

// A line that cannot be read any more stays in an accounting, says so, and ends it for none of the others.
func TestUnreadableLines(t *testing.T) {
	w := openExact(t)
	grant := w.Approve(w.Grant())
	first, second := w.Question("first", grant, w.Query(1000), nil), w.Question("second", grant, w.Query(2000), nil)
	for _, q := range []provider.Question{first, second} {
		_, err := w.Release(t.Context(), q)
		ok(t, err)
	}
	w.Store = unreadable{w.Store, first.Ask.RequestID}
	w.Restart()
	mine, err := w.Disclosures(t.Context(), w.Patient(1).Address(), 0)
	ok(t, err)
	processed, err := w.Processing(t.Context(), 0, 0, 1<<60)
	ok(t, err)
	if len(mine) != 2 || len(processed) != 2 {
		t.Fatalf("%d disclosures, %d lines of processing; want 2 of each", len(mine), len(processed))
	}
	for _, a := range []provider.Asked{mine[0].Asked, processed[0]} {
		equal(t, "known of the first", []any{a.Unreadable, a.Request, a.Cost.NanoRho, a.Release != nil}, []any{true, first.Ask.RequestID, w.Plan(w.Query(1000)).Cost.NanoRho, true})
	}
	for _, a := range []provider.Asked{mine[1].Asked, processed[1]} {
		equal(t, "the second", []any{a.Unreadable, a.Request, a.Researcher}, []any{false, second.Ask.RequestID, w.Researcher.Address()})
	}
}
