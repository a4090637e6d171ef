package marketplace_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// amend changes what the chain has of the world's grant.
func (w *world) amend(change func(*ledger.GrantRecord)) {
	w.t.Helper()
	r, _, err := w.chain.Grant(w.t.Context(), w.grant, w.Committee.Address())
	ok(w.t, err)
	change(&r)
	w.chain.Put(r)
}

// granted has another grant approved, which is the world's from then on.
func (w *world) granted(change func(*policy.Grant)) {
	w.t.Helper()
	g := w.Grant()
	change(&g)
	g.ID = fmt.Sprint("another, to ", g.Period, g.ReviewBy)
	id, err := w.market.RequestGrant(w.t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(w.t, err)
	w.approve(id)
	w.grant = id
}

// A visa says what the committee granted, to whom, and ends with the hour, the grant or its review, whichever comes first.
func TestVisasOfGrants(t *testing.T) {
	w := open(t)
	now := w.Clock.Now().Unix()
	market, trusted := providertest.NewOffice(t, "https://market.example")
	c := w.config()
	c.Visas = market
	m, err := marketplace.New(c)
	ok(t, err)
	for _, tt := range []struct {
		name    string
		grant   func(*policy.Grant)
		change  func(*ledger.GrantRecord)
		expires int64
	}{
		{"for an hour", func(*policy.Grant) {}, nil, now + 3600},
		{"to its end", func(g *policy.Grant) { g.Period.End = now + 1800 }, nil, now + 1800},
		{"to its review", func(g *policy.Grant) { g.ReviewBy = now + 60 }, nil, now + 60},
		{"when the review is put off", func(g *policy.Grant) { g.Period.End, g.ReviewBy = now+1800, now+61 },
			func(r *ledger.GrantRecord) { r.ReviewBy = now + 1700 }, now + 1700},
	} {
		w.granted(tt.grant)
		if tt.change != nil {
			w.amend(tt.change)
		}
		visa, expires, err := m.GrantVisa(t.Context(), w.Researcher.Address(), w.grant, providertest.Dataset)
		ok(t, err)
		got, err := trusted.Read(visa)
		ok(t, err)
		want := policy.Visa{
			Identity: policy.Identity{Issuer: "https://market.example", Subject: w.Researcher.Address().String()}, Type: policy.ControlledAccessGrants,
			Value:  "https://market.example/v1/datasets/" + providertest.Dataset,
			Source: "https://market.example/v1/participants/" + w.Committee.Address().String(), By: policy.ByCommittee,
			Asserted: got.Asserted, Expires: tt.expires,
		}
		if diff := cmp.Diff(want, got); diff != "" || expires != tt.expires || got.Asserted > now {
			t.Errorf("%s: expires %d, asserted %d: %s", tt.name, expires, got.Asserted, diff)
		}
	}
}

func TestVisasAreOfGrantsInForce(t *testing.T) {
	for name, c := range map[string]struct {
		grant   func(now int64, g *policy.Grant) // what is asked for; default: the world's
		later   int64                            // seconds
		change  func(now int64, r *ledger.GrantRecord)
		dataset string
		key     *ledger.Key // default: the researcher's
		want    error
	}{
		"of another's":       {key: providertest.NewKey(t), want: marketplace.ErrUnknownGrant},
		"of another dataset": {dataset: "elsewhere", want: marketplace.ErrUnknownDataset},
		"suspended":          {change: func(_ int64, r *ledger.GrantRecord) { r.Status = ledger.GrantSuspended }, want: marketplace.ErrNotInForce},
		"revoked":            {change: func(_ int64, r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked }, want: marketplace.ErrNotInForce},
		"of no status":       {change: func(_ int64, r *ledger.GrantRecord) { r.Status = 0 }, want: marketplace.ErrNotInForce},
		"over":               {grant: func(now int64, g *policy.Grant) { g.Period.End = now + 60 }, later: 60, want: marketplace.ErrNotInForce},
		"to come":            {grant: func(now int64, g *policy.Grant) { g.Period.Start = now + 1 }, want: marketplace.ErrNotInForce},
		"to be reviewed":     {grant: func(now int64, g *policy.Grant) { g.ReviewBy = now + 60 }, later: 60, want: marketplace.ErrNotInForce},
		"of other terms":     {change: func(_ int64, r *ledger.GrantRecord) { r.Ceilings[0]++ }, want: marketplace.ErrNotInForce},
		"of a longer time":   {change: func(_ int64, r *ledger.GrantRecord) { r.Expiry++ }, want: marketplace.ErrNotInForce},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			if c.grant != nil {
				w.granted(func(g *policy.Grant) { c.grant(w.Clock.Now().Unix(), g) })
			}
			w.Clock.Advance(c.later)
			if c.change != nil {
				w.amend(func(r *ledger.GrantRecord) { c.change(w.Clock.Now().Unix(), r) })
			}
			config := w.config()
			config.Visas, _ = providertest.NewOffice(t, "https://market.example")
			m, err := marketplace.New(config)
			ok(t, err)
			key, dataset := c.key, c.dataset
			if key == nil {
				key = w.Researcher
			}
			if dataset == "" {
				dataset = providertest.Dataset
			}
			if visa, _, err := m.GrantVisa(t.Context(), key.Address(), w.grant, dataset); !errors.Is(err, c.want) || visa != "" {
				t.Errorf("%q %v, want %v", visa, err, c.want)
			}
		})
	}
	w := open(t)
	if _, _, err := w.market.GrantVisa(t.Context(), w.Researcher.Address(), w.grant, providertest.Dataset); !errors.Is(err, marketplace.ErrNoVisas) || w.market.VisaKeys() != nil {
		t.Errorf("without a key: %v, want %v", err, marketplace.ErrNoVisas)
	}
	config := w.config()
	config.Visas, _ = providertest.NewOffice(t, "https://market.example")
	m, err := marketplace.New(config)
	ok(t, err)
	if _, _, err := m.GrantVisa(t.Context(), w.Researcher.Address(), ledger.HashBytes([]byte("nothing")), providertest.Dataset); !errors.Is(err, marketplace.ErrUnknownGrant) {
		t.Errorf("no grant: %v, want %v", err, marketplace.ErrUnknownGrant)
	}
}

