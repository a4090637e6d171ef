package omop_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// engine is a database that holds a world.
type engine struct {
	dialect omop.Dialect
	schema  string // of the records
	db      *sql.DB
	ids     string // the type of ids: Postgres has INTEGER for most
	real    string // the type of value_as_number and the like
}

func newDuckDB(t testing.TB) engine {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	e := engine{omop.DuckDB, "omop", db, "BIGINT", "DOUBLE"}
	e.exec(t, "SET threads = 1")
	e.exec(t, fmt.Sprintf("SET max_expression_depth = %d", omop.DuckDBDepth))
	return e
}

func newPostgres(t testing.TB) engine {
	t.Helper()
	return engine{omop.Postgres, "medmarket", omoptest.Postgres(t), "INTEGER", "NUMERIC"}
}

func (e engine) exec(t testing.TB, text string) {
	t.Helper()
	if _, err := e.db.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// column lists in the order in which row writes values. An id, a real, a day.
var worldTables = map[cohort.Domain]string{
	cohort.Condition:         "condition_occurrence: condition_occurrence_id i, person_id i, condition_concept_id i, condition_start_date d, condition_end_date d, visit_occurrence_id i, condition_type_concept_id i",
	cohort.ConditionEra:      "condition_era: condition_era_id i, person_id i, condition_concept_id i, condition_era_start_date d, condition_era_end_date d, condition_occurrence_count i",
	cohort.Drug:              "drug_exposure: drug_exposure_id i, person_id i, drug_concept_id i, drug_exposure_start_date d, drug_exposure_end_date d, visit_occurrence_id i, drug_type_concept_id i, quantity r, days_supply i",
	cohort.DrugEra:           "drug_era: drug_era_id i, person_id i, drug_concept_id i, drug_era_start_date d, drug_era_end_date d, drug_exposure_count i, gap_days i",
	cohort.Procedure:         "procedure_occurrence: procedure_occurrence_id i, person_id i, procedure_concept_id i, procedure_date d, procedure_end_date d, visit_occurrence_id i, procedure_type_concept_id i",
	cohort.Measurement:       "measurement: measurement_id i, person_id i, measurement_concept_id i, measurement_date d, visit_occurrence_id i, measurement_type_concept_id i, value_as_number r, range_low r, range_high r, value_as_concept_id i, unit_concept_id i",
	cohort.Observation:       "observation: observation_id i, person_id i, observation_concept_id i, observation_date d, visit_occurrence_id i, observation_type_concept_id i, value_as_number r, value_as_concept_id i, unit_concept_id i",
	cohort.Visit:             "visit_occurrence: visit_occurrence_id i, person_id i, visit_concept_id i, visit_start_date d, visit_end_date d, visit_type_concept_id i",
	cohort.Death:             "death: person_id i, cause_concept_id i, death_date d, death_type_concept_id i",
	cohort.Device:            "device_exposure: device_exposure_id i, person_id i, device_concept_id i, device_exposure_start_date d, device_exposure_end_date d, visit_occurrence_id i, device_type_concept_id i",
	cohort.Specimen:          "specimen: specimen_id i, person_id i, specimen_concept_id i, specimen_date d, specimen_type_concept_id i",
	cohort.ObservationPeriod: "observation_period: observation_period_id i, person_id i, observation_period_start_date d, observation_period_end_date d, period_type_concept_id i",
}

const personTable = "person: person_id i, gender_concept_id i, race_concept_id i, ethnicity_concept_id i, year_of_birth i"

// create makes an empty table and returns its name and columns' names.
func (e engine) create(t testing.TB, declared string) (name string, columns []string) {
	t.Helper()
	name, list, _ := strings.Cut(declared, ": ")
	var typed []string
	for part := range strings.SplitSeq(list, ", ") {
		column, kind, _ := strings.Cut(part, " ")
		columns = append(columns, column)
		typed = append(typed, column+" "+map[string]string{"i": e.ids, "r": e.real, "d": "DATE"}[kind])
	}
	e.exec(t, "CREATE TABLE "+e.schema+"."+name+" ("+strings.Join(typed, ", ")+")")
	return name, columns
}

// fill makes the tables. Patient i of the world has number i+1.
func (e engine) fill(t testing.TB, world []cohorttest.History, v cohorttest.Vocabulary) {
	t.Helper()
	e.exec(t, "CREATE SCHEMA "+e.schema)
	insert := func(table string, rows []string) {
		t.Helper()
		for part := range slices.Chunk(rows, 500) {
			e.exec(t, "INSERT INTO "+e.schema+"."+table+" VALUES "+strings.Join(part, ", "))
		}
	}
	var people []string
	for i, h := range world {
		born := "NULL"
		if h.YearOfBirth != 0 {
			born = strconv.FormatInt(h.YearOfBirth, 10)
		}
		people = append(people, fmt.Sprintf("(%d, %d, %d, %d, %s)", i+1, h.Sex, h.Race, h.Ethnicity, born))
	}
	name, _ := e.create(t, personTable)
	insert(name, people)
	for domain, declared := range worldTables {
		name, columns := e.create(t, declared)
		var rows []string
		for i, h := range world {
			for _, r := range h.Records {
				if r.Domain == domain {
					var values []string
					for _, c := range columns {
						values = append(values, field(r, i+1, c))
					}
					rows = append(rows, "("+strings.Join(values, ", ")+")")
				}
			}
		}
		insert(name, rows)
	}
	var pairs []string
	for above, list := range v {
		for _, below := range list {
			pairs = append(pairs, fmt.Sprintf("(%d, %d)", above, below))
		}
	}
	name, _ = e.create(t, "concept_ancestor: ancestor_concept_id i, descendant_concept_id i")
	insert(name, pairs)
}

// field writes the value of a column of the record's table.
func field(r cohorttest.Record, person int, column string) string {
	id := func(v *int64) string {
		if v == nil {
			return "NULL"
		}
		return strconv.FormatInt(*v, 10)
	}
	number := func(v *float64) string {
		switch {
		case v == nil:
			return "NULL"
		case math.IsNaN(*v) || math.IsInf(*v, 0):
			return "'" + strings.ToLower(strings.Replace(strconv.FormatFloat(*v, 'g', -1, 64), "Inf", "Infinity", 1)) + "'"
		}
		return strconv.FormatFloat(*v, 'g', -1, 64)
	}
	date := func(v *int) string {
		switch {
		case v == nil:
			return "NULL"
		case *v == math.MaxInt:
			return "'infinity'"
		case *v == math.MinInt:
			return "'-infinity'"
		}
		return fmt.Sprintf("DATE '1970-01-01' + (%d)", *v)
	}
	switch {
	case column == "person_id":
		return strconv.Itoa(person)
	case column == "visit_occurrence_id" && r.Domain != cohort.Visit:
		return id(r.Visit)
	case column == "value_as_concept_id":
		return id(r.ValueConcept)
	case column == "unit_concept_id":
		return id(r.Unit)
	case strings.HasSuffix(column, "_type_concept_id"):
		return id(r.Type)
	case strings.HasSuffix(column, "_concept_id"):
		return id(r.Concept)
	case strings.HasSuffix(column, "end_date"):
		return date(r.End)
	case strings.HasSuffix(column, "_date"):
		return date(r.Start)
	case column == "value_as_number":
		return number(r.Value)
	case column == "range_low":
		return number(r.RangeLow)
	case column == "range_high":
		return number(r.RangeHigh)
	case column == "quantity":
		return number(r.Quantity)
	case column == "days_supply":
		return id(r.DaysSupply)
	case strings.HasSuffix(column, "_count"):
		return id(r.Occurrences)
	case column == "gap_days":
		return id(r.GapDays)
	default:
		return strconv.FormatInt(r.ID, 10)
	}
}

// rows runs a query and returns its rows as text, sorted.
func (e engine) rows(ctx context.Context, b *omop.Builder, query string) ([]string, error) {
	rows, err := e.db.QueryContext(ctx, "WITH "+b.With()+"\n"+query, b.Args()...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.Sort(all)
	return all, rows.Err()
}

func (e engine) cohort(ctx context.Context, c cohort.Criterion) ([]string, string, error) {
	b, err := omop.NewBuilder(e.dialect)
	if err != nil {
		return nil, "", err
	}
	name, err := b.Criterion(c)
	if err != nil {
		return nil, "", err
	}
	rows, err := e.rows(ctx, b, "SELECT CAST(person_id AS VARCHAR) FROM "+name)
	return rows, b.With(), err
}

func (e engine) events(ctx context.Context, set cohort.Events) ([]string, string, error) {
	b, err := omop.NewBuilder(e.dialect)
	if err != nil {
		return nil, "", err
	}
	name, err := b.Events(set)
	if err != nil {
		return nil, "", err
	}
	rows, err := e.rows(ctx, b, "SELECT CONCAT(person_id, ' ', domain, ' ', COALESCE(record_id, 0), ' ', start_date, ' ', end_date) FROM "+name)
	return rows, b.With(), err
}
