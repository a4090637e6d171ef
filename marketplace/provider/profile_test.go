package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

func profile(change func(*provider.DatasetProfile)) provider.DatasetProfile {
	p := provider.DatasetProfile{
		Dataset: providertest.Dataset, Revision: 1, Title: "A hospital", Summary: "Two lines,\nof text.", CDMVersion: "5.4",
		Domains: []cohort.Domain{cohort.Condition}, Patients: 21000,
		Bounds: []dp.Bound{{Field: dp.FieldAge, Low: 0, High: 110}},
	}
	if change != nil {
		change(&p)
	}
	return p
}

func TestProfileRevisions(t *testing.T) {
	w := openExact(t)
	sign := func(p provider.DatasetProfile) ledger.SignedDocument {
		return w.Sign(w.Steward, ledger.KindDatasetProfile, p, p.Revision)
	}
	good := sign(profile(nil))
	for name, c := range map[string]struct {
		doc  ledger.SignedDocument
		want error
		late bool
	}{
		"by a researcher":       {w.Sign(w.Researcher, ledger.KindDatasetProfile, profile(nil), 1), provider.ErrSignature, false},
		"as a policy":           {w.Sign(w.Steward, ledger.KindDatasetPolicy, profile(nil), 1), provider.ErrSignature, false},
		"another dataset":       {sign(profile(func(p *provider.DatasetProfile) { p.Dataset = "hospital-b" })), provider.ErrMalformed, false},
		"another revision":      {w.Sign(w.Steward, ledger.KindDatasetProfile, profile(nil), 2), provider.ErrMalformed, false},
		"no title":              {sign(profile(func(p *provider.DatasetProfile) { p.Title = "" })), provider.ErrMalformed, false},
		"a size to the patient": {sign(profile(func(p *provider.DatasetProfile) { p.Patients = 20817 })), provider.ErrMalformed, false},
		"bounds the same":       {sign(profile(func(p *provider.DatasetProfile) { p.Bounds[0].High = 0 })), provider.ErrMalformed, false},
		"a revision left out":   {sign(profile(func(p *provider.DatasetProfile) { p.Revision = 2 })), provider.ErrStaleRevision, false},
		"the second it expires": {good, provider.ErrExpired, true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.late {
				w.Clock.Advance(3600)
				defer w.Clock.Advance(-3600)
			}
			w.refused(c.want, func(ctx context.Context) error { return w.SetProfile(ctx, c.doc) })
		})
	}
	before, err := w.Describe(t.Context())
	ok(t, err)
	ok(t, w.SetProfile(t.Context(), good))
	d, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "profile in force", d.Profile, &good)
	equal(t, "bounds", d.Metadata.Bounds, profile(nil).Bounds)
	equal(t, "patients", d.Metadata.RoundedPatients, int64(21000))
	equal(t, "what plans state", d.Metadata.Stated(), before.Metadata)
}

// A question that was quoted before the profile changed is answered as it was signed.
func TestProfileLeavesPlansWhatTheyAre(t *testing.T) {
	w := openExact(t)
	grant := w.Approve(w.Grant())
	q := w.Question("quoted before", grant, w.Query(1000), nil)
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, profile(nil), 1)))
	_, err := w.Release(t.Context(), q)
	ok(t, err)
}

