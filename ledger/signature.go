package ledger

import (
	"errors"
	"fmt"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// ErrBadSignature is returned for a signature that is malformed, has a high s
// (EIP-2) or recovers no key.
var ErrBadSignature = errors.New("bad signature")

// Signature is r || s || v with v 27 or 28; as text it is 0x and lower-case hex.
type Signature [65]byte

// MarshalText implements encoding.TextMarshaler.
func (s Signature) MarshalText() ([]byte, error) { return Bytes(s[:]).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Signature) UnmarshalText(b []byte) error { return unhex(string(b), s[:]) }

// ParseSignature takes the 65 bytes of a signature.
func ParseSignature(b []byte) (s Signature, err error) {
	if len(b) != len(s) {
		return s, fmt.Errorf("%w: %d bytes, want %d", ErrBadSignature, len(b), len(s))
	}
	copy(s[:], b)
	return s, nil
}

// Key is a secp256k1 private key. It prints as its address.
type Key struct {
	// A function, which prints as its address at most: for a verb it cannot use,
	// fmt looks through pointers and past String.
	private func() *secp256k1.PrivateKey
	address Address
}

// NewKey draws a key from the operating system's randomness.
func NewKey() (*Key, error) {
	p, err := secp256k1.GeneratePrivateKey()
	if err != nil {
		return nil, fmt.Errorf("generating a key: %w", err)
	}
	return keyOf(p), nil
}

// KeyFromBytes takes the 32 bytes of a private key.
func KeyFromBytes(b []byte) (*Key, error) {
	var k secp256k1.ModNScalar
	if len(b) != 32 || k.SetByteSlice(b) || k.IsZero() {
		return nil, fmt.Errorf("%w: not a secp256k1 private key", ErrMalformed)
	}
	return keyOf(secp256k1.NewPrivateKey(&k)), nil
}

func keyOf(p *secp256k1.PrivateKey) *Key {
	return &Key{private: func() *secp256k1.PrivateKey { return p }, address: addressOf(p.PubKey())}
}

// Address is the Ethereum address of k.
func (k *Key) Address() Address { return k.address }

// String names the key without giving it away.
func (k Key) String() string { return "key of " + k.address.String() }

// GoString is String, so that %#v does not print the secret.
func (k Key) GoString() string { return k.String() }

// Secret returns the 32 bytes of the private key, for storing it in a file.
func (k *Key) Secret() []byte { return k.private().Serialize() }

// Sign signs digest deterministically (RFC 6979) with a low s.
func (k *Key) Sign(digest Hash) Signature {
	compact := ecdsa.SignCompact(k.private(), digest[:], false) // v || r || s
	var s Signature
	copy(s[:], compact[1:])
	s[64] = compact[0]
	return s
}

// Recover returns the address whose key signed digest, or [ErrBadSignature].
// Only low-s signatures with v 27 or 28 pass, so that a signature has one form.
func Recover(digest Hash, s Signature) (Address, error) {
	if s[64] != 27 && s[64] != 28 {
		return Address{}, fmt.Errorf("%w: v must be 27 or 28", ErrBadSignature)
	}
	var low secp256k1.ModNScalar
	if low.SetByteSlice(s[32:64]) || low.IsOverHalfOrder() {
		return Address{}, fmt.Errorf("%w: high s", ErrBadSignature)
	}
	compact := make([]byte, 65)
	compact[0] = s[64]
	copy(compact[1:], s[:64])
	public, _, err := ecdsa.RecoverCompact(compact, digest[:])
	if err != nil {
		return Address{}, fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	return addressOf(public), nil
}

func addressOf(p *secp256k1.PublicKey) (a Address) {
	h := keccak(p.SerializeUncompressed()[1:])
	copy(a[:], h[12:])
	return a
}
