package provider_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

func anyone(ledger.Address) bool { return true }

// enrolment is the statement that binds patients' keys.
func (w *world) enrolment(patients ...int64) provider.EnrolmentStatement {
	s := provider.EnrolmentStatement{Provider: w.Address()}
	for _, p := range patients {
		s.Enrolments = append(s.Enrolments, provider.Enrolment{Patient: p, Key: w.Patient(p).Address()})
	}
	return s
}

func TestEnrolRefusals(t *testing.T) {
	w := &world{Hospital: providertest.Open(t, openStore(t, t.TempDir()+"/hospital.db"), noisetest.None(t), records), t: t}
	w.EnrolAll(7)
	stranger := providertest.NewKey(t)
	w.Chain.Enter(ledger.Participant{Address: stranger.Address(), Roles: ledger.RoleSteward, Organisation: ledger.HashBytes([]byte("another"))})
	elsewhere, unknown := w.enrolment(1), w.enrolment(1, 2)
	elsewhere.Provider = stranger.Address()
	unknown.Enrolments[1].Patient = 99
	large := w.enrolment(1)
	for len(large.Enrolments) <= provider.MaxBatch {
		large.Enrolments = append(large.Enrolments, large.Enrolments[0])
	}
	spaced := w.Sign(w.Steward, ledger.KindEnrolment, w.enrolment(1), 1)
	spaced.Content = append(spaced.Content, ' ')
	old := w.Sign(w.Steward, ledger.KindEnrolment, w.enrolment(1), 1)
	for name, c := range map[string]struct {
		doc  ledger.SignedDocument
		want error
		late bool
	}{
		"a steward of another hospital": {w.Sign(stranger, ledger.KindEnrolment, w.enrolment(1), 1), provider.ErrSignature, false},
		"a patient herself":             {w.Sign(w.Patient(1), ledger.KindEnrolment, w.enrolment(1), 1), provider.ErrSignature, false},
		"signed as something else":      {w.Sign(w.Steward, ledger.KindDatasetPolicy, w.enrolment(1), 1), provider.ErrSignature, false},
		"another hospital":              {w.Sign(w.Steward, ledger.KindEnrolment, elsewhere, 1), provider.ErrMalformed, false},
		"nobody":                        {w.Sign(w.Steward, ledger.KindEnrolment, w.enrolment(), 1), provider.ErrMalformed, false},
		"too many":                      {w.Sign(w.Steward, ledger.KindEnrolment, large, 1), provider.ErrMalformed, false},
		"spelled in another way":        {spaced, provider.ErrMalformed, false},
		"no such patient":               {w.Sign(w.Steward, ledger.KindEnrolment, unknown, 1), provider.ErrUnknownPatient, false},
		"enrolled already":              {w.Sign(w.Steward, ledger.KindEnrolment, w.enrolment(1, 7), 1), provider.ErrAlreadyEnrolled, false},
		"the second it expires":         {old, provider.ErrExpired, true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.late {
				w.Clock.Advance(3600)
				defer w.Clock.Advance(-3600)
			}
			w.refused(c.want, func(ctx context.Context) error { return w.Enrol(ctx, c.doc) })
			if _, err := w.Node.Preference(t.Context(), w.Patient(1).Address()); !errors.Is(err, provider.ErrNotEnrolled) {
				t.Errorf("1 after a refusal: %v", err)
			}
		})
	}
	w.EnrolAll(1, 2)
	if _, err := w.Node.Preference(t.Context(), w.Patient(1).Address()); !errors.Is(err, provider.ErrNoPreference) {
		t.Errorf("1 once enrolled: %v", err)
	}
}

// shared is a preference with a cap of 100 over two hospitals, 60 of it at one and 40 at the other, that says that her cap here is own,
// with the salt of the first.
func shared(one, other ledger.Address, own int64) policy.ReleasePreference {
	p := providertest.Anything()
	salt := ledger.HashBytes([]byte("one"))
	p.OwnCap, p.CapSalt = &policy.Loss{NanoRho: own}, salt.String()
	p.CapSplit = &policy.CapSplit{Total: policy.Loss{NanoRho: 100}, Shares: []policy.CapShare{
		{Hospital: provider.ShareOf(salt, one).String(), Cap: policy.Loss{NanoRho: 60}},
		{Hospital: provider.ShareOf(ledger.HashBytes([]byte("other")), other).String(), Cap: policy.Loss{NanoRho: 40}},
	}}
	return p.Normalize()
}

