package duckdb_test

import (
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// asked is a question of a dataset's characterisation, once for the engine and once in
// plain SQL over the folder's files, whose columns are the key, the position of
// the estimate and its value.
type asked struct {
	data, name string
	query      dp.Query
	plain      string
	within     float64 // how far the estimate may be off; 0: a part in a million
}

// sexes places patients by sex.
const sexes = "CASE gender_concept_id WHEN 8532 THEN 'female' WHEN 8507 THEN 'male' END"

func bySexOnly() []dp.Group { return []dp.Group{{Kind: dp.Sex}} }

// characterisation has the questions, in the style of OHDSI's Achilles.
func characterisation() (all []asked) {
	for data, conditions := range map[string][]int64{
		"gibleed":       {260139, 372328, 4112343, 40481087},
		"nafld_omop":    {201820, 316866, 432867, 2000000011},
		"synthea1k_uon": {260139, 4112343, 4311629, 40481087},
	} {
		for _, q := range append(ofPersons(), append(ofConditions(conditions), ofTime()...)...) {
			if q.data = data; data == "nafld_omop" && q.name == "persons by sex and race" {
				continue // it has no races
			}
			all = append(all, q)
		}
	}
	return append(all, append(ofNafld(), append(ofGibleed(), ofUon()...)...)...)
}

// spreadOf is, in plain SQL, the variance and the standard deviation by sex of x, which each of the patients has once.
func spreadOf(patients string) string {
	const by = ", %d, %s(x) FROM (%s) JOIN person USING (person_id) GROUP BY 1"
	return fmt.Sprintf("SELECT "+sexes+by+" UNION ALL SELECT "+sexes+by, 0, "var_pop", patients, 1, "stddev_pop", patients)
}

// decades are those of birth; in plain SQL, decade has their labels.
var decades = []int{1900, 1910, 1920, 1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010}

const decade = "CASE WHEN year_of_birth >= 2010 THEN '2010+' ELSE (year_of_birth // 10 * 10)::VARCHAR || '-' || (year_of_birth // 10 * 10 + 9)::VARCHAR END"

func ofPersons() []asked {
	return []asked{
		{name: "persons", plain: "SELECT '', 0, count(*) FROM person"},
		{name: "persons by sex", query: dp.Query{GroupBy: bySexOnly()}, plain: "SELECT " + sexes + ", 0, count(*) FROM person GROUP BY 1"},
		{
			name: "persons by decade of birth", query: dp.Query{GroupBy: []dp.Group{{Kind: dp.BirthYear, Edges: decades}}},
			plain: "SELECT " + decade + ", 0, count(*) FROM person GROUP BY 1",
		},
		{
			name: "persons by sex and race", query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.Race, Concepts: []int64{8515, 8516, 8527}}}},
			plain: "SELECT " + sexes + " || '/' || race_concept_id, 0, count(*) FROM person WHERE race_concept_id IN (8515, 8516, 8527) GROUP BY 1",
		},
		{
			name:  "spread of ages by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Variance, Value: &dp.Value{Field: dp.FieldAge}, Low: -100, High: 156}}},
			plain: spreadOf("SELECT person_id, year_of_birth AS x FROM person"), within: 0.01,
		},
	}
}

