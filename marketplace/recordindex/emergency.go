package recordindex

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// EmergencyRules say who may see records without the patient's access, and what is wanted afterwards.
type EmergencyRules struct {
	// Clinician says whether a key is that of a clinician who may declare emergencies, and countersign those of others. Required.
	Clinician func(ledger.Address) bool
	// Within is how soon another clinician is to countersign. Required.
	Within time.Duration
}

// EmergencyPurpose is what [Index.BreakGlass] seals for.
const EmergencyPurpose = "medmarket records emergency"

// EmergencyPlace is where an emergency stands among all, by what is shown of it: a number would tell a patient how many others had.
type EmergencyPlace struct {
	At int64       // Unix seconds
	ID ledger.Hash // of its document
}

// Declared is an emergency on record.
type Declared struct {
	Document  ledger.SignedDocument // a [records.Emergency]
	Clinician ledger.Address
	At        int64 // Unix seconds
	Second    *Countersigned
	Overdue   bool // nobody has countersigned it in time
}

// Countersigned is what a second clinician said of an emergency.
type Countersigned struct {
	Document ledger.SignedDocument // a [records.Countersignature]
	Signer   ledger.Address
	At       int64 // Unix seconds
}

// BreakGlass declares an emergency: it is in the patient's log and she has a notice of it when it returns. From then on the
// document serves its clinician as an access does, until it ends or she takes it back. What is returned are the keys that find and open pointers, a
// canonical-form [records.Ring] in JSON, sealed to a key of the caller's. Errors: ErrNoAccess, also where the hospital has no such rules, ErrMalformed, ErrTooOften.
func (x *Index) BreakGlass(ctx context.Context, caller ledger.Address, signed ledger.SignedDocument, to records.SealingKey) ([]byte, error) {
	if !x.clinician(caller) {
		return nil, ErrNoAccess
	}
	now := x.cfg.Now().Unix()
	e, signer, err := records.ReadEmergency(signed, x.cfg.Domain, x.cfg.Provider, now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if signer != caller {
		return nil, ErrNoAccess
	}
	var ring records.Ring
	for _, k := range e.Kinds {
		ring = append(ring, x.secretOf(e.Patient).Nodes(k, e.From, e.To)...)
	}
	content, err := json.Marshal(ring)
	if err != nil {
		return nil, err
	}
	sealed, err := to.Seal(EmergencyPurpose, content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	line, err := x.line(Seen{Access: signed.Hash(), Reader: signer, At: now, Action: BreaksGlass, Kinds: e.Kinds, From: e.From, To: e.To, Emergency: &e})
	if err != nil {
		return nil, err
	}
	line.Most = MaxEmergencies
	if err := x.cfg.Store.Declare(ctx, e.Patient, Declared{Document: signed, Clinician: signer, At: now}, line); err != nil {
		return nil, err
	}
	return sealed, nil
}

// clinician reports whether a key may declare and countersign emergencies here.
func (x *Index) clinician(key ledger.Address) bool {
	return x.cfg.Emergencies != nil && x.cfg.Emergencies.Clinician(key)
}

// Countersign keeps what a second clinician says of an emergency, and enters it into the patient's log. One that was not justified serves
// nothing from then on. Errors: ErrMalformed, ErrNoAccess, also of who declared it himself, ErrNoEmergency.
func (x *Index) Countersign(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	now := x.cfg.Now().Unix()
	c, signer, err := records.ReadCountersignature(signed, x.cfg.Domain, x.cfg.Provider, now)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !mayBring(signer) || !x.clinician(signer) {
		return ErrNoAccess
	}
	line, err := x.line(Seen{Access: c.Emergency, Reader: signer, At: now, Action: Countersigns, Kinds: []records.Kind{}, Countersignature: &c})
	if err != nil {
		return err
	}
	return x.cfg.Store.Countersign(ctx, Countersigned{Document: signed, Signer: signer, At: now}, !c.Justified, line)
}

// Place is where d stands.
func (d Declared) Place() EmergencyPlace { return EmergencyPlace{d.At, d.Document.Hash()} }

// Emergencies lists those of the patient for whom a key speaks, beyond a place (nil: from the first), the oldest first, MaxPage at most. ErrNoAccess.
func (x *Index) Emergencies(ctx context.Context, key ledger.Address, mandate *ledger.Hash, waiting bool, after *EmergencyPlace) ([]Declared, error) {
	patient, err := x.giver(ctx, key, mandate)
	if err != nil {
		return nil, err
	}
	return x.emergencies(ctx, &patient, waiting, after)
}

// AllEmergencies lists those of all patients; waiting: only those that nobody has countersigned. The caller has checked that a steward of this hospital asks.
func (x *Index) AllEmergencies(ctx context.Context, waiting bool, after *EmergencyPlace) ([]Declared, error) {
	return x.emergencies(ctx, nil, waiting, after)
}

func (x *Index) emergencies(ctx context.Context, patient *int64, waiting bool, after *EmergencyPlace) ([]Declared, error) {
	all, err := x.cfg.Store.Emergencies(ctx, patient, waiting, after, MaxPage)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Overdue = all[i].Second == nil && x.cfg.Emergencies != nil && x.cfg.Now().Unix() > all[i].At+int64(x.cfg.Emergencies.Within/time.Second)
	}
	return all, nil
}