// G2: a hospital holds a patient to its share of a cap that she has split, as to any cap of hers; a split that gives it another is not taken.
func TestG2ASplitCapHoldsHere(t *testing.T) {
	w := openExact(t)
	split := shared(w.Address(), w.Patient(1).Address(), 60)
	if _, err := w.SetPreferences(t.Context(), []ledger.SignedDocument{w.Preference(1, split)}, anyone); err != nil {
		t.Fatal(err)
	}
	s, err := w.Node.Preference(t.Context(), w.Patient(1).Address())
	ok(t, err)
	equal(t, "her cap here", s.Cap, &accountant.Cost{NanoRho: 60})
	gone := shared(w.Patient(1).Address(), w.Address(), 60) // another's share
	gone.Status = providertest.Withdrawal().Status
	_, err = w.SetPreferences(t.Context(), []ledger.SignedDocument{w.Preference(2, gone)}, anyone)
	ok(t, err)
	w.refused(provider.ErrMalformed, func(ctx context.Context) error {
		statement := provider.RecordedPreferences{Provider: w.Address(), Form: provider.Paper, Recorded: []provider.RecordedPreference{
			{Patient: 8, Revision: 1, Preference: shared(w.Patient(1).Address(), w.Address(), 60)},
		}}
		_, err := w.RecordPreferences(ctx, w.Sign(w.Steward, ledger.KindRecordedPreferences, statement, 1))
		return err
	})
}

func TestPreferenceRefusals(t *testing.T) {
	w := openExact(t)
	good := func() ledger.SignedDocument { return w.Preference(1, providertest.Withdrawal()) }
	sign := func(k *ledger.Key, kind ledger.Kind, at ledger.Address, p policy.ReleasePreference, revision uint64) ledger.SignedDocument {
		return w.Sign(k, kind, provider.PreferenceStatement{Provider: at, Grantor: provider.Self(), Preference: p}, revision)
	}
	one, kind, here := w.Patient(1), ledger.KindReleasePreference, w.Address()
	spaced, old := good(), good()
	spaced.Content = append(spaced.Content, ' ')
	for name, c := range map[string]struct {
		docs []ledger.SignedDocument
		want error
		late bool
	}{
		"none":                     {nil, provider.ErrMalformed, false},
		"too many":                 {make([]ledger.SignedDocument, provider.MaxBatch+1), provider.ErrMalformed, false},
		"another hospital":         {[]ledger.SignedDocument{sign(one, kind, one.Address(), providertest.Withdrawal(), 2)}, provider.ErrMalformed, false},
		"words nobody knows":       {[]ledger.SignedDocument{sign(one, kind, here, narrowed(func(p *policy.ReleasePreference) { p.Decision = "perhaps" }), 2)}, provider.ErrMalformed, false},
		"spelled in another way":   {[]ledger.SignedDocument{spaced}, provider.ErrMalformed, false},
		"signed as something else": {[]ledger.SignedDocument{sign(one, ledger.KindEnrolment, here, providertest.Withdrawal(), 2)}, provider.ErrNotEnrolled, false},
		"a stranger":               {[]ledger.SignedDocument{sign(w.Researcher, kind, here, providertest.Withdrawal(), 2)}, provider.ErrNotEnrolled, false},
		"the same revision":        {[]ledger.SignedDocument{sign(one, kind, here, providertest.Withdrawal(), 1)}, provider.ErrStaleRevision, false},
		"a revision left out":      {[]ledger.SignedDocument{sign(one, kind, here, providertest.Withdrawal(), 3)}, provider.ErrStaleRevision, false},
		"one of two":               {[]ledger.SignedDocument{good(), sign(w.Patient(2), kind, here, providertest.Withdrawal(), 1)}, provider.ErrStaleRevision, false},
		"another's share":          {[]ledger.SignedDocument{w.Preference(1, shared(one.Address(), w.Address(), 60))}, provider.ErrMalformed, false},
		"a share of another size":  {[]ledger.SignedDocument{w.Preference(1, shared(w.Address(), one.Address(), 40))}, provider.ErrMalformed, false},
		"the second it expires":    {[]ledger.SignedDocument{old}, provider.ErrExpired, true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.late {
				w.Clock.Advance(3600)
				defer w.Clock.Advance(-3600)
			}
			w.refused(c.want, func(ctx context.Context) error {
				_, err := w.SetPreferences(ctx, c.docs, anyone)
				return err
			})
		})
	}
	w.refused(provider.ErrSignature, func(ctx context.Context) error { // 2's, brought by 1
		docs := []ledger.SignedDocument{good(), w.Preference(2, providertest.Withdrawal())}
		_, err := w.SetPreferences(ctx, docs, func(a ledger.Address) bool { return a == one.Address() })
		return err
	})
	first := w.Prefer(providertest.Withdrawal(), 1)
	second := w.Prefer(providertest.Withdrawal(), 2, 3)
	equal(t, "tokens, until an interval is closed", []uint64{first, second}, []uint64{64, 64})
}

