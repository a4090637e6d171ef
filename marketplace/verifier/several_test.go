package verifier_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// joint is what three hospitals say of one question before they sign: two answer, the third is slow.
type joint struct {
	plans    [3]dp.Plan
	releases [2]ledger.Release
	answer   []ledger.Group
}

func newJoint(t *testing.T, change func(i int, q *dp.Query, m *dp.Metadata)) joint {
	t.Helper()
	var j joint
	for i, dataset := range []string{"st-ada", "st-bo", "st-cy"} {
		q := dp.Query{Dataset: dataset, GroupBy: []dp.Group{{Kind: dp.Sex}}, NanoRho: 1_000_000}
		m := dp.Metadata{Dataset: dataset, Version: "v1", ReferenceYear: 2020 + i}
		if change != nil {
			change(i, &q, &m)
		}
		var err error
		if j.plans[i], err = dp.NewPlan(q, m); err != nil {
			t.Fatal(err)
		}
		if i < len(j.releases) {
			j.releases[i] = ledger.Release{
				RequestID: ledger.Hash{1}, Grant: ledger.Hash{2}, Dataset: dataset, DatasetVersion: "v1", NanoRho: j.plans[i].Cost.NanoRho,
				Delta: j.plans[i].Cost.Delta, Work: 1, Vector: []int64{int64(40 * (i + 1)), int64(-20)}, Time: 1000,
			}
		}
	}
	return j
}

func (j *joint) sum(t *testing.T) {
	t.Helper()
	var err error
	if j.answer, err = marketplace.Groups(j.plans[0], j.releases[0].Vector, j.releases[1].Vector); err != nil {
		t.Fatal(err)
	}
}

// jointReceipt has everybody sign j, and logs it as the only leaf; and whom to trust for it.
func (n network) jointReceipt(t *testing.T, j joint) ([]byte, verifier.Trust) {
	t.Helper()
	hospitals := []*ledger.Key{n.hospital, key(t, 11), key(t, 12)}
	trust := n.trust(t)
	trust.Providers = nil
	s := ledger.Statement{Genesis: n.domain.Genesis, Researcher: n.researcher.Address(), Answer: j.answer, CountedAtEach: true, Work: 1, Time: 1000}
	s.Ask = ledger.Ask{RequestID: ledger.Hash{1}, Grant: ledger.Hash{2}, MaxNanoRho: 1 << 30, MaxWork: 10, Expiry: 2000}
	for i, p := range j.plans {
		content := canonical(t, p.Statement())
		trust.Providers = append(trust.Providers, hospitals[i].Address())
		if i == 0 {
			s.Plan, s.Ask.PlanHash, s.Ask.Provider, s.Ask.Dataset = content, ledger.HashBytes(content), hospitals[i].Address(), p.Query.Dataset
			continue
		}
		s.Plans = append(s.Plans, json.RawMessage(content))
		s.Ask.Also = append(s.Ask.Also, ledger.Asked{PlanHash: ledger.HashBytes(content), Provider: hospitals[i].Address(), Dataset: p.Query.Dataset, MaxWork: 10})
	}
	s.AskSignature = n.sign(t, n.researcher, ledger.KindAsk, s.Ask, s.Ask.Expiry)
	for i, r := range j.releases {
		var err error
		if r.Ask, err = s.Ask.By(n.researcher.Address()); err != nil {
			t.Fatal(err)
		}
		r.PlanHash = s.Ask.Each()[i].PlanHash
		s.NanoRho, s.Delta = max(s.NanoRho, r.NanoRho), max(s.Delta, r.Delta)
		s.Releases = append(s.Releases, ledger.SignedRelease{Release: r, Provider: hospitals[i].Address(), Signature: n.sign(t, hospitals[i], ledger.KindRelease, r, 0)})
	}
	s.Missing = []ledger.Missing{{Provider: hospitals[2].Address(), State: ledger.MissingSlow}}
	s.Partial = n.sign(t, n.researcher, ledger.KindPartial, s.Ask, 0)
	r := ledger.Receipt{Statement: s, Marketplace: n.market.Address(), Signature: n.sign(t, n.market, ledger.KindReceipt, s, 0)}
	leaf, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	r.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogReceipts, r.Marketplace), Size: 1, Root: leaf, Path: []ledger.Hash{}}
	return canonical(t, r), trust
}

// TestG6AnswerOfSeveral: the answer of several hospitals is the sum of the vectors that they signed, with the intervals of that
// sum, and nothing else that the marketplace makes of them.
func TestG6AnswerOfSeveral(t *testing.T) {
	n := newNetwork(t)
	honest := newJoint(t, nil)
	honest.sum(t)
	content, trust := n.jointReceipt(t, honest)
	if _, err := verifier.Receipt(content, trust, 3000); !errors.Is(err, verifier.ErrPending) {
		t.Fatalf("the honest one: got %v, want ErrPending", err)
	}
	tests := map[string]func(t *testing.T) joint{
		"the answer of one alone": func(t *testing.T) joint {
			j := newJoint(t, nil)
			var err error
			if j.answer, err = marketplace.Groups(j.plans[0], j.releases[0].Vector); err != nil {
				t.Fatal(err)
			}
			return j
		},
		"a value":  func(t *testing.T) joint { j := newJoint(t, nil); j.sum(t); j.answer[0].Estimates[0].Value++; return j },
		"narrower": func(t *testing.T) joint { j := newJoint(t, nil); j.sum(t); j.answer[0].Estimates[0].High--; return j },
		"a vector of other cells": func(t *testing.T) joint {
			j := newJoint(t, nil)
			j.sum(t)
			j.releases[1].Vector = []int64{1}
			return j
		},
		"another version": func(t *testing.T) joint {
			j := newJoint(t, nil)
			j.sum(t)
			j.releases[1].DatasetVersion = "v2"
			return j
		},
		"another cost": func(t *testing.T) joint { j := newJoint(t, nil); j.sum(t); j.releases[1].NanoRho--; return j },
		"another question at one": func(t *testing.T) joint {
			j := newJoint(t, func(i int, q *dp.Query, _ *dp.Metadata) {
				if i == 1 {
					q.GroupBy = []dp.Group{{Kind: dp.AgeBand, Edges: []int{0, 50}}}
				}
			})
			j.sum(t)
			return j
		},
		"another question at the one missing": func(t *testing.T) joint {
			j := newJoint(t, func(i int, q *dp.Query, _ *dp.Metadata) { q.NanoRho += int64(i / 2) })
			j.sum(t)
			return j
		},
		"another rule at one": func(t *testing.T) joint {
			j := newJoint(t, func(i int, _ *dp.Query, m *dp.Metadata) { m.Disclosure.RoundTo = int64(5 * (i / 2)) })
			j.sum(t)
			return j
		},
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			content, trust := n.jointReceipt(t, make(t))
			_, err := verifier.Receipt(content, trust, 3000)
			wantMismatch(t, err, "answer")
		})
	}
}
