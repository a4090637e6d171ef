package passport

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/json"

	"github.com/medmarket/medmarket/policy"
)

const (
	maxText         = 255     // bytes of an issuer, a subject, a URL ("URL Claims")
	maxValue        = 4 << 10 // bytes of the value of LinkedIdentities
	maxLinked       = 16
	maxAlternatives = 8 // of conditions
	maxClauses      = 8 // of one of them
	maxTime         = 1 << 40
)

// claims are those of a visa, as they are spelled. Others at the top are let pass: they are the issuer's own.
type claims struct {
	Issuer    string      `json:"iss"`
	Subject   string      `json:"sub"`
	Issued    int64       `json:"iat"`
	NotBefore int64       `json:"nbf,omitempty"`
	Expires   int64       `json:"exp"`
	ID        string      `json:"jti,omitempty"`
	Scope     string      `json:"scope,omitempty"`
	Visa      *visaObject `json:"ga4gh_visa_v1"`
}

type visaObject struct {
	Type       string                         `json:"type"`
	Asserted   int64                          `json:"asserted"`
	Value      string                         `json:"value"`
	Source     string                         `json:"source"`
	By         string                         `json:"by,omitempty"`
	Conditions [][]map[string]json.RawMessage `json:"conditions,omitempty"`
}

// parse reads what a visa says; what it does not understand wholly is ErrMalformed.
func parse(payload []byte) (policy.Visa, error) {
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return policy.Visa{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := c.check(); err != nil {
		return policy.Visa{}, err
	}
	v := policy.Visa{
		Identity: policy.Identity{Issuer: c.Issuer, Subject: c.Subject}, Type: policy.VisaType(c.Visa.Type), Value: c.Visa.Value,
		Source: c.Visa.Source, By: policy.Authority(c.Visa.By), Asserted: c.Visa.Asserted, NotBefore: c.NotBefore, Expires: c.Expires,
	}
	var err error
	if v.Conditions, err = conditions(c.Visa.Conditions); err != nil {
		return policy.Visa{}, err
	}
	if v.Type == policy.LinkedIdentities {
		v.Linked, err = linked(v.Value)
	}
	return v, err
}

func malformed(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }

func (c claims) check() error {
	switch {
	case c.Visa == nil:
		return malformed("no ga4gh_visa_v1")
	case slices.Contains(strings.Fields(c.Scope), "openid"):
		return malformed("an access token wants a call to its issuer, which is not made")
	case !text(c.Issuer, maxText) || !text(c.Subject, maxText):
		return malformed("iss and sub have 1 to 255 bytes")
	case c.Issued < 1 || c.NotBefore < 0 || c.Expires <= c.Issued || c.Expires > maxTime || c.NotBefore > maxTime:
		return malformed("iat and exp are wanted, one after the other")
	case c.Visa.Asserted < 1 || c.Visa.Asserted > c.Issued:
		return malformed("asserted is wanted, not after iat")
	}
	return c.Visa.check()
}

func (v visaObject) check() error {
	most := maxText
	if v.Type == string(policy.LinkedIdentities) {
		most = maxValue
	}
	committed := v.Type == string(policy.AcceptedTermsAndPolicies) || v.Type == string(policy.ControlledAccessGrants)
	switch {
	case !text(v.Type, maxText) || !text(v.Value, most):
		return malformed("type and value are wanted, within their length")
	case !isURL(v.Source):
		return malformed("source is no URL")
	case v.By != "" && !slices.Contains(policy.Authorities(), policy.Authority(v.By)):
		return malformed("by is none of the words that it may be")
	case v.By == "" && committed:
		return malformed("by is wanted with this type")
	case (committed || v.Type == string(policy.ResearcherStatus)) && !isURL(v.Value):
		return malformed("value is no URL")
	}
	return nil
}

func text(s string, most int) bool {
	return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return text(s, maxText) && err == nil && u.Scheme != "" && u.Host != ""
}

// conditions refuses what it does not understand, whichever alternative it is in.
func conditions(all [][]map[string]json.RawMessage) (out [][]policy.VisaClause, err error) {
	if len(all) > maxAlternatives {
		return nil, malformed("too many conditions")
	}
	for _, alternative := range all {
		if len(alternative) == 0 || len(alternative) > maxClauses {
			return nil, malformed("a condition has 1 to 8 clauses")
		}
		clauses := make([]policy.VisaClause, len(alternative))
		for i, c := range alternative {
			if clauses[i], err = clause(c); err != nil {
				return nil, err
			}
		}
		out = append(out, clauses)
	}
	return out, nil
}

// clause reads the four claims that a clause may be about, type and one other at least.
func clause(claims map[string]json.RawMessage) (c policy.VisaClause, err error) {
	for name, raw := range claims {
		var value string
		if err := json.Unmarshal(raw, &value); err != nil || !text(value, maxText) {
			return c, malformed("a claim of a condition is a short text")
		}
		kind, _, _ := strings.Cut(value, ":")
		if name != "type" && !slices.Contains([]string{"const", "pattern", "split_pattern"}, kind) {
			return c, malformed("a condition is not of a kind that is supported")
		}
		switch name {
		case "type":
			c.Type = policy.VisaType(value)
		case "value":
			c.Value = value
		case "source":
			c.Source = value
		case "by":
			c.By = value
		default:
			return c, malformed("a condition is about a claim that is not supported")
		}
	}
	if c.Type == "" || len(claims) < 2 {
		return c, malformed("a condition wants a type and one claim more")
	}
	return c, nil
}

// linked reads "sub,iss;sub,iss", each part URI-encoded.
func linked(value string) (all []policy.Identity, err error) {
	for part := range strings.SplitSeq(value, ";") {
		subject, issuer, two := strings.Cut(part, ",")
		var id policy.Identity
		var errs [2]error
		id.Subject, errs[0] = url.PathUnescape(subject)
		id.Issuer, errs[1] = url.PathUnescape(issuer)
		if !two || errs[0] != nil || errs[1] != nil || !text(id.Subject, maxText) || !text(id.Issuer, maxText) {
			return nil, malformed("linked identities are sub,iss;sub,iss, URI-encoded")
		}
		if all = append(all, id); len(all) > maxLinked {
			return nil, malformed("too many linked identities")
		}
	}
	return all, nil
}
