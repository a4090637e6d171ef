package provider_test

import (
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
