package cohort

import (
	"math"
	"time"
)

func (k *checker) conceptSet(at path, set ConceptSet) error {
	if k.concepts += len(set); k.concepts > MaxConcepts {
		return at.invalid("has one of more than %d concepts", MaxConcepts)
	}
	for _, c := range set {
		if c.ID < 1 || c.ID > maxID {
			return at.invalid("must have ids of 1 to 2^53-1")
		}
	}
	if len(set) > 0 && len(canonicalConcepts(set)) == 0 {
		return at.invalid("must include a concept that it does not exclude")
	}
	return nil
}

func (k *checker) ids(at path, ids []int64) error {
	if k.concepts += len(ids); k.concepts > MaxConcepts {
		return at.invalid("has one of more than %d concepts", MaxConcepts)
	}
	for _, id := range ids {
		if id < 0 || id > maxID {
			return at.invalid("must have ids of 0 to 2^53-1")
		}
	}
	return nil
}

func checkInts(at path, r *IntRange) error {
	switch {
	case r == nil:
		return nil
	case r.Min == nil && r.Max == nil:
		return at.invalid("must have an end")
	}
	for _, v := range []*int64{r.Min, r.Max} {
		if v != nil && (*v < -maxNumber || *v > maxNumber) {
			return at.invalid("must lie within %d", maxNumber)
		}
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		return at.invalid("must not be empty")
	}
	return nil
}

func checkRange(at path, r *Range) error {
	switch {
	case r == nil:
		return nil
	case r.Min == nil && r.Max == nil:
		return at.invalid("must have an end")
	case r.Min == nil && r.MinOpen || r.Max == nil && r.MaxOpen:
		return at.invalid("must not open an end that it lacks")
	}
	for _, v := range []*float64{r.Min, r.Max} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			return at.invalid("must be finite")
		}
	}
	if r.empty() {
		return at.invalid("must not be empty")
	}
	return nil
}

func (r *Range) empty() bool {
	return r.Min != nil && r.Max != nil && (*r.Min > *r.Max || *r.Min == *r.Max && (r.MinOpen || r.MaxOpen))
}

func checkDates(at path, r *DateRange) error {
	switch {
	case r == nil:
		return nil
	case r.From == "" && r.To == "":
		return at.invalid("must have an end")
	}
	for _, d := range []string{r.From, r.To} {
		if d == "" {
			continue
		}
		if t, err := time.Parse(time.DateOnly, d); err != nil || t.Year() < minYear || t.Year() > maxYear {
			return at.invalid("must have days like 2010-12-31, %d to %d", minYear, maxYear)
		}
	}
	if r.From != "" && r.To != "" && r.From > r.To {
		return at.invalid("must not be empty")
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
