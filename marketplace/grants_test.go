package marketplace_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

func TestRequestGrantRefusals(t *testing.T) {
	w := open(t)
	stranger := providertest.NewKey(t)
	grant := func(change func(*policy.Grant)) policy.Grant {
		g := w.Grant()
		g.ID = "another"
		if change != nil {
			change(&g)
		}
		return g
	}
	named := grant(func(g *policy.Grant) { g.Researchers = append(g.Researchers, stranger.Address().String()) })
	spaced := w.Sign(w.Researcher, ledger.KindDataGrant, grant(nil), 1)
	spaced.Content = append(spaced.Content, ' ')
	expired, err := ledger.NewSignedDocument(w.Researcher, w.Domain, ledger.KindDataGrant, grant(nil), 1, w.Clock.Now().Unix())
	ok(t, err)
	for name, c := range map[string]struct {
		doc  ledger.SignedDocument
		want error
	}{
		"by whom it does not name":    {w.Sign(stranger, ledger.KindDataGrant, grant(nil), 1), marketplace.ErrSignature},
		"by whom the chain knows not": {w.Sign(stranger, ledger.KindDataGrant, named, 1), marketplace.ErrUnknownPerson},
		"signed as something else":    {w.Sign(w.Researcher, ledger.KindAsk, grant(nil), 1), marketplace.ErrSignature},
		"spelled in another way":      {spaced, marketplace.ErrMalformed},
		"the second it expires":       {expired, marketplace.ErrExpired},
		"without an end":              {w.Sign(w.Researcher, ledger.KindDataGrant, grant(func(g *policy.Grant) { g.Period.End = 0 }), 1), marketplace.ErrMalformed},
		"a committee that is none":    {w.Sign(w.Researcher, ledger.KindDataGrant, grant(func(g *policy.Grant) { g.Committee = w.Researcher.Address().String() }), 1), marketplace.ErrUnknownPerson},
		"a dataset that is not there": {w.Sign(w.Researcher, ledger.KindDataGrant, grant(func(g *policy.Grant) { g.Datasets[0].Dataset = "hospital-b" }), 1), marketplace.ErrUnknownDataset},
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(t, c.want, func() error {
				_, err := w.market.RequestGrant(t.Context(), c.doc)
				return err
			})
		})
	}
}

func TestApproveGrant(t *testing.T) {
	w := open(t)
	var err error
	g := w.Grant()
	g.ID = "another"
	signed := w.Sign(w.Researcher, ledger.KindDataGrant, g, 3)
	first, firstApproval := w.grant, w.approval(w.Committee)
	w.grant, err = w.market.RequestGrant(t.Context(), signed)
	ok(t, err)
	equal(t, "name", w.grant, signed.Hash())
	approve := func(h ledger.Hash, sig ledger.Signature) func() error {
		return func() error { return w.market.ApproveGrant(t.Context(), h, sig) }
	}
	approvals := len(w.chain.approvals)
	unapproved := w.order("early", nil)
	w.refusedReasons(t, unapproved, policy.ReasonGrantMissing)
	w.refused(t, marketplace.ErrSignature, approve(w.grant, w.approval(w.Researcher)))
	w.refused(t, marketplace.ErrSignature, approve(w.grant, ledger.Signature{}))
	w.refused(t, marketplace.ErrUnknownGrant, approve(ledger.Hash{1}, w.approval(w.Committee)))
	w.refused(t, marketplace.ErrGrantExists, approve(first, firstApproval))
	down := errors.New("chain is down")
	w.Chain.Fail = func(string) error { return down }
	w.refused(t, down, approve(w.grant, w.approval(w.Committee)))
	w.Chain.Fail = nil
	equal(t, "approvals on the chain", len(w.chain.approvals), approvals)

	// The chain has it but the store does not: it can be approved again.
	broken := &brokenStore{Store: w.store, saveApproval: errors.New("disk is full")}
	w.store = broken
	w.restart()
	w.refused(t, broken.saveApproval, approve(w.grant, w.approval(w.Committee)))
	broken.saveApproval = nil
	ok(t, approve(w.grant, w.approval(w.Committee))())
	study, err := w.market.Review(t.Context(), w.Researcher.Address(), w.grant)
	ok(t, err)
	equal(t, "approval", []any{*study.Document.Approval, study.Status}, []any{w.approval(w.Committee), ledger.GrantActive})
	want := w.Terms(g, signed)
	want.Organisation = ledger.Hash{} // the contract says whose committee it is
	equal(t, "on the chain", w.chain.approvals[len(w.chain.approvals)-1], want)
	w.answered(unapproved)
}

