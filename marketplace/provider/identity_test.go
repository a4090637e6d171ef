package provider_test

import (
	"errors"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// invite has the steward make a code for a patient.
func (w *world) invite(patient int64, recovery bool) string {
	w.t.Helper()
	s := provider.Invitation{Provider: w.Address(), Patients: []int64{patient}, Recovery: recovery, Until: w.Clock.Now().Unix() + 3600}
	codes, err := w.Invite(w.t.Context(), w.Sign(w.Steward, ledger.KindInvitation, s, 1))
	ok(w.t, err)
	if len(codes) != 1 || codes[0].Patient != patient {
		w.t.Fatalf("codes %v", codes)
	}
	return codes[0].Code.Reveal()
}

func same(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || want == nil {
		t.Errorf("got %v, want %v", got, want)
	}
}

func (w *world) change(from, to *ledger.Key) error {
	s := provider.KeyChange{Provider: w.Address(), Key: from.Address(), Next: to.Address()}
	d := w.Sign(from, ledger.KindKeyChange, s, 1)
	return w.ChangeKey(w.t.Context(), d, w.Sign(to, ledger.KindKeyChange, s, 1).Signature, func(provider.KeyChange) bool { return true })
}

// withdraw has the holder of a key withdraw, as revision 2.
func (w *world) withdraw(k *ledger.Key) error {
	s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: providertest.Withdrawal()}
	d := w.Sign(k, ledger.KindReleasePreference, s, 2)
	_, err := w.SetPreferences(w.t.Context(), []ledger.SignedDocument{d}, anyone)
	return err
}

// A code binds a key that then speaks for its patient; what was permitted before
// stays in force over a change of the key and a recovery, and its loss too, and
// no former key speaks for her any more.
func TestKeysFollowThePatient(t *testing.T) {
	w := openExact(t)
	cost := w.cost
	if n := all(w.release(w.ask("before"))); n != 7 {
		t.Fatalf("counted %d", n)
	}
	rotated, recovered := providertest.NewKey(t), providertest.NewKey(t)
	ok(t, w.change(w.Patient(1), rotated))
	ok(t, w.Redeem(t.Context(), w.invite(1, true), recovered.Address()))
	s, err := w.Node.Preference(t.Context(), recovered.Address())
	ok(t, err)
	if signer, err := s.Document.Signer(w.Domain, ledger.KindReleasePreference); err != nil || signer != w.Patient(1).Address() {
		t.Errorf("her preference is signed by %s, %v", signer, err)
	}
	if s.Lost.NanoRho != cost {
		t.Errorf("lost %d, want %d", s.Lost.NanoRho, cost)
	}
	for _, dead := range []*ledger.Key{w.Patient(1), rotated} {
		same(t, w.withdraw(dead), provider.ErrNotEnrolled)
	}
	if n := all(w.release(w.ask("with a new key"))); n != 7 {
		t.Fatalf("counted %d", n)
	}
	ok(t, w.withdraw(recovered))
	if n := all(w.release(w.ask("withdrawn"))); n != 6 {
		t.Fatalf("counted %d", n)
	}
}

// Nothing is told apart of a code that is not good, and tries are limited.
func TestCodesTellNothing(t *testing.T) {
	w := openPaper(t)
	expired, used, replaced := w.invite(5, false), w.invite(6, false), w.invite(7, false)
	w.invite(7, false)
	ok(t, w.Redeem(t.Context(), used, providertest.NewKey(t).Address()))
	w.Clock.Advance(3600)
	for name, code := range map[string]string{
		"none": provider.NewCode().Reveal(), "typing error": "no code", "expired": expired, "used": used, "replaced": replaced,
	} {
		if err := w.Redeem(t.Context(), code, providertest.NewKey(t).Address()); err != provider.ErrCode { //nolint:errorlint // nothing may be added to it
			t.Errorf("%s: %v", name, err)
		}
	}
	key := providertest.NewKey(t).Address()
	for range 5 {
		same(t, w.Redeem(t.Context(), provider.NewCode().Reveal(), key), provider.ErrCode)
	}
	good := w.invite(5, false)
	same(t, w.Redeem(t.Context(), good, key), provider.ErrTooOften)
	w.Clock.Advance(60)
	ok(t, w.Redeem(t.Context(), good, key))
}

