package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrMalformed is returned for text that is not the one spelling of a value:
// wrong length, upper-case hex, a missing 0x.
var ErrMalformed = errors.New("malformed")

// Hash is a 32-byte digest; as text it is 0x and 64 lower-case hex digits.
type Hash [32]byte

// Address is the 20-byte Ethereum address of a key; as text it is 0x and 40
// lower-case hex digits (no EIP-55 checksum, so that there is one spelling).
type Address [20]byte

// HashBytes returns the SHA-256 of b.
func HashBytes(b []byte) Hash { return sha256.Sum256(b) }

// ParseHash reads the text form of a Hash.
func ParseHash(s string) (h Hash, err error) { return h, unhex(s, h[:]) }

// ParseAddress reads the text form of an Address.
func ParseAddress(s string) (a Address, err error) { return a, unhex(s, a[:]) }

// ReadAddress reads an address as people write it: in lower or upper case, or in the
// mixed case of EIP-55, which is a checksum and must be right. Documents spell an
// Address in one way only: [ParseAddress].
func ReadAddress(s string) (a Address, err error) {
	if a, err = ParseAddress(strings.ToLower(s)); err != nil {
		return a, err
	}
	if digits := s[2:]; digits != strings.ToLower(digits) && digits != strings.ToUpper(digits) && digits != checksummed(a) {
		return Address{}, fmt.Errorf("%w: the checksum in the case of the letters (EIP-55) is wrong: look for a typing error", ErrMalformed)
	}
	return a, nil
}

// checksummed is the hex of a in the case of EIP-55: a letter is upper-case where the
// same digit of the Keccak-256 of the lower-case hex is 8 or more.
func checksummed(a Address) string {
	digits := []byte(hex.EncodeToString(a[:]))
	sum := keccak(digits)
	for i, c := range digits {
		if nibble := sum[i/2] >> (4 * (1 - i%2)) & 15; c >= 'a' && nibble >= 8 {
			digits[i] = c - 'a' + 'A'
		}
	}
	return string(digits)
}

func (h Hash) String() string { return "0x" + hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(b []byte) error { return unhex(string(b), h[:]) }

// IsZero reports whether h is unset.
func (h Hash) IsZero() bool { return h == Hash{} }

func (a Address) String() string { return "0x" + hex.EncodeToString(a[:]) }

// Checksummed is the text form of a in the case of EIP-55.
func (a Address) Checksummed() string { return "0x" + checksummed(a) }

// MarshalText implements encoding.TextMarshaler.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Address) UnmarshalText(b []byte) error { return unhex(string(b), a[:]) }

// IsZero reports whether a is unset.
func (a Address) IsZero() bool { return a == Address{} }

// Bytes is a byte string whose text form is 0x and lower-case hex.
type Bytes []byte

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return []byte("0x" + hex.EncodeToString(b)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	if len(text)%2 != 0 || len(text) < 2 {
		return fmt.Errorf("%w: hex of odd length", ErrMalformed)
	}
	out := make([]byte, len(text)/2-1)
	if err := unhex(string(text), out); err != nil {
		return err
	}
	*b = out
	return nil
}

// unhex fills dst from s, accepting only 0x and exactly the right number of
// lower-case digits.
func unhex(s string, dst []byte) error {
	digits, ok := strings.CutPrefix(s, "0x")
	if !ok || len(digits) != 2*len(dst) {
		return fmt.Errorf("%w: want 0x and %d hex digits", ErrMalformed, 2*len(dst))
	}
	if strings.ToLower(digits) != digits {
		return fmt.Errorf("%w: hex must be lower-case", ErrMalformed)
	}
	if _, err := hex.Decode(dst, []byte(digits)); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