// TestApproveGrantByColleague: a colleague's approval goes to the chain, which counts
// it; that the study is approved still takes the member whom the grant names.
func TestApproveGrantByColleague(t *testing.T) {
	w := open(t)
	g := w.Grant()
	g.ID = "another"
	var err error
	w.grant, err = w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 3))
	ok(t, err)
	committee, err := w.Chain.Participant(t.Context(), w.Committee.Address())
	ok(t, err)
	for name, test := range map[string]struct {
		roles        ledger.Role
		organisation ledger.Hash
		want         error
	}{
		"colleague":             {ledger.RoleCommittee, committee.Organisation, nil},
		"of another committee":  {ledger.RoleCommittee, ledger.Hash{9}, marketplace.ErrSignature},
		"not of the committee":  {ledger.RoleSteward, committee.Organisation, marketplace.ErrSignature},
		"removed, or never was": {0, committee.Organisation, marketplace.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			key, before := providertest.NewKey(t), len(w.chain.approvals)
			w.Chain.Enter(ledger.Participant{Address: key.Address(), Roles: test.roles, Organisation: test.organisation})
			err := w.market.ApproveGrant(t.Context(), w.grant, w.approval(key))
			if !errors.Is(err, test.want) {
				t.Errorf("ApproveGrant returned %v, want %v", err, test.want)
			}
			if got := len(w.chain.approvals) > before; got != (test.want == nil) {
				t.Errorf("sent to the chain: %t", got)
			}
			study, err := w.market.Review(t.Context(), w.Researcher.Address(), w.grant)
			ok(t, err)
			if study.Document.Approval != nil {
				t.Error("the study is approved, though the member named did not approve it")
			}
		})
	}
}

func (b *brokenStore) SaveApproval(ctx context.Context, h ledger.Hash, s ledger.Signature) error {
	if b.saveApproval != nil {
		return b.saveApproval
	}
	return b.Store.SaveApproval(ctx, h, s)
}