// TestOthersTriesShutNobodyOut: whatever other keys try, and whatever typing errors a
// patient makes, her code binds her key.
func TestOthersTriesShutNobodyOut(t *testing.T) {
	w := openPaper(t)
	good, key := w.invite(5, false), providertest.NewKey(t).Address()
	for i := range 1000 {
		same(t, w.Redeem(t.Context(), provider.NewCode().Reveal(), ledger.Address{byte(i), byte(i >> 8), 1}), provider.ErrCode)
	}
	for range 50 {
		same(t, w.Redeem(t.Context(), "no code", key), provider.ErrCode)
	}
	ok(t, w.Redeem(t.Context(), good, key))
}

func TestInvitationRefusals(t *testing.T) {
	w := openPaper(t)
	now := w.Clock.Now().Unix()
	good := provider.Invitation{Provider: w.Address(), Patients: []int64{5, 6}, Until: now + 60}
	with := func(change func(*provider.Invitation)) provider.Invitation {
		s := good
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		by   *ledger.Key
		s    provider.Invitation
		want error
	}{
		"a patient herself":   {w.Patient(1), good, provider.ErrSignature},
		"another hospital":    {w.Steward, with(func(s *provider.Invitation) { s.Provider = ledger.Address{1} }), provider.ErrMalformed},
		"nobody":              {w.Steward, with(func(s *provider.Invitation) { s.Patients = nil }), provider.ErrMalformed},
		"too many":            {w.Steward, with(func(s *provider.Invitation) { s.Patients = make([]int64, provider.MaxInvited+1) }), provider.ErrMalformed},
		"twice":               {w.Steward, with(func(s *provider.Invitation) { s.Patients = []int64{5, 5} }), provider.ErrMalformed},
		"unknown":             {w.Steward, with(func(s *provider.Invitation) { s.Patients = []int64{5, 99} }), provider.ErrUnknownPatient},
		"with a key":          {w.Steward, with(func(s *provider.Invitation) { s.Patients = []int64{5, 1} }), provider.ErrAlreadyEnrolled},
		"over already":        {w.Steward, with(func(s *provider.Invitation) { s.Until = now }), provider.ErrMalformed},
		"good for ever":       {w.Steward, with(func(s *provider.Invitation) { s.Until = now + int64(provider.MaxCodeLife/time.Second) + 1 }), provider.ErrMalformed},
		"a bound of the life": {w.Steward, with(func(s *provider.Invitation) { s.Until = now + int64(provider.MaxCodeLife/time.Second) }), nil},
	} {
		_, err := w.Invite(t.Context(), w.Sign(c.by, ledger.KindInvitation, c.s, 1))
		if c.want == nil {
			ok(t, err)
			continue
		}
		t.Run(name, func(t *testing.T) { same(t, err, c.want) })
	}
}

