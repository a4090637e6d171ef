package omop

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// Statement is a query ready to be prepared.
type Statement struct {
	Text string
	args []any
}

// Args are the values to bind, in the order of the parameters $1, $2, ... The first is
// now, in Unix seconds; the others are lists of concept ids and of edges.
func (s Statement) Args(now int64) []any { return append([]any{now}, s.args...) }

// CountSQL returns the statement that computes a plan's exact vector. Its result
// has the columns slot (0, 1, ...) and total, in the order of the vector. A plan that
// dp.NewPlan would not have made gives an error, dp.ErrPlan or ErrCriterion.
func CountSQL(p dp.Plan, d Dialect) (Statement, error) {
	b, err := NewBuilder(d)
	if err != nil {
		return Statement{}, fmt.Errorf("count: %w", err)
	}
	w := &writer{plan: p, dialect: d, builder: b}
	text, err := w.statement()
	if err != nil {
		return Statement{}, fmt.Errorf("count: %w", err)
	}
	return Statement{Text: text, args: b.Args()[1:]}, nil
}

// writer composes a plan's statement of common table expressions.
type writer struct {
	plan    dp.Plan
	dialect Dialect
	builder *Builder
	now     string // the parameter of the time
	// eligible is who may be counted and is of the cohort. place is the part of
	// her cell's ordinal that her own groups give, NULL if one of them leaves her out.
	eligible string
	// happening is the events that divide patients into cells, each with its
	// cell; empty without event groups.
	happening string
	// member is who counts in which cell: each patient in at most MaxGroups of them.
	member string
}

func (w *writer) statement() (string, error) {
	w.now = w.builder.Bind(int64(0), "BIGINT")
	strides, cells, err := strides(w.plan.Query.GroupBy)
	if err != nil || cells != len(w.plan.Cells) {
		return "", dp.ErrPlan
	}
	if err := w.whoIsEligible(strides); err != nil {
		return "", err
	}
	if err := w.whoIsMember(strides); err != nil {
		return "", err
	}
	tallies, err := w.tallies()
	if err != nil {
		return "", err
	}
	return "WITH " + w.builder.With() + fmt.Sprintf(vectorSQL, w.plan.Size()-1, tallies), nil
}

// vectorSQL puts the tallies into the order of the vector and adds the zeros.
const vectorSQL = `
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, %d) AS i(slot)
LEFT JOIN (
%s
) AS n ON n.slot = i.slot
ORDER BY i.slot`

// strides returns by how much a group's label moves the ordinal of a cell, the
// last group's label changing fastest, and the number of cells.
func strides(groups []dp.Group) (by []int, cells int, err error) {
	by, cells = make([]int, len(groups)), 1
	for i := len(groups) - 1; i >= 0; i-- {
		by[i] = cells
		n := len(groups[i].Labels())
		if n == 0 || cells > dp.MaxCells/n {
			return nil, 0, dp.ErrPlan
		}
		cells *= n
	}
	return by, cells, nil
}

// eligibleSQL has every patient who may be counted, with her place.
const eligibleSQL = `SELECT p.person_id, %s AS born, %s AS place
FROM omop.person AS p%s
WHERE EXISTS (
    SELECT 1
    FROM medmarket.patient_class AS m
    JOIN medmarket.permitted_class AS k ON k.class = m.class
    WHERE m.person_id = p.person_id AND (m.until = 0 OR %s < m.until)
      AND k.nano_rho <= m.limit_nano_rho AND k.delta <= m.limit_delta)
  AND NOT EXISTS (SELECT 1 FROM medmarket.excluded AS x WHERE x.person_id = p.person_id)%s`

func (w *writer) whoIsEligible(strides []int) error {
	var joins, where string
	if c := w.plan.Query.Cohort; c != nil {
		name, err := w.builder.Criterion(*c)
		if err != nil {
			return err
		}
		where = "\n  AND p.person_id IN (SELECT q.person_id FROM " + name + " AS q)"
	}
	place := []string{"0"}
	for i, g := range w.plan.Query.GroupBy {
		if ofEvents(g) {
			continue
		}
		expr, join, err := w.patientGroup(g, fmt.Sprintf("j%d", i+1))
		if err != nil {
			return err
		}
		place, joins = append(place, times(expr, strides[i])), joins+join
	}
	w.eligible = w.builder.fixed("eligible", fmt.Sprintf(eligibleSQL, born("p"), strings.Join(place, " + "), joins, w.now, where))
	return nil
}

func times(expr string, stride int) string {
	return fmt.Sprintf("(%s) * %d", expr, stride)
}

// happening is the events that a query's groups divide, nil if they divide patients only.
func happening(q dp.Query) *cohort.Events {
	for _, g := range q.GroupBy {
		if ofEvents(g) {
			return g.Events
		}
	}
	return nil
}

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
  FROM (SELECT DISTINCT h.person_id, h.cell, h.born FROM %s AS h) AS d
) AS t WHERE t.turn <= %d`

func (w *writer) whoIsMember(strides []int) error {
	events := happening(w.plan.Query)
	if events == nil {
		w.member = w.builder.fixed("member", "SELECT e.person_id, e.place AS cell, e.born FROM "+w.eligible+" AS e WHERE e.place IS NOT NULL")
		return nil
	}
	name, err := w.builder.Events(*events)
	if err != nil {
		return err
	}
	var ordinals []string
	var joins string
	for i, g := range w.plan.Query.GroupBy {
		if !ofEvents(g) {
			continue
		}
		expr, join, err := w.eventGroup(g, fmt.Sprintf("j%d", i+1))
		if err != nil {
			return err
		}
		ordinals, joins = append(ordinals, times(expr, strides[i])), joins+join
	}
	w.happening = w.builder.fixed("happening",
		fmt.Sprintf(happeningSQL, columnsOf("e"), strings.Join(ordinals, " + "), w.eligible, name, joins))
	w.member = w.builder.fixed("member",
		fmt.Sprintf(chosenSQL, w.dialect.hash(seed(w.plan.Metadata.Version)), w.happening, max(1, w.plan.Query.MaxGroups)))
	return nil
}

// seed is the number that a version of a dataset draws its patients' cells with.
func seed(version string) int64 {
	h := sha256.Sum256([]byte(version))
	return int64(binary.BigEndian.Uint64(h[:8]) >> 1)
}