func TestPolicyRefusals(t *testing.T) {
	w := openExact(t)
	next := func(change func(*policy.DatasetPolicy)) policy.DatasetPolicy {
		p := w.Policy()
		p.Revision = 2
		if change != nil {
			change(&p)
		}
		return p
	}
	old := w.SignPolicy(next(nil))
	for name, c := range map[string]struct {
		doc  ledger.SignedDocument
		want error
		late bool
	}{
		"by a researcher":       {w.Sign(w.Researcher, ledger.KindDatasetPolicy, next(nil), 2), provider.ErrSignature, false},
		"as something else":     {w.Sign(w.Steward, ledger.KindEnrolment, next(nil), 2), provider.ErrSignature, false},
		"another dataset":       {w.SignPolicy(next(func(p *policy.DatasetPolicy) { p.Dataset = "hospital-b" })), provider.ErrMalformed, false},
		"another revision":      {w.Sign(w.Steward, ledger.KindDatasetPolicy, next(nil), 3), provider.ErrMalformed, false},
		"without a budget":      {w.SignPolicy(next(func(p *policy.DatasetPolicy) { p.TotalNanoRho = 0 })), provider.ErrMalformed, false},
		"the same revision":     {w.SignPolicy(next(func(p *policy.DatasetPolicy) { p.Revision = 1 })), provider.ErrStaleRevision, false},
		"a revision left out":   {w.SignPolicy(next(func(p *policy.DatasetPolicy) { p.Revision = 3 })), provider.ErrStaleRevision, false},
		"the second it expires": {old, provider.ErrExpired, true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.late {
				w.Clock.Advance(3600)
				defer w.Clock.Advance(-3600)
			}
			w.refused(c.want, func(ctx context.Context) error { return w.SetPolicy(ctx, c.doc) })
		})
	}
	ok(t, w.SetPolicy(t.Context(), old))
	d, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "policy in force", d.Policy, old)
	equal(t, "who", []any{d.Provider, d.Organisation, d.WorkPerNanoRho}, []any{w.Address(), providertest.Organisation, int64(providertest.Price)})
}

// A steward whom the chain no longer names may do nothing more.
func TestAStewardWhoLeft(t *testing.T) {
	w := openExact(t)
	p := w.Policy()
	p.Revision = 2
	w.Chain.Enter(ledger.Participant{Address: w.Steward.Address()})
	w.refused(provider.ErrSignature, func(ctx context.Context) error { return w.SetPolicy(ctx, w.SignPolicy(p)) })
}

func TestNewRefusals(t *testing.T) {
	w := openExact(t)
	for name, change := range map[string]func(*provider.Config){
		"key": func(c *provider.Config) { c.Key = nil }, "organisation": func(c *provider.Config) { c.Organisation = ledger.Hash{} },
		"domain": func(c *provider.Config) { c.Domain.Genesis = ledger.Hash{} }, "dataset": func(c *provider.Config) { c.Metadata.Dataset = "" },
		"version": func(c *provider.Config) { c.Metadata.Version = "" }, "price": func(c *provider.Config) { c.WorkPerNanoRho = 0 },
		"patients": func(c *provider.Config) { c.Patients = nil }, "store": func(c *provider.Config) { c.Store = nil },
		"engine": func(c *provider.Config) { c.Engine = nil }, "chain": func(c *provider.Config) { c.Chain = nil },
		"noise": func(c *provider.Config) { c.Noise = nil }, "log": func(c *provider.Config) { c.Log = nil },
		"patient numbers": func(c *provider.Config) {
			c.Patients = func(context.Context) ([]int64, error) { return nil, errors.New("no records") }
		},
	} {
		c := w.Config()
		change(&c)
		if _, err := provider.New(t.Context(), c); err == nil {
			t.Errorf("a node without its %s", name)
		}
	}
}

// TestG8TooManyChanges: a patient who changes her mind all day is held up in permitting, and
// never in withdrawing.
func TestG8TooManyChanges(t *testing.T) {
	w := openPaper(t)
	for range provider.MaxDaily - 1 { // after the first
		w.Prefer(providertest.Anything(), 1)
	}
	for _, p := range []policy.ReleasePreference{providertest.Anything(), exceptional()} {
		_, err := w.SetPreferences(t.Context(), []ledger.SignedDocument{w.Preference(1, p)}, anyone)
		same(t, err, provider.ErrTooManyChanges)
	}
	w.Prefer(providertest.Withdrawal(), 1)
	equal(t, "counted", all(w.release(w.ask("withdrawn"))), int64(3))
	w.Clock.Advance(24 * 3600)
	w.Prefer(providertest.Anything(), 1)
}

// A document has a size that decisions can bear.
func TestLargePreference(t *testing.T) {
	w := openPaper(t)
	p := providertest.Anything()
	for i := range 16 {
		u := policy.DataUse{Permission: duo.DS}
		for j := range 64 {
			u.Diseases = append(u.Diseases, fmt.Sprintf("MONDO:%07d", 100*i+j))
		}
		p.Provisions = append(p.Provisions, policy.Provision{Purpose: []policy.DataUse{u}})
	}
	w.refused(provider.ErrMalformed, func(ctx context.Context) error {
		_, err := w.SetPreferences(ctx, []ledger.SignedDocument{w.Preference(1, p.Normalize())}, anyone)
		return err
	})
}
