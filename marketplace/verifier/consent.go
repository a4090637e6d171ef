package verifier

import (
	"errors"
	"fmt"
	"slices"

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
	if p.Anchor == nil {
		return c, ErrPending
	}
	return c, t.anchor(*p.Anchor, p.Inclusion, now)
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
		return errors.New("nobody stands for it")
	}
	c.Preference, c.Signer = &s, signer
	return nil
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
