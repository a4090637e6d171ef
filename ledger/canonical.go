package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
)

// ErrNotCanonical is returned for bytes that parse but are not the canonical
// form of what they say, or that carry fields nobody defined.
var ErrNotCanonical = errors.New("not in canonical form (RFC 8785)")

// ErrInexact is returned for a value with an integer of 2^53 or more, to which
// RFC 8785 gives the spelling of its neighbours too.
var ErrInexact = errors.New("integer of 2^53 or more has no spelling of its own (RFC 8785)")

// Canonical returns the RFC 8785 (JCS) form of v: the bytes that are hashed,
// signed, stored and sent. Integers in documents stay below 2^53, else it
// returns [ErrInexact].
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", v, err)
	}
	if out, is := plainly(plain); is {
		return out, nil
	}
	out, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("canonicalising %T: %w", v, err)
	}
	if !exact(out) {
		return nil, fmt.Errorf("canonicalising %T: %w", v, ErrInexact)
	}
	return out, nil
}

// exact reports whether every integer in canonical bytes is below 2^53. It looks
// at the canonical form, since rounding never leads from above that bound to below it.
func exact(canonical []byte) bool {
	for rest := canonical; len(rest) > 0; {
		switch c := rest[0]; {
		case c == '"':
			rest = afterString(rest)
		case '0' <= c && c <= '9':
			after := bytes.TrimLeft(rest, "0123456789.e+-")
			if !exactNumber(string(rest[:len(rest)-len(after)])) {
				return false
			}
			rest = after
		default: // the sign is skipped, too
			rest = rest[1:]
		}
	}
	return true
}

func exactNumber(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return strings.ContainsAny(s, ".e") || err == nil && n < 1<<53
}

// afterString returns what follows the JSON string that b begins with.
func afterString(b []byte) []byte {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[i+1:]
		}
	}
	return nil
}

// ParseCanonical reads b into v (a pointer) and refuses unknown fields,
// trailing bytes and every spelling but the canonical one, so that a document
// has exactly one byte form. It returns [ErrNotCanonical] or [ErrInexact].
func ParseCanonical(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrNotCanonical, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: trailing bytes", ErrNotCanonical)
	}
	again, err := Canonical(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, again) {
		return ErrNotCanonical
	}
	return nil
}

// HashOf returns the document hash of v: SHA-256 over its canonical form.
func HashOf(v any) (Hash, error) {
	b, err := Canonical(v)
	if err != nil {
		return Hash{}, err
	}
	return HashBytes(b), nil
}
