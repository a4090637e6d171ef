package consent

import (
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

// Parts of a proof, as a [*ledger.MismatchError] names them.
const (
	PartForm       = "consent form"
	PartPreference = "consent preference"
	PartMap        = "consent map"
	PartOdometer   = "consent odometer"
	PartCheckpoint = "consent checkpoint"
	PartInclusion  = "consent inclusion"
)

// Faults of a proof.
var (
	ErrForm       = errors.New("a proof shows either an entry with all its siblings, and with a preference the odometer of its class, or an empty subtree")
	ErrOtherRoot  = errors.New("the siblings lead to another root")
	ErrPreference = errors.New("is not the one that the entry names")
	ErrNotAnEnd   = errors.New("no interval ends there")
	ErrOtherLog   = errors.New("the log is not the hospital's")
)

// Present shows the entry at an index. It is given to the patient, and to
// the stewards of her hospital.
type Present struct {
	Entry      Entry       `json:"entry"`
	Salt       ledger.Hash `json:"salt"`
	Preference *Preference `json:"preference,omitempty"` // the one that Entry names; nil if it names none
}

// Counted shows what the odometer of the patient's class read.
type Counted struct {
	Reading Reading      `json:"reading"`
	Path    OdometerPath `json:"path"`
}

// Absent opens the hash of an empty subtree. It is given to the hospital's
// stewards.
type Absent struct {
	Opening ledger.Hash `json:"opening"`
}

// Proof shows what a hospital was committed to at Checkpoint.Size, its log index
// as_of: that the entry at Index was Present.Entry, or that none was there. An
// absence says the same of every index with the same first bits, one a sibling.
type Proof struct {
	Provider   ledger.Address      `json:"provider"`
	Index      ledger.Hash         `json:"index"`
	Present    *Present            `json:"present,omitempty"`
	Absent     *Absent             `json:"absent,omitempty"`
	Siblings   []ledger.Hash       `json:"siblings"`          // of [Path]
	Blind      ledger.Hash         `json:"blind"`             // of [Path]
	Counted    *Counted            `json:"counted,omitempty"` // there just if a preference is shown
	Odometers  ledger.Hash         `json:"odometers"`         // root of their tree
	Checkpoint Checkpoint          `json:"checkpoint"`
	Inclusion  ledger.LogProof     `json:"inclusion"`        // of the checkpoint in the hospital's log, at the same size or a later one
	Anchor     *ledger.AnchorProof `json:"anchor,omitempty"` // of Inclusion.Root; nil until it is on the chain
}

// Check verifies everything in p that needs no chain: that siblings and blind
// lead from what is at Index to the checkpoint's root, and the path of its odometer
// too, that the preference shown is the entry's, and that the checkpoint ends an
// interval of Provider's log under Inclusion.Root. It returns a [*ledger.MismatchError]
// naming the first part that does not match. Whose the preference and the index are,
// of which class the odometer is, and whether the root is on the chain, is checked by
// marketplace/verifier.
func (p Proof) Check() error {
	top, err := p.top()
	if err != nil {
		return &ledger.MismatchError{Part: PartForm, Err: err}
	}
	if err := p.checkPreference(); err != nil {
		return &ledger.MismatchError{Part: PartPreference, Err: err}
	}
	if Committed(blinded(p.Blind, top), p.Odometers) != p.Checkpoint.MapRoot {
		return &ledger.MismatchError{Part: PartMap, Err: ErrOtherRoot}
	}
	if err := p.checkOdometer(); err != nil {
		return &ledger.MismatchError{Part: PartOdometer, Err: err}
	}
	if size := p.Checkpoint.Size; size == 0 || size%IntervalLeaves != 0 || p.Inclusion.Index != size-1 {
		return &ledger.MismatchError{Part: PartCheckpoint, Err: fmt.Errorf("leaf %d: %w", p.Inclusion.Index, ErrNotAnEnd)}
	}
	if p.Inclusion.Log != ledger.LogID(ledger.LogProvider, p.Provider) {
		return &ledger.MismatchError{Part: PartInclusion, Err: ErrOtherLog}
	}
	leaf, err := p.Checkpoint.Leaf()
	if err != nil {
		return &ledger.MismatchError{Part: PartCheckpoint, Err: err}
	}
	if err := p.Inclusion.Check(leaf); err != nil {
		return &ledger.MismatchError{Part: PartInclusion, Err: err}
	}
	return nil
}

// top is the unblinded root that the siblings lead to.
func (p Proof) top() (h ledger.Hash, err error) {
	shown := p.Present != nil && p.Present.Preference != nil
	switch {
	case shown != (p.Counted != nil):
		return h, ErrForm
	case p.Present != nil && p.Absent == nil && len(p.Siblings) == Depth:
		leaf, err := NewLeaf(p.Index, p.Present.Salt, p.Present.Entry)
		if err != nil {
			return h, err
		}
		h = leaf.Hash
	case p.Present == nil && p.Absent != nil && len(p.Siblings) <= Depth:
		h = tagged(tagEmpty, p.Absent.Opening[:], nil)
	default:
		return h, ErrForm
	}
	at := position(p.Index)
	for d := len(p.Siblings) - 1; d >= 0; d-- {
		h = above(h, p.Siblings[d], bit(at, uint8(d)))
	}
	return h, nil
}

// checkOdometer holds the reading against the root that the checkpoint commits to.
func (p Proof) checkOdometer() error {
	if p.Counted == nil {
		return nil
	}
	root, err := p.Counted.Path.root(p.Present.Entry.Odometer, p.Counted.Reading)
	if err == nil && root != p.Odometers {
		err = ErrOtherRoot
	}
	return err
}

func (p Proof) checkPreference() error {
	if p.Present == nil {
		return nil
	}
	entry, shown := p.Present.Entry, p.Present.Preference
	if shown == nil {
		if !entry.Preference.IsZero() || entry.Revision != 0 {
			return ErrPreference
		}
		return nil
	}
	hash, err := shown.Hash()
	if err != nil {
		return err
	}
	if hash != entry.Preference || shown.Revision != entry.Revision {
		return ErrPreference
	}
	return nil
}
