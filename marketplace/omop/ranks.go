package omop

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/medmarket/medmarket/dp/cohort"
)

// rankedTables are made by an import beside the domains' own: a row for each patient and concept of her
// records, with the concept's rank among them, from 1.
//
//	medmarket_condition_rank(person_id, concept_id, concept_rank BIGINT), ...
var rankedTables = map[cohort.Domain]string{
	cohort.Condition:   "medmarket_condition_rank",
	cohort.Drug:        "medmarket_drug_rank",
	cohort.Measurement: "medmarket_measurement_rank",
}

// Ranked lists the domains whose concepts an engine's import ranks by [RanksSQL].
func Ranked() []cohort.Domain {
	return []cohort.Domain{cohort.Condition, cohort.Drug, cohort.Measurement}
}

const ranksSQL = `CREATE TABLE %[1]s AS
SELECT d.person_id, d.concept_id, row_number() OVER (PARTITION BY d.person_id ORDER BY %[4]s, d.concept_id) AS concept_rank
FROM (SELECT DISTINCT r.person_id, r.%[3]s AS concept_id FROM %[2]s AS r) AS d
ORDER BY d.person_id`

// RanksSQL makes a domain's table of ranks, once its records are there. Who keeps the ranks up to k keeps at
// most k concepts of each patient, whatever else is asked of them. The ranks are random, and depend on the
// patient's own records and the dataset's version alone.
func RanksSQL(d Dialect, of cohort.Domain, version string) string {
	return fmt.Sprintf(ranksSQL, d.table(rankedTables[of]), d.table(of.Table().Name), of.Table().Concept, d.hash("d.concept_id", seed(version)))
}

// seed is the number that a version of a dataset draws its patients' cells with.
func seed(version string) int64 {
	h := sha256.Sum256([]byte(version))
	return int64(binary.BigEndian.Uint64(h[:8]) >> 1)
}