// G1, G5: a size that claims to be released is an answer that was charged, and is said as it was answered.
func TestG5ReleasedSize(t *testing.T) {
	w := openExact(t)
	w.repolicy(func(p *policy.DatasetPolicy) {
		p.Columns = append(p.Columns, policy.Column{Name: "person.year_of_birth", Category: policy.Demographics, Finest: policy.LevelExact})
	})
	grant := w.Approve(w.Grant())
	all := provider.SizeQuery(providertest.Dataset, 1000)
	counted := w.Question("how many", grant, all, nil)
	release, err := w.Release(t.Context(), counted)
	ok(t, err)
	other := w.Question("by sex", grant, w.Query(1000), nil)
	_, err = w.Release(t.Context(), other)
	ok(t, err)
	patients, size, err := provider.SizeOf(counted.Ask.RequestID, w.Plan(all), release.Release.Vector)
	ok(t, err)
	spent, err := w.Describe(t.Context())
	ok(t, err)
	sized := func(change func(*provider.DatasetProfile)) ledger.SignedDocument {
		p := profile(func(p *provider.DatasetProfile) { p.Patients, p.Size = patients, new(size) })
		change(&p)
		return w.Sign(w.Steward, ledger.KindDatasetProfile, p, 1)
	}
	for name, change := range map[string]func(*provider.DatasetProfile){
		"never asked":        func(p *provider.DatasetProfile) { p.Size.Request = ledger.Hash{9} },
		"another question":   func(p *provider.DatasetProfile) { p.Size.Request = other.Ask.RequestID },
		"another cost":       func(p *provider.DatasetProfile) { p.Size.NanoRho++ },
		"no cost":            func(p *provider.DatasetProfile) { p.Size.NanoRho = 0 },
		"more patients":      func(p *provider.DatasetProfile) { p.Patients++ },
		"a shorter interval": func(p *provider.DatasetProfile) { p.Size.High-- },
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(provider.ErrMalformed, func(ctx context.Context) error { return w.SetProfile(ctx, sized(change)) })
		})
	}
	ok(t, w.SetProfile(t.Context(), sized(func(*provider.DatasetProfile) {})))
	d, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "patients", d.Metadata.RoundedPatients, patients)
	equal(t, "spent", d.Spent, spent.Spent) // what was charged when it was asked, and nothing else
	if _, _, err := provider.SizeOf(other.Ask.RequestID, w.Plan(w.Query(1000)), nil); !errors.Is(err, provider.ErrMalformed) {
		t.Errorf("got %v, want %v", err, provider.ErrMalformed)
	}
}

func TestSizeIsRoundedOutward(t *testing.T) {
	plan, err := dp.NewPlan(provider.SizeQuery("d", 1_000_000), dp.Metadata{Dataset: "d", Version: "v", ReferenceYear: 2024})
	ok(t, err)
	for n, want := range map[int64][3]int64{ // patients, low, high; the margin is 44.2
		-20: {0, 0, 25}, 100: {100, 55, 150}, 2694: {2700, 2600, 2800}, 17549: {18000, 17000, 18000},
	} {
		patients, size, err := provider.SizeOf(ledger.Hash{1}, plan, []int64{n})
		ok(t, err)
		equal(t, "size", [3]int64{patients, size.Low, size.High}, want)
	}
}

func TestProfileFaults(t *testing.T) {
	if err := profile(nil).Normalize().Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*provider.DatasetProfile){
		"dataset":     func(p *provider.DatasetProfile) { p.Dataset = "two\nlines" },
		"revision":    func(p *provider.DatasetProfile) { p.Revision = 0 },
		"title":       func(p *provider.DatasetProfile) { p.Title = strings.Repeat("x", 201) },
		"summary":     func(p *provider.DatasetProfile) { p.Summary = "\x1b[2J" },
		"contact":     func(p *provider.DatasetProfile) { p.Contact = "\xff" },
		"cdm_version": func(p *provider.DatasetProfile) { p.CDMVersion = "5.4\n" },
		"domains":     func(p *provider.DatasetProfile) { p.Domains = []cohort.Domain{"genome"} },
		"patients":    func(p *provider.DatasetProfile) { p.Patients = -1 },
		"unusable":    func(p *provider.DatasetProfile) { p.Bounds = append(p.Bounds, p.Bounds[0]) },
	} {
		if err := profile(change).Validate(); err == nil || !strings.Contains(err.Error(), "profile."+field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestRoundSize(t *testing.T) {
	for n, want := range map[int64]int64{0: 0, 7: 7, 99: 99, 104: 100, 105: 110, 2694: 2700, 17549: 18000, 995: 1000} {
		if got := provider.RoundSize(n); got != want {
			t.Errorf("%d is rounded to %d, want %d", n, got, want)
		}
	}
}
