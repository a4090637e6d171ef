package passport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// Bounds of what is read.
const (
	MaxVisas   = 16       // that one researcher shows
	MaxVisa    = 8 << 10  // bytes of one, signed
	MaxKeySet  = 64 << 10 // bytes
	maxKeys    = 32       // of one issuer
	maxIssuers = 64
	minRSABits = 2048
	maxRSABits = 8192
)

// Errors of reading.
var (
	// ErrKeys says that a set of keys is malformed, or has no key that visas may be signed with.
	ErrKeys = errors.New("no usable key set")
	// ErrNoKeys is the ErrKeys of a well-formed set that has no such key.
	ErrNoKeys = fmt.Errorf("%w: it has no key that visas may be signed with", ErrKeys)
	// ErrIssuer says that nobody trusts the issuer of a visa, or that it names keys elsewhere.
	ErrIssuer = errors.New("visa is by no trusted issuer")
	// ErrSignature says that no key of the issuer signed the visa.
	ErrSignature = errors.New("visa is not signed by its issuer")
	// ErrMalformed says that a visa is not one that this package understands wholly.
	ErrMalformed = errors.New("visa is malformed")
)

// Issuer is who signs visas.
type Issuer struct {
	URL  string // as visas spell it in "iss"
	JKU  string // where it publishes its keys, as visas spell it in the header "jku"; empty: visas that name one are refused
	Keys []byte // its JWK set (RFC 7517); only RSA keys of 2048 bits or more and P-256 keys count. Nil: Renew brings them
}

// Issuers are those whose visas are believed. They are safe for concurrent use; nil trusts nobody.
type Issuers struct {
	mu  sync.RWMutex
	all map[string]trusted // by URL
}

type trusted struct {
	jku  string
	keys []jose.JSONWebKey // each with the one algorithm that it is for
}

// NewIssuers trusts the issuers. ErrKeys; an error if one has no URL, or is named twice.
func NewIssuers(issuers []Issuer) (*Issuers, error) {
	if len(issuers) > maxIssuers {
		return nil, fmt.Errorf("passport: at most %d issuers", maxIssuers)
	}
	all := map[string]trusted{}
	for _, i := range issuers {
		if _, twice := all[i.URL]; twice || i.URL == "" {
			return nil, fmt.Errorf("passport: issuer %q has no URL, or is named twice", i.URL)
		}
		t := trusted{jku: i.JKU}
		if i.Keys != nil {
			var err error
			if t.keys, err = readKeys(i.Keys); err != nil {
				return nil, fmt.Errorf("passport: keys of %s: %w", i.URL, err)
			}
		}
		all[i.URL] = t
	}
	return &Issuers{all: all}, nil
}

// Names lists the issuers by URL.
func (s *Issuers) Names() []string {
	if s == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.all))
}

// Renew replaces the keys of an issuer. ErrKeys, ErrIssuer; then they are left as they are, but for ErrNoKeys: the issuer says
// that it has none, and is believed in nothing from then on.
func (s *Issuers) Renew(issuer string, set []byte) error {
	keys, err := readKeys(set)
	if errors.Is(err, ErrNoKeys) {
		s.Forget(issuer)
	}
	if err != nil {
		return fmt.Errorf("passport: keys of %s: %w", issuer, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.all[issuer]
	if !known {
		return fmt.Errorf("%w: %s", ErrIssuer, issuer)
	}
	s.all[issuer] = trusted{t.jku, keys}
	return nil
}

// Forget leaves an issuer without keys, so that no visa of it is believed until [Issuers.Renew].
func (s *Issuers) Forget(issuer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, known := s.all[issuer]; known {
		s.all[issuer] = trusted{jku: t.jku}
	}
}

func (s *Issuers) find(issuer string) (trusted, bool) {
	if s == nil {
		return trusted{}, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, known := s.all[issuer]
	return t, known
}

// readKeys keeps those keys of a set that a visa may be signed with: public sets have others, too.
func readKeys(set []byte) ([]jose.JSONWebKey, error) {
	if len(set) > MaxKeySet {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKeys, MaxKeySet)
	}
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(set, &raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if raw.Keys == nil {
		return nil, fmt.Errorf("%w: it has no list of keys", ErrKeys)
	}
	if len(raw.Keys) > maxKeys {
		return nil, fmt.Errorf("%w: more than %d keys", ErrKeys, maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, one := range raw.Keys {
		var k jose.JSONWebKey
		if err := json.Unmarshal(one, &k); err != nil {
			continue // of a kind that nobody here knows
		}
		algorithm, ok := algorithmOf(k.Key)
		if !ok || k.KeyID == "" || k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != string(algorithm) {
			continue
		}
		k.Algorithm = string(algorithm)
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, ErrNoKeys
	}
	return keys, nil
}

// algorithmOf is the one algorithm that a public key is for.
func algorithmOf(key any) (jose.SignatureAlgorithm, bool) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return jose.RS256, k.N.BitLen() >= minRSABits && k.N.BitLen() <= maxRSABits
	case *ecdsa.PublicKey:
		return jose.ES256, k.Curve == elliptic.P256()
	}
	return "", false
}
