package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/passport"
)

// Config configures a [Node]. Every field is required unless it says otherwise.
type Config struct {
	Key            *ledger.Key                            // signs releases
	Organisation   ledger.Hash                            // stewards of this organisation may set policy and enrol
	Domain         ledger.Domain                          // the chain that signatures are bound to
	Marketplace    ledger.Address                         // for which researchers set escrow aside
	Metadata       dp.Metadata                            // public description of the dataset, but for what policy and profile say
	WorkPerNanoRho int64                                  // price where the profile has no rule: expected hashes per nano-rho, at least 1
	Diseases       *duo.Diseases                          // default: none is known, and then no disease specific purpose passes
	VisaIssuers    *passport.Issuers                      // default: nobody is trusted, and then a policy that requires a visa lets nobody ask
	Patients       func(context.Context) ([]int64, error) // the hospital's patient numbers
	Store          Store
	Engine         Engine
	Chain          Chain
	Noise          noise.Source
	Now            func() time.Time // default time.Now
	StaleAfter     time.Duration    // age of the last final block from which nothing is released; default DefaultStaleAfter
	// Slots are the ages, rising, that a question has when its answer or its failure after the charge
	// leaves; after the last, its multiples. Default: none, and then how long counting took can be seen.
	Slots []time.Duration
	// CountFor is how long counting one question may take; beyond it the question has failed, which is all that can be
	// seen of a patient who would make it take longer. Default: the last of the Slots, or DefaultCountFor.
	CountFor time.Duration
	Log      *slog.Logger
}

// Node is a hospital's node for one dataset. It is safe for concurrent use.
type Node struct {
	cfg       Config
	patients  []int64 // in the records, rising
	log       *Log
	classes   classes
	policies  inForce[policy.DatasetPolicy]
	profiles  inForce[DatasetProfile]
	tries     tries // of codes
	charging  charging
	extent    extent
	heard     heard
	latest    atomic.Pointer[time.Time] // that now returned
	answering Turns                     // by request that was charged
	counting  turn                      // of the engine
	following turn                      // of what follows
	columns   *Columns
	// Of the events beyond the first number every column may lack those of its patient; of those beyond the second it has none.
	asOf, upTo uint64
}

// New checks cfg and returns a node.
func New(ctx context.Context, cfg Config) (*Node, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.StaleAfter <= 0 {
		cfg.StaleAfter = DefaultStaleAfter
	}
	if cfg.CountFor <= 0 {
		cfg.CountFor = countFor(cfg.Slots)
	}
	switch {
	case cfg.Key == nil, cfg.Store == nil, cfg.Engine == nil, cfg.Chain == nil, cfg.Noise == nil, cfg.Log == nil, cfg.Patients == nil:
		return nil, errors.New("provider: Key, Store, Engine, Chain, Noise, Patients and Log are required")
	case cfg.Domain.Genesis.IsZero() || cfg.Organisation.IsZero() || cfg.Marketplace.IsZero():
		return nil, errors.New("provider: Domain, Organisation and Marketplace are required")
	case cfg.Metadata.Dataset == "" || cfg.Metadata.Version == "":
		return nil, errors.New("provider: Metadata needs a dataset and a version")
	case cfg.WorkPerNanoRho < 1:
		return nil, errors.New("provider: WorkPerNanoRho must be at least 1")
	}
	if err := checkSlots(cfg.Slots); err != nil {
		return nil, err
	}
	patients, err := cfg.Patients(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading patient numbers: %w", err)
	}
	patients = slices.Clone(patients)
	slices.Sort(patients)
	n := &Node{
		cfg: cfg, patients: slices.Compact(patients), classes: classes{store: cfg.Store}, counting: newTurn(), following: newTurn(),
		policies: inForce[policy.DatasetPolicy]{parse: ParsePolicy}, profiles: inForce[DatasetProfile]{parse: ParseProfile}, extent: newExtent(),
		heard: heard{since: cfg.Now()},
		log:   &Log{Kind: ledger.LogProvider, Keeper: cfg.Key.Address(), Store: cfg.Store, Chain: cfg.Chain},
	}
	if n.columns, err = NewColumns(n.patients); err != nil {
		return nil, err
	}
	if err := n.warm(ctx); err != nil {
		return nil, fmt.Errorf("reading who is in which class: %w", err)
	}
	return n, nil
}

