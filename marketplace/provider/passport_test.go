package provider_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// clearing is a hospital that answers researchers of good standing only.
func clearing(t *testing.T) *world {
	t.Helper()
	w := openExact(t)
	w.repolicy(func(p *policy.DatasetPolicy) {
		p.RequiredVisas = []policy.RequiredVisa{providertest.Requires(policy.ResearcherStatus, providertest.BonaFide)}
	})
	return w
}

// showing makes the usual question with a passport.
func (w *world) showing(name string, p provider.Passport) provider.Question {
	w.t.Helper()
	q := w.ask(name)
	q.Passport = p
	return q
}

// G2: the hospital checks itself what a researcher shows: who signed it, that it is in force, and that she says it is about her.
func TestG2HospitalsCheckVisas(t *testing.T) {
	w := clearing(t)
	good := w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil)
	expired := w.Visa(policy.ResearcherStatus, providertest.BonaFide, func(v *policy.Visa) { v.Expires = v.Asserted + 60 })
	stranger, _ := providertest.NewOffice(t, providertest.Issuer) // by the name of the issuer that is trusted
	forged, err := stranger.Sign(policy.Visa{
		Identity: providertest.Ada, Type: policy.ResearcherStatus, Value: providertest.BonaFide, Source: "https://university.example", Asserted: 1, Expires: 1 << 35,
	}, 1, "1")
	ok(t, err)
	stale := w.Link(w.Researcher, providertest.Ada)
	stale.Expiry = w.Clock.Now().Unix()
	stale.Signature = w.Researcher.Sign(w.Domain.DocumentDigest(ledger.Document{Kind: ledger.KindIdentityLink, Hash: stale.Hash(), Expiry: stale.Expiry}))
	another := w.Sign(w.Researcher, ledger.KindAsk, providertest.Ada, 0)
	withLink := func(l ...ledger.SignedDocument) provider.Passport {
		return provider.Passport{Visas: []string{good}, Links: l}
	}
	invalid := []policy.ReasonCode{policy.ReasonActorVisaInvalid, policy.ReasonActorNotBonaFide}
	for name, c := range map[string]struct {
		shows provider.Passport
		want  []policy.ReasonCode
	}{
		"nothing":                      {provider.Passport{}, []policy.ReasonCode{policy.ReasonActorNotBonaFide}},
		"something else":               {w.Passport(w.Visa(policy.AffiliationAndRole, "faculty@university.example", nil)), []policy.ReasonCode{policy.ReasonActorNotBonaFide}},
		"what has ended":               {w.Passport(expired), []policy.ReasonCode{policy.ReasonActorVisaExpired, policy.ReasonActorNotBonaFide}},
		"what another signed":          {w.Passport(forged), invalid},
		"what was changed":             {w.Passport(good[:len(good)-2] + "AA"), invalid},
		"without her word":             {withLink(), invalid},
		"by another's word":            {withLink(w.Link(w.Steward, providertest.Ada)), invalid},
		"by her word on another":       {withLink(w.Link(w.Researcher, policy.Identity{Issuer: providertest.Issuer, Subject: "bob"})), invalid},
		"by her word that has expired": {withLink(stale), invalid},
		"by her word on an ask":        {withLink(another), invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			w.refusedFor(w.showing(name, c.shows), c.want...)
		})
	}
	for name, shows := range map[string]provider.Passport{
		"many visas":  {Visas: slices.Repeat([]string{good}, 17)},
		"many links":  {Links: slices.Repeat([]ledger.SignedDocument{stale}, 17)},
		"a long link": {Links: []ledger.SignedDocument{w.Link(w.Researcher, policy.Identity{Subject: strings.Repeat("a", 1<<10)})}},
	} {
		if _, err := w.Release(t.Context(), w.showing(name, shows)); !errors.Is(err, provider.ErrMalformed) {
			t.Errorf("%s: %v, want %v", name, err, provider.ErrMalformed)
		}
	}
	shown := w.Passport(forged, good) // what is no use does no harm
	q := w.showing("good", shown)
	r := w.release(q)
	hash, err := shown.Hash()
	ok(t, err)
	equal(t, "passport in the release", r.Release.Passport, hash)
	// What is kept leads to the same decision again, and shows nobody a visa.
	kept, err := w.Store.Decision(t.Context(), q.Ask.RequestID)
	ok(t, err)
	equal(t, "hash kept", bytes.Contains(kept.Grounds, []byte(hash.String())), true)
	_, signature, _ := strings.Cut(good, ".")
	equal(t, "visa kept", bytes.Contains(kept.Grounds, []byte(signature)), false)
	replayed, err := w.Replay(t.Context(), q.Ask.RequestID, false)
	ok(t, err)
	equal(t, "difference", replayed.Difference, "")
}

// A hospital that trusts no issuer answers nobody where a visa is required, and everybody else as before.
func TestVisasByIssuersThatNobodyTrusts(t *testing.T) {
	w := clearing(t)
	w.Issuers = nil
	w.Restart()
	w.refusedFor(w.showing("visa", w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil))),
		policy.ReasonActorVisaInvalid, policy.ReasonActorNotBonaFide)
	p := w.Policy()
	p.Revision = 3
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	r := w.release(w.ask("no visa"))
	equal(t, "passport in the release", r.Release.Passport, ledger.Hash{})
}

// G2: a question that was charged is answered later only to somebody who may still ask it, and a fresh visa will do.
func TestG2VisasAreHeldAgainstThePresent(t *testing.T) {
	w := clearing(t)
	q := w.showing("interrupted", w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil)))
	w.Engine.Before = fails(errors.New("the engine is gone"))
	w.fails(q)
	w.Engine.Before = nil
	w.Clock.Advance(300)
	q.Passport = w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, func(v *policy.Visa) { v.Expires = v.Asserted + 30 }))
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Errorf("with a visa that has ended: %v", err)
	}
	q.Passport = w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil))
	w.release(q)
}