func ofConditions(concepts []int64) []asked {
	list := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(concepts)), ", "), "[]")
	any := func() *cohort.Events { return records(cohort.Condition, false) }
	keys := dp.Group{Kind: dp.Concept, Events: any(), Concepts: concepts}
	first := concepts[0]
	return []asked{
		{
			name: "persons by condition", query: dp.Query{GroupBy: []dp.Group{keys}, MaxGroups: 1000},
			plain: "SELECT condition_concept_id::VARCHAR, 0, count(DISTINCT person_id) FROM condition_occurrence WHERE condition_concept_id IN (" + list + ") GROUP BY 1",
		},
		{
			name: "persons and records by sex and condition",
			query: dp.Query{
				GroupBy: []dp.Group{{Kind: dp.Sex}, keys}, MaxGroups: 1000,
				Measures: []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Records, Events: any(), Max: 1000}},
			},
			plain: "WITH c AS (SELECT " + sexes + " || '/' || condition_concept_id AS key, person_id FROM condition_occurrence JOIN person USING (person_id) WHERE condition_concept_id IN (" + list + "))" +
				" SELECT key, 0, count(DISTINCT person_id) FROM c GROUP BY 1 UNION ALL SELECT key, 1, count(*) FROM c GROUP BY 1",
		},
		{
			name:  "persons by sex, decade of birth and condition",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.BirthYear, Edges: decades}, keys}, MaxGroups: 1000},
			plain: "SELECT " + sexes + " || '/' || " + decade + " || '/' || condition_concept_id, 0, count(DISTINCT person_id) FROM condition_occurrence JOIN person USING (person_id)" +
				" WHERE condition_concept_id IN (" + list + ") GROUP BY 1",
		},
		{
			name: "persons with a condition by year", query: dp.Query{
				GroupBy:   []dp.Group{{Kind: dp.Calendar, Events: any(), Unit: dp.Year, From: "2000", To: "2018"}},
				MaxGroups: 1000,
			},
			plain: "SELECT year(condition_start_date::DATE)::VARCHAR, 0, count(DISTINCT person_id) FROM condition_occurrence WHERE year(condition_start_date::DATE) BETWEEN 2000 AND 2018 GROUP BY 1",
		},
		{
			name: "records of conditions by month", query: dp.Query{
				GroupBy:  []dp.Group{{Kind: dp.Calendar, Events: any(), Unit: dp.Month, From: "2014-07", To: "2015-06"}},
				Measures: []dp.Measure{{Kind: dp.Records, Events: any(), Max: 1000}}, MaxGroups: 1000,
			},
			plain: "SELECT strftime(condition_start_date::DATE, '%Y-%m'), 0, count(*) FROM condition_occurrence WHERE condition_start_date::DATE BETWEEN DATE '2014-07-01' AND DATE '2015-06-30' GROUP BY 1",
		},
		{
			name: "persons by number of conditions", query: dp.Query{GroupBy: []dp.Group{{Kind: dp.EventCount, Events: any(), Cap: 8}}},
			plain: "SELECT CASE WHEN n >= 8 THEN '8+' ELSE n::VARCHAR END, 0, count(*) FROM (SELECT person.person_id, count(c.person_id) AS n FROM person LEFT JOIN condition_occurrence AS c USING (person_id) GROUP BY 1) GROUP BY 1",
		},
		{
			name: "conditions of a person by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{
				{Kind: dp.Mean, Value: &dp.Value{Events: any(), Field: dp.FieldCount}, Low: 0, High: 1000},
			}},
			plain: "SELECT " + sexes + ", 0, avg(n) FROM person JOIN (SELECT person.person_id, count(c.person_id) AS n FROM person LEFT JOIN condition_occurrence AS c USING (person_id) GROUP BY 1) USING (person_id) GROUP BY 1",
		},
		{
			name: "spread of the number of conditions by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{
				{Kind: dp.Variance, Value: &dp.Value{Events: any(), Field: dp.FieldCount}, Low: 0, High: 200},
			}},
			plain:  spreadOf("SELECT p.person_id, least(count(c.person_id), 200) AS x FROM person AS p LEFT JOIN condition_occurrence AS c USING (person_id) GROUP BY 1"),
			within: 0.01,
		},
		{
			name: "age at the first record of a condition by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{
				{Kind: dp.Mean, Value: &dp.Value{Events: records(cohort.Condition, false, first), Field: dp.FieldAge, Reduce: dp.ReduceFirst}, Low: 0, High: 120},
			}},
			plain: fmt.Sprintf("SELECT %s, 0, avg(y - year_of_birth) FROM person JOIN (SELECT person_id, year(min(condition_start_date::DATE)) AS y FROM condition_occurrence WHERE condition_concept_id = %d GROUP BY 1) USING (person_id) GROUP BY 1", sexes, first),
		},
		{
			name:  "share with a condition by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Proportion, Of: someOf(records(cohort.Condition, false, first))}}},
			plain: fmt.Sprintf("SELECT %s, 0, avg((person_id IN (SELECT person_id FROM condition_occurrence WHERE condition_concept_id = %d))::INT) FROM person GROUP BY 1", sexes, first),
		},
	}
}

func ofTime() []asked {
	period := &dp.Value{Events: records(cohort.ObservationPeriod, false), Field: dp.FieldLength, Reduce: dp.ReduceSum}
	const days = "SELECT person_id, sum(observation_period_end_date::DATE - observation_period_start_date::DATE) AS x FROM observation_period JOIN person USING (person_id) GROUP BY 1"
	return []asked{
		{
			name:  "days observed by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Mean, Value: period, Low: 0, High: 50000}}},
			plain: "SELECT " + sexes + ", 0, avg(x) FROM (" + days + ") JOIN person USING (person_id) GROUP BY 1", within: 0.05,
		},
		{
			name:  "quartiles of days observed",
			query: dp.Query{Measures: []dp.Measure{{Kind: dp.Quantiles, Value: period, Low: 0, High: 50000, Ranks: []float64{0.25, 0.5, 0.75}}}},
			plain: "SELECT '', unnest([0, 1, 2]), unnest(quantile_cont(x, [0.25, 0.5, 0.75])) FROM (" + days + ")", within: 500,
		},
		{
			name:  "days observed in all",
			query: dp.Query{Measures: []dp.Measure{{Kind: dp.Sum, Value: period, Low: 0, High: 50000}}},
			plain: "SELECT '', 0, sum(x) FROM (" + days + ")", within: 2000,
		},
	}
}

