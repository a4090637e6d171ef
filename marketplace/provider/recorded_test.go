package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// openPaper is a hospital where 1 to 4 have keys and permit anything, and
// nothing is known of 5 to 8.
func openPaper(t *testing.T) *world {
	t.Helper()
	w := &world{Hospital: providertest.Open(t, openStore(t, t.TempDir()+"/hospital.db"), noisetest.None(t), records), t: t}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(w.Policy())))
	w.EnrolAll(1, 2, 3, 4)
	w.Prefer(providertest.Anything(), 1, 2, 3, 4)
	w.grant = w.Approve(w.Grant())
	return w
}

// all of an answer is how many were counted.
func all(r ledger.SignedRelease) (n int64) {
	for _, v := range r.Release.Vector {
		n += v
	}
	return n
}

func TestRecordRefusals(t *testing.T) {
	w := openPaper(t)
	w.Record(providertest.Anything(), 5)
	stranger := providertest.NewKey(t)
	w.Chain.Enter(ledger.Participant{Address: stranger.Address(), Roles: ledger.RoleSteward, Organisation: ledger.HashBytes([]byte("another"))})
	sign := func(s provider.RecordedPreferences) ledger.SignedDocument {
		return w.Sign(w.Steward, ledger.KindRecordedPreferences, s, 1)
	}
	good := func(patients ...int64) provider.RecordedPreferences {
		return w.Recorded(provider.Verbal, providertest.Anything(), patients...)
	}
	with := func(change func(*provider.RecordedPreferences)) ledger.SignedDocument {
		s := good(6, 7)
		change(&s)
		return sign(s)
	}
	spaced, old := sign(good(6)), sign(good(6))
	spaced.Content = append(spaced.Content, ' ')
	for name, c := range map[string]struct {
		doc  ledger.SignedDocument
		want error
		late bool
	}{
		"a steward of another hospital": {w.Sign(stranger, ledger.KindRecordedPreferences, good(6), 1), provider.ErrSignature, false},
		"a patient herself":             {w.Sign(w.Patient(1), ledger.KindRecordedPreferences, good(6), 1), provider.ErrSignature, false},
		"signed as something else":      {w.Sign(w.Steward, ledger.KindEnrolment, good(6), 1), provider.ErrSignature, false},
		"another hospital":              {with(func(s *provider.RecordedPreferences) { s.Provider = stranger.Address() }), provider.ErrMalformed, false},
		"no form":                       {with(func(s *provider.RecordedPreferences) { s.Form = "" }), provider.ErrMalformed, false},
		"a form nobody knows":           {with(func(s *provider.RecordedPreferences) { s.Form = "rumour" }), provider.ErrMalformed, false},
		"nobody":                        {sign(good()), provider.ErrMalformed, false},
		"too many": {with(func(s *provider.RecordedPreferences) {
			s.Recorded = make([]provider.RecordedPreference, provider.MaxBatch+1)
		}), provider.ErrMalformed, false},
		"words nobody knows": {with(func(s *provider.RecordedPreferences) { s.Recorded[1].Preference.Decision = "perhaps" }), provider.ErrMalformed, false},
		"no such patient":    {with(func(s *provider.RecordedPreferences) { s.Recorded[1].Patient = 99 }), provider.ErrUnknownPatient, false},
		"has a key":          {sign(good(6, 1)), provider.ErrHasKey, false},
		"has a key, first revision": {with(func(s *provider.RecordedPreferences) {
			s.Recorded[1] = provider.RecordedPreference{Patient: 1, Revision: 1, Preference: providertest.Anything()}
		}), provider.ErrHasKey, false},
		"has a key, a denial that permits": {with(func(s *provider.RecordedPreferences) {
			s.Recorded[1] = provider.RecordedPreference{Patient: 1, Revision: 2, Preference: exceptional()}
		}), provider.ErrHasKey, false},
		"the same revision":      {with(func(s *provider.RecordedPreferences) { s.Recorded[1].Patient = 5 }), provider.ErrStaleRevision, false},
		"a revision left out":    {with(func(s *provider.RecordedPreferences) { s.Recorded[1].Revision = 2 }), provider.ErrStaleRevision, false},
		"revision 0":             {with(func(s *provider.RecordedPreferences) { s.Recorded[1].Revision = 0 }), provider.ErrStaleRevision, false},
		"spelled in another way": {spaced, provider.ErrMalformed, false},
		"the second it expires":  {old, provider.ErrExpired, true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.late {
				w.Clock.Advance(3600)
				defer w.Clock.Advance(-3600)
			}
			w.refused(c.want, func(ctx context.Context) error {
				_, err := w.RecordPreferences(ctx, c.doc)
				return err
			})
		})
	}
	equal(t, "counted", all(w.release(w.ask("after all of it"))), int64(5))
}

