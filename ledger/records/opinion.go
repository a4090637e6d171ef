package records

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

// Place is where a pointer stands among those of its patient.
type Place struct {
	Kind   Kind   `json:"kind"`
	Month  Month  `json:"month"`
	Number uint64 `json:"number"` // from 0
}

// Standing is what a patient holds of a pointer or a reader.
type Standing string

// The standings.
const (
	Accepted   Standing = "accepted"
	Questioned Standing = "questioned" // she asks the hospital to look into it
	Rejected   Standing = "rejected"   // of a reader: he is shown nothing from then on, whatever access he has
)

// MaxWhy bounds the words of an opinion, in bytes.
const MaxWhy = 500

// Opinion is what a patient signs of a pointer to a record of hers, or of a reader, as a [ledger.KindRecordOpinion]. One with a
// greater revision takes the place of another of the same.
type Opinion struct {
	Provider ledger.Address  `json:"provider"`
	Pointer  *Place          `json:"pointer,omitempty"` // this or Reader
	Reader   *ledger.Address `json:"reader,omitempty"`
	Standing Standing        `json:"standing"`
	Why      string          `json:"why,omitempty"` // in words: MaxWhy bytes at most
	// Mandate is that of the guardian who signs in her place; nil: she does.
	Mandate *ledger.Hash `json:"mandate,omitempty"`
}

// Check returns ErrMalformed unless o has its form.
func (o Opinion) Check() error {
	switch {
	case o.Provider.IsZero() || (o.Pointer == nil) == (o.Reader == nil):
		return fmt.Errorf("%w: an opinion wants a hospital, and a pointer or a reader", ErrMalformed)
	case o.Pointer != nil && !o.Pointer.Kind.Valid(), o.Reader != nil && o.Reader.IsZero():
		return fmt.Errorf("%w: there is no such pointer or reader", ErrMalformed)
	case !words(o.Why, MaxWhy):
		return fmt.Errorf("%w: an opinion has %d bytes of words at most", ErrMalformed, MaxWhy)
	}
	switch o.Standing {
	case Accepted, Questioned, Rejected:
		return nil
	}
	return fmt.Errorf("%w: %q is not accepted, questioned or rejected", ErrMalformed, o.Standing)
}

// Doubts reports whether o asks the hospital to look at a pointer.
func (o Opinion) Doubts() bool { return o.Pointer != nil && o.Standing != Accepted }

// Reply is what a steward of the hospital signs of an opinion that doubts a pointer, as a [ledger.KindRecordReply].
type Reply struct {
	Provider ledger.Address `json:"provider"`
	Opinion  ledger.Hash    `json:"opinion"`  // document hash
	Revision uint64         `json:"revision"` // its revision: who says the same again has the same hash
	Amended  bool           `json:"amended"`  // the record was changed; else it stands as it was
	Why      string         `json:"why"`      // in words, for the patient: 1 to MaxWhy bytes
}

// ReadReply checks a document for the hospital it was brought to, at a time in Unix seconds, and returns who signed it; whether that is a
// steward is the hospital's to know. ErrMalformed, [ledger.ErrBadSignature], ErrEnded.
func ReadReply(d ledger.SignedDocument, domain ledger.Domain, hospital ledger.Address, now int64) (r Reply, signer ledger.Address, err error) {
	if err := ledger.ParseCanonical(d.Content, &r); err != nil {
		return r, signer, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if r.Provider != hospital || r.Opinion.IsZero() || r.Why == "" || !words(r.Why, MaxWhy) {
		return r, signer, fmt.Errorf("%w: a reply wants an opinion at this hospital, and 1 to %d bytes of words", ErrMalformed, MaxWhy)
	}
	if d.Expiry <= now {
		return r, signer, ErrEnded
	}
	signer, err = d.Signer(domain, ledger.KindRecordReply)
	return r, signer, err
}
