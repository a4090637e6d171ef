package dp

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// measureOrder is that of the measures in a canonical query.
var measureOrder = []MeasureKind{Patients, Records, Proportion, Sum, Mean, Variance, Quantiles, Histogram}

func canonicalMeasures(q Query, metadata Metadata) ([]Measure, error) {
	if len(q.Measures) == 0 {
		return []Measure{{Kind: Patients}}, nil
	}
	divided := q.Divided()
	var out []Measure
	for i, m := range q.Measures {
		c, err := canonicalMeasure(at("measures", i), m, metadata)
		if err != nil {
			return nil, err
		}
		if e := c.events(); divided != nil && e != nil && !same(divided, e) {
			return nil, invalid(at("measures", i), "must be of the events that the groups divide")
		}
		if !slices.ContainsFunc(out, func(o Measure) bool { return same(o, c) }) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Measure) int {
		return cmp.Or(cmp.Compare(slices.Index(measureOrder, a.Kind), slices.Index(measureOrder, b.Kind)), bytes.Compare(text(a), text(b)))
	})
	return out, nil
}

// events are those that the measure is of; nil if of none.
func (m Measure) events() *cohort.Events {
	if m.Value != nil {
		return m.Value.Events
	}
	return m.Events
}

// canonicalMeasure takes from m what its kind has, and refuses what is left.
func canonicalMeasure(field string, m Measure, metadata Metadata) (Measure, error) {
	c := Measure{Kind: m.Kind}
	rest := m
	var err error
	switch m.Kind {
	case Patients:
	case Records:
		rest.Events, rest.Max = nil, 0
		c.Events, c.Max, err = canonicalRecords(field, m, metadata)
	case Proportion:
		rest.Of = nil
		c.Of, err = canonicalCriterion(field+".of", m.Of)
	case Sum, Mean, Variance, Quantiles, Histogram:
		rest, c, err = canonicalValued(field, m, metadata)
	default:
		return Measure{}, invalid(field+".kind", "%q is not supported", string(m.Kind))
	}
	if err == nil && !same(rest, Measure{Kind: m.Kind}) {
		err = invalid(field, "has fields that %q does not have", string(m.Kind))
	}
	if err != nil {
		return Measure{}, err
	}
	return c, nil
}

// canonicalRecords fills in the most records of a patient, where that is left out.
func canonicalRecords(field string, m Measure, metadata Metadata) (*cohort.Events, int, error) {
	events, err := canonicalEvents(field+".events", m.Events)
	if err != nil {
		return nil, 0, err
	}
	most := m.Max
	if events.Keep != "" && most == 0 {
		most = 1
	}
	if most == 0 {
		if most, err = metadata.most(events); err != nil {
			return nil, 0, invalid(field+".max", "is %v", err)
		}
	}
	if most < 1 || most > MaxRecords {
		return nil, 0, invalid(field+".max", "must be 1 to %d", MaxRecords)
	}
	if events.Keep != "" {
		most = 1
	}
	return events, most, nil
}

// canonicalValued is canonicalMeasure for the measures of a value.
func canonicalValued(field string, m Measure, metadata Metadata) (rest, c Measure, err error) {
	rest, c = m, Measure{Kind: m.Kind}
	rest.Value = nil
	if c.Value, err = canonicalValue(field+".value", m.Value, metadata); err != nil {
		return rest, c, err
	}
	if metadata.Disclosure.forbids(m.Kind, c.Value.Field) {
		return rest, c, invalid(field+".value.field", "is a count, of which a dataset with a least count (min_count) tells no %s: ask for records or a histogram",
			string(m.Kind))
	}
	if m.Kind == Histogram {
		rest.Edges = nil
		if c.Edges, err = canonicalReals(field+".edges", m.Edges, 2); err == nil && !apart(c.Edges, leastBin) {
			err = invalid(field+".edges", "must be %g apart and from zero, and a 2^28th of the largest apart", leastRange)
		}
		return rest, c, err
	}
	rest.Low, rest.High = 0, 0
	if m.Low == 0 && m.High == 0 {
		if m.Low, m.High, err = metadata.bounds(*c.Value); err != nil {
			return rest, c, invalid(field+".high", "is %v", err)
		}
	}
	most := int64(MaxBound)
	if m.Kind == Sum || m.Kind == Variance {
		most = MaxSummed
	}
	if !(m.Low >= float64(-most) && m.High <= float64(most) && apart([]float64{m.Low, m.High}, leastShare)) {
		return rest, c, invalid(field+".high", "must be %g above low, and a 2^19th of the larger; both within ±%d and %[1]g from zero",
			leastRange, most)
	}
	c.Low, c.High = m.Low+0, m.High+0 // no negative zero
	if m.Kind == Quantiles {
		rest.Ranks = nil
		c.Ranks, err = canonicalRanks(field+".ranks", m.Ranks)
	}
	return rest, c, err
}

