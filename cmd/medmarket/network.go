package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// network is what a client needs to know of a running system; serve writes it
// to network.json.
type network struct {
	Trust       verifier.Trust `json:"trust"`
	Contracts   eth.Addresses  `json:"contracts"`
	Chain       string         `json:"chain"`       // JSON-RPC endpoint
	Marketplace string         `json:"marketplace"` // gRPC, host:port
	Hospital    string         `json:"hospital"`    // gRPC, host:port: for its patients and stewards

	MarketplaceHTTP string `json:"marketplace_http"` // REST and pages, host:port
	HospitalHTTP    string `json:"hospital_http"`    // REST, host:port

	MarketplaceOrigin string `json:"marketplace_origin"` // scheme and host that a message to sign in names
	HospitalOrigin    string `json:"hospital_origin"`

	roots *x509.CertPool // who vouches for servers elsewhere; nil: whom this machine trusts
}

// keyring holds the keys of the parties that serve runs, each in a file of its
// own that only its owner can read.
type keyring struct {
	hospitalKeys
	operator, marketplace *ledger.Key
	marketplaceTLS        *providerrpc.Identity
}

// hospitalKeys are those of a hospital's node.
type hospitalKeys struct {
	provider    *ledger.Key
	providerTLS *providerrpc.Identity
	log         ed25519.PrivateKey // signs the checkpoints of the hospital's log
}

func openKeyring(dir string) (k keyring, err error) {
	if k.hospitalKeys, err = openHospitalKeys(dir); err != nil {
		return k, err
	}
	if k.operator, err = openKey(filepath.Join(dir, "operator.key")); err != nil {
		return k, err
	}
	if k.marketplace, err = openKey(filepath.Join(dir, "marketplace.key")); err != nil {
		return k, err
	}
	k.marketplaceTLS, err = openIdentity(filepath.Join(dir, "marketplace.pem"))
	return k, err
}

func openHospitalKeys(dir string) (k hospitalKeys, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return k, err
	}
	if k.provider, err = openKey(filepath.Join(dir, "provider.key")); err != nil {
		return k, err
	}
	if k.log, err = openLogKey(filepath.Join(dir, "log.key")); err != nil {
		return k, err
	}
	k.providerTLS, err = openIdentity(filepath.Join(dir, "provider.pem"))
	return k, err
}

// openIdentity reads a certificate with its key, making it if it is not there.
func openIdentity(path string) (*providerrpc.Identity, error) {
	b, err := readOrMake(path, func() ([]byte, error) { return providerrpc.NewIdentity(filepath.Base(path)) })
	if err != nil {
		return nil, err
	}
	id, err := providerrpc.ParseIdentity(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return id, nil
}

// openKey reads a key file (64 hex digits), making it if it is not there.
func openKey(path string) (*ledger.Key, error) {
	_, err := readOrMake(path, func() ([]byte, error) {
		k, err := ledger.NewKey()
		if err != nil {
			return nil, err
		}
		return []byte(hex.EncodeToString(k.Secret()) + "\n"), nil
	})
	if err != nil {
		return nil, err
	}
	return readKey(path)
}

// openLogKey reads the seed of an Ed25519 key (64 hex digits), making it if it is not there.
func openLogKey(path string) (ed25519.PrivateKey, error) {
	b, err := readOrMake(path, func() ([]byte, error) {
		seed := make([]byte, ed25519.SeedSize)
		rand.Read(seed) // never fails; it would end the program
		return []byte(hex.EncodeToString(seed) + "\n"), nil
	})
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s: not 64 hex digits", path) // the cause would show digits of the key
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func readKey(path string) (*ledger.Key, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, fmt.Errorf("%s: not 64 hex digits", path) // the cause would show digits of the key
	}
	k, err := ledger.KeyFromBytes(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

func readOrMake(path string, produce func() ([]byte, error)) ([]byte, error) {
	b, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if b, err = produce(); err != nil {
		return nil, err
	}
	return b, writeFile(path, b, 0o600)
}

// writeFile replaces a file wholly or not at all, and durably.
func writeFile(path string, b []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(b, '\n'), 0o644)
}
