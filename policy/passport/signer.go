package passport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/medmarket/medmarket/policy"
)

// KeyPath is where an issuer's keys are, below its URL, and what its visas name in "jku".
const KeyPath = "/.well-known/jwks.json"

// Signer signs visas as one issuer, with one key. It is safe for concurrent use.
type Signer struct {
	issuer string
	signer jose.Signer
	public []byte
}

// NewSigner takes the issuer's URL, without a slash at its end, and its private key: P-256, PKCS #8, in PEM.
func NewSigner(issuer string, key []byte) (*Signer, error) {
	if !isURL(issuer) {
		return nil, errors.New("passport: an issuer has a URL")
	}
	block, rest := pem.Decode(key)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return nil, errors.New("passport: the key is no PRIVATE KEY in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("passport: the key is not in PKCS #8") // the cause may quote it
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("passport: the key is not on the curve P-256")
	}
	id, err := keyID(private)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: id}},
		(&jose.SignerOptions{}).WithType(visaType).WithHeader("jku", issuer+KeyPath))
	if err != nil {
		return nil, fmt.Errorf("passport: %w", err)
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: private.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig"},
	}})
	if err != nil {
		return nil, fmt.Errorf("passport: %w", err)
	}
	return &Signer{issuer: issuer, signer: signer, public: public}, nil
}

// keyID is the same for the same key, so that it can be told from the one before.
func keyID(private *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return "", fmt.Errorf("passport: %w", err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:8]), nil
}

// Issuer is the URL of the issuer.
func (s *Signer) Issuer() string { return s.issuer }

// Keys is the JWK set that whoever checks visas wants, at [KeyPath].
func (s *Signer) Keys() []byte { return slices.Clone(s.public) }

// Sign writes a visa, without conditions, as a JWS in compact form, issued at the time given (Unix seconds) under an id of
// its own. The issuer is the signer's, whoever the visa names. ErrMalformed for one that [Issuers.Read] would refuse.
func (s *Signer) Sign(v policy.Visa, issued int64, id string) (string, error) {
	c := claims{
		Issuer: s.issuer, Subject: v.Subject, Issued: issued, NotBefore: v.NotBefore, Expires: v.Expires, ID: id,
		Visa: &visaObject{Type: string(v.Type), Asserted: v.Asserted, Value: v.Value, Source: v.Source, By: string(v.By)},
	}
	if err := c.check(); err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("passport: %w", err)
	}
	signed, err := s.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("passport: %w", err)
	}
	return signed.CompactSerialize()
}
