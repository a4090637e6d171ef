package provider

import (
	"context"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// Enrolment binds a patient's key to the hospital's own patient number, which
// never leaves the hospital.
type Enrolment struct {
	Patient int64          `json:"patient"`
	Key     ledger.Address `json:"key"`
}

// Event is one preference event: what the patient signed or the hospital
// recorded for her, its class, and the salted leaf that commits the hospital to it.
type Event struct {
	Key           ledger.Address // who signed; the hospital's if it was recorded
	Recorded      *Recorded      // nil: by the patient's own key, or by a mandate
	Mandate       *ledger.Hash   // of the key that signed; nil: the patient's own
	Document      ledger.SignedDocument
	ClassHash     ledger.Hash      // of ClassDocument
	ClassDocument []byte           // canonical; the preference without period end
	Permits       bool             // it may permit something
	Until         int64            // period end, Unix seconds; 0 = open
	Cap           *accountant.Cost // her own, for life; nil: none
	Salt          ledger.Hash      // secret
	Leaf          ledger.Hash      // RFC 6962 leaf hash
	At            int64            // Unix seconds
}

// Recorded says for whom the hospital recorded an event.
type Recorded struct {
	Patient int64
	Steward ledger.Address // who signed for it; never leaves the hospital
}

// Standing is what a hospital has on record of a patient, for her alone.
type Standing struct {
	Document ledger.SignedDocument // her preference in force
	AsOf     uint64                // its token
	Cap      *accountant.Cost      // her own; nil: none
	Lost     accountant.Cost       // a bound of what she has lost since ever; grows with every charge of her class
}

// Class is a preference document shared by any number of patients.
type Class struct {
	ID       uint32
	Base     accountant.Cost // what its odometer began at: random, and secret
	Odometer accountant.Cost // above it is what every charge that permitted the class cost, summed
}

// Charged is what every charge that permitted the class cost, summed.
func (c Class) Charged() accountant.Cost {
	return accountant.Cost{NanoRho: c.Odometer.NanoRho - c.Base.NanoRho, Delta: c.Odometer.Delta - c.Base.Delta}
}

// Snapshot is what a decision sees, all of one moment.
type Snapshot struct {
	AsOf      uint64 // size of the log after the interval that the charge will close
	LastEvent uint64 // private number of the latest preference event, 0 before the first; names the active set
	Policy    ledger.SignedDocument
	Classes   []Class                     // that an event ever put anybody in, in rising order
	Unasked   accountant.Cost             // odometer of those who were never asked
	Scopes    map[string]accountant.Scope // by name; absent until first charged
	Used      accountant.Cost             // what all charges cost, restores included; of a past decision it is not known
	Lost      accountant.Cost             // what restores counted as spent: scopes that are absent may have spent it
	LostAt    int64                       // of the last restore, Unix seconds; 0: there was none
}

// Charge is what [Store.Charge] writes: the scopes as they are after the
// charge and what the answer must be computed from.
type Charge struct {
	Ask     ledger.Hash // names the ask and who signed it: one request id, one ask
	Cost    accountant.Cost
	Scopes  map[string]accountant.Scope
	Classes []Permitted // their odometers rise by Cost
	Drawing Drawing     // zero: nobody asked, and nothing is sold; of a charge on record only Work is known
	Policy  ledger.Hash
	Now     int64 // Unix seconds of the decision
	// Decision is [Decided.Digest] under Salt. Grounds, by which it can be made again, and Salt are returned by [Decisions] alone.
	Decision ledger.Hash
	Salt     ledger.Hash
	Grounds  []byte
}

// Charged is a charge on record. Release is nil until the answer is stored.
type Charged struct {
	Charge
	AsOf      uint64      // size of the log after the interval that the charge closed
	Root      ledger.Hash // of the log at AsOf
	MapRoot   ledger.Hash // of the consent map at AsOf
	LastEvent uint64
	Release   *ledger.SignedRelease
}

// Store keeps a hospital's preferences, odometers and log. Its methods are
// each one serialised transaction that is durable (fsync) when it returns
// nil, and that changed nothing when it returns an error. Safe for concurrent
// use.
//
// The log grows by whole intervals of 64 leaves only, so that its size tells
// nothing of what happened: 63 leaves, of what was queued, each kind in places of its own,
// and of dummies that look the same, and a checkpoint. What does not fit waits; it is in force all the
// same. A token is the size of the log after the next interval: every decision
// from then on has seen what it stands for.
type Store interface {
	// Enrol binds keys to patients, enters them into the consent map and ends, at
	// now, the mandates that others had for them; ErrAlreadyEnrolled if any patient
	// or key is bound.
	Enrol(ctx context.Context, enrolments []Enrolment, now int64) error
	// Record puts events in force and into the consent map, queues their leaves
	// and returns the token. ErrNotEnrolled for an unknown key;
	// ErrNoMandate unless a mandate is the key's, runs and was not revoked; ErrHasKey for a
	// patient with a key of whom something is recorded that permits;
	// ErrStaleRevision unless each revision is one more than the patient's last
	// (the first is 1); ErrTooManyChanges for one that may permit something and
	// comes within a day after MaxDaily others of its patient, whatever they were.
	Record(ctx context.Context, events []Event) (token uint64, err error)
	// Preference returns the latest document of key, its token, and what its
	// patient has lost; ErrNotEnrolled, ErrNoPreference.
	Preference(ctx context.Context, key ledger.Address) (Standing, error)
	// Standing is Preference of a patient by her number; ErrNoPreference.
	Standing(ctx context.Context, patient int64) (Standing, error)
	// SetPolicy records the next revision of the dataset policy and queues its
	// leaf; ErrStaleRevision.
	SetPolicy(ctx context.Context, p ledger.SignedDocument, leaf ledger.Hash, at int64) error
	// Policy returns the policy in force; ErrNoPolicy.
	Policy(ctx context.Context) (ledger.SignedDocument, error)
	// SetProfile and Profile are for the dataset's profile what SetPolicy and Policy are for its policy.
	SetProfile(ctx context.Context, p ledger.SignedDocument, leaf ledger.Hash, at int64) error
	Profile(ctx context.Context) (p ledger.SignedDocument, found bool, err error)
	// Spent returns the named scope, the zero Scope if never charged.
	Spent(ctx context.Context, scope string) (accountant.Scope, error)
	// Look returns a [Snapshot] of this moment, but for its classes, in a time that does not depend on them, and without waiting for whoever
	// charges; and the work that a researcher's charges have drawn of her escrow to a marketplace. ErrNoPolicy before the first policy.
	Look(ctx context.Context, researcher, marketplace ledger.Address) (s Snapshot, drawn int64, err error)
	// Charge calls decide with the state of this moment, writes what it
	// returns and closes an interval of the log. If the request id is on record
	// it does not call decide and returns what is there. ErrNoPolicy before the
	// first policy; ErrNoCredit if what is drawn comes to more than the drawing's Escrow.
	Charge(ctx context.Context, request ledger.Hash, decide func(Snapshot) (Charge, error)) (Charged, error)
	// AllClasses returns the ids of the classes of a [Snapshot], in rising order.
	AllClasses(ctx context.Context) ([]uint32, error)
	// Documents calls each with the documents of classes, which never change. decide may call it. An error of each ends it.
	Documents(ctx context.Context, classes []uint32, each func(class uint32, document []byte) error) error
	// Charged returns the charge on record, false if there is none.
	Charged(ctx context.Context, request ledger.Hash) (Charged, bool, error)
	// Memberships calls each, one call after another, with what differs between the memberships as of two events, as they are
	// as of the second: for every patient with an event after the lesser number up to the greater, her latest class,
	// until and limit as of lastEvent, or class 0 if she had none by then. It returns the number that it is as of: the last there
	// is, if lastEvent is beyond that. The limit of a patient with a cap of her own
	// is the cap - carried + the odometer of her class at that event, in both
	// components; carried bounds what she had lost before it, at this hospital,
	// whatever she permitted: at her first event what those who were never asked had been charged, and at each later one
	// carried + what was charged to her class since, no more than the cap in
	// force then, but never less than carried before.
	Memberships(ctx context.Context, since, lastEvent uint64, each func(Membership)) (asOf uint64, err error)
	// Finish re-checks and stores the answer of a charged request and queues
	// its leaf. It returns *RedoError, having changed nothing, if among the
	// patients who were in a charged class at the charge's LastEvent with until
	// beyond its Now, whether or not their limits let them be counted, there is
	// one, not in excluded, whose present class is not charged, whose until has
	// passed at now, or who has an event since and carries more than her present
	// cap. If an answer is stored already, that one is returned and nothing changes.
	Finish(ctx context.Context, request ledger.Hash, answer ledger.SignedRelease, leaf ledger.Hash, excluded []int64, now int64) (ledger.SignedRelease, error)
	// HandOver returns the stored answer of a request if nobody in it has left
	// since it was stored: *RedoError if there is a patient of the charge's
	// classes with an event since whose present class is not charged or whose
	// present cap is below what she carries, or whose until has passed since the
	// charge. It errs on the side of leaving: someone who was excluded, or whose
	// cap was reached, and has an event since counts as in it. ErrUnknownRequest if there is no stored answer.
	HandOver(ctx context.Context, request ledger.Hash, now int64) (ledger.SignedRelease, error)
	// Publish closes an interval of the log at a time in Unix seconds, whether
	// or not anything waits, and returns the size of the log.
	Publish(ctx context.Context, at int64) (size uint64, err error)
	// Patient returns whose key it is; ErrNotEnrolled.
	Patient(ctx context.Context, key ledger.Address) (int64, error)
	// Consent shows what the log's interval that ends at asOf committed the
	// hospital to for a patient, or that she was not in its map. Provider,
	// Inclusion and Anchor of the proof are left empty. ErrNoInterval, ErrNotReached.
	Consent(ctx context.Context, patient int64, asOf uint64) (consent.Proof, error)
	// Absence shows that there was nothing at an index of the map. It is
	// [consent.ErrPresent] if there was; else as Consent.
	Absence(ctx context.Context, index ledger.Hash, asOf uint64) (consent.Proof, error)
	Keys
	Mandates
	Past
	Decisions
	Extents
	LogStore
}

// Chain is what a hospital reads of the chain, at its latest final block, and
// where it anchors its log.
type Chain interface {
	AnchorChain
	// Grant returns the record of a grant that its committee has approved, the member
	// named among them; false if there is none.
	Grant(ctx context.Context, document ledger.Hash, committee ledger.Address) (ledger.GrantRecord, bool, error)
	// Escrow returns the expected hashes that a researcher set aside for a marketplace and did not take back, burnt ones included; only what
	// is burnt once she has announced that she takes it back.
	Escrow(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error)
	// Participant returns who is registered under an address; no roles if nobody.
	Participant(ctx context.Context, address ledger.Address) (ledger.Participant, error)
	// RaiseAllowance raises how far the caller's key may go at a dataset, where it is less. It returns once that is in a block.
	RaiseAllowance(ctx context.Context, dataset string, a ledger.Allowance) error
	// FinalAllowance returns how far a hospital may go at a dataset.
	FinalAllowance(ctx context.Context, hospital ledger.Address, dataset string) (ledger.Allowance, error)
	// FinalTime is when the last final block was sealed, Unix seconds.
	FinalTime(ctx context.Context) (int64, error)
}
