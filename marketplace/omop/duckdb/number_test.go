package duckdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// G2: records that lack a number of their own, or share one, are told apart all the same: how many there are does not depend
// on their values, which nobody may have been asked for.
func TestRecordsWithoutNumbersAreRecords(t *testing.T) {
	some := records(cohort.Measurement, false, 11)
	more := records(cohort.Measurement, false, 11, 12)
	both := &cohort.Events{Union: []cohort.Events{*some, *more}}
	for name, measurement := range map[string]string{
		"no numbers, one value":     "person_id,measurement_concept_id,measurement_date,value_as_number\n1,11,2020-01-01,5\n1,11,2020-01-01,5\n2,12,2020-01-01,5\n",
		"no numbers, two values":    "person_id,measurement_concept_id,measurement_date,value_as_number\n1,11,2020-01-01,5\n1,11,2020-01-01,6\n2,12,2020-01-01,5\n",
		"one number for all":        "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number\n7,1,11,2020-01-01,5\n7,1,11,2020-01-01,5\n7,2,12,2020-01-01,5\n",
		"some are missing":          "measurement_id,person_id,measurement_concept_id,measurement_date\n,1,11,2020-01-01\n,1,11,2020-01-01\n7,2,12,2020-01-01\n",
		"the least number there is": "measurement_id,person_id,measurement_concept_id,measurement_date\n-9223372036854775808,1,11,2020-01-01\n,1,11,2020-01-01\n7,2,12,2020-01-01\n",
	} {
		_, file := load(t, folder(t, map[string]string{"person.csv": person, "measurement.csv": measurement}))
		e := open(t, file)
		follow(t, e, everyone(t, e))
		p, err := dp.NewPlan(dp.Query{
			Dataset: "d", NanoRho: 1000, Measures: []dp.Measure{{Kind: dp.Records, Events: both, Max: 9}},
		}, dp.Metadata{Dataset: "d", Version: e.Dataset().Version, ReferenceYear: 2020})
		if err != nil {
			t.Fatal(err)
		}
		got := count(t, e, p, everybody)
		if diff := cmp.Diff([]int64{3}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
