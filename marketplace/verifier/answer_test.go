package verifier_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// network is a hospital, a marketplace and a researcher who sign whatever the test
// wants, so that only the arithmetic of the answer is left to find a fault in.
type network struct {
	hospital, market, researcher *ledger.Key
	domain                       ledger.Domain
}

func newNetwork(t *testing.T) network {
	t.Helper()
	return network{
		hospital: key(t, 1), market: key(t, 2), researcher: key(t, 3),
		domain: ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("genesis"))},
	}
}

func key(t *testing.T, n byte) *ledger.Key {
	t.Helper()
	k, err := ledger.KeyFromBytes(append(make([]byte, 31), n))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (n network) trust(t *testing.T) verifier.Trust {
	t.Helper()
	trust, err := verifier.ParseTrust(readTrust(t))
	if err != nil {
		t.Fatal(err)
	}
	trust.ChainID, trust.Genesis = n.domain.ChainID, n.domain.Genesis
	trust.Marketplaces, trust.Providers = []ledger.Address{n.market.Address()}, []ledger.Address{n.hospital.Address()}
	return trust
}

// deal is what the parties say of one question before they sign.
type deal struct {
	plan      []byte // canonical
	ask       ledger.Ask
	release   ledger.Release
	answer    []ledger.Group
	statement dp.Statement
}

func newDeal(t *testing.T) deal {
	t.Helper()
	plan, err := dp.NewPlan(
		dp.Query{Dataset: "st-ada", GroupBy: []dp.Group{{Kind: dp.Sex}}, NanoRho: 1_000_000},
		dp.Metadata{Dataset: "st-ada", Version: "v1", ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	vector := make([]int64, len(plan.Cells))
	for i := range vector {
		vector[i] = int64(40 - 60*i)
	}
	answer, err := marketplace.Groups(plan, vector)
	if err != nil {
		t.Fatal(err)
	}
	d := deal{statement: plan.Statement(), answer: answer}
	d.plan = canonical(t, d.statement)
	d.ask = ledger.Ask{
		RequestID: ledger.Hash{1}, Grant: ledger.Hash{2}, Dataset: "st-ada", Purpose: ledger.Purpose{Permission: "DUO:0000006"},
		MaxNanoRho: 2 * plan.Cost.NanoRho, MaxWork: 10, Expiry: 2000,
	}
	d.release = ledger.Release{
		RequestID: d.ask.RequestID, Dataset: "st-ada", DatasetVersion: "v1", Grant: d.ask.Grant,
		NanoRho: plan.Cost.NanoRho, Delta: plan.Cost.Delta, Work: d.ask.MaxWork, Vector: vector, Time: 1000,
	}
	return d
}

// smallGroups suppresses the second group of a deal.
var smallGroups = dp.Disclosure{MinCount: 20, RoundTo: 5}

// disclose makes d one of a dataset with a disclosure rule, of which the vector keeps to the rule.
func (d *deal) disclose(t *testing.T, rule dp.Disclosure, vector ...int64) {
	t.Helper()
	d.statement.Metadata.Disclosure = rule
	plan, err := dp.NewPlan(d.statement.Query, d.statement.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	d.plan, d.release.Vector, d.release.NanoRho = canonical(t, plan.Statement()), vector, plan.Cost.NanoRho
	if d.answer, err = marketplace.Groups(plan, d.release.Vector); err != nil {
		t.Fatal(err)
	}
}

// receipt has everybody sign d, and logs it as the only leaf.
func (n network) receipt(t *testing.T, d deal) []byte {
	t.Helper()
	d.ask.PlanHash, d.ask.Provider = ledger.HashBytes(d.plan), n.hospital.Address()
	d.release.PlanHash = d.ask.PlanHash
	var err error
	if d.release.Ask, err = d.ask.By(n.researcher.Address()); err != nil {
		t.Fatal(err)
	}
	signed := ledger.SignedRelease{
		Release: d.release, Provider: n.hospital.Address(), Signature: n.sign(t, n.hospital, ledger.KindRelease, d.release, 0),
	}
	s := ledger.Statement{
		Genesis: n.domain.Genesis, Researcher: n.researcher.Address(), Ask: d.ask, Plan: d.plan,
		AskSignature: n.sign(t, n.researcher, ledger.KindAsk, d.ask, d.ask.Expiry),
		Answer:       d.answer, NanoRho: d.release.NanoRho, Delta: d.release.Delta, NanoEpsilon: d.release.NanoEpsilon, Work: 10, Time: 1000,
		Releases: []ledger.SignedRelease{signed},
	}
	r := ledger.Receipt{Statement: s, Marketplace: n.market.Address(), Signature: n.sign(t, n.market, ledger.KindReceipt, s, 0)}
	leaf, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	r.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogReceipts, r.Marketplace), Size: 1, Root: leaf, Path: []ledger.Hash{}}
	return canonical(t, r)
}

func (n network) sign(t *testing.T, k *ledger.Key, kind ledger.Kind, v any, expiry int64) ledger.Signature {
	t.Helper()
	s, err := ledger.SignDocument(k, n.domain, kind, v, 0, expiry)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestG6Answer: what hospital and marketplace both signed is still refused unless
// the answer is the hospital's vector, under the plan that the researcher signed.
func TestG6Answer(t *testing.T) {
	n := newNetwork(t)
	restate := func(t *testing.T, d *deal) { d.plan = canonical(t, d.statement) }
	tests := map[string]func(*testing.T, *deal){
		"value":            func(_ *testing.T, d *deal) { d.answer[0].Estimates[0].Value++ },
		"low":              func(_ *testing.T, d *deal) { d.answer[0].Estimates[0].Low-- },
		"high":             func(_ *testing.T, d *deal) { d.answer[1].Estimates[0].High++ },
		"key":              func(_ *testing.T, d *deal) { d.answer[1].Key[0] = "other" },
		"more of key":      func(_ *testing.T, d *deal) { d.answer[0].Key = append(d.answer[0].Key, "0-17") },
		"groups swapped":   func(_ *testing.T, d *deal) { d.answer[0], d.answer[1] = d.answer[1], d.answer[0] },
		"group missing":    func(_ *testing.T, d *deal) { d.answer = d.answer[:1] },
		"no groups":        func(_ *testing.T, d *deal) { d.answer = nil },
		"group repeated":   func(_ *testing.T, d *deal) { d.answer = append(d.answer, d.answer[0]) },
		"vector":           func(_ *testing.T, d *deal) { d.release.Vector[1]-- },
		"vector too short": func(_ *testing.T, d *deal) { d.release.Vector = d.release.Vector[:1] },
		"vector too long":  func(_ *testing.T, d *deal) { d.release.Vector = append(d.release.Vector, 0) },
		"no vector":        func(_ *testing.T, d *deal) { d.release.Vector = nil },
		"other version":    func(_ *testing.T, d *deal) { d.release.DatasetVersion = "v2" },
		"less loss":        func(_ *testing.T, d *deal) { d.release.NanoRho-- },
		"more loss":        func(_ *testing.T, d *deal) { d.release.NanoRho++ },
		"more delta":       func(_ *testing.T, d *deal) { d.release.Delta++ },
		"an epsilon":       func(_ *testing.T, d *deal) { d.release.NanoEpsilon++ },
		"plan of another dataset": func(t *testing.T, d *deal) {
			d.statement.Query.Dataset, d.statement.Metadata.Dataset = "general", "general"
			restate(t, d)
		},
		"plan of another version": func(t *testing.T, d *deal) { d.statement.Metadata.Version = "v2"; restate(t, d) },
		"plan of another cost":    func(t *testing.T, d *deal) { d.statement.Query.NanoRho *= 2; restate(t, d) },
		"plan of other groups": func(t *testing.T, d *deal) {
			d.statement.Query.GroupBy = append(d.statement.Query.GroupBy, dp.Group{Kind: dp.AgeBand, Edges: []int{0}})
			restate(t, d)
		},
		"no plan":            func(_ *testing.T, d *deal) { d.plan = []byte("null") },
		"plan without sense": func(t *testing.T, d *deal) { d.statement.Query.GroupBy = nil; restate(t, d) },
		"field of no plan":   func(t *testing.T, d *deal) { d.plan = canonical(t, map[string]any{"sql": "select *"}) },
	}
	if _, err := verifier.Receipt(n.receipt(t, newDeal(t)), n.trust(t), 3000); !errors.Is(err, verifier.ErrPending) {
		t.Fatalf("the honest deal: got %v, want ErrPending", err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDeal(t)
			change(t, &d)
			_, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000)
			wantMismatch(t, err, "answer")
		})
	}
}

// TestG6Disclosure: of a dataset with a disclosure rule, an answer that shows what the rule
// suppresses is refused, or hides what it does not, or passes for one without the rule.
func TestG6Disclosure(t *testing.T) {
	n := newNetwork(t)
	tests := map[string]func(*deal){
		"a small count":            func(d *deal) { d.release.Vector[1] = 15 },
		"a count not rounded":      func(d *deal) { d.release.Vector[0] = 41 },
		"zero for suppressed":      func(d *deal) { d.answer[1].Estimates[0].Suppressed = false },
		"suppressed without cause": func(d *deal) { d.answer[0].Estimates[0] = ledger.Estimate{Suppressed: true} },
		"an interval without the rounding": func(d *deal) {
			e := &d.answer[0].Estimates[0]
			e.Low, e.High = e.Low+2, e.High-2
		},
		"another rule": func(d *deal) {
			d.statement.Metadata.Disclosure.RoundTo = 10
			d.plan = canonical(t, d.statement)
		},
		"no rule": func(d *deal) {
			d.statement.Metadata.Disclosure = dp.Disclosure{}
			d.plan = canonical(t, d.statement)
		},
	}
	d := newDeal(t)
	d.disclose(t, smallGroups, 40, dp.Suppressed)
	if _, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000); !errors.Is(err, verifier.ErrPending) || !d.answer[1].Estimates[0].Suppressed {
		t.Fatalf("the honest deal: got %v, want ErrPending", err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDeal(t)
			d.disclose(t, smallGroups, 40, dp.Suppressed)
			change(&d)
			_, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000)
			wantMismatch(t, err, "answer")
		})
	}
}

