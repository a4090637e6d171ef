package dp

import "github.com/medmarket/medmarket/dp/cohort"

// Measure is a number, or several, that a query asks for in each cell.
type Measure struct {
	Kind MeasureKind `json:"kind"`
	// Events, for "records", are counted, at most Max (1 to MaxRecords; 0: as the dataset declares) of a patient in a
	// cell; the canonical form says 1 where each patient has her first or last event only.
	Events *cohort.Events `json:"events,omitempty"`
	Max    int            `json:"max,omitempty"`
	// Of, for "proportion", is what holds for the share of patients asked for.
	Of *cohort.Criterion `json:"of,omitempty"`
	// Value, for the kinds from "sum" on, is what is measured of each patient.
	Value *Value `json:"value,omitempty"`
	// Low and High, for "sum", "mean", "variance" and "quantiles": a patient's number beyond
	// them, after reducing, counts as they do. They are declared, never looked up in the records; both 0: as
	// the dataset declares, see [Bound]. They lie in
	// ±MaxBound, or ±MaxSummed for "sum" and "variance"; 1e-6 apart and a 2^19th of the larger, and are zero or 1e-6 from it.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
	// Ranks, for "quantiles", lie strictly between 0 and 1 and rise; 0.5 is the median.
	Ranks []float64 `json:"ranks,omitempty"`
	// Edges, for "histogram", rise. The bins are [e0,e1), ..., [en-1,en]; values beyond
	// them count in the first and the last. They lie 1e-6 apart and a 2^28th of the largest,
	// and are zero or 1e-6 from it.
	Edges []float64 `json:"edges,omitempty"`
}

// MeasureKind says what is measured.
type MeasureKind string

// The kinds of measure. Patients without a value count in none of those from
// "sum" on.
const (
	Patients   MeasureKind = "patients"   // number of patients
	Records    MeasureKind = "records"    // number of their records
	Proportion MeasureKind = "proportion" // share of them for whom something holds
	Sum        MeasureKind = "sum"        // of the values
	Mean       MeasureKind = "mean"       // of the values
	Variance   MeasureKind = "variance"   // of the values, as of a whole population, and its square root
	Quantiles  MeasureKind = "quantiles"  // of the values
	Histogram  MeasureKind = "histogram"  // number of patients by value
)

// Value is one number for each patient and cell.
type Value struct {
	// Events are a patient's events whose Field is taken; those without it are left
	// out. Nil only with "age": the patient's age in the reference year.
	Events *cohort.Events `json:"events,omitempty"`
	Field  Field          `json:"field"`
	// Reduce makes one number out of those of several events; empty for "count"
	// and where there are no Events.
	Reduce Reduce `json:"reduce,omitempty"`
}

// Field is what is taken of an event.
type Field string

// The fields.
const (
	FieldValue      Field = "value"       // value_as_number
	FieldQuantity   Field = "quantity"    // of a drug
	FieldDaysSupply Field = "days_supply" // of a drug
	FieldLength     Field = "length"      // end less start, in days
	FieldAge        Field = "age"         // year of the start less year of birth
	FieldCount      Field = "count"       // the number of events instead
)

// Reduce is how the numbers of a patient's events become one.
type Reduce string

// The ways of reducing. First and last are by start, end, domain, concept, visit, record
// number, and then the value.
const (
	ReduceFirst Reduce = "first"
	ReduceLast  Reduce = "last"
	ReduceMin   Reduce = "min"
	ReduceMax   Reduce = "max"
	ReduceMean  Reduce = "mean"
	ReduceSum   Reduce = "sum"
)