// What the hospital recorded counts until the patient comes with a key and says
// otherwise; enrolling alone changes nothing, and revisions go on.
func TestAPatientWithAKeyTakesOver(t *testing.T) {
	w := openPaper(t)
	equal(t, "before", all(w.release(w.ask("before"))), int64(4))
	w.Record(providertest.Anything(), 5, 6)
	equal(t, "recorded", all(w.release(w.ask("recorded"))), int64(6))
	w.EnrolAll(5)
	equal(t, "enrolled", all(w.release(w.ask("enrolled"))), int64(6))
	standing, err := w.Node.Preference(t.Context(), w.Patient(5).Address())
	ok(t, err)
	recorded := standing.Document
	var s provider.PreferenceStatement
	ok(t, ledger.ParseCanonical(recorded.Content, &s))
	equal(t, "grantor", s.Grantor, provider.ByHospital(provider.Paper))
	signer, err := recorded.Signer(w.Domain, ledger.KindReleasePreference)
	ok(t, err)
	equal(t, "signed by the hospital", []any{signer, recorded.Revision, recorded.Expiry}, []any{w.Address(), uint64(1), int64(0)})
	w.Prefer(providertest.Withdrawal(), 5)
	equal(t, "her own", all(w.release(w.ask("her own"))), int64(5))
	w.Prefer(providertest.Anything(), 5)
	w.Record(providertest.Withdrawal(), 6)
	equal(t, "withdrawn on paper", all(w.release(w.ask("paper"))), int64(5))
}

// Nobody can bring a document whose grantor is the hospital, the hospital's own neither.
func TestTheHospitalIsNoPatient(t *testing.T) {
	w := openPaper(t)
	w.Record(providertest.Anything(), 5)
	w.EnrolAll(5)
	standing, err := w.Node.Preference(t.Context(), w.Patient(5).Address())
	ok(t, err)
	recorded := standing.Document
	hers := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.ByHospital(provider.Paper), Preference: providertest.Anything()}
	nobodys := hers
	nobodys.Grantor = provider.Grantor{}
	for name, d := range map[string]ledger.SignedDocument{
		"what was recorded":          recorded,
		"in the hospital's name":     w.Sign(w.Patient(5), ledger.KindReleasePreference, hers, 2),
		"of nobody":                  w.Sign(w.Patient(5), ledger.KindReleasePreference, nobodys, 2),
		"signed by the hospital now": w.Sign(w.Key, ledger.KindReleasePreference, hers, 2),
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(provider.ErrMalformed, func(ctx context.Context) error {
				_, err := w.SetPreferences(ctx, []ledger.SignedDocument{d}, anyone)
				return err
			})
		})
	}
}

// TestG8WithdrawnOnPaper: a withdrawal or denial that the hospital records takes
// effect as her own does, at whatever moment it falls, and whether she has a key or not.
func TestG8WithdrawnOnPaper(t *testing.T) {
	denial := policy.ReleasePreference{Decision: policy.Deny, Status: policy.Active}
	for name, leave := range map[string]policy.ReleasePreference{"withdrawal": providertest.Withdrawal(), "denial": denial} {
		for _, who := range []int64{1, 5} { // with a key, on paper
			t.Run(name, func(t *testing.T) {
				w := openPaper(t)
				w.Record(providertest.Anything(), 5)
				gone := false
				w.Engine.Before = func(context.Context, provider.Active) error { // it is charged already
					if !gone {
						gone = true
						w.Record(leave, who)
					}
					return nil
				}
				equal(t, "counted", all(w.release(w.ask("while she leaves"))), int64(4))
				equal(t, "attempts", len(w.Engine.Counted()), 2)
				w.Engine.Before = nil
				equal(t, "afterwards", all(w.release(w.ask("afterwards"))), int64(4))
			})
		}
	}
}

// A patient number is in nothing that is signed for others, and in no log line.
func TestG7PatientNumbersStayInside(t *testing.T) {
	odd := []providertest.Record{{Patient: 79197919791, Female: true}}
	w := &world{Hospital: providertest.Open(t, openStore(t, t.TempDir()+"/hospital.db"), noisetest.None(t), odd), t: t}
	w.Record(providertest.Anything(), 79197919791)
	s := w.Recorded(provider.Paper, providertest.Anything(), 79197919791)
	s.Recorded[0].Revision = 1
	_, err := w.RecordPreferences(t.Context(), w.Sign(w.Steward, ledger.KindRecordedPreferences, s, 1))
	if !errors.Is(err, provider.ErrStaleRevision) {
		t.Fatalf("the same revision: %v", err)
	}
	w.EnrolAll(79197919791)
	d, getErr := w.Node.Preference(t.Context(), w.Patient(79197919791).Address())
	ok(t, getErr)
	for what, text := range map[string]string{"document": string(d.Document.Content), "error": err.Error(), "log": w.Log.String()} {
		if strings.Contains(text, "79197919791") {
			t.Errorf("%s has the patient's number: %s", what, text)
		}
	}
}

// exceptional denies, but to every kind of organisation.
func exceptional() policy.ReleasePreference {
	p := providertest.Anything()
	p.Decision, p.Provisions = policy.Deny, []policy.Provision{{Actor: policy.RecipientTypes()}}
	return p
}

// TestG2AStewardDoesNotOverrule: a patient with a key who withdrew is not counted again
// by a denial with exceptions that a steward records; one without a key is.
func TestG2AStewardDoesNotOverrule(t *testing.T) {
	w := openPaper(t)
	w.Prefer(providertest.Withdrawal(), 1)
	s := w.Recorded(provider.Paper, exceptional(), 1)
	s.Recorded[0].Revision = 3
	w.refused(provider.ErrHasKey, func(ctx context.Context) error {
		_, err := w.RecordPreferences(ctx, w.Sign(w.Steward, ledger.KindRecordedPreferences, s, 1))
		return err
	})
	equal(t, "counted", all(w.release(w.ask("with a key"))), int64(3))
	w.Record(exceptional(), 5)
	equal(t, "counted", all(w.release(w.ask("without"))), int64(4))
}