// TestG6MinimumCohort: where a dataset has a least cohort, an answer is refused that shows something of fewer patients, or leaves their number out.
func TestG6MinimumCohort(t *testing.T) {
	n, rule := newNetwork(t), dp.Disclosure{MinCohort: 50}
	for name, vector := range map[string][]int64{"enough": {40, 11, 50}, "too few": {dp.Suppressed, dp.Suppressed, dp.Suppressed}} {
		d := newDeal(t)
		d.disclose(t, rule, vector...)
		if _, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000); !errors.Is(err, verifier.ErrPending) {
			t.Errorf("%s: got %v, want ErrPending", name, err)
		}
		for name, forged := range map[string][]int64{
			"shows too few": {40, 9, 49}, "shows what it suppresses": {40, 9, dp.Suppressed}, "suppresses what it may show": {dp.Suppressed, dp.Suppressed, 60}, "no number of all": {40, 11},
		} {
			d.release.Vector = forged
			_, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000)
			t.Run(name, func(t *testing.T) { wantMismatch(t, err, "answer") })
		}
	}
}

// TestG6PureAccounting: of a dataset of pure accounting, an answer is refused that was charged another epsilon than the plan's, or has the
// intervals of other noise than the plan's, or passes for one of another accounting.
func TestG6PureAccounting(t *testing.T) {
	n := newNetwork(t)
	pure := func(t *testing.T, d *deal) {
		t.Helper()
		d.statement.Metadata.Accounting = accountant.Pure
		plan, err := dp.NewPlan(d.statement.Query, d.statement.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		d.plan, d.release.NanoRho, d.release.NanoEpsilon = canonical(t, plan.Statement()), plan.Cost.NanoRho, plan.Cost.NanoEpsilon
		if d.answer, err = marketplace.Groups(plan, d.release.Vector); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]func(*deal){
		"less epsilon":              func(d *deal) { d.release.NanoEpsilon-- },
		"no epsilon":                func(d *deal) { d.release.NanoEpsilon = 0 },
		"more rho":                  func(d *deal) { d.release.NanoRho++ },
		"Gaussian noise's interval": func(d *deal) { d.answer = newDeal(t).answer },
		"another accounting": func(d *deal) {
			d.statement.Metadata.Accounting = ""
			d.plan = canonical(t, d.statement)
		},
	}
	d := newDeal(t)
	pure(t, &d)
	if _, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000); !errors.Is(err, verifier.ErrPending) || d.release.NanoEpsilon == 0 {
		t.Fatalf("the honest deal: got %v, want ErrPending", err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDeal(t)
			pure(t, &d)
			change(&d)
			_, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000)
			wantMismatch(t, err, "answer")
		})
	}
}

