package dp_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// declared are the bounds of a dataset: of ages, of two measurements of which one has two units, of all others, of drugs.
var declared = []dp.Bound{
	{Field: dp.FieldAge, Low: 0, High: 110},
	{Domain: cohort.Measurement, Field: dp.FieldValue, Low: -10, High: 1000},
	{Domain: cohort.Measurement, Field: dp.FieldValue, Concept: 1, Unit: 100, Low: 3, High: 20},
	{Domain: cohort.Measurement, Field: dp.FieldValue, Concept: 2, Unit: 101, Low: 50, High: 400},
	{Domain: cohort.Measurement, Field: dp.FieldValue, Concept: 2, Unit: 102, Low: 2, High: 30},
	{Domain: cohort.Measurement, Field: dp.FieldCount, High: 40},
	{Domain: cohort.Measurement, Field: dp.FieldCount, Concept: 1, High: 5},
	{Domain: cohort.Drug, Field: dp.FieldDaysSupply, Low: 0, High: 90},
}

func withBounds() dp.Metadata {
	m := metadata
	m.Bounds, m.RoundedPatients = declared, 20_000
	return m
}

// What a measure leaves out is what the dataset declares, written out in the query; the statement and
// so the plan's hash are those of the question that says it itself.
func TestDefaultBounds(t *testing.T) {
	inUnit := func(unit int64, ids ...int64) *cohort.Events {
		e := records(cohort.Measurement, ids...)
		e.Records.Units = []int64{unit}
		return e
	}
	value := func(e *cohort.Events, r dp.Reduce) *dp.Value {
		return &dp.Value{Events: e, Field: dp.FieldValue, Reduce: r}
	}
	both := &cohort.Events{Union: []cohort.Events{*records(cohort.Measurement, 1), *records(cohort.Measurement, 7)}}
	lab := func(ids ...int64) *cohort.Events { return records(cohort.Measurement, ids...) }
	for name, c := range map[string]struct {
		value     *dp.Value
		low, high float64 // both 0: refused
		of        string
	}{
		"age":                      {age, 0, 110, ""},
		"age at an event":          {&dp.Value{Events: lab(9), Field: dp.FieldAge, Reduce: dp.ReduceMin}, 0, 110, ""},
		"a concept's own":          {value(lab(1), dp.ReduceMean), 3, 20, ""},
		"any other's":              {value(lab(9), dp.ReduceMean), -10, 1000, ""},
		"of any concept":           {value(lab(), dp.ReduceMean), -10, 1000, ""},
		"of two concepts":          {value(lab(1, 9), dp.ReduceMax), -10, 1000, ""},
		"a unit's":                 {value(inUnit(102, 2), dp.ReduceLast), 2, 30, ""},
		"of two units, none named": {value(lab(2), dp.ReduceLast), -10, 1000, ""},
		"another unit":             {value(inUnit(103, 2), dp.ReduceLast), -10, 1000, ""},
		"a union":                  {value(both, dp.ReduceMean), -10, 1000, ""},
		"a sum":                    {value(lab(1), dp.ReduceSum), 3, 100, ""},
		"a sum of others":          {value(lab(9), dp.ReduceSum), -400, 40000, ""},
		"a count":                  {&dp.Value{Events: lab(1), Field: dp.FieldCount}, 0, 5, ""},
		"a count of two":           {&dp.Value{Events: lab(1, 2), Field: dp.FieldCount}, 0, 40, ""},
		"days":                     {&dp.Value{Events: records(cohort.Drug, 5), Field: dp.FieldDaysSupply, Reduce: dp.ReduceMax}, 0, 90, ""},
		"a sum of days":            {&dp.Value{Events: records(cohort.Drug, 5), Field: dp.FieldDaysSupply, Reduce: dp.ReduceSum}, 0, 0, "drug count of concept 5"},
		"quantity":                 {&dp.Value{Events: records(cohort.Drug, 5), Field: dp.FieldQuantity, Reduce: dp.ReduceMax}, 0, 0, "drug quantity of concept 5"},
		"of observations":          {value(records(cohort.Observation), dp.ReduceMax), 0, 0, "observation value"},
	} {
		t.Run(name, func(t *testing.T) {
			short, err := dp.NewPlan(asked(1_000_000, dp.Measure{Kind: dp.Mean, Value: c.value}), withBounds())
			if c.high == 0 {
				var invalid *dp.InvalidQueryError
				if !errors.As(err, &invalid) || invalid.Field != "measures[0].high" || !strings.HasSuffix(invalid.Why, "none for "+c.of) {
					t.Fatalf("got %v, want a refusal that names %s", err, c.of)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			long := mustPlan(t, asked(1_000_000, dp.Measure{Kind: dp.Mean, Value: c.value, Low: c.low, High: c.high}))
			if d := cmp.Diff(statement(t, long), statement(t, short)); d != "" {
				t.Errorf("statement (-said +left out):\n%s", d)
			}
			if short.Cost != long.Cost {
				t.Errorf("costs %v, said it costs %v", short.Cost, long.Cost)
			}
		})
	}
}

func statement(t *testing.T, p dp.Plan) string {
	t.Helper()
	b, err := json.Marshal(p.Statement())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The most records of a patient is filled in too; one event needs no bound.
func TestDefaultOfRecords(t *testing.T) {
	first := records(cohort.Procedure)
	first.Keep = cohort.KeepFirst
	for name, c := range map[string]struct {
		events *cohort.Events
		want   int // 0: refused
	}{
		"own":        {records(cohort.Measurement, 1), 5},
		"any":        {records(cohort.Measurement), 40},
		"union":      {&cohort.Events{Union: []cohort.Events{*records(cohort.Measurement, 1), *records(cohort.Measurement, 3)}}, 45},
		"first":      {first, 1},
		"undeclared": {records(cohort.Procedure), 0},
	} {
		p, err := dp.NewPlan(asked(1_000_000, dp.Measure{Kind: dp.Records, Events: c.events}), withBounds())
		var invalid *dp.InvalidQueryError
		switch {
		case c.want == 0 && (!errors.As(err, &invalid) || invalid.Field != "measures[0].max"):
			t.Errorf("%s: got %v, want a refusal of measures[0].max", name, err)
		case c.want != 0 && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != 0 && p.Query.Measures[0].Max != c.want:
			t.Errorf("%s: at most %d records, want %d", name, p.Query.Measures[0].Max, c.want)
		}
	}
}

// What a question says itself is left as it is.
func TestBoundsThatAreSaidStay(t *testing.T) {
	p, err := dp.NewPlan(asked(1_000_000, dp.Measure{Kind: dp.Sum, Value: age, Low: 0, High: 50}), withBounds())
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Query.Measures[0]; m.Low != 0 || m.High != 50 {
		t.Errorf("bounds %v to %v, want 0 to 50", m.Low, m.High)
	}
}

func TestUnusableBounds(t *testing.T) {
	if err := dp.CheckBounds(declared); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]dp.Bound{
		"field":            {Domain: cohort.Drug, Field: "colour", High: 1},
		"domain":           {Domain: "x", Field: dp.FieldCount, High: 1},
		"no domain":        {Field: dp.FieldValue, High: 1},
		"age of a domain":  {Domain: cohort.Drug, Field: dp.FieldAge, High: 1},
		"value of a drug":  {Domain: cohort.Drug, Field: dp.FieldValue, High: 1},
		"concept":          {Domain: cohort.Drug, Field: dp.FieldQuantity, Concept: -1, High: 1},
		"period's concept": {Domain: cohort.ObservationPeriod, Field: dp.FieldCount, Concept: 1, High: 1},
		"unit":             {Domain: cohort.Drug, Field: dp.FieldQuantity, Unit: 1, High: 1},
		"half a record":    {Domain: cohort.Drug, Field: dp.FieldCount, High: 1.5},
		"too many records": {Domain: cohort.Drug, Field: dp.FieldCount, High: dp.MaxRecords + 1},
		"nothing between":  {Domain: cohort.Drug, Field: dp.FieldQuantity, Low: 1, High: 1},
		"too high":         {Domain: cohort.Drug, Field: dp.FieldQuantity, High: 2 * dp.MaxBound},
		"twice":            declared[0],
	} {
		if err := dp.CheckBounds(append(declared[:len(declared):len(declared)], b)); !errors.Is(err, dp.ErrBounds) {
			t.Errorf("%s: got %v, want %v", name, err, dp.ErrBounds)
		}
	}
}
