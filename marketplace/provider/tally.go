package provider

import "github.com/medmarket/medmarket/dp/accountant"

// Tally is how the loss of one patient is counted since her latest event, without a write of hers at any charge. All
// amounts are below 2^53.
type Tally struct {
	Cap      *accountant.Cost // her own; nil: none
	Carried  accountant.Cost  // a bound of what she had lost before the event
	Joined   accountant.Cost  // odometer of her class at the event
	Odometer accountant.Cost  // of her class now
}

// Limit is the last reading of the odometer up to which her cap lets her be
// counted; below zero if the cap is below what she carried.
func (t Tally) Limit() accountant.Cost {
	if t.Cap == nil {
		return NoLimit
	}
	return accountant.Cost{
		NanoRho: t.Cap.NanoRho - t.Carried.NanoRho + t.Joined.NanoRho, Delta: t.Cap.Delta - t.Carried.Delta + t.Joined.Delta,
	}
}

// Lost is a bound of all that she has lost: what she carried, and what was
// charged to her class since. Every charge that counted her left the sum within
// her cap, so that it is no more than her cap either. But one that was set
// below what she carried has counted her nowhere: she still carries that.
func (t Tally) Lost() accountant.Cost {
	lost := accountant.Cost{
		NanoRho: t.Carried.NanoRho + t.Odometer.NanoRho - t.Joined.NanoRho, // below 2^54: no overflow
		Delta:   t.Carried.Delta + t.Odometer.Delta - t.Joined.Delta,
	}
	switch {
	case t.Cap == nil:
		return lost
	case t.Carried.NanoRho > t.Cap.NanoRho || t.Carried.Delta > t.Cap.Delta:
		return t.Carried
	}
	return accountant.Cost{NanoRho: min(lost.NanoRho, t.Cap.NanoRho), Delta: min(lost.Delta, t.Cap.Delta)}
}

// Counts reports whether the charge after which the odometer reads so counts her; meeting the limit exactly does.
func (t Tally) Counts() bool {
	limit := t.Limit()
	return t.Odometer.NanoRho <= limit.NanoRho && t.Odometer.Delta <= limit.Delta
}