// byConcept makes d one about the concepts that enough patients have.
func (d *deal) byConcept(t *testing.T) dp.Plan {
	t.Helper()
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	d.statement.Query = dp.Query{Dataset: "st-ada", NanoRho: 1_000_000, MaxGroups: 2, GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.Concept, Events: conditions}}}
	plan, err := dp.NewPlan(d.statement.Query, d.statement.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	n := plan.Threshold
	d.plan, d.release.Vector = canonical(t, plan.Statement()), []int64{8, 0, n + 5, 8, 1, n, 9, 0, n + 50}
	d.release.NanoRho, d.release.Delta = plan.Cost.NanoRho, plan.Cost.Delta
	if d.answer, err = marketplace.Groups(plan, d.release.Vector); err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestG6PrivateKeys: an answer about concepts that nobody named is refused if one is below the threshold, or
// if keys and numbers are not those that the hospital signed.
func TestG6PrivateKeys(t *testing.T) {
	n := newNetwork(t)
	tests := map[string]func(*deal, dp.Plan){
		"a key below the threshold": func(d *deal, p dp.Plan) { d.release.Vector[5] = p.Threshold - 1 },
		"another key":               func(d *deal, _ dp.Plan) { d.release.Vector[6]++ },
		"another key in the answer": func(d *deal, _ dp.Plan) { d.answer[2].Key[1] = "10" },
		"a key left out":            func(d *deal, _ dp.Plan) { d.release.Vector = d.release.Vector[:6] },
		"keys in another order": func(d *deal, _ dp.Plan) {
			v := d.release.Vector
			d.release.Vector = slices.Concat(v[3:6], v[:3], v[6:])
		},
		"no delta": func(d *deal, _ dp.Plan) { d.release.Delta = 0 },
	}
	d := newDeal(t)
	d.byConcept(t)
	if _, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000); !errors.Is(err, verifier.ErrPending) || d.answer[2].Key[1] != "9" {
		t.Fatalf("the honest deal: got %v, want ErrPending", err)
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDeal(t)
			change(&d, d.byConcept(t))
			_, err := verifier.Receipt(n.receipt(t, d), n.trust(t), 3000)
			wantMismatch(t, err, "answer")
		})
	}
}