// What keeps bounds and edges apart: leastRange is absolute, the others are parts of the one
// that is farthest from zero. Nearer ones would be one number where values become
// whole; with leastShare no [Tally.Addend] of a value within the bounds is cut.
const (
	leastRange = 1e-6
	leastShare = 1.0 / (1 << 19)
	leastBin   = 1.0 / (1 << 28)
)

// apart reports whether all of xs rise by leastRange and by share of the largest, and are
// zero or no nearer to it than leastRange, where divisions of them could fail.
func apart(xs []float64, share float64) bool {
	gap := max(leastRange, share*max(math.Abs(xs[0]), math.Abs(xs[len(xs)-1])))
	before := math.Inf(-1)
	for _, x := range xs {
		if x != 0 && math.Abs(x) < leastRange || !(x-before >= gap) {
			return false
		}
		before = x
	}
	return true
}

// canonicalRanks sorts ranks, which are whole thousandths.
func canonicalRanks(field string, ranks []float64) ([]float64, error) {
	if len(ranks) == 0 || len(ranks) > MaxRanks {
		return nil, invalid(field, "must have 1 to %d", MaxRanks)
	}
	out := slices.Clone(ranks)
	for _, r := range out {
		if !(r > 0 && r < 1) || math.Round(r*1000)/1000 != r {
			return nil, invalid(field, "must be thousandths above 0 and below 1")
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// fields are where a value is, with the field of a record that it needs.
var fields = map[Field]cohort.Field{
	FieldValue: cohort.Value, FieldQuantity: cohort.Quantity, FieldDaysSupply: cohort.DaysSupply, FieldLength: cohort.Length,
	FieldAge: cohort.Start, FieldCount: "",
}

var reductions = []Reduce{ReduceFirst, ReduceLast, ReduceMin, ReduceMax, ReduceMean, ReduceSum}

// canonicalValue writes first for every reduction of one event.
func canonicalValue(field string, v *Value, m Metadata) (*Value, error) {
	if v == nil {
		return nil, invalid(field, "is missing")
	}
	needs, ok := fields[v.Field]
	if !ok {
		return nil, invalid(field+".field", "%q is not supported", string(v.Field))
	}
	c := &Value{Field: v.Field, Reduce: v.Reduce}
	if v.Events == nil && v.Field == FieldAge {
		if v.Reduce != "" {
			return nil, invalid(field+".reduce", "is only for events")
		}
		return c, m.needsYear(field)
	}
	var err error
	if c.Events, err = canonicalEvents(field+".events", v.Events); err != nil {
		return nil, err
	}
	switch {
	case v.Field == FieldCount && v.Reduce != "":
		return nil, invalid(field+".reduce", "is not for a count")
	case v.Field == FieldCount:
	case !slices.Contains(reductions, v.Reduce):
		return nil, invalid(field+".reduce", "must be one of %q", reductions)
	case !c.Events.Has(needs):
		return nil, invalid(field+".field", "is not one that all the events have")
	case c.Events.Keep != "":
		c.Reduce = ReduceFirst
	}
	return c, nil
}
