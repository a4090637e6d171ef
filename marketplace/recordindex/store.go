package recordindex

import (
	"context"
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Sentinels.
var (
	// ErrNoAccess: who asks has no access that lives; nothing says which part of it is wanting.
	ErrNoAccess = errors.New("no access: it is not for this key, kind and month, not by a patient of this hospital, has ended, or was taken back")
	// ErrNoPointer: there is none at that place.
	ErrNoPointer = errors.New("no pointer there")
	// ErrMissing: the hospital pointed at a record that it does not have any more.
	ErrMissing = errors.New("the record that the hospital pointed at is not there any more")
	// ErrAltered: the record is not the one that the hospital pointed at.
	ErrAltered = errors.New("the record is not what it was when the hospital pointed at it")
	// ErrSuperseded: the hospital has pointed again at what the record became since.
	ErrSuperseded = errors.New("the record was amended, and the hospital has pointed at it again: a later pointer leads to it as it is now")
	// ErrFaulty: the record is no FHIR R4.
	ErrFaulty = errors.New("the record that the hospital's FHIR server has is no FHIR R4")
	// ErrNoEmergency: there is none that waits for a second signature.
	ErrNoEmergency = errors.New("no emergency that waits for a second signature")
	// ErrUnavailable: where the records are does not give them now.
	ErrUnavailable = errors.New("the hospital cannot get at its records now")
	// ErrTooLarge: a record, or a patient's records, are larger than may be served.
	ErrTooLarge = errors.New("more records than are served")
	// ErrMalformed, ErrTooOften: of a request.
	ErrMalformed = errors.New("malformed request")
	ErrTooOften  = errors.New("an access was used, or accesses were taken back, too often")
)

// Bounds.
const (
	MaxPatients    = 1000     // in one request to point at their records
	MaxPage        = 1000     // pointers, or lines of a patient's log, at once
	MaxDaily       = 5000     // uses of one access
	MaxDailyAll    = 20_000   // uses of all accesses of one patient
	MaxRevoked     = 10_000   // accesses of one patient that were taken back, which is remembered for ever
	MaxEmergencies = 100      // that a clinician declares within a day
	MaxRecord      = 16 << 20 // bytes
	MaxEvents      = 100_000  // of one patient
	maxBatchSize   = 1000     // drafts in one transaction
)

// Place is where a pointer stands among those of its patient.
type Place = records.Place

// Draft is a pointer to be added.
type Draft struct {
	Patient int64
	Kind    records.Kind
	Month   records.Month
	Time    int64 // Unix seconds
	Locator string
	Record  ledger.Hash
}

// Kept is a pointer on record.
type Kept struct {
	Place
	Locator string
	Record  ledger.Hash
	Value   ledger.Bytes // of its [records.Entry]
	Salt    ledger.Hash
	Index   *uint64 // in the hospital's log; nil until it is published
	// Standing is what the patient holds of it; empty: she has said nothing.
	Standing records.Standing
}

// Sealed is what a store keeps of a pointer besides its draft.
type Sealed struct {
	Value      ledger.Bytes
	Salt, Leaf ledger.Hash
}

// Scope is what a reader may see.
type Scope struct {
	Kinds    []records.Kind
	From, To records.Month
}

// Use is one use of an access.
type Use struct {
	Access    ledger.Hash
	Reader    ledger.Address
	Signer    ledger.Address
	Mandate   *ledger.Hash // of the guardian who signed; nil: the patient did
	At        int64        // Unix seconds
	Pointer   *Place       // of the record that is shown; nil: pointers are
	Emergency bool         // Access is an emergency: Signer and Mandate say nothing
	Content   []byte       // canonical [Seen]
	Salt      ledger.Hash
	Leaf      ledger.Hash
	// Uses of the access within a day at most, and of all accesses of its patient.
	Most, MostOfAll int
}

// Used is a use on record.
type Used struct {
	Number  int64 // 1, 2, 3, ... of her uses: it tells nothing of others
	Content []byte
	Salt    ledger.Hash
	Index   *uint64 // in the hospital's log; nil until it is published
}

// Withdrawn is an access that was taken back.
type Withdrawn struct {
	Access  ledger.Hash
	Signer  ledger.Address
	Mandate *ledger.Hash
	At      int64 // Unix seconds
	Most    int   // of her accesses that were taken back, ever
}

// Store keeps a hospital's pointers and what was seen of them. Its methods are each one serialised transaction that is
// durable (fsync) when it returns nil, and that changed nothing when it returns an error. Safe for concurrent use.
//
// Leaves wait for the intervals of the hospital's log. Pointers and uses have fixed places in each, which nothing else takes, and of a patient's
// uses one interval publishes one.
type Store interface {
	// IndexSecret is what the keys of all patients come from: 32 random bytes, drawn at the first call.
	IndexSecret(ctx context.Context) (ledger.Hash, error)
	// Append adds pointers, each at the next number of its cell, in their order, and returns how many. One whose record is
	// that of the last pointer with its locator in its cell is left out. seal is called from several goroutines at once.
	Append(ctx context.Context, drafts []Draft, seal func(Draft, uint64) (Sealed, error)) (added int, err error)
	// Pointers returns a patient's pointers in the scope beyond a place (nil: from the first), by kind, month and number.
	Pointers(ctx context.Context, patient int64, s Scope, after *Place, limit int) ([]Kept, error)
	// Pointer returns one; ErrNoPointer.
	Pointer(ctx context.Context, patient int64, at Place) (Kept, error)
	// Use keeps a use of an access and queues its leaf, and returns whose access it is. ErrNoAccess unless it is signed by a
	// patient's key or by a guardian whose mandate runs, or is an emergency on record that the reader declared; if it was not taken back, and she has not rejected the reader; ErrNoPointer if there is no
	// such pointer; ErrTooOften beyond the most within a day.
	Use(ctx context.Context, u Use) (patient int64, err error)
	// Lives says whether a use would still be admitted: ErrNoAccess as of Use. It keeps nothing.
	Lives(ctx context.Context, u Use) error
	// Uses returns those of a patient's accesses beyond a number, oldest first.
	Uses(ctx context.Context, patient int64, after int64, limit int) ([]Used, error)
	// Withdraw takes an access back at once, whether or not it was ever used. ErrNoAccess unless signed as in Use or by a delegate whose mandate runs,
	// ErrTooOften beyond the most.
	Withdraw(ctx context.Context, w Withdrawn) error
	// Opine keeps an opinion in place of the signer's last one of the same pointer or reader, and enters line as Use does. ErrNoAccess unless
	// signed as in Use or, if it rejects a reader, by a delegate whose mandate runs, ErrNoPointer, ErrTooOften, [provider.ErrStaleRevision] unless its revision is greater than the last one's.
	Opine(ctx context.Context, o Opined, line Use) error
	// Opinions returns those of a patient beyond a number, the oldest first.
	Opinions(ctx context.Context, patient int64, after int64, limit int) ([]Opined, error)
	// Doubts returns the opinions of all patients that doubt a pointer, or those of them that nobody has replied to (waiting), beyond a place (nil: from
	// the first), by patient, kind, month and number.
	Doubts(ctx context.Context, waiting bool, after *DoubtPlace, limit int) ([]Doubt, error)
	// Reply keeps a reply as it was signed, and enters line. ErrNoPointer unless the opinion of the pointer there doubts it, is the one that reply names by
	// hash and revision, and nobody has replied to it. An opinion that takes its place has no reply.
	Reply(ctx context.Context, at DoubtPlace, reply records.Reply, signed Replied, line Use) error
	// Declare keeps an emergency, known by line.Access, with a notice to the patient if she has ever had a key here, and enters line; again it changes nothing.
	// ErrNoAccess if another clinician declared it, or if she has rejected the clinician, ErrTooOften if he has declared line.Most within a day.
	Declare(ctx context.Context, patient int64, d Declared, line Use) error
	// Countersign keeps what another clinician says of the emergency line.Access, and enters line; with ends it serves nothing from then on, as if it
	// had been taken back. ErrNoEmergency unless there is one that nobody has countersigned, ErrNoAccess if the signer declared it.
	Countersign(ctx context.Context, c Countersigned, ends bool, line Use) error
	// Emergencies returns those of a patient, or of all (nil), that were not countersigned (waiting) or all, beyond a place (nil: from the first), the oldest first.
	Emergencies(ctx context.Context, patient *int64, waiting bool, after *EmergencyPlace, limit int) ([]Declared, error)
	// Inclusions proves leaves of the log under the root of its first size leaves. All indexes are below size.
	Inclusions(ctx context.Context, size uint64, indexes []uint64) (paths [][]ledger.Hash, root ledger.Hash, err error)
	// Giver returns the patient for whom a key speaks at a time (Unix seconds): its own, or by a guardian's mandate that runs. ErrNoAccess.
	Giver(ctx context.Context, key ledger.Address, mandate *ledger.Hash, at int64) (patient int64, err error)
	provider.LogStore
}
