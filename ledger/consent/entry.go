package consent

import (
	"encoding/json"
	"strconv"

	"github.com/medmarket/medmarket/ledger"
)

// IntervalLeaves is by how many leaves a hospital's public log grows at a time:
// whatever happened, and if nothing did. The last of them is a [Checkpoint].
const IntervalLeaves = 64

// Checkpoint ends an interval of a hospital's log. It is public.
type Checkpoint struct {
	Size     uint64      `json:"size"`      // leaves up to and with this one; a multiple of [IntervalLeaves]
	MapRoot  ledger.Hash `json:"map_root"`  // of the map and of the odometers: [Committed]
	ClosedAt int64       `json:"closed_at"` // Unix seconds
}

// Version is the number of the interval that c ends, from 1: what the rows of
// the map are versioned by.
func (c Checkpoint) Version() uint64 { return c.Size / IntervalLeaves }

// Leaf is the leaf hash of c, which stands at Size - 1 in the log.
func (c Checkpoint) Leaf() (ledger.Hash, error) {
	b, err := ledger.Canonical(c)
	if err != nil {
		return ledger.Hash{}, err
	}
	return ledger.LeafHash(b), nil
}

// Entry is what a hospital is committed to for one enrolled patient: the
// preference that is in force and how her own loss is counted from there.
// Losses are nano-rho and delta in 2^-63 units.
type Entry struct {
	Preference     ledger.Hash `json:"preference"` // [Preference.Hash]; zero: she has none
	Revision       uint64      `json:"revision"`   // of the preference; 0: she has none
	CarriedNanoRho int64       `json:"carried_nano_rho"`
	CarriedDelta   int64       `json:"carried_delta"`
	JoinedNanoRho  int64       `json:"joined_nano_rho"` // odometer of her class when the preference came into force
	JoinedDelta    int64       `json:"joined_delta"`
	Odometer       Place       `json:"odometer"` // where that odometer stands; 0 without a preference
}

// Preference is a signed preference as it stands in a proof.
type Preference struct {
	Content   json.RawMessage  `json:"content"` // canonical
	Revision  uint64           `json:"revision"`
	Expiry    int64            `json:"expiry"` // Unix seconds
	Signature ledger.Signature `json:"signature"`
}

// PreferenceOf is how d stands in a proof.
func PreferenceOf(d ledger.SignedDocument) Preference {
	return Preference{Content: d.Content, Revision: d.Revision, Expiry: d.Expiry, Signature: d.Signature}
}

// Document is the signed document that p stands for.
func (p Preference) Document() ledger.SignedDocument {
	return ledger.SignedDocument{Content: p.Content, Revision: p.Revision, Expiry: p.Expiry, Signature: p.Signature}
}

// Hash is what an [Entry] names p by. It covers the signature too, so that the
// map fixes every byte of it.
func (p Preference) Hash() (ledger.Hash, error) { return ledger.HashOf(p) }

// HashCanonical is [Preference.Hash] where Content is known to be canonical, written down at once: it costs a tenth.
func (p Preference) HashCanonical() (h ledger.Hash, err error) {
	if p.Revision >= 1<<53 || p.Expiry >= 1<<53 || p.Expiry <= -1<<53 {
		return h, ledger.ErrInexact
	}
	signature, err := p.Signature.MarshalText()
	if err != nil {
		return h, err
	}
	b := make([]byte, 0, len(p.Content)+256)
	b = append(append(b, `{"content":`...), p.Content...)
	b = strconv.AppendInt(append(b, `,"expiry":`...), p.Expiry, 10)
	b = strconv.AppendUint(append(b, `,"revision":`...), p.Revision, 10)
	b = append(append(b, `,"signature":"`...), signature...)
	return ledger.HashBytes(append(b, `"}`...)), nil
}

// canonical is [ledger.Canonical] of the entry, written down at once: every change of a map makes one while others wait.
func (e Entry) canonical() ([]byte, error) {
	b := make([]byte, 0, 256)
	for _, part := range []struct {
		name  string
		value int64
	}{
		{`{"carried_delta":`, e.CarriedDelta}, {`,"carried_nano_rho":`, e.CarriedNanoRho},
		{`,"joined_delta":`, e.JoinedDelta}, {`,"joined_nano_rho":`, e.JoinedNanoRho},
	} {
		if part.value >= 1<<53 || part.value <= -1<<53 {
			return nil, ledger.ErrInexact
		}
		b = strconv.AppendInt(append(b, part.name...), part.value, 10)
	}
	if e.Revision >= 1<<53 {
		return nil, ledger.ErrInexact
	}
	place, err := e.Odometer.MarshalText()
	if err != nil {
		return nil, err
	}
	b = append(append(append(b, `,"odometer":"`...), place...), '"')
	b = append(append(b, `,"preference":"`...), e.Preference.String()...)
	b = strconv.AppendUint(append(b, `","revision":`...), e.Revision, 10)
	return append(b, '}'), nil
}

// Leaf is one leaf of the map.
type Leaf struct {
	Index ledger.Hash
	Hash  ledger.Hash
}

// NewLeaf commits to entry at index under salt: 32 secret random bytes, new for
// every change of the entry.
func NewLeaf(index, salt ledger.Hash, entry Entry) (Leaf, error) {
	content, err := entry.canonical()
	if err != nil {
		return Leaf{}, err
	}
	return Leaf{Index: index, Hash: tagged(tagLeaf, index[:], ledger.SaltedLeaf(salt, content))}, nil
}
