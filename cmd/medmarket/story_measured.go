package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// demoEstimate is one number of the second answer.
type demoEstimate struct {
	Key     string  `json:"key"`
	Measure string  `json:"measure"`
	Value   float64 `json:"value"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// measuredNanoRho is the most that the second question costs.
const measuredNanoRho = 1_200_000

// measures is the second question of the demo: how old patients with the
// condition are, by sex.
func (st *story) measures() *pb.Query {
	age := &pb.Value{Field: pb.Field_FIELD_AGE} // within the bounds that the dataset declares
	return &pb.Query{
		Dataset:   demoDataset,
		Cohort:    server.CriterionTo(*cohort.Recorded(cohort.Condition, true, st.Condition)),
		GroupBy:   []*pb.GroupBy{{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}},
		Precision: &pb.Query_NanoRho{NanoRho: measuredNanoRho},
		Measures: []*pb.Measure{
			{Kind: &pb.Measure_Mean{Mean: &pb.Measure_Bounded{Value: age}}},
			{Kind: &pb.Measure_Quantiles_{Quantiles: &pb.Measure_Quantiles{Value: age, Ranks: []float64{0.5}}}},
		},
	}
}

// measured asks the second question.
func (st *story) measured(ctx context.Context) error {
	r := st.cast.researcher
	q, err := r.quote(ctx, st.measures())
	if err != nil {
		return err
	}
	reply, err := r.ask(ctx, terms{grant: st.grant, use: duo.Use{Permission: duo.HMB}}, q)
	if err != nil {
		return err
	}
	st.spent(reply.GetAnswer())
	var receipt ledger.Receipt
	if err := ledger.ParseCanonical(reply.GetReceipt(), &receipt); err != nil {
		return err
	}
	st.t.step("Asked: the mean and the median age of patients with condition %d, by sex:", st.Condition)
	for _, g := range receipt.Statement.Answer {
		for i, name := range []string{"mean", "median"} {
			if i >= len(g.Estimates) {
				return fmt.Errorf("%d numbers for two measures", len(g.Estimates))
			}
			e := g.Estimates[i]
			st.result.Measured = append(st.result.Measured, demoEstimate{strings.Join(g.Key, " / "), name, e.Value, e.Low, e.High})
			st.t.detail(fmt.Sprintf("%-8s %-8s %6.1f   %.1f to %.1f", strings.Join(g.Key, " / "), name, e.Value, e.Low, e.High))
		}
	}
	return nil
}

// spent adds what an answer cost.
func (st *story) spent(a *pb.Answer) {
	st.result.Cost.NanoRho += a.GetCost().GetNanoRho()
	st.result.Cost.Delta = displayDelta
	st.result.Cost.Epsilon = epsilon(st.result.Cost.NanoRho)
	st.result.Credit.Spent += float64(a.GetWork()) / (1 << 20)
}
