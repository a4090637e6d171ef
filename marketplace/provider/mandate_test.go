package provider_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// delegate has k speak for a patient for an hour; of whom a steward says it, nil: of by.
func (w *world) delegate(by *ledger.Key, of *int64, k *ledger.Key, kind provider.MandateKind) (ledger.Hash, error) {
	s := provider.Delegation{
		Provider: w.Address(), Patient: of, Key: k.Address(), Kind: kind, Until: w.Clock.Now().Unix() + 3600, Nonce: ledger.HashBytes([]byte(kind)),
	}
	return w.Delegate(w.t.Context(), w.Sign(by, ledger.KindDelegation, s, 1), anyone)
}

// says has k say p by a mandate.
func (w *world) says(k *ledger.Key, id ledger.Hash, kind provider.MandateKind, p policy.ReleasePreference, revision uint64) error {
	s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Grantor{By: string(kind), Mandate: &id}, Preference: p.Normalize()}
	_, err := w.SetPreferences(w.t.Context(), []ledger.SignedDocument{w.Sign(k, ledger.KindReleasePreference, s, revision)}, anyone)
	return err
}

// A guardian permits for a patient without a key, and his word lapses with his
// mandate; when it is revoked he says nothing more.
func TestGuardian(t *testing.T) {
	w := openPaper(t)
	guardian, child := providertest.NewKey(t), int64(5)
	_, err := w.delegate(w.Patient(1), &child, guardian, provider.Guardian)
	same(t, err, provider.ErrSignature)
	_, err = w.delegate(w.Steward, &child, guardian, provider.Delegate)
	same(t, err, provider.ErrMalformed)
	id, err := w.delegate(w.Steward, &child, guardian, provider.Guardian)
	ok(t, err)
	p := providertest.Anything()
	same(t, w.says(guardian, id, provider.Guardian, p, 1), provider.ErrMalformed) // for ever
	p.GuardianUntil = w.Clock.Now().Unix() + 3601
	same(t, w.says(guardian, id, provider.Guardian, p, 1), provider.ErrMalformed)
	p.GuardianUntil--
	same(t, w.says(guardian, id, provider.Delegate, p, 1), provider.ErrNoMandate)
	same(t, w.says(w.Patient(2), id, provider.Guardian, p, 1), provider.ErrNoMandate)
	ok(t, w.says(guardian, id, provider.Guardian, p, 1))
	if n := all(w.release(w.ask("permitted"))); n != 5 {
		t.Errorf("counted %d, want 5", n)
	}
	w.Clock.Advance(3600)
	if n := all(w.release(w.ask("lapsed"))); n != 4 {
		t.Errorf("counted %d after the mandate, want 4", n)
	}
	same(t, w.says(guardian, id, provider.Guardian, p, 2), provider.ErrNoMandate)
}

// A delegate narrows and withdraws, permits nothing new, and says nothing more once revoked.
func TestDelegate(t *testing.T) {
	w := openPaper(t)
	k := providertest.NewKey(t)
	id, err := w.delegate(w.Patient(1), nil, k, provider.Delegate)
	ok(t, err)
	narrow, wide := providertest.Anything(), providertest.Anything()
	narrow.Categories = narrow.Categories[1:]
	ok(t, w.says(k, id, provider.Delegate, narrow, 2))
	same(t, w.says(k, id, provider.Delegate, wide, 3), provider.ErrWidens)
	same(t, w.says(k, id, provider.Delegate, narrow, 2), provider.ErrStaleRevision)
	same(t, w.says(k, id, provider.Guardian, narrow, 3), provider.ErrNoMandate)
	ok(t, w.says(k, id, provider.Delegate, providertest.Withdrawal(), 3))
	same(t, w.says(k, id, provider.Delegate, narrow, 4), provider.ErrWidens)
	if s, err := w.PreferenceBy(t.Context(), k.Address(), id); err != nil || s.Document.Revision != 3 {
		t.Errorf("sees revision %d, %v", s.Document.Revision, err)
	}
	_, err = w.PreferenceBy(t.Context(), w.Patient(2).Address(), id)
	same(t, err, provider.ErrNoMandate)
	revoke := func(by *ledger.Key) error {
		return w.Revoke(t.Context(), w.Sign(by, ledger.KindRevocation, provider.Revocation{Provider: w.Address(), Mandate: id}, 1), anyone)
	}
	same(t, revoke(w.Patient(2)), provider.ErrNoMandate)
	same(t, revoke(k), provider.ErrNoMandate)
	ok(t, revoke(w.Patient(1)))
	same(t, w.says(k, id, provider.Delegate, providertest.Withdrawal(), 4), provider.ErrNoMandate)
	ok(t, revoke(w.Steward)) // again
}

