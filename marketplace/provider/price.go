package provider

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/medmarket/medmarket/dp/accountant"
)

// maxRises is the most steps that a [Price] has.
const maxRises = 16

// Price is what a dataset's privacy loss is sold for, by a rule of public facts alone: it rises in steps as the
// dataset's budget is spent, so that what is scarce is dear. Work is in expected hashes for one nano-rho.
type Price struct {
	WorkPerNanoRho int64       `json:"work_per_nano_rho"` // at first, 1 to 2^40
	Rises          []PriceRise `json:"rises"`             // at most 16, share and price strictly rising
}

// PriceRise is a step of a [Price].
type PriceRise struct {
	SpentPercent   int64 `json:"spent_percent"` // of the dataset's budget, 1 to 99; from this share on
	WorkPerNanoRho int64 `json:"work_per_nano_rho"`
}

// Validate returns the first fault of the rule, or nil, also if there is none.
func (p *Price) Validate() error {
	if p == nil {
		return nil
	}
	if len(p.Rises) > maxRises {
		return fmt.Errorf("price.rises: at most %d", maxRises)
	}
	last := PriceRise{WorkPerNanoRho: p.WorkPerNanoRho}
	if p.WorkPerNanoRho < 1 || p.WorkPerNanoRho > 1<<40 {
		return errors.New("price.work_per_nano_rho: must be 1 to 2^40")
	}
	for i, r := range p.Rises {
		if r.SpentPercent <= last.SpentPercent || r.SpentPercent > 99 || r.WorkPerNanoRho <= last.WorkPerNanoRho || r.WorkPerNanoRho > 1<<40 {
			return fmt.Errorf("price.rises[%d]: shares must rise from 1 to 99, and prices with them, to 2^40 at most", i)
		}
		last = r
	}
	return nil
}

// At returns the price while so much of a budget is spent, and the next step, nil if there is none. What counts is the
// part of the budget of which the greatest share is spent.
func (p Price) At(spent, budget accountant.Cost) (workPerNanoRho int64, next *PriceRise) {
	workPerNanoRho = p.WorkPerNanoRho
	for _, r := range p.Rises {
		if !reached(r.SpentPercent, spent.NanoRho, budget.NanoRho) && !reached(r.SpentPercent, spent.Delta, budget.Delta) &&
			!reached(r.SpentPercent, spent.NanoEpsilon, budget.NanoEpsilon) {
			return workPerNanoRho, &r
		}
		workPerNanoRho = r.WorkPerNanoRho
	}
	return workPerNanoRho, nil
}

// reached reports whether spent is at least so many percent of a budget above 0, exactly.
func reached(percent, spent, budget int64) bool {
	if budget < 1 || spent < 1 {
		return false
	}
	spentHigh, spentLow := bits.Mul64(uint64(spent), 100)
	high, low := bits.Mul64(uint64(budget), uint64(percent))
	return spentHigh > high || spentHigh == high && spentLow >= low
}
