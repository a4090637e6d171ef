package cohort

import (
	"maps"
	"slices"
)

// Field is something that a record has.
type Field string

// The fields. Which domains have which, see [Domain.Has].
const (
	ConceptID  Field = "concept"
	Start      Field = "start"
	End        Field = "end" // of its own; see the package comment for the end of the others
	Visited    Field = "visit"
	Value      Field = "value"
	Quantity   Field = "quantity"
	DaysSupply Field = "days_supply"
	Length     Field = "length" // end less start, in days
)

// Domains lists every domain, sorted.
func Domains() []Domain { return slices.Sorted(maps.Keys(tables)) }

// Has reports whether records of the domain can have the field.
func (d Domain) Has(f Field) bool {
	t, ok := tables[d]
	switch f {
	case ConceptID:
		return t.Concept != ""
	case Visited:
		return t.Visit != ""
	case Value:
		return t.Value != ""
	case Quantity:
		return t.Quantity != ""
	case DaysSupply:
		return t.DaysSupply != ""
	case Length:
		return d == Visit || d == ConditionEra || d == DrugEra || d == ObservationPeriod
	case Start:
		return ok
	case End:
		return t.End != ""
	default:
		return false
	}
}

// columns are those that the field is read from.
func (t Table) columns(f Field) []string {
	switch f {
	case ConceptID:
		return []string{t.Concept}
	case Start:
		return []string{t.Start}
	case End, Length:
		return []string{t.Start, t.End, t.DaysSupply}
	case Visited:
		return []string{t.Visit}
	case Value:
		return []string{t.Value}
	case Quantity:
		return []string{t.Quantity}
	case DaysSupply:
		return []string{t.DaysSupply}
	default:
		return nil
	}
}

// Has reports whether all the events can have the field.
func (e Events) Has(f Field) bool {
	if e.Records != nil {
		return e.Records.Domain.Has(f)
	}
	return !slices.ContainsFunc(e.Union, func(u Events) bool { return !u.Has(f) })
}