// G2: where a dataset requires a visa nobody asks without one, not even for an answer that her study has got before; and a
// visa that this marketplace issued of a grant is one.
func TestG2DatasetsThatRequireVisas(t *testing.T) {
	const issuer = "https://market.example"
	w := openUnder(t, func(p policy.DatasetPolicy) policy.DatasetPolicy {
		p.RequiredVisas = []policy.RequiredVisa{{
			Type: policy.ControlledAccessGrants, Values: []string{issuer + "/v1/datasets/" + providertest.Dataset}, Issuers: []string{issuer}, By: []policy.Authority{policy.ByCommittee},
		}}
		return p
	})
	c := w.config()
	c.Visas, c.VisaIssuers = providertest.NewOffice(t, issuer)
	w.Issuers = c.VisaIssuers
	w.Restart()
	var err error
	w.market, err = marketplace.New(c)
	ok(t, err)
	missing := func(o marketplace.Order) {
		t.Helper()
		var refused *provider.RefusedError
		if _, err := w.market.Ask(t.Context(), w.Researcher.Address(), o); !errors.As(err, &refused) || !slices.Equal(refused.Reasons, []policy.ReasonCode{policy.ReasonActorVisaMissing}) {
			t.Fatalf("without a visa: %v", err)
		}
	}
	missing(w.order("one", nil))
	visa, _, err := w.market.GrantVisa(t.Context(), w.Researcher.Address(), w.grant, providertest.Dataset)
	ok(t, err)
	o := w.order("one", nil)
	o.Passport = provider.Passport{Visas: []string{visa}, Links: []ledger.SignedDocument{
		w.Link(w.Researcher, policy.Identity{Issuer: issuer, Subject: w.Researcher.Address().String()}),
	}}
	first := w.answered(o)
	missing(w.orderOf("two", w.query("one"), nil))
	again := w.orderOf("two", w.query("one"), nil)
	again.Passport = o.Passport
	r, err := w.market.Ask(t.Context(), w.Researcher.Address(), again)
	ok(t, err)
	if !r.Repeated || r.Receipt.Statement.Ask.RequestID != first.Statement.Ask.RequestID {
		t.Errorf("repeated: %v, of %s", r.Repeated, r.Receipt.Statement.Ask.RequestID)
	}
}
