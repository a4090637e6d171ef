package records

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

// ErrSealed: it is sealed to another reader, or was changed.
var ErrSealed = errors.New("sealed to another key, or changed since")

// AccessKey is what a patient hands to a reader of her records at one hospital: her word, and the keys
// by which pointers are found and opened. It is a secret.
type AccessKey struct {
	Document ledger.SignedDocument // an [Access]
	Keys     Ring
}

// String keeps the keys from being printed.
func (k AccessKey) String() string { return "access key " + k.Document.Hash().String() }

// GoString is String.
func (k AccessKey) GoString() string { return k.String() }

// Give signs an access and makes the keys that go with it. ErrMalformed.
func (s Secret) Give(k *ledger.Key, d ledger.Domain, a Access) (AccessKey, error) {
	if err := a.Check(); err != nil {
		return AccessKey{}, err
	}
	signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordAccess, a, 1, a.Until)
	if err != nil {
		return AccessKey{}, err
	}
	out := AccessKey{Document: signed}
	for _, kind := range a.Kinds {
		out.Keys = append(out.Keys, s.Nodes(kind, a.From, a.To)...)
	}
	return out, nil
}

// SealingKey is a public key (X25519) that secrets are sealed to. Whose it is, whoever seals must know.
type SealingKey [32]byte

// MarshalText implements encoding.TextMarshaler.
func (k SealingKey) MarshalText() ([]byte, error) { return ledger.Hash(k).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *SealingKey) UnmarshalText(b []byte) error { return (*ledger.Hash)(k).UnmarshalText(b) }

// Opener opens what is sealed to the holder of a key.
type Opener struct{ private hpke.PrivateKey }

func kem() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

// OpenerOf derives the opener of the holder of k, who need keep no second secret.
func OpenerOf(k *ledger.Key) (Opener, error) {
	seed, err := hkdf.Key(sha256.New, k.Secret(), nil, "medmarket records sealing", 32)
	if err != nil {
		return Opener{}, fmt.Errorf("deriving a sealing key: %w", err)
	}
	private, err := kem().DeriveKeyPair(seed)
	if err != nil {
		return Opener{}, fmt.Errorf("deriving a sealing key: %w", err)
	}
	return Opener{private}, nil
}

// Public is what to seal to.
func (o Opener) Public() (k SealingKey) {
	copy(k[:], o.private.PublicKey().Bytes())
	return k
}

// Seal encrypts content to k (HPKE base mode: X25519, HKDF-SHA256, AES-256-GCM). purpose must be said again to open it. ErrMalformed.
func (k SealingKey) Seal(purpose string, content []byte) ([]byte, error) {
	public, err := kem().NewPublicKey(k[:])
	if err != nil {
		return nil, fmt.Errorf("%w: not a sealing key", ErrMalformed)
	}
	sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(purpose), content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return sealed, nil
}

// Open reverses [SealingKey.Seal]. ErrSealed.
func (o Opener) Open(purpose string, sealed []byte) ([]byte, error) {
	content, err := hpke.Open(o.private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(purpose), sealed)
	if err != nil {
		return nil, ErrSealed
	}
	return content, nil
}
