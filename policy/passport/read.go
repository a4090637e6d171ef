package passport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/medmarket/medmarket/policy"
)

// Read checks who signed a visa, a JWS in compact form, and returns what it says. Errors: ErrMalformed, ErrIssuer,
// ErrSignature. It may have ended, and be about anybody.
func (s *Issuers) Read(visa string) (policy.Visa, error) {
	if len(visa) > MaxVisa {
		return policy.Visa{}, fmt.Errorf("%w: more than %d bytes", ErrMalformed, MaxVisa)
	}
	signed, named, err := claimed(visa)
	if err != nil {
		return policy.Visa{}, err
	}
	// The issuer is looked up by what nobody has checked yet; from there on it is that issuer's keys, or none.
	issuer, known := s.find(named.Issuer)
	if !known {
		return policy.Visa{}, ErrIssuer
	}
	payload, err := issuer.verify(signed)
	if err != nil {
		return policy.Visa{}, err
	}
	return parse(payload)
}

// verify returns what a key of the issuer signed.
func (t trusted) verify(signed *jose.JSONWebSignature) ([]byte, error) {
	header := signed.Signatures[0].Protected
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if !slices.Contains([]string{visaType, "jwt"}, strings.TrimPrefix(strings.ToLower(typ), "application/")) {
		return nil, fmt.Errorf("%w: its header does not say that it is a visa", ErrMalformed)
	}
	if jku, named := header.ExtraHeaders["jku"]; named && (t.jku == "" || jku != any(t.jku)) {
		return nil, fmt.Errorf("%w: it names keys at another place than its issuer's", ErrIssuer)
	}
	for _, k := range t.keys {
		if k.KeyID != header.KeyID || k.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(k.Key); err == nil {
			return payload, nil
		}
	}
	return nil, ErrSignature
}

// visaType is the media type of a visa, in the header "typ"; before version 1.2 it was "JWT".
const visaType = "vnd.ga4gh.visa+jwt"
