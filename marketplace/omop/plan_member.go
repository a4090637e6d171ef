package omop

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// happeningSQL gives each event its cell. An event may be in several, and in none.
const happeningSQL = `SELECT * FROM (
  SELECT %s, p.born, p.place + %s AS cell
  FROM %s AS p
  JOIN %s AS e ON e.person_id = p.person_id%s
) AS h WHERE h.cell IS NOT NULL`

// chosenSQL keeps for each patient the cells with the least hashes. The choice
// depends on her number, the cells she is in and the dataset's version, on nobody else
// and on no value; it is a hash of a hash where the inner one alone prefers some cells.
const chosenSQL = `SELECT t.person_id, t.cell, t.born FROM (
  SELECT d.person_id, d.cell, d.born, row_number() OVER (PARTITION BY d.person_id ORDER BY %s, d.cell) AS turn
  FROM (%s) AS d
) AS t WHERE t.turn <= %d`

func (w *writer) whoIsMember(strides []int) error {
	events := w.plan.Query.Divided()
	if events == nil {
		// Whoever is in none adds to no slot; to look twice at the place of each would cost more than to let her pass.
		w.member = w.builder.inlined("member", "SELECT e.person_id, e.place AS cell, e.born FROM "+w.eligible+" AS e")
		return nil
	}
	name, err := w.builder.Events(*events)
	if err != nil {
		return err
	}
	var ordinals []string
	var joins string
	possible := 1
	for i, g := range w.plan.Query.GroupBy {
		if !g.DividesEvents() {
			continue
		}
		expr, join, err := w.eventGroup(g, fmt.Sprintf("j%d", i+1))
		if err != nil {
			return err
		}
		ordinals, joins = append(ordinals, times(expr, strides[i])), joins+join
		possible *= len(g.Labels())
	}
	if w.plan.Query.PrivateKeys() {
		possible = math.MaxInt
	}
	define := w.builder.fixed
	if w.once() {
		define = w.builder.inlined
	}
	w.happening = define("happening", fmt.Sprintf(happeningSQL, columnsOf("e"), strings.Join(ordinals, " + "), w.eligible, name, joins))
	w.member = define("member", w.chosen(strides, possible))
	return nil
}

// once reports whether the members are looked at once only, and their events not at all.
func (w *writer) once() bool {
	return len(w.plan.Tallies) == 1 && w.plan.Tallies[0].Kind == dp.TallyPatients
}

// chosen is at most MaxGroups cells of each patient, who can be in so many as are possible.
func (w *writer) chosen(strides []int, possible int) string {
	most := max(1, w.plan.Query.MaxGroups)
	if possible <= most {
		return w.cells()
	}
	if i := w.rankedGroup(); i >= 0 {
		g := w.plan.Query.GroupBy[i]
		ranks := w.dialect.table(rankedTables[g.Events.Records.Domain])
		w.ranked = fmt.Sprintf(rankedCountSQL, w.keys(g), ranks, w.eligible, most, strides[i])
		return fmt.Sprintf(rankedSQL, w.keys(g), ranks, w.eligible, most, strides[i])
	}
	return fmt.Sprintf(chosenSQL, w.dialect.hash("d.cell", seed(w.plan.Metadata.Version)), w.cells(), most)
}

// cells are all of each patient. The year of birth is one more column to compare only where a tally needs it.
func (w *writer) cells() string {
	if w.ofAge() {
		return "SELECT DISTINCT h.person_id, h.cell, h.born FROM " + w.happening + " AS h"
	}
	return "SELECT c.person_id, c.cell, CAST(NULL AS BIGINT) AS born FROM (SELECT DISTINCT h.person_id, h.cell FROM " + w.happening + " AS h) AS c"
}

// rankedSQL takes the cells of the concepts with the lowest ranks. That it looks at no record, and neither sorts nor
// makes rows distinct, is what ranks are for.
const rankedSQL = `SELECT p.person_id, p.place + j.ordinal * %[5]d AS cell, p.born
FROM %[2]s AS r
JOIN %[1]s AS j ON j.concept_id = r.concept_id
JOIN %[3]s AS p ON p.person_id = r.person_id
WHERE r.concept_rank <= %[4]d AND p.place IS NOT NULL`

// rankedCountSQL counts the rows of rankedSQL in each cell, and asks for a concept's place once instead of for each row.
const rankedCountSQL = `SELECT n.place + j.ordinal * %[5]d AS cell, n.total
FROM (
  SELECT p.place, r.concept_id, count(*) AS total
  FROM %[2]s AS r JOIN %[3]s AS p ON p.person_id = r.person_id
  WHERE r.concept_rank <= %[4]d AND p.place IS NOT NULL GROUP BY p.place, r.concept_id
) AS n JOIN %[1]s AS j ON j.concept_id = n.concept_id`

// rankedKeys is how many concepts a query has to name for ranks to be used: ranks count all concepts in the
// table, so that a patient with many others loses cells to them (docs/adr/0028).
const rankedKeys = 100

// rankedGroup is the place of the group whose cells the ranks of import bound, -1 if they do not. Each
// concept has to be one cell of a patient, and nothing may leave out records that the ranks counted.
func (w *writer) rankedGroup() int {
	at := -1
	for i, g := range w.plan.Query.GroupBy {
		switch {
		case !g.DividesEvents():
		case at >= 0 || g.Kind != dp.Concept || g.Descendants || len(g.Concepts) < rankedKeys:
			return -1
		default:
			at = i
		}
	}
	if at < 0 {
		return -1
	}
	e := w.plan.Query.GroupBy[at].Events
	if e.Records == nil || !slices.Contains(Ranked(), e.Records.Domain) || !reflect.DeepEqual(*e, cohort.Events{Records: &cohort.Records{Domain: e.Records.Domain}}) {
		return -1
	}
	return at
}
