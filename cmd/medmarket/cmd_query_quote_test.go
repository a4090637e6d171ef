package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

func TestCostWords(t *testing.T) {
	for _, c := range []struct {
		delta, nanoEpsilon int64
		want               string
	}{{0, 0, ""}, {1 << 36, 0, " and a delta of 7.5e-09"}, {0, 146_200_000, "; with Laplace noise, 0.1462 epsilon of the dataset's budget"}} {
		if got := besides(c.delta, c.nanoEpsilon); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// What is left of a dataset is told in the epsilon of its accounting.
func TestEpsilonsOfADataset(t *testing.T) {
	for accounting, c := range map[policy.Accounting]struct {
		line          datasetLine
		spent, budget float64
		pure          bool
	}{
		"":                  {datasetLine{SpentNanoRho: 0, BudgetNanoRho: 24_355_970}, 0, 1, false},
		policy.GaussianOnly: {datasetLine{SpentNanoRho: 0, BudgetNanoRho: 27_900_000}, 0, 1, false},
		policy.Pure:         {datasetLine{SpentNanoEpsilon: 250_000_000, BudgetNanoEpsilon: 1_000_000_000}, 0.25, 1, true},
	} {
		document, err := json.Marshal(policy.DatasetPolicy{Accounting: accounting})
		if err != nil {
			t.Fatal(err)
		}
		c.line.Policy = document
		spent, budget, pure, err := c.line.epsilons()
		if err != nil || spent != c.spent || math.Abs(budget-c.budget) > 0.01 || pure != c.pure {
			t.Errorf("%q: %v of %v, pure %v, %v", accounting, spent, budget, pure, err)
		}
	}
}

func TestPrintMargins(t *testing.T) {
	exact := new(2.25)
	groups := make([]*pb.Key, 2)
	size := func(basis pb.SizeBasis) *pb.GroupSize {
		return &pb.GroupSize{Patients: 500, Basis: basis, RequestId: []byte{1, 171}}
	}
	var out strings.Builder
	printMargins(&out, &pb.QuoteResponse{Keys: groups, Margins: []*pb.Margin{{Measure: "patients", Half: exact}}})
	printMargins(&out, &pb.QuoteResponse{Keys: groups, Margins: []*pb.Margin{
		{Measure: "sum", Half: exact},
		{Measure: "mean", TimesPatients: 450},
		{Measure: "mean", TimesPatients: 450, Half: new(0.9), Size: size(pb.SizeBasis_SIZE_BASIS_ASKED)},
		{Measure: "proportion", TimesPatients: 25, Half: new(0.05), Size: size(pb.SizeBasis_SIZE_BASIS_RELEASED)},
		{Measure: "quantiles", TimesPatients: 100, InRanks: true, Half: new(0.2), Size: size(pb.SizeBasis_SIZE_BASIS_DECLARED)},
	}})
	printMargins(&out, &pb.QuoteResponse{Threshold: 37, Margins: []*pb.Margin{
		{Measure: "proportion", TimesPatients: 25, Half: new(0.68), Size: &pb.GroupSize{Patients: 37, Basis: pb.SizeBasis_SIZE_BASIS_THRESHOLD}},
	}})
	want := `2 groups, each within ±2.2 patients at 95%
2 groups
  1 sum          within ±2.25 at 95%
  2 mean         estimate: within ±450/n at 95% in a group of n patients with a value: ±4.5 for 100, ±0.45 for 1000, ±0.045 for 10000
  3 mean         estimate: within ±0.9 at 95% in a group of 500 patients, as asked; ±450/n in one of n patients
  4 proportion   estimate: within ±0.05 at 95% in a group of 500 patients, the smallest in the answer to 0x01ab; ±25/n in one of n patients
  5 quantiles    estimate: within ±0.2 in rank at 95% at best, in a group of all the 500 patients that the dataset's profile says; ±100/n in rank in one of n patients
a group for each concept that at least 37 patients have, by the number with noise
  1 proportion   estimate: within ±0.68 at 95% at worst, in a group of 37 patients, with as few of which it appears; ±25/n in one of n patients
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
