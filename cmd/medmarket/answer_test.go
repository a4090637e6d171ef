package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

func TestPrintAnswer(t *testing.T) {
	age := &dp.Value{Field: dp.FieldAge}
	white := func([]int64) map[int64]string { return map[int64]string{8527: "White"} }
	for name, c := range map[string]struct {
		measures []dp.Measure
		by       []dp.Group
		groups   []ledger.Group
		want     string
	}{
		"patients": {
			[]dp.Measure{{Kind: dp.Patients}}, nil,
			[]ledger.Group{{Key: []string{"female", "40+"}, Estimates: []ledger.Estimate{{Value: 12, Low: -3, High: 27}}}},
			"female / 40+                       12   -3 to 27\n",
		},
		"several": {
			[]dp.Measure{{Kind: dp.Mean, Value: age, High: 100}, {Kind: dp.Quantiles, Value: age, High: 100, Ranks: []float64{0.5}}}, nil,
			[]ledger.Group{{Estimates: []ledger.Estimate{
				{Value: 41.23456, Low: 40, High: 42.5}, {Measure: 1, Label: "p50", Value: 39, Low: 1e20, High: 1e-7},
			}}},
			"all                          1 mean                     41.235   40 to 42.5\n" +
				"all                          2 quantiles p50                39   1e+20 to 1e-07\n",
		},
		"suppressed": {
			[]dp.Measure{{Kind: dp.Patients}}, nil,
			[]ledger.Group{{Estimates: []ledger.Estimate{{Suppressed: true}}}, {Estimates: []ledger.Estimate{{}}}},
			"all                          suppressed: too few, by the dataset's rule\n" +
				"all                                 0   0 to 0\n",
		},
		"concepts": {
			[]dp.Measure{{Kind: dp.Patients}}, []dp.Group{{Kind: dp.Sex}, {Kind: dp.Race}},
			[]ledger.Group{
				{Key: []string{"8527", "8527"}, Estimates: []ledger.Estimate{{Value: 12, Low: -3, High: 27}}},
				{Key: []string{"male", "8515"}, Estimates: []ledger.Estimate{{Value: 1, Low: -3, High: 27}}},
			},
			"8527 / 8527 White                  12   -3 to 27\nmale / 8515                         1   -3 to 27\n",
		},
	} {
		plan, err := ledger.Canonical(dp.Statement{Query: dp.Query{Measures: c.measures, GroupBy: c.by}})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := printAnswer(&out, ledger.Statement{Plan: plan, Answer: c.groups}, white); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := printAnswer(&strings.Builder{}, ledger.Statement{Plan: []byte("{")}, nil); err == nil {
		t.Error("an answer to no plan was printed")
	}
}

func TestDisclosureWords(t *testing.T) {
	for want, rule := range map[string]policy.Disclosure{
		"":                                {RoundTo: 1},
		"of fewer than 20 are suppressed": {MinCount: 20},
		"counts are rounded to 5":         {RoundTo: 5},
		"of fewer than 8 are suppressed; answers about fewer than 50 in all show nothing; counts are rounded to 5": {MinCount: 8, RoundTo: 5, MinCohort: 50},
	} {
		if got := disclosureWords(rule); got != want {
			t.Errorf("%+v: %q, want %q", rule, got, want)
		}
	}
}
