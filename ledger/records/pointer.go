package records

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Faults of pointers.
var (
	// ErrNoKey: the access key is of other kinds or months.
	ErrNoKey = errors.New("the access key does not open this kind and month")
	// ErrForged: the hospital showed what does not fit its own place or key.
	ErrForged = errors.New("the pointer is not what the hospital should have put there")
)

// plainSize is the bytes of a pointer before it is encrypted, whatever is in it, and ValueSize after it.
const (
	plainSize = 400
	nonceSize = 12
	ValueSize = nonceSize + plainSize + 16
)

var locatorForm = regexp.MustCompile(`^[a-zA-Z0-9/_.:-]{1,128}$`)

// Pointer says where a record is and what it was when the hospital pointed at it.
type Pointer struct {
	Provider ledger.Address `json:"provider"`
	Kind     Kind           `json:"kind"`
	Time     int64          `json:"time"`    // of the care, Unix seconds
	Locator  string         `json:"locator"` // by which the hospital finds it: 1 to 128 of letters, digits and /_.:-
	Record   ledger.Hash    `json:"record"`  // SHA-256 of the record's bytes
}

// Month is the one that p is kept under. ErrMalformed.
func (p Pointer) Month() (Month, error) { return MonthOf(time.Unix(p.Time, 0)) }

// Check returns ErrMalformed unless every field has its form.
func (p Pointer) Check() error {
	if p.Provider.IsZero() || !p.Kind.Valid() || !locatorForm.MatchString(p.Locator) {
		return fmt.Errorf("%w: a pointer wants a hospital, a kind and a locator", ErrMalformed)
	}
	_, err := p.Month()
	return err
}

// Entry is a pointer as the hospital keeps and shows it: found by Key, read with the cell's keys.
type Entry struct {
	Key   ledger.Hash  `json:"key"`
	Value ledger.Bytes `json:"value"` // of ValueSize
}

// Leaf is the leaf hash that commits to e in the hospital's log. salt is 32 secret random bytes, new for each entry.
func (e Entry) Leaf(salt ledger.Hash) ledger.Hash {
	return ledger.LeafHash(ledger.SaltedLeaf(salt, append(e.Key[:], e.Value...)))
}

// EntryKey is the key of the pointer of a number, from 0, in the cell.
func (c Cell) EntryKey(number uint64) (h ledger.Hash) {
	mac := hmac.New(sha256.New, c.index[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, number))
	mac.Sum(h[:0])
	return h
}

// Seal makes the entry of a pointer that is number in the cell. ErrMalformed, also if p is of another cell.
func (c Cell) Seal(number uint64, p Pointer) (Entry, error) {
	if err := p.Check(); err != nil {
		return Entry{}, err
	}
	if m, err := p.Month(); err != nil || m != c.Month || p.Kind != c.Kind {
		return Entry{}, fmt.Errorf("%w: the pointer is of another cell", ErrMalformed)
	}
	content, err := ledger.Canonical(p)
	if err != nil {
		return Entry{}, err
	}
	if len(content) > plainSize-2 {
		return Entry{}, fmt.Errorf("%w: the pointer is too long", ErrMalformed)
	}
	plain := make([]byte, plainSize)
	binary.BigEndian.PutUint16(plain, uint16(len(content)))
	copy(plain[2:], content)
	e := Entry{Key: c.EntryKey(number), Value: make([]byte, nonceSize, ValueSize)}
	rand.Read(e.Value) // never fails; it would end the program
	e.Value = c.aead().Seal(e.Value, e.Value, plain, e.Key[:])
	return e, nil
}

// Open reads the entry that is shown as number in the cell. ErrForged.
func (c Cell) Open(number uint64, e Entry) (p Pointer, err error) {
	if e.Key != c.EntryKey(number) || len(e.Value) != ValueSize {
		return p, ErrForged
	}
	plain, err := c.aead().Open(nil, e.Value[:nonceSize], e.Value[nonceSize:], e.Key[:])
	if err != nil {
		return p, ErrForged
	}
	n := int(binary.BigEndian.Uint16(plain))
	if n > plainSize-2 {
		return p, ErrForged
	}
	if err := ledger.ParseCanonical(plain[2:2+n], &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if m, err := p.Month(); err != nil || p.Check() != nil || m != c.Month || p.Kind != c.Kind {
		return p, ErrForged
	}
	return p, nil
}

func (c Cell) aead() cipher.AEAD {
	block, err := aes.NewCipher(c.value[:])
	if err != nil {
		panic("records: " + err.Error()) // only of a key of another length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("records: " + err.Error()) // only of a block of another size
	}
	return aead
}
