package circe

import (
	"math"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
)

// operator is how circe compares: op a, or from a to b.
type operator string

// integers, reals and dates read a range; those with a "!" leave something out and are two. An absent one is none.

func (o *object) integers(name string) []*cohort.IntRange {
	r := o.child(name)
	if r == nil {
		return nil
	}
	defer r.done()
	op, _ := r.text("Op")
	a, ok := r.number("Value")
	b, bounded := r.number("Extent")
	const most = 1_000_000_000
	if !ok || a <= -most || a >= most || bounded && (b <= -most || b >= most) {
		o.r.fault(r.path, "needs numbers within %d", most)
		return nil
	}
	list := ranges(o.r, r.path, operator(op), bounded, a, b, func(from, to *int64, _ bool) *cohort.IntRange {
		return &cohort.IntRange{Min: from, Max: to}
	}, func(v int64, by int) int64 { return v + int64(by) })
	return list
}

func (o *object) reals(name string) []*cohort.Range {
	r := o.child(name)
	if r == nil {
		return nil
	}
	defer r.done()
	op, _ := r.text("Op")
	a, ok := r.real("Value")
	b, bounded := r.real("Extent")
	if !ok || math.IsInf(a, 0) || math.IsInf(b, 0) {
		o.r.fault(r.path, "needs numbers")
		return nil
	}
	return ranges(o.r, r.path, operator(op), bounded, a, b, func(from, to *float64, open bool) *cohort.Range {
		return &cohort.Range{Min: from, Max: to, MinOpen: open && from != nil, MaxOpen: open && to != nil}
	}, nil)
}

func (o *object) dates(name string) []*cohort.DateRange {
	r := o.child(name)
	if r == nil {
		return nil
	}
	defer r.done()
	op, _ := r.text("Op")
	a, aok := r.date("Value")
	b, bounded := r.date("Extent")
	if !aok {
		return nil
	}
	return ranges(o.r, r.path, operator(op), bounded, a, b, func(from, to *time.Time, _ bool) *cohort.DateRange {
		out := &cohort.DateRange{}
		if from != nil {
			out.From = from.Format(time.DateOnly)
		}
		if to != nil {
			out.To = to.Format(time.DateOnly)
		}
		return out
	}, func(d time.Time, by int) time.Time { return d.AddDate(0, 0, by) })
}

func (o *object) date(name string) (time.Time, bool) {
	text, ok := o.text(name)
	if !ok {
		if name == "Value" {
			o.r.fault(o.at(name), "is missing")
		}
		return time.Time{}, false
	}
	d, err := time.Parse(time.DateOnly, text)
	if err != nil || d.Year() < 1801 || d.Year() > 2199 {
		o.r.fault(o.at(name), "is not a day like 2010-12-31")
		return d, false
	}
	return d, true
}

// ranges are those in which op holds. Whole values move by one where an end is excluded; without next, it is open.
func ranges[V, R any](r *reader, path string, op operator, bounded bool, a, b V, make func(from, to *V, open bool) *R, next func(V, int) V) []*R {
	above, below := a, b // the first value above a bound, the last below
	beyond := func(v V, by int) *V {
		if next != nil {
			v = next(v, by)
		}
		return &v
	}
	switch op {
	case "lt":
		return []*R{make(nil, beyond(a, -1), true)}
	case "lte":
		return []*R{make(nil, &above, false)}
	case "eq":
		return []*R{make(&above, &a, false)}
	case "!eq":
		return []*R{make(nil, beyond(a, -1), true), make(beyond(a, 1), nil, true)}
	case "gt":
		return []*R{make(beyond(a, 1), nil, true)}
	case "gte":
		return []*R{make(&above, nil, false)}
	}
	switch {
	case op != "bt" && op != "!bt":
		r.fault(path+".Op", "%q is not supported", string(op))
		return nil
	case !bounded:
		r.fault(path+".Extent", "is missing")
		return nil
	case op == "bt":
		return []*R{make(&a, &below, false)}
	default:
		return []*R{make(nil, beyond(a, -1), true), make(beyond(b, 1), nil, true)}
	}
}
