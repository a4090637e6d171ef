package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gowebpki/jcs"
)

// ErrNotCanonical is returned for bytes that parse but are not the canonical
// form of what they say, or that carry fields nobody defined.
var ErrNotCanonical = errors.New("not in canonical form (RFC 8785)")

// Canonical returns the RFC 8785 (JCS) form of v: the bytes that are hashed,
// signed, stored and sent. Integers in documents stay below 2^53.
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", v, err)
	}
	out, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("canonicalising %T: %w", v, err)
	}
	return out, nil
}

// ParseCanonical reads b into v (a pointer) and refuses unknown fields,
// trailing bytes and every spelling but the canonical one, so that a document
// has exactly one byte form. It returns [ErrNotCanonical] or a JSON error.
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
