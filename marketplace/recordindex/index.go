package recordindex

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Config configures an [Index]. Every field is required unless it says otherwise.
type Config struct {
	Provider ledger.Address // the hospital's
	Domain   ledger.Domain  // the chain that signatures are bound to
	Store    Store
	Chain    provider.AnchorChain // where the hospital's log is anchored
	Source   Source
	Render   Render
	// Documents are records besides those of Source; default: there are none.
	Documents Documents
	// Emergencies say who may break the glass; default: nobody, and there are none.
	Emergencies *EmergencyRules
	Now         func() time.Time // never runs back, else what has ended serves again; default: time.Now
}

// Index is a hospital's record index. It is safe for concurrent use.
type Index struct {
	cfg    Config
	secret func() ledger.Hash // a function, so that it is not printed
}

// New checks cfg and returns an index.
func New(ctx context.Context, cfg Config) (*Index, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	switch {
	case cfg.Store == nil, cfg.Chain == nil, cfg.Source == nil, cfg.Render == nil:
		return nil, errors.New("recordindex: Store, Chain, Source and Render are required")
	case cfg.Emergencies != nil && (cfg.Emergencies.Clinician == nil || cfg.Emergencies.Within <= 0):
		return nil, errors.New("recordindex: of Emergencies, Clinician and Within are required")
	case cfg.Provider.IsZero() || cfg.Domain.Genesis.IsZero():
		return nil, errors.New("recordindex: Provider and Domain are required")
	}
	secret, err := cfg.Store.IndexSecret(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the secret of the record index: %w", err)
	}
	return &Index{cfg: cfg, secret: func() ledger.Hash { return secret }}, nil
}

// Address is the hospital's address.
func (x *Index) Address() ledger.Address { return x.cfg.Provider }

func (x *Index) secretOf(patient int64) records.Secret { return records.SecretOf(x.secret(), patient) }

// giver returns the patient for whom a key speaks now. ErrNoAccess.
func (x *Index) giver(ctx context.Context, key ledger.Address, mandate *ledger.Hash) (int64, error) {
	return x.cfg.Store.Giver(ctx, key, mandate, x.cfg.Now().Unix())
}

// Speaks reports whether the holder of a mandate gives access in his patient's place: a guardian does while it runs.
func Speaks(m provider.Mandate, key ledger.Address, at int64) bool {
	return m.Kind == provider.Guardian && m.Runs(key, at)
}

// Narrows reports whether the holder of a mandate keeps readers from her records in his patient's place, by taking an access back or by rejecting a reader: a
// guardian does, and a delegate, while it runs. What he said stays.
func Narrows(m provider.Mandate, key ledger.Address, at int64) bool { return m.Runs(key, at) }

// SecretFor returns what the caller's keys, or those of whom he is the guardian of, come from at this hospital, sealed to
// a key of the caller's choice. ErrNoAccess, ErrMalformed.
func (x *Index) SecretFor(ctx context.Context, key ledger.Address, mandate *ledger.Hash, to records.SealingKey) ([]byte, error) {
	patient, err := x.giver(ctx, key, mandate)
	if err != nil {
		return nil, err
	}
	sealed, err := to.Seal(SecretPurpose, x.secretOf(patient).Reveal())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return sealed, nil
}

// SecretPurpose is what [Index.SecretFor] seals for.
const SecretPurpose = "medmarket records secret"
