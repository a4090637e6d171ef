package verifier

import (
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Consented is what a hospital was committed to for one index at the log index
// Proof.Checkpoint.Size. Whose it is the proof cannot say: the patient compares
// Proof.Index with the one she was first told, and Signer with her key, or with the
// hospital's for what it recorded for her (Preference.Grantor).
type Consented struct {
	Proof      consent.Proof
	Preference *provider.PreferenceStatement // nil: no preference, or no entry at all
	Signer     ledger.Address                // of Preference
	Until      int64                         // when Preference ends, Unix seconds; 0: it does not
	Tally      *provider.Tally               // of her own loss at that log index; nil without a preference
}

// Consent checks the bytes of a consent proof; now is the verifier's clock in
// Unix seconds. It returns what is proven with nil if all matches, with
// [ErrPending] if only the anchor is missing, and else a [*ledger.MismatchError]
// that names what does not match.
func Consent(content []byte, t Trust, now int64) (Consented, error) {
	var c Consented
	if err := ledger.ParseCanonical(content, &c.Proof); err != nil {
		return c, &ledger.MismatchError{Part: consent.PartForm, Err: err}
	}
	p := c.Proof
	if !slices.Contains(t.Providers, p.Provider) {
		return c, &ledger.MismatchError{Part: "provider", Err: fmt.Errorf("%s is not in the trust file", p.Provider)}
	}
	if err := p.Check(); err != nil {
		return c, err
	}
	if err := c.preference(t.Domain()); err != nil {
		return c, &ledger.MismatchError{Part: consent.PartPreference, Err: err}
	}
	if err := c.tally(); err != nil {
		return c, &ledger.MismatchError{Part: consent.PartOdometer, Err: err}
	}
	return c, t.Anchored(p.Anchor, p.Inclusion, now)
}

// preference reads the preference shown and who signed it.
func (c *Consented) preference(d ledger.Domain) error {
	if c.Proof.Present == nil || c.Proof.Present.Preference == nil {
		return nil
	}
	document := c.Proof.Present.Preference.Document()
	var s provider.PreferenceStatement
	if err := ledger.ParseCanonical(document.Content, &s); err != nil {
		return err
	}
	if s.Provider != c.Proof.Provider {
		return errors.New("names another hospital")
	}
	if err := s.Preference.Validate(); err != nil {
		return err
	}
	signer, err := document.Signer(d, ledger.KindReleasePreference)
	if err != nil {
		return err
	}
	switch s.Grantor {
	case provider.Self():
	case provider.ByHospital(provider.Paper), provider.ByHospital(provider.Verbal):
		if signer != c.Proof.Provider {
			return errors.New("is not signed by the hospital, which stands for it")
		}
	default:
		if kind := provider.MandateKind(s.Grantor.By); s.Grantor.Mandate == nil || s.Grantor.Form != "" || kind != provider.Guardian && kind != provider.Delegate {
			return errors.New("nobody stands for it")
		}
	}
	c.Preference, c.Signer = &s, signer
	return nil
}

// tally reads how her loss is counted. The odometer must be the one of the class that her preference makes.
func (c *Consented) tally() error {
	if c.Preference == nil {
		return nil
	}
	class, until, ownCap := c.Preference.Preference.Class()
	hash, err := ledger.HashOf(class)
	if err != nil {
		return err
	}
	entry, reading := c.Proof.Present.Entry, c.Proof.Counted.Reading
	t := provider.Tally{
		Cap:      provider.CapOf(ownCap),
		Carried:  accountant.Cost{NanoRho: entry.CarriedNanoRho, Delta: entry.CarriedDelta},
		Joined:   accountant.Cost{NanoRho: entry.JoinedNanoRho, Delta: entry.JoinedDelta},
		Odometer: accountant.Cost{NanoRho: reading.NanoRho, Delta: reading.Delta},
	}
	switch {
	case reading.Class != hash:
		return errors.New("is of another class than her preference makes")
	case t.Carried.NanoRho < 0 || t.Carried.Delta < 0 || t.Joined.NanoRho < 0 || t.Joined.Delta < 0:
		return errors.New("a loss is below nothing")
	case t.Odometer.NanoRho < t.Joined.NanoRho || t.Odometer.Delta < t.Joined.Delta:
		return errors.New("reads less than when her preference came into force")
	}
	c.Until, c.Tally = until, &t
	return nil
}

// Counting says whether an answer could count a patient.
type Counting string

// What can keep her out, in the order in which it is looked at. Whether her records were in the cohort no proof shows.
const (
	CouldCount   Counting = "she could be counted"
	NoPreference Counting = "she had no preference on record"
	NotPermitted Counting = "her preference did not permit the question"
	HadEnded     Counting = "her preference had ended"
	CapReached   Counting = "her own cap would have been passed"
)

// CountedIn says whether the hospital's part in r could count the patient of c. Both must have passed [Receipt],
// [Consent] and [ConsentAt]. The charge of r closed the interval of c, so that the odometer of her class says whether it moved it;
// whoever withdrew after it, while the answer was computed, was taken out besides.
func (c Consented) CountedIn(r ledger.Receipt) Counting {
	if c.Tally == nil {
		return NoPreference
	}
	i := slices.IndexFunc(r.Statement.Releases, func(s ledger.SignedRelease) bool { return s.Provider == c.Proof.Provider })
	switch {
	case i < 0 || !c.Proof.Counted.Reading.Charged:
		return NotPermitted
	case c.Until != 0 && c.Until <= r.Statement.Releases[i].Release.Time:
		return HadEnded
	case !c.Tally.Counts():
		return CapReached
	}
	return CouldCount
}

// ConsentAt returns a [*ledger.MismatchError] unless the hospital of p gave
// r's release at the very log index, and under the very root of its map, that p is
// about. Both must have passed [Consent] and [Receipt].
func ConsentAt(p consent.Proof, r ledger.Receipt) error {
	mismatch := func(format string, args ...any) error {
		return &ledger.MismatchError{Part: "consent at the receipt's log index", Err: fmt.Errorf(format, args...)}
	}
	for _, signed := range r.Statement.Releases {
		if signed.Provider != p.Provider {
			continue
		}
		switch release := signed.Release; {
		case release.AsOf != p.Checkpoint.Size:
			return mismatch("the answer is of log index %d, the proof of %d", release.AsOf, p.Checkpoint.Size)
		case release.MapRoot != p.Checkpoint.MapRoot:
			return mismatch("the answer was given under map root %s, the proof is of %s", release.MapRoot, p.Checkpoint.MapRoot)
		}
		return nil
	}
	return mismatch("%s has no part in the answer", p.Provider)
}
