package providerrpc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// ErrPeer is returned when the other side shows a certificate that is not pinned.
var ErrPeer = errors.New("peer certificate is not the pinned one")

// NewIdentity makes a self-signed certificate and its key, PEM-encoded in one
// file, for one side of the transport. It is pinned, not chained, so its names
// and dates say nothing: it is valid until it is replaced.
func NewIdentity(name string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}

// Identity is one side's certificate with its key.
type Identity struct{ certificate tls.Certificate }

// ParseIdentity reads what NewIdentity made.
func ParseIdentity(pemBytes []byte) (*Identity, error) {
	c, err := tls.X509KeyPair(pemBytes, pemBytes)
	if err != nil {
		return nil, fmt.Errorf("transport identity: %w", err)
	}
	return &Identity{certificate: c}, nil
}

// Fingerprint is the SHA-256 of the certificate, for the other side to pin.
func (i *Identity) Fingerprint() ledger.Hash { return sha256.Sum256(i.certificate.Certificate[0]) }

// config is TLS with i on our side and exactly peer on the other.
func (i *Identity) config(peer ledger.Hash) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{i.certificate},
		ClientAuth:   tls.RequireAnyClientCert,
		// The pin below replaces the chain: VerifyConnection runs on every
		// handshake, resumed ones included, and refuses all but one certificate.
		InsecureSkipVerify: true, //nolint:gosec // G402: pinned by VerifyConnection
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || sha256.Sum256(s.PeerCertificates[0].Raw) != [32]byte(peer) {
				return ErrPeer
			}
			return nil
		},
	}
}
