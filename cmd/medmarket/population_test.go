package main

import (
	"math"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// choices with the share of patients that takes each.
var shares = map[choice]float64{
	anyHealthResearch: 0.70, withdrew: 0.03, censusOnly: 0.12, nothing: 0.07, onPaper: 0.03, neverAsked: 0.05,
}

// choiceOf has no randomness but its hash; were the hash a fair die, a share
// would leave its band once in a million sets of seeds.
func TestChoiceOfShares(t *testing.T) {
	const patients, seeds = 20_000, 5
	for seed := range uint64(seeds) {
		counts := map[choice]int{}
		for number := range int64(patients) {
			counts[choiceOf(seed, number)]++
		}
		for c, share := range shares {
			low, high := binomialBand(patients, share, falseAlarm/float64(seeds*len(shares)))
			if counts[c] < low || counts[c] > high {
				t.Errorf("seed %d: %d of %d take choice %d, want %d to %d", seed, counts[c], patients, c, low, high)
			}
		}
	}
	total := 0.0
	for _, share := range shares {
		total += share
	}
	if math.Abs(total-1) > 1e-9 {
		t.Errorf("shares sum to %v", total)
	}
}

func TestChoiceOfDependsOnSeedAndPatient(t *testing.T) {
	var first []choice
	for number := range int64(1000) {
		first = append(first, choiceOf(1, number))
	}
	same, other := 0, 0
	for number := range int64(1000) {
		if again := choiceOf(1, number); again != first[number] {
			t.Fatalf("patient %d chose %d, then %d", number, first[number], again)
		}
		if choiceOf(1, number) == choiceOf(2, number) {
			same++
		}
		if choiceOf(1, number) == choiceOf(1, number+1) {
			other++
		}
	}
	if same == 1000 || other == 1000 {
		t.Errorf("of 1000 patients %d choose alike under another seed, %d as the next", same, other)
	}
}

// What the demo believes of a choice is what the hospital decides of its document.
func TestPermitsAgreesWithPolicy(t *testing.T) {
	for c := range shares {
		var preference *policy.ReleasePreference
		if c != neverAsked {
			p := c.preference()
			must(t, p.Validate())
			if c == withdrew {
				p.Status = policy.Withdrawn
			}
			preference = &p
		}
		for _, categories := range [][]policy.Category{
			{policy.Demographics}, {policy.Conditions}, {policy.Conditions, policy.Demographics},
		} {
			terms := policy.Terms{
				Purpose: policy.DataUse{Permission: duo.HMB}, Now: 1,
				Recipient: policy.Recipient{Type: policy.Academic, Countries: []string{"US"}},
			}
			for _, category := range categories {
				terms.Categories = append(terms.Categories, policy.CategoryUse{Category: category, Level: policy.LevelGroups})
			}
			if got, want := c.permits(categories), terms.PatientReason(preference, policy.Loss{}) == policy.PatientEligible; got != want {
				t.Errorf("choice %d, %v: permits says %t, the policy %t", c, categories, got, want)
			}
		}
	}
}

func TestNewPopulation(t *testing.T) {
	n := network{Trust: verifier.Trust{Providers: []ledger.Address{{1}}}}
	numbers := []int64{3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610}
	p, err := newPopulation(9, numbers, n)
	must(t, err)
	total, keys := 0, map[ledger.Address]bool{}
	for _, count := range p.counts {
		total += count
	}
	for _, one := range p.people {
		keys[one.key.Address()] = true
		if one.choice != choiceOf(9, one.number) || one.choice == neverAsked || one.choice == onPaper {
			t.Errorf("patient %d: choice %d", one.number, one.choice)
		}
	}
	for _, one := range p.paper {
		if one.choice != onPaper || choiceOf(9, one.number) != onPaper || one.key != nil {
			t.Errorf("patient %d on paper: choice %d, key %v", one.number, one.choice, one.key)
		}
	}
	if total != len(numbers) || len(p.people) != total-p.counts[neverAsked]-len(p.paper) || len(p.paper) != p.counts[onPaper] || len(keys) != len(p.people) {
		t.Errorf("%d numbers: %d counted, %d people, %d keys, %d never asked", len(numbers), total, len(p.people), len(keys), p.counts[neverAsked])
	}
}
