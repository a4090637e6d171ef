package records

import (
	"crypto/hkdf"
	"crypto/sha256"
	"regexp"
	"slices"
	"strconv"

	"github.com/medmarket/medmarket/ledger"
)

// depth is the bits of a month.
const depth = 12

// Kind is what a record is about: a category of the hospital's records, as conditions or medication.
type Kind string

// MaxKinds bounds the kinds of one access.
const MaxKinds = 16

var kindForm = regexp.MustCompile(`^[a-z][a-z_]{0,31}$`)

// Valid reports whether k could be a kind.
func (k Kind) Valid() bool { return kindForm.MatchString(string(k)) }

// Secret is what one hospital's keys for one patient come from. It prints as "redacted"; [Secret.Reveal] returns it.
type Secret struct{ key ledger.Hash }

// SecretOf makes the secret of a patient, by the hospital's own number, from the hospital's: 32 random bytes.
func SecretOf(hospital ledger.Hash, patient int64) Secret {
	return Secret{expand(hospital, "medmarket records patient "+strconv.FormatInt(patient, 10))}
}

// ParseSecret takes what Reveal returned. ErrMalformed.
func ParseSecret(b []byte) (s Secret, err error) {
	if len(b) != len(s.key) {
		return s, ErrMalformed
	}
	copy(s.key[:], b)
	return s, nil
}

// Reveal returns the secret's 32 bytes.
func (s Secret) Reveal() []byte { return slices.Clone(s.key[:]) }

func (s Secret) String() string { return "redacted" }

// GoString is String.
func (s Secret) GoString() string { return "redacted" }

// Node is the key of a kind and of the months that share the first Depth bits. It is a secret.
type Node struct {
	Kind  Kind        `json:"kind"`
	Depth uint8       `json:"depth"` // 0: all months; 12: one
	First Month       `json:"first"` // the first of its months
	Key   ledger.Hash `json:"key"`
}

// String keeps the key from being printed.
func (n Node) String() string { return "key of " + string(n.Kind) + " from " + n.First.String() }

// GoString is String.
func (n Node) GoString() string { return n.String() }

// span is how many months n has.
func (n Node) span() Month { return Months >> n.Depth }

// Covers reports whether m is one of its months.
func (n Node) Covers(m Month) bool {
	return n.Depth <= depth && m < Months && m&^(n.span()-1) == n.First
}

// child is the half of n that holds m.
func (n Node) child(m Month) Node {
	c := Node{Kind: n.Kind, Depth: n.Depth + 1}
	c.First = m &^ (c.span() - 1)
	side := "0"
	if m&c.span() != 0 {
		side = "1"
	}
	c.Key = expand(n.Key, "medmarket records half "+side)
	return c
}

func (s Secret) top(k Kind) Node {
	return Node{Kind: k, Key: expand(s.key, "medmarket records kind "+string(k))}
}

// Nodes are the fewest keys that cover the months from one to another, both included, of a kind.
func (s Secret) Nodes(k Kind, from, to Month) []Node {
	return s.top(k).cover(from, min(to, Months-1))
}

func (n Node) cover(from, to Month) []Node {
	last := n.First + n.span() - 1
	switch {
	case from > last || to < n.First:
		return nil
	case from <= n.First && last <= to:
		return []Node{n}
	}
	return append(n.child(n.First).cover(from, to), n.child(last).cover(from, to)...)
}

// Cell is what the pointers of one kind and month are made and read with. It is a secret.
type Cell struct {
	Kind         Kind
	Month        Month
	index, value ledger.Hash
}

// String keeps the keys from being printed.
func (c Cell) String() string { return "cell of " + string(c.Kind) + " in " + c.Month.String() }

// GoString is String.
func (c Cell) GoString() string { return c.String() }

// Cell is the one of a kind and month.
func (s Secret) Cell(k Kind, m Month) Cell { return s.top(k).cell(m) }

// cell is the one of a month that n covers.
func (n Node) cell(m Month) Cell {
	for n.Depth < depth {
		n = n.child(m)
	}
	return Cell{n.Kind, m, expand(n.Key, "medmarket records index"), expand(n.Key, "medmarket records value")}
}

// Ring is the keys that a reader has of one hospital for one patient.
type Ring []Node

// Cell is the one of a kind and month, false if no key opens it.
func (r Ring) Cell(k Kind, m Month) (Cell, bool) {
	for _, n := range r {
		if n.Kind == k && n.Covers(m) {
			return n.cell(m), true
		}
	}
	return Cell{}, false
}

// expand is HKDF-Expand of RFC 5869 with SHA-256, from a key that looks random.
func expand(key ledger.Hash, info string) (out ledger.Hash) {
	b, err := hkdf.Expand(sha256.New, key[:], info, len(out))
	if err != nil {
		panic("records: " + err.Error()) // only of a length beyond 8,160 bytes
	}
	copy(out[:], b)
	return out
}