// inRecords says whether a patient number is in the records.
func (n *Node) inRecords(patient int64) bool {
	_, found := slices.BinarySearch(n.patients, patient)
	return found
}

// Address is the hospital's address: the key that signs its releases.
func (n *Node) Address() ledger.Address { return n.cfg.Key.Address() }

// RecordsVersion names the records as they are; it changes whenever they do.
func (n *Node) RecordsVersion() string { return n.cfg.Metadata.Version }

// Description is what a hospital says of its dataset in public. Every field
// is a public fact or a public function of the register of queries.
type Description struct {
	Provider       ledger.Address
	Organisation   ledger.Hash
	Metadata       dp.Metadata
	WorkPerNanoRho int64      // price now, expected hashes per nano-rho
	NextRise       *PriceRise // when the price rises next; nil: never
	Policy         ledger.SignedDocument
	Profile        *ledger.SignedDocument // a DatasetProfile, whose bounds and size are in Metadata; nil: there is none
	Budget         accountant.Cost        // of the dataset, for ever
	Spent          accountant.Cost        // of Budget
}

// Describe returns the public description; ErrNoPolicy before there is one.
func (n *Node) Describe(ctx context.Context) (Description, error) {
	signed, err := n.cfg.Store.Policy(ctx)
	if err != nil {
		return Description{}, err
	}
	p, err := n.policies.of(signed)
	if err != nil {
		return Description{}, err
	}
	scope, err := n.cfg.Store.Spent(ctx, datasetScope(n.cfg.Metadata.Dataset))
	if err != nil {
		return Description{}, err
	}
	m := Under(n.cfg.Metadata, p)
	return n.profiled(ctx, Description{
		Provider: n.Address(), Organisation: n.cfg.Organisation, Metadata: m,
		WorkPerNanoRho: n.cfg.WorkPerNanoRho, Policy: signed, Spent: scope.Spent,
		Budget: budget(p, p.Limits().Total),
	})
}

// IsSteward reports whether p is a steward of this hospital.
func (n *Node) IsSteward(p ledger.Participant) bool {
	return p.Roles.Has(ledger.RoleSteward) && p.Organisation == n.cfg.Organisation
}

// steward returns ErrSignature unless address is a steward of this hospital.
func (n *Node) steward(ctx context.Context, address ledger.Address) error {
	p, err := n.cfg.Chain.Participant(ctx, address)
	if err != nil {
		return err
	}
	if !n.IsSteward(p) {
		return fmt.Errorf("%w: %s is not a steward of this hospital", ErrSignature, address)
	}
	return nil
}

// fresh checks who signed s and that the signature is still good.
func (n *Node) fresh(s ledger.SignedDocument, kind ledger.Kind) (ledger.Address, error) {
	signer, err := s.Signer(n.cfg.Domain, kind)
	if err != nil {
		return signer, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if s.Expiry <= n.cfg.Now().Unix() {
		return signer, ErrExpired
	}
	return signer, nil
}

// bySteward is fresh for what a steward of this hospital has to sign.
func (n *Node) bySteward(ctx context.Context, s ledger.SignedDocument, kind ledger.Kind) (ledger.Address, error) {
	signer, err := n.fresh(s, kind)
	if err == nil {
		err = n.steward(ctx, signer)
	}
	return signer, err
}

// NewSalt is a salt that hides what a leaf of a log says.
func NewSalt() (salt ledger.Hash) {
	rand.Read(salt[:]) // never fails; it would end the program
	return salt
}