func ofNafld() []asked {
	weight := &dp.Value{Events: records(cohort.Measurement, false, 3025315), Field: dp.FieldValue, Reduce: dp.ReduceFirst}
	pressure := func(r dp.Reduce) *dp.Value {
		return &dp.Value{Events: records(cohort.Measurement, false, 3004249), Field: dp.FieldValue, Reduce: r}
	}
	const kilos = "FROM measurement JOIN person USING (person_id) WHERE measurement_concept_id = 3025315 AND value_as_number IS NOT NULL GROUP BY 1"
	reduced := func(f string) string {
		return "SELECT " + sexes + ", 0, avg(x) FROM person JOIN (SELECT person_id, " + f + " AS x FROM measurement WHERE measurement_concept_id = 3004249 AND value_as_number IS NOT NULL GROUP BY 1) USING (person_id) GROUP BY 1"
	}
	return []asked{
		{
			data: "nafld_omop", name: "weight by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Mean, Value: weight, Low: 30, High: 200}}},
			plain: "SELECT " + sexes + ", 0, avg(value_as_number) " + kilos, within: 0.001,
		},
		{
			data: "nafld_omop", name: "spread of weight by sex",
			query:  dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Variance, Value: weight, Low: 30, High: 200}}},
			plain:  spreadOf("SELECT person_id, least(greatest(value_as_number, 30), 200) AS x FROM measurement WHERE measurement_concept_id = 3025315 AND value_as_number IS NOT NULL"),
			within: 0.01,
		},
		{
			data: "nafld_omop", name: "spread of the mean systolic pressure by sex",
			query:  dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Variance, Value: pressure(dp.ReduceMean), Low: 0, High: 250}}},
			plain:  spreadOf("SELECT person_id, least(avg(value_as_number), 250) AS x FROM measurement WHERE measurement_concept_id = 3004249 AND value_as_number IS NOT NULL GROUP BY 1"),
			within: 0.01,
		},
		{
			data: "nafld_omop", name: "histogram of weight by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Histogram, Value: weight, Edges: []float64{0, 60, 80, 100, 250}}}},
			plain: "SELECT " + sexes + ", (value_as_number >= 60)::INT + (value_as_number >= 80)::INT + (value_as_number >= 100)::INT AS i, count(*) " + kilos + ", 2",
		},
		{
			data: "nafld_omop", name: "median weight by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Quantiles, Value: weight, Low: 30, High: 200, Ranks: []float64{0.5}}}},
			plain: "SELECT " + sexes + ", 0, median(value_as_number) " + kilos, within: 2,
		},
		{
			data: "nafld_omop", name: "highest systolic pressure by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Mean, Value: pressure(dp.ReduceMax), Low: 0, High: 300}}},
			plain: reduced("least(max(value_as_number), 300)"), within: 0.001,
		},
		{
			data: "nafld_omop", name: "mean systolic pressure by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Mean, Value: pressure(dp.ReduceMean), Low: 0, High: 300}}},
			plain: reduced("least(avg(value_as_number), 300)"), within: 0.001,
		},
		{
			data: "nafld_omop", name: "deaths by sex",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.HasEvent, Matches: someOf(records(cohort.Death, false))}}},
			plain: "SELECT " + sexes + " || CASE WHEN person_id IN (SELECT person_id FROM death) THEN '/yes' ELSE '/no' END, 0, count(*) FROM person GROUP BY 1",
		},
		{
			data: "nafld_omop", name: "persons by band of body mass index",
			query: dp.Query{
				GroupBy:   []dp.Group{{Kind: dp.ValueBand, Events: records(cohort.Measurement, false, 3038553), EdgesReal: []float64{0, 18.5, 25, 30}}},
				MaxGroups: 4,
			},
			plain: "SELECT CASE WHEN x < 18.5 THEN '[0,18.5)' WHEN x < 25 THEN '[18.5,25)' WHEN x < 30 THEN '[25,30)' ELSE '[30,+inf)' END, 0, count(DISTINCT person_id)" +
				" FROM (SELECT person_id, value_as_number AS x FROM measurement WHERE measurement_concept_id = 3038553) WHERE x >= 0 GROUP BY 1",
		},
	}
}

