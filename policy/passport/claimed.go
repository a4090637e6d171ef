package passport

import (
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/medmarket/medmarket/policy"
)

// Claimed is about whom a visa says it is. Nobody has checked it: it is for the holder, who has to say that she is that.
// ErrMalformed.
func Claimed(visa string) (policy.Identity, error) {
	_, id, err := claimed(visa)
	if err == nil && (!text(id.Issuer, maxText) || !text(id.Subject, maxText)) {
		err = malformed("iss and sub have 1 to 255 bytes")
	}
	return id, err
}

func claimed(visa string) (signed *jose.JSONWebSignature, id policy.Identity, err error) {
	if signed, err = jose.ParseSignedCompact(visa, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}); err != nil {
		return nil, id, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var named struct {
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &named); err != nil {
		return nil, id, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return signed, policy.Identity{Issuer: named.Issuer, Subject: named.Subject}, nil
}
