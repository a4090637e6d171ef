package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/medmarket/medmarket/ledger"
)

// Person is what a hospital's records say of who a patient number means.
type Person struct {
	Number      int64  // the hospital's stable patient number, OMOP person_id
	SourceValue string // the hospital's own identifier, OMOP person_source_value; empty if the records have none
	YearOfBirth int64  // 0 if not recorded
	Gender      int64  // OMOP gender_concept_id, 0 if not recorded
}

// Mark is a keyed hash of something about a person. It tells whether two
// records agree in it, and nothing to who does not have the key.
type Mark [16]byte

// IsZero reports whether m is the mark of nothing.
func (m Mark) IsZero() bool { return m == Mark{} }

// Fingerprint is what is kept of a person, to notice when a number comes to
// mean someone else.
type Fingerprint struct {
	Number   int64
	Identity Mark // of the hospital's identifier; zero if there is none
	Traits   Mark // of number, year of birth and gender
}

// Fingerprinter makes fingerprints. It is not safe for concurrent use.
type Fingerprinter struct{ mac hash.Hash }

// NewFingerprinter takes the key. Fingerprints by other keys cannot be compared.
func NewFingerprinter(key ledger.Hash) *Fingerprinter {
	return &Fingerprinter{hmac.New(sha256.New, key[:])}
}

// Of returns the fingerprint of p.
func (f *Fingerprinter) Of(p Person) Fingerprint {
	out := Fingerprint{Number: p.Number, Traits: f.mark("traits %d %d %d", p.Number, p.YearOfBirth, p.Gender)}
	if p.SourceValue != "" {
		out.Identity = f.mark("identity %s", p.SourceValue)
	}
	return out
}

func (f *Fingerprinter) mark(format string, args ...any) (m Mark) {
	f.mac.Reset()
	fmt.Fprintf(f.mac, format, args...) // a hash never fails to write
	copy(m[:], f.mac.Sum(nil))
	return m
}

// SamePerson reports whether two fingerprints of one number may be of one
// person: by the hospital's identifier where both have it, else by the traits.
func (f Fingerprint) SamePerson(g Fingerprint) bool {
	if !f.Identity.IsZero() && !g.Identity.IsZero() {
		return f.Identity == g.Identity
	}
	return f.Traits == g.Traits
}