func ofGibleed() []asked {
	drugs := records(cohort.Drug, false)
	return []asked{
		{
			data: "gibleed", name: "persons by drug",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Concept, Events: drugs, Concepts: []int64{1118084, 1124300, 1127433, 40213160}}}, MaxGroups: 4},
			plain: "SELECT drug_concept_id::VARCHAR, 0, count(DISTINCT person_id) FROM drug_exposure WHERE drug_concept_id IN (1118084, 1124300, 1127433, 40213160) GROUP BY 1",
		},
		{
			data: "gibleed", name: "days supplied of a drug",
			query: dp.Query{Measures: []dp.Measure{
				{Kind: dp.Sum, Value: &dp.Value{Events: records(cohort.Drug, false, 1127433), Field: dp.FieldDaysSupply, Reduce: dp.ReduceSum}, Low: 0, High: 100000},
			}},
			plain: "SELECT '', 0, sum(days_supply) FROM drug_exposure WHERE drug_concept_id = 1127433", within: 500,
		},
		{
			data: "gibleed", name: "share with a bleeding among users of a drug, by sex",
			query: dp.Query{
				Cohort: someOf(records(cohort.Drug, false, 1118084)), GroupBy: bySexOnly(),
				Measures: []dp.Measure{{Kind: dp.Proportion, Of: someOf(records(cohort.Condition, false, 192671))}},
			},
			plain: "SELECT " + sexes + ", 0, avg((person_id IN (SELECT person_id FROM condition_occurrence WHERE condition_concept_id = 192671))::INT) FROM person" +
				" WHERE person_id IN (SELECT person_id FROM drug_exposure WHERE drug_concept_id = 1118084) GROUP BY 1",
		},
		{
			data: "gibleed", name: "persons by visit and sex",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.Concept, Events: records(cohort.Visit, false), Concepts: []int64{9201, 9202}}}, MaxGroups: 2},
			plain: "SELECT " + sexes + " || '/' || visit_concept_id, 0, count(DISTINCT person_id) FROM visit_occurrence JOIN person USING (person_id) GROUP BY 1",
		},
		{
			data: "gibleed", name: "persons by procedure",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.Concept, Events: records(cohort.Procedure, false), Concepts: []int64{4043071, 4107731, 4125906}}}, MaxGroups: 3},
			plain: "SELECT procedure_concept_id::VARCHAR, 0, count(DISTINCT person_id) FROM procedure_occurrence WHERE procedure_concept_id IN (4043071, 4107731, 4125906) GROUP BY 1",
		},
	}
}

func ofUon() []asked {
	visits := func() *cohort.Events { return records(cohort.Visit, false) }
	return []asked{
		{
			data: "synthea1k_uon", name: "persons and visits by kind of visit",
			query: dp.Query{
				GroupBy: []dp.Group{{Kind: dp.Concept, Events: visits(), Concepts: []int64{9201, 9202, 9203}}}, MaxGroups: 3,
				Measures: []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Records, Events: visits(), Max: 10000}},
			},
			plain: "SELECT visit_concept_id::VARCHAR, 0, count(DISTINCT person_id) FROM visit_occurrence GROUP BY 1 UNION ALL SELECT visit_concept_id::VARCHAR, 1, count(*) FROM visit_occurrence GROUP BY 1",
		},
		{
			data: "synthea1k_uon", name: "longest visit by sex",
			query: dp.Query{GroupBy: bySexOnly(), Measures: []dp.Measure{{Kind: dp.Mean, Value: &dp.Value{Events: visits(), Field: dp.FieldLength, Reduce: dp.ReduceMax}, Low: 0, High: 365}}},
			plain: "SELECT " + sexes + ", 0, avg(x) FROM person JOIN (SELECT person_id, least(max(visit_end_date::DATE - visit_start_date::DATE), 365) AS x FROM visit_occurrence GROUP BY 1) USING (person_id) GROUP BY 1", within: 0.001,
		},
		{
			data: "synthea1k_uon", name: "persons with a specimen",
			query: dp.Query{GroupBy: []dp.Group{{Kind: dp.HasEvent, Matches: someOf(records(cohort.Specimen, false))}}},
			plain: "SELECT CASE WHEN person_id IN (SELECT person_id FROM specimen) THEN 'yes' ELSE 'no' END, 0, count(*) FROM person GROUP BY 1",
		},
	}
}
