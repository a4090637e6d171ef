package omop

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
)

// Standard OMOP concepts of person.gender_concept_id.
const (
	Male   int64 = 8507
	Female int64 = 8532
)

// Statement is a query ready to be prepared.
type Statement struct {
	// Text has the parameters $1, the time in Unix seconds (BIGINT), and from
	// $2 one list of concept ids (BIGINT[]) for each element of Concepts.
	Text string
	// Concepts are the standard concept ids of the plan's events, in the order of its groups.
	Concepts [][]int64
}

// Args are the values to bind, in the order of the parameters. now is in Unix
// seconds.
func (s Statement) Args(now int64) []any {
	args := []any{now}
	for _, ids := range s.Concepts {
		args = append(args, ids)
	}
	return args
}

// recordTable is where the events of a domain are.
type recordTable struct{ name, concept string }

var recordTables = map[dp.Domain]recordTable{
	dp.Condition:   {"condition_occurrence", "condition_concept_id"},
	dp.Drug:        {"drug_exposure", "drug_concept_id"},
	dp.Measurement: {"measurement", "measurement_concept_id"},
}

// CountSQL returns the statement that counts the patients in each cell of a
// plan. Its result has the columns cell (0, 1, ...) and patients, in the order
// of p.Cells. A plan that dp.NewPlan would not have made gives dp.ErrPlan.
func CountSQL(p dp.Plan) (Statement, error) {
	var (
		s     Statement
		with  []string
		group []string // the columns g1, g2, ...: ordinals of labels
		cell  string   // the cell's ordinal, computed from them
		cells = 1
	)
	for i, g := range p.Query.GroupBy {
		expr, events, err := s.groupSQL(p, i, g)
		if err != nil {
			return Statement{}, err
		}
		if events != "" {
			with = append(with, events)
		}
		name, size := "g"+strconv.Itoa(i+1), len(g.Labels())
		group = append(group, expr+" AS "+name)
		if cell == "" {
			cell = name
		} else { // the last group's label changes fastest
			cell = fmt.Sprintf("(%s) * %d + %s", cell, size, name)
		}
		cells *= size
	}
	if len(group) == 0 { // everyone is in the one cell
		group, cell = []string{"0 AS g1"}, "g1"
	}
	if cells != len(p.Cells) {
		return Statement{}, fmt.Errorf("count: %w", dp.ErrPlan)
	}
	with = append(with, fmt.Sprintf(eligibleSQL, strings.Join(group, ",\n         ")))
	s.Text = "WITH " + strings.Join(with, ",\n") + fmt.Sprintf(cellsSQL, cells-1, cell)
	return s, nil
}

// eligibleSQL places every patient who may be counted; a NULL is a patient
// whom the group leaves out, and makes the cell NULL.
const eligibleSQL = `eligible AS (
  SELECT %s
  FROM omop.person AS p
  WHERE EXISTS (
      SELECT 1
      FROM medmarket.patient_class AS m
      JOIN medmarket.permitted_class AS k ON k.class = m.class
      WHERE m.person_id = p.person_id AND (m.until = 0 OR CAST($1 AS BIGINT) < m.until)
        AND k.nano_rho <= m.limit_nano_rho AND k.delta <= m.limit_delta)
    AND NOT EXISTS (SELECT 1 FROM medmarket.excluded AS x WHERE x.person_id = p.person_id)
)`

// cellsSQL counts, and adds the cells that nobody is in.
const cellsSQL = `
SELECT c.cell, CAST(COALESCE(n.patients, 0) AS BIGINT) AS patients
FROM (SELECT unnest(generate_series(0, %d)) AS cell) AS c
LEFT JOIN (
  SELECT %s AS cell, count(*) AS patients FROM eligible GROUP BY 1
) AS n ON n.cell = c.cell
ORDER BY c.cell`

// groupSQL returns the expression for the ordinal of a patient's label in group i,
// NULL for none, and, for events, the common table expression it needs.
func (s *Statement) groupSQL(p dp.Plan, i int, g dp.Group) (expr, with string, err error) {
	switch g.Kind {
	case dp.Sex:
		return fmt.Sprintf("CASE p.gender_concept_id WHEN %d THEN 0 WHEN %d THEN 1 END", Female, Male), "", nil
	case dp.AgeBand:
		return ageSQL(g.Edges, p.Metadata.ReferenceYear), "", nil
	case dp.HasEvent:
		if g.Event == nil {
			break
		}
		table, ok := recordTables[g.Event.Domain]
		if !ok {
			break
		}
		name := "event" + strconv.Itoa(i+1)
		s.Concepts = append(s.Concepts, g.Event.Concepts)
		with = eventSQL(name, table, len(s.Concepts)+1, g.Event.Descendants)
		return "CASE WHEN EXISTS (SELECT 1 FROM " + name + " AS e WHERE e.person_id = p.person_id) THEN 0 ELSE 1 END", with, nil
	}
	return "", "", fmt.Errorf("count: group %d: %w", i, dp.ErrPlan)
}

// ageSQL is the ordinal of the age band. It compares years of birth with
// constants, so that no arithmetic on a patient's value can overflow: age >= e
// is year of birth <= reference year - e.
func ageSQL(edges []int, referenceYear int) string {
	var b strings.Builder
	b.WriteString("CASE")
	for i := len(edges) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " WHEN p.year_of_birth <= %d THEN %d", referenceYear-edges[i], i)
	}
	b.WriteString(" END")
	return b.String()
}

// eventSQL is the set of patients with a record of any of the concepts bound to
// the parameter, or of what concept_ancestor places below them.
func eventSQL(name string, t recordTable, parameter int, descendants bool) string {
	concepts := fmt.Sprintf("SELECT unnest(CAST($%d AS BIGINT[]))", parameter)
	if descendants {
		concepts += fmt.Sprintf(`
    UNION SELECT a.descendant_concept_id FROM omop.concept_ancestor AS a
    WHERE a.ancestor_concept_id IN (%s) AND a.descendant_concept_id IS NOT NULL`, concepts)
	}
	return fmt.Sprintf(`%s AS (
  SELECT DISTINCT r.person_id FROM omop.%s AS r
  WHERE r.%s IN (
    %s)
)`, name, t.name, t.concept, concepts)
}
