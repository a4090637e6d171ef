package provider

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
)

// ReleasedSize says where a profile's number of patients is from: this hospital's answer to an ordinary question,
// which was decided on and charged when it was asked. To say it in public is post-processing. It is about the patients who
// permitted that question.
type ReleasedSize struct {
	Request ledger.Hash `json:"request"`  // of the ask
	NanoRho int64       `json:"nano_rho"` // that its query names
	// Low and High are its 95% interval, rounded outward to two digits.
	Low  int64 `json:"low"`
	High int64 `json:"high"`
}

// SizeQuery asks how many patients there are, born by the reference year: those of any age, since a question that touches no
// column is nothing that anybody could have released.
func SizeQuery(dataset string, nanoRho int64) dp.Query {
	return dp.Query{Dataset: dataset, GroupBy: []dp.Group{{Kind: dp.AgeBand, Edges: []int{0}}}, NanoRho: nanoRho}
}

// SizeOf is what a profile says of the answer to plan: about how many patients, and where that is from. Of the plan of another
// question than [SizeQuery], or an answer that the disclosure rule keeps back, it is ErrMalformed.
func SizeOf(request ledger.Hash, plan dp.Plan, vector []int64) (patients int64, size ReleasedSize, err error) {
	q := plan.Query
	if wanted, err := dp.NewPlan(SizeQuery(q.Dataset, q.NanoRho), plan.Metadata); err != nil || !reflect.DeepEqual(wanted.Query, q) {
		return 0, size, fmt.Errorf("%w: the question was not for the number of all patients (one group, age:0)", ErrMalformed)
	}
	rows, err := plan.Estimate(vector)
	if err != nil {
		return 0, size, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	e := rows[0].Estimates[0]
	if e.Suppressed {
		return 0, size, fmt.Errorf("%w: the number was too small to be told", ErrMalformed)
	}
	size = ReleasedSize{Request: request, NanoRho: q.NanoRho, Low: twoDigits(e.Low, math.Floor), High: twoDigits(e.High, math.Ceil)}
	return RoundSize(int64(max(e.Value, 0))), size, nil
}

// twoDigits rounds x, or 0 if that is more, to two digits.
func twoDigits(x float64, round func(float64) float64) int64 {
	x, unit := max(x, 0), 1.0
	for x/unit >= 100 {
		unit *= 10
	}
	return int64(round(x/unit) * unit)
}

// checkSize refuses a number of patients that claims to be an answer of this hospital and is none about the records as
// they are.
func (n *Node) checkSize(ctx context.Context, p DatasetProfile) error {
	if p.Size == nil {
		return nil
	}
	charged, found, err := n.cfg.Store.Charged(ctx, p.Size.Request)
	if err != nil {
		return err
	}
	if !found || charged.Release == nil {
		return fmt.Errorf("%w: profile.size: that question was not answered", ErrMalformed)
	}
	d, err := n.Describe(ctx)
	if err != nil {
		return err
	}
	plan, err := dp.NewPlan(SizeQuery(p.Dataset, p.Size.NanoRho), d.Metadata)
	if err != nil {
		return fmt.Errorf("%w: profile.size: %w", ErrMalformed, err)
	}
	if hash, err := ledger.HashOf(plan.Statement()); err != nil || hash != charged.Release.Release.PlanHash {
		return fmt.Errorf("%w: profile.size: that question was not for the number of patients in these records", ErrMalformed)
	}
	patients, size, err := SizeOf(p.Size.Request, plan, charged.Release.Release.Vector)
	if err != nil {
		return err
	}
	if patients != p.Patients || size != *p.Size {
		return fmt.Errorf("%w: profile.size: the answer was about %d, %d to %d", ErrMalformed, patients, size.Low, size.High)
	}
	return nil
}
