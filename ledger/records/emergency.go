package records

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds of emergencies.
const (
	MaxEmergency = 24 * time.Hour // how long one lasts
	minReason    = 10             // bytes
	maxReason    = 1000
)

// Emergency is what a clinician signs to see a patient's pointers and records at one hospital without her access, as a
// [ledger.KindRecordEmergency] whose expiry is Until. It is known by its document hash.
type Emergency struct {
	Provider ledger.Address `json:"provider"`
	Patient  int64          `json:"patient"` // the hospital's own number
	Kinds    []Kind         `json:"kinds"`   // rising
	From     Month          `json:"from"`    // of the care
	To       Month          `json:"to"`      // included
	Until    int64          `json:"until"`   // Unix seconds
	Reason   string         `json:"reason"`  // in words, for the patient and who countersigns: 10 to 1000 bytes
	Nonce    ledger.Hash    `json:"nonce"`   // random, so that no two are one
}

// Access is what e lets the clinician who signed it see.
func (e Emergency) Access(clinician ledger.Address) Access {
	return Access{Provider: e.Provider, Reader: clinician, Kinds: e.Kinds, From: e.From, To: e.To, Until: e.Until, Records: true, Nonce: e.Nonce}
}

// ReadEmergency checks a document for the hospital it was brought to, at a time in Unix seconds, and returns who signed it; whether
// that is a clinician who may is the hospital's to know. ErrMalformed, [ledger.ErrBadSignature], ErrEnded.
func ReadEmergency(d ledger.SignedDocument, domain ledger.Domain, hospital ledger.Address, now int64) (e Emergency, signer ledger.Address, err error) {
	if err := ledger.ParseCanonical(d.Content, &e); err != nil {
		return e, signer, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if signer, err = d.Signer(domain, ledger.KindRecordEmergency); err != nil {
		return e, signer, err
	}
	if err := e.Access(signer).Check(); err != nil {
		return e, signer, err
	}
	switch {
	case e.Provider != hospital || d.Expiry != e.Until:
		return e, signer, fmt.Errorf("%w: the emergency is at another hospital, or its signature ends at another time", ErrMalformed)
	case len(e.Reason) < minReason || !words(e.Reason, maxReason):
		return e, signer, fmt.Errorf("%w: an emergency wants its reason, in %d to %d bytes", ErrMalformed, minReason, maxReason)
	case now >= e.Until || e.Until > now+int64(MaxEmergency/time.Second):
		return e, signer, ErrEnded
	}
	return e, signer, nil
}

// words reports whether s is text of so many bytes at most.
func words(s string, most int) bool { return len(s) <= most && utf8.ValidString(s) }

// Countersignature is what a second clinician signs of an emergency, once it is over, as a [ledger.KindRecordCountersignature].
type Countersignature struct {
	Provider  ledger.Address `json:"provider"`
	Emergency ledger.Hash    `json:"emergency"` // document hash
	Justified bool           `json:"justified"` // there was one, and what was seen was wanted
	Why       string         `json:"why,omitempty"`
}

// ReadCountersignature is as [ReadEmergency].
func ReadCountersignature(d ledger.SignedDocument, domain ledger.Domain, hospital ledger.Address, now int64) (c Countersignature, signer ledger.Address, err error) {
	if err := ledger.ParseCanonical(d.Content, &c); err != nil {
		return c, signer, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if c.Provider != hospital || c.Emergency.IsZero() || !words(c.Why, maxReason) {
		return c, signer, fmt.Errorf("%w: a countersignature wants an emergency at this hospital, and %d bytes of words at most", ErrMalformed, maxReason)
	}
	if d.Expiry <= now {
		return c, signer, ErrEnded
	}
	signer, err = d.Signer(domain, ledger.KindRecordCountersignature)
	return c, signer, err
}
