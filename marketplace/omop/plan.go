package omop

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
)

// Statement is a query ready to be prepared.
type Statement struct {
	Text string
	args []any
}

// Args are the values to bind, in the order of the parameters $1, $2, ...: lists of concept ids and of edges. A statement for
// Postgres has another before them, see Bound.
func (s Statement) Args() []any { return s.args }

// Written is the text with the lists of numbers in it that would be bound, for DuckDB: it plans a statement with parameters twice, first
// without their values.
func (s Statement) Written() string {
	return parameter.ReplaceAllStringFunc(s.Text, func(name string) string {
		n, err := strconv.Atoi(name[1:])
		if err != nil || n < 1 || n > len(s.args) {
			return name // which the engine refuses
		}
		var list []string
		switch values := s.args[n-1].(type) {
		case []int64:
			for _, v := range values {
				list = append(list, strconv.FormatInt(v, 10))
			}
		case []float64:
			for _, v := range values {
				list = append(list, strconv.FormatFloat(v, 'g', -1, 64))
			}
		default:
			return name
		}
		return "'[" + strings.Join(list, ",") + "]'"
	})
}

// parameter is one in a text, which has no other dollar: nothing in it is the caller's own.
var parameter = regexp.MustCompile(`\$[0-9]+`)

// CountSQL returns the statement that computes a plan's exact vector. Its result
// has the columns slot (0, 1, ...) and total, in the order of the vector. If keys are private it has the columns
// key, slot and total, for the numbers that are not zero, in their order: dp.Entry. A plan that
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
	return Statement{Text: text, args: b.Args()[w.bound:]}, nil
}

// writer composes a plan's statement of common table expressions.
type writer struct {
	plan    dp.Plan
	dialect Dialect
	builder *Builder
	active  string // who may be counted, as k(word, bits)
	bound   int    // number of its parameters
	// eligible is who is of the cohort. place is the part of her cell's ordinal that her own groups give, NULL if one of
	// them leaves her out or she may not be counted: whoever has none is in no cell.
	eligible string
	// happening is the events that divide patients into cells, each with its
	// cell; empty without event groups.
	happening string
	// member is who counts in which cell: each patient in at most MaxGroups of them.
	member string
	// ranked counts the members of each cell, as the query (cell, total); empty if there is no shorter way.
	ranked string
}

func (w *writer) statement() (string, error) {
	w.bindActive()
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
	if w.plan.Query.PrivateKeys() {
		return "WITH " + w.builder.With() + fmt.Sprintf(entriesSQL, tallies), nil
	}
	return "WITH " + w.builder.With() + fmt.Sprintf(vectorSQL, w.plan.Size()-1, tallies), nil
}

// bindActive makes the parameter of who may be counted: in DuckDB, which joins a table of it, none.
func (w *writer) bindActive() {
	w.active = "medmarket.active AS k"
	if w.dialect == Postgres {
		w.active = fmt.Sprintf("unnest(%s) WITH ORDINALITY AS k(bits, word)", w.builder.Bind([]int64(nil), "BIGINT[]"))
	}
	w.bound = len(w.builder.Args())
}

// entriesSQL leaves the zeros out.
const entriesSQL = `
SELECT n.key, n.slot, CAST(n.total AS BIGINT) AS total
FROM (
%s
) AS n WHERE n.total <> 0
ORDER BY n.key, n.slot`

// vectorSQL puts the tallies into the order of the vector and adds the zeros.
const vectorSQL = `
SELECT i.slot, CAST(COALESCE(n.total, 0) AS BIGINT) AS total
FROM generate_series(0, %d) AS i(slot)
LEFT JOIN (
%s
) AS n ON n.slot = i.slot
ORDER BY i.slot`

// strides returns by how much a group's label moves the ordinal of a cell, the
// last group's label changing fastest, and the number of cells. A private key, whose ordinal is the concept, moves it by all
// the cells, so that each has its own.
func strides(groups []dp.Group) (by []int, cells int, err error) {
	by, cells = make([]int, len(groups)), 1
	for i := len(groups) - 1; i >= 0; i-- {
		by[i] = cells
		n := len(groups[i].Labels()) // 1 if the keys are private
		if n == 0 || cells > dp.MaxCells/n {
			return nil, 0, dp.ErrPlan
		}
		cells *= n
	}
	if i := slices.IndexFunc(groups, dp.Group.PrivateKeys); i >= 0 {
		by[i] = cells
	}
	return by, cells, nil
}

// eligibleSQL has every patient once, with her place.
const eligibleSQL = `SELECT p.person_id, %s AS born, %s AS place
FROM medmarket.patient AS p
JOIN %s ON k.word = p.word%s`

// mayBeCounted says so of a patient p, with the word k that she is found in.
const mayBeCounted = "(k.bits & p.mask) <> 0"

func (w *writer) whoIsEligible(strides []int) error {
	var joins string
	var where []string
	define := w.builder.inlined // little more than reading a table, of whose keys engines know the range
	if c := w.plan.Query.Cohort; c != nil {
		name, err := w.builder.Criterion(*c)
		if err != nil {
			return err
		}
		where = []string{"p.person_id IN (SELECT q.person_id FROM " + name + " AS q)"}
		define = w.builder.fixed
	}
	places := []string{"0"}
	for i, g := range w.plan.Query.GroupBy {
		if g.DividesEvents() {
			continue
		}
		expr, join, err := w.patientGroup(g, fmt.Sprintf("j%d", i+1))
		if err != nil {
			return err
		}
		places, joins = append(places, times(expr, strides[i])), joins+join
		if g.Kind == dp.HasEvent || g.Kind == dp.EventCount {
			define = w.builder.fixed
		}
	}
	place := strings.Join(places, " + ")
	if w.plan.Query.Divided() != nil {
		where = append(where, mayBeCounted)
	} else {
		// Of conditions in a WHERE engines guess that few meet them, and join in the wrong order (docs/adr/0044).
		place = "CASE WHEN " + mayBeCounted + " THEN " + place + " END"
	}
	if len(where) > 0 {
		joins += "\nWHERE " + strings.Join(where, " AND ")
	}
	w.eligible = define("eligible", fmt.Sprintf(eligibleSQL, w.born(), place, w.active, joins))
	return nil
}

// born is the year of birth of p if a tally needs it: what nothing was declared for is not read.
func (w *writer) born() string {
	if w.ofAge() {
		return born("p")
	}
	return "CAST(NULL AS BIGINT)"
}

// ofAge reports whether a tally needs years of birth.
func (w *writer) ofAge() bool {
	return slices.ContainsFunc(w.plan.Tallies, func(t dp.Tally) bool { return t.Value != nil && t.Value.Field == dp.FieldAge })
}

func times(expr string, stride int) string {
	return fmt.Sprintf("(%s) * %d", expr, stride)
}