// TestG2AKeyOutranksAGuardian: for a patient with a key no steward names a guardian, and
// the one she had when she got it says nothing more.
func TestG2AKeyOutranksAGuardian(t *testing.T) {
	w := openPaper(t)
	guardian, keyed, ward := providertest.NewKey(t), int64(1), int64(5)
	_, err := w.delegate(w.Steward, &keyed, guardian, provider.Guardian)
	same(t, err, provider.ErrHasKey)
	id, err := w.delegate(w.Steward, &ward, guardian, provider.Guardian)
	ok(t, err)
	p := providertest.Anything()
	p.GuardianUntil = w.Clock.Now().Unix() + 3600
	ok(t, w.says(guardian, id, provider.Guardian, p, 1))
	w.EnrolAll(5)
	ok(t, w.withdraw(w.Patient(5)))
	same(t, w.says(guardian, id, provider.Guardian, p, 3), provider.ErrNoMandate)
	_, err = w.PreferenceBy(t.Context(), guardian.Address(), id)
	same(t, err, provider.ErrNoMandate)
	if n := all(w.release(w.ask("of age"))); n != 4 {
		t.Errorf("counted %d, want 4", n)
	}
}

// TestG2RecoveryEndsAThiefsMandates: whom a stolen key named speaks for her no more once
// she has recovered it.
func TestG2RecoveryEndsAThiefsMandates(t *testing.T) {
	w := openPaper(t)
	accomplice := providertest.NewKey(t)
	id, err := w.delegate(w.Patient(1), nil, accomplice, provider.Guardian)
	ok(t, err)
	recovered := providertest.NewKey(t)
	ok(t, w.Redeem(t.Context(), w.invite(1, true), recovered.Address()))
	ok(t, w.withdraw(recovered))
	p := providertest.Anything()
	p.GuardianUntil = w.Clock.Now().Unix() + 3600
	same(t, w.says(accomplice, id, provider.Guardian, p, 3), provider.ErrNoMandate)
	if n := all(w.release(w.ask("recovered"))); n != 3 {
		t.Errorf("counted %d, want 3", n)
	}
}

// TestG3OnlyThePatientRaisesHerCap: neither who speaks for her nor a record of the hospital raises her own cap or takes it away, at once or by way
// of a document that permits nothing; she herself does.
func TestG3OnlyThePatientRaisesHerCap(t *testing.T) {
	w := openPaper(t)
	capped := providertest.Anything()
	capped.OwnCap = &policy.Loss{NanoRho: 1_000_000}
	w.Prefer(capped, 1)
	until := w.Clock.Now().Unix() + 3600
	inForce := func(want int64) {
		t.Helper()
		s, err := w.Node.Preference(t.Context(), w.Patient(1).Address())
		ok(t, err)
		got := int64(0)
		if s.Cap != nil {
			got = s.Cap.NanoRho
		}
		equal(t, "her cap", got, want)
	}
	speaks := map[provider.MandateKind]func(policy.ReleasePreference, uint64) error{}
	for _, kind := range []provider.MandateKind{provider.Guardian, provider.Delegate} {
		k := providertest.NewKey(t)
		id, err := w.delegate(w.Patient(1), nil, k, kind)
		ok(t, err)
		speaks[kind] = func(p policy.ReleasePreference, revision uint64) error {
			if kind == provider.Guardian {
				p.GuardianUntil = until
			}
			return w.says(k, id, kind, p, revision)
		}
		higher, bare := capped, providertest.Withdrawal()
		higher.OwnCap = &policy.Loss{NanoRho: 1_000_001}
		for name, p := range map[string]policy.ReleasePreference{"no cap": providertest.Anything(), "a higher one": higher, "withdrawn without": bare} {
			if err := speaks[kind](p, 3); !errors.Is(err, provider.ErrCapRaised) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
		}
	}
	withdrawn := capped
	withdrawn.Status = policy.Withdrawn
	ok(t, speaks[provider.Delegate](withdrawn, 3))
	inForce(1_000_000)
	// On paper, where the steward does not know of her cap; twice in one statement.
	s := w.Recorded(provider.Paper, providertest.Withdrawal(), 1)
	s.Recorded[0].Revision = 4
	s.Recorded = append(s.Recorded, s.Recorded[0])
	s.Recorded[1].Revision = 5
	_, err := w.RecordPreferences(t.Context(), w.Sign(w.Steward, ledger.KindRecordedPreferences, s, 1))
	ok(t, err)
	inForce(1_000_000)
	same(t, speaks[provider.Guardian](providertest.Anything(), 6), provider.ErrCapRaised)
	lower := capped
	lower.OwnCap = &policy.Loss{NanoRho: 900_000}
	ok(t, speaks[provider.Guardian](lower, 6))
	inForce(900_000)
	if r, err := w.Replay(t.Context(), w.release(w.ask("among these")).Release.RequestID, true); err != nil || r.Difference != "" {
		t.Errorf("made again: %q, %v", r.Difference, err)
	}
	own := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: providertest.Anything()}
	_, err = w.SetPreferences(t.Context(), []ledger.SignedDocument{w.Sign(w.Patient(1), ledger.KindReleasePreference, own, 7)}, anyone)
	ok(t, err)
	inForce(0)
}