func TestKeyChangeRefusals(t *testing.T) {
	w := openPaper(t)
	next, other := providertest.NewKey(t), providertest.NewKey(t)
	good := provider.KeyChange{Provider: w.Address(), Key: w.Patient(1).Address(), Next: next.Address()}
	for name, c := range map[string]struct {
		s        provider.KeyChange
		by, next *ledger.Key
		brings   bool
		want     error
	}{
		"another hospital":       {provider.KeyChange{Key: good.Key, Next: good.Next}, w.Patient(1), next, true, provider.ErrMalformed},
		"itself":                 {provider.KeyChange{Provider: w.Address(), Key: good.Key, Next: good.Key}, w.Patient(1), w.Patient(1), true, provider.ErrMalformed},
		"not by her key":         {good, other, next, true, provider.ErrSignature},
		"not by the next one":    {good, w.Patient(1), other, true, provider.ErrSignature},
		"brought by neither":     {good, w.Patient(1), next, false, provider.ErrSignature},
		"of somebody else's key": {provider.KeyChange{Provider: w.Address(), Key: other.Address(), Next: good.Next}, other, next, true, provider.ErrNotEnrolled},
	} {
		d := w.Sign(c.by, ledger.KindKeyChange, c.s, 1)
		err := w.ChangeKey(t.Context(), d, w.Sign(c.next, ledger.KindKeyChange, c.s, 1).Signature, func(provider.KeyChange) bool { return c.brings })
		t.Run(name, func(t *testing.T) { same(t, err, c.want) })
	}
	d := w.Sign(w.Patient(1), ledger.KindKeyChange, good, 1)
	accepts := w.Sign(next, ledger.KindKeyChange, good, 1).Signature
	w.Clock.Advance(7200)
	same(t, w.ChangeKey(t.Context(), d, accepts, func(provider.KeyChange) bool { return true }), provider.ErrExpired)
	ok(t, w.change(w.Patient(1), next))
}

// A recovery is told to the key that it ended, and, carried by the patient, to
// the hospital that she named before, where it changes nothing.
func TestRecoveryIsTold(t *testing.T) {
	here, there := openPaper(t), openPaper(t)
	there.Domain = here.Domain
	first, stranger := here.Patient(1), providertest.NewKey(t)
	ok(t, there.change(there.Patient(2), first)) // she has one key at both
	named := provider.Contacts{Provider: here.Address(), Hospitals: []ledger.Address{there.Address()}}
	same(t, here.SetContacts(t.Context(), here.Sign(first, ledger.KindContacts, named, 1<<53-1), anyone), provider.ErrMalformed) // it would be the last
	ok(t, here.SetContacts(t.Context(), here.Sign(first, ledger.KindContacts, named, 1), anyone))
	ok(t, here.Redeem(t.Context(), here.invite(1, true), stranger.Address()))

	told, carry, err := here.Notices(t.Context(), first.Address())
	ok(t, err)
	if len(told) != 1 || told[0].Kind != provider.NoticeRecovered || told[0].Key != stranger.Address() || len(carry) != 0 {
		t.Errorf("the key that ended is told %+v, %d", told, len(carry))
	}
	_, carry, err = here.Notices(t.Context(), stranger.Address())
	ok(t, err)
	if len(carry) != 1 {
		t.Fatalf("%d notices to carry", len(carry))
	}
	same(t, there.Tell(t.Context(), carry[0]), provider.ErrSignature) // not registered there
	there.Chain.Enter(ledger.Participant{Address: here.Address(), Roles: ledger.RoleProvider})
	ok(t, there.Tell(t.Context(), carry[0]))
	same(t, here.Tell(t.Context(), carry[0]), provider.ErrMalformed)
	told, _, err = there.Notices(t.Context(), first.Address())
	ok(t, err)
	last := told[len(told)-1]
	if last.Kind != provider.NoticeElsewhere || last.From != here.Address() || last.Former != first.Address() || last.Key != stranger.Address() {
		t.Errorf("told %+v", last)
	}
	s, err := there.Node.Preference(t.Context(), first.Address())
	if err != nil || s.AsOf == 0 {
		t.Errorf("the notice changed something: %v", err)
	}
	here.Clock.Advance(int64(provider.NoticeLife/time.Second) + 1)
	_, _, err = here.Notices(t.Context(), first.Address())
	same(t, err, provider.ErrNotEnrolled)
	there.Clock.Advance(int64(provider.NoticeLife/time.Second) + 1)
	same(t, there.Tell(t.Context(), carry[0]), provider.ErrExpired)
}