// The contract wants datasets in rising order of their ids, and the signature
// covers each of the terms.
func TestTerms(t *testing.T) {
	w := open(t)
	g := w.Grant()
	g.Datasets = nil
	for i, d := range []string{"a", "b", "c", "d", "e"} {
		g.Datasets = append(g.Datasets, policy.DatasetCeiling{Dataset: d, NanoRho: int64(i + 1)})
	}
	r, err := marketplace.Terms(g, w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(t, err)
	for i := range r.Datasets {
		if i > 0 && bytes.Compare(r.Datasets[i-1][:], r.Datasets[i][:]) >= 0 {
			t.Errorf("dataset %d does not rise", i)
		}
	}
	for _, d := range g.Datasets {
		ceiling, found := r.Ceiling(d.Dataset)
		equal(t, "ceiling of "+d.Dataset, []any{ceiling, found}, []any{d.NanoRho, true})
	}
	digests := map[ledger.Hash]bool{}
	for _, change := range []func(*ledger.GrantRecord){
		func(*ledger.GrantRecord) {}, func(r *ledger.GrantRecord) { r.Document[0] ^= 1 }, func(r *ledger.GrantRecord) { r.Revision++ },
		func(r *ledger.GrantRecord) { r.Expiry++ }, func(r *ledger.GrantRecord) { r.NotBefore++ },
		func(r *ledger.GrantRecord) { r.Ceilings = append([]uint64{99}, r.Ceilings[1:]...) },
		func(r *ledger.GrantRecord) { r.Datasets = append([]ledger.Hash{{1}}, r.Datasets[1:]...) },
	} {
		other := r
		change(&other)
		d, err := marketplace.TermsDigest(w.Domain, other)
		ok(t, err)
		digests[d] = true
	}
	equal(t, "different digests", len(digests), 7)
}

func TestQuoteAndDatasets(t *testing.T) {
	w := open(t)
	w.answered(w.order("one", nil))
	q, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(loss), nil)
	ok(t, err)
	equal(t, "price, drawn, escrow", []int64{q.Work, q.Drawn, q.Escrow}, []int64{q.Plan.Cost.NanoRho * providertest.Price, w.price, 1 << 50})
	equal(t, "hash", q.Hash, ledger.HashBytes(q.Content))
	equal(t, "what the dataset spent", q.Provider.Spent, q.Plan.Cost)
	bad := w.Query(loss)
	bad.NanoRho = 0
	var invalid *dp.InvalidQueryError
	if _, err := w.market.Quote(t.Context(), w.Researcher.Address(), bad, nil); !errors.As(err, &invalid) {
		t.Errorf("quote of no loss: %v", err)
	}
	bad.Dataset = "hospital-b"
	if _, err := w.market.Quote(t.Context(), w.Researcher.Address(), bad, nil); !errors.Is(err, marketplace.ErrUnknownDataset) {
		t.Errorf("quote at no hospital: %v", err)
	}
	w.wire.describe = func(d provider.Description, err error) (provider.Description, error) {
		d.WorkPerNanoRho = 1 << 53
		return d, err
	}
	if _, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(loss), nil); !errors.Is(err, provider.ErrMalformed) {
		t.Errorf("quote of a price that no document can hold: %v", err)
	}
	w.wire.describe = nil
	all, err := w.market.Datasets(t.Context())
	ok(t, err)
	equal(t, "datasets", len(all), 1)
	w.wire.describe = func(d provider.Description, _ error) (provider.Description, error) { return d, provider.ErrNoPolicy }
	all, err = w.market.Datasets(t.Context())
	ok(t, err)
	equal(t, "datasets on offer", len(all), 0)
}

func TestRegister(t *testing.T) {
	w := open(t)
	good := ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher | ledger.RoleOperator, Organisation: providertest.Organisation}
	for name, change := range map[string]func(*ledger.Participant){
		"no address": func(p *ledger.Participant) { p.Address = ledger.Address{} }, "no role": func(p *ledger.Participant) { p.Roles = 0 },
		"a role nobody knows": func(p *ledger.Participant) { p.Roles |= ledger.RoleOperator << 1 },
		"no organisation":     func(p *ledger.Participant) { p.Organisation = ledger.Hash{} },
	} {
		p := good
		change(&p)
		if err := w.market.Register(t.Context(), p); !errors.Is(err, marketplace.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ok(t, w.market.Register(t.Context(), good))
	equal(t, "registered", w.chain.registers, []ledger.Participant{good})
}

func TestNewRefusals(t *testing.T) {
	w := open(t)
	for name, change := range map[string]func(*marketplace.Config){
		"key": func(c *marketplace.Config) { c.Key = nil }, "domain": func(c *marketplace.Config) { c.Domain = ledger.Domain{} },
		"store": func(c *marketplace.Config) { c.Store = nil }, "chain": func(c *marketplace.Config) { c.Chain = nil },
		"hospitals": func(c *marketplace.Config) { c.Hospitals = nil }, "log": func(c *marketplace.Config) { c.Log = nil },
	} {
		c := w.config()
		change(&c)
		if _, err := marketplace.New(c); err == nil {
			t.Errorf("a marketplace without its %s", name)
		}
	}
}
