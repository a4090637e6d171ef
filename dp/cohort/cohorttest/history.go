package cohorttest

import (
	"math/rand/v2"

	"github.com/medmarket/medmarket/dp/cohort"
)

// RandomHistory is a patient with up to 20 records and two observation periods, of which some lack what a table may
// lack. Her world is that of [RandomCriterion].
func RandomHistory(r *rand.Rand) History {
	h := History{
		Sex: r.Int64N(concepts + 1), Race: r.Int64N(concepts + 1), Ethnicity: r.Int64N(concepts + 1),
		YearOfBirth: [...]int64{0, 1949, 1950, 1980}[r.IntN(4)],
	}
	for i := range r.IntN(21) {
		h.Records = append(h.Records, randomRecord(r, int64(i+1)))
	}
	for i := range r.IntN(3) {
		p := randomRecord(r, int64(100+i))
		p.Domain, p.Start = cohort.ObservationPeriod, new(drawDay(r))
		p.End = new(*p.Start + r.IntN(41))
		h.Records = append(h.Records, p)
	}
	return h
}

func randomRecord(r *rand.Rand, id int64) Record {
	number := func() *int64 { return perhaps(r, r.Int64N(11)-1) }
	value := func() *float64 { return perhaps(r, float64(r.IntN(13)-4)/2) }
	concept := func() *int64 { return perhaps(r, r.Int64N(concepts)+1) }
	rec := Record{
		Domain: one(r, domains()), ID: id, Concept: new(r.Int64N(concepts) + 1),
		Visit: perhaps(r, r.Int64N(4)+1), Value: value(), RangeLow: value(), RangeHigh: value(),
		Quantity: value(), DaysSupply: number(), Occurrences: number(), GapDays: number(),
		ValueConcept: concept(), Unit: concept(), Type: concept(),
	}
	if r.IntN(10) > 0 {
		rec.Start = new(drawDay(r))
		rec.End = perhaps(r, *rec.Start+r.IntN(16)-3) // now and then before it has started
	}
	if rec.Domain == cohort.Death {
		rec.Concept = concept()
	}
	return rec
}

func perhaps[T any](r *rand.Rand, v T) *T {
	if r.IntN(4) == 0 {
		return nil
	}
	return &v
}
