package omop

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// ErrCriterion: the criterion or the set of events is not one that package cohort accepts.
var ErrCriterion = errors.New("not a usable criterion")

// Builder makes common table expressions of criteria and sets of events. Text and arguments depend on what
// it was asked for and in which order, on nothing else. Equal parts are one expression. It is
// not safe for concurrent use, and of no use after an error.
type Builder struct {
	dialect Dialect
	with    []string          // "name AS (...)", each uses earlier ones only
	names   map[string]string // of expressions, by their text
	args    []any
	places  map[string]string // of arguments that are lists, by type and value
}

// NewBuilder returns an empty builder, or ErrDialect.
func NewBuilder(d Dialect) (*Builder, error) {
	if d != DuckDB && d != Postgres {
		return nil, ErrDialect
	}
	return &Builder{dialect: d, names: map[string]string{}, places: map[string]string{}}, nil
}

// With is the list that stands between WITH and SELECT, empty if nothing was asked for.
func (b *Builder) With() string { return strings.Join(b.with, ",\n") }

// Args are the values to bind, in the order of the parameters $1, $2, ...
func (b *Builder) Args() []any { return slices.Clone(b.args) }

// Bind makes one more parameter and returns the expression for it, of the SQL type.
func (b *Builder) Bind(value any, sqlType string) string {
	b.args = append(b.args, value)
	return "CAST($" + strconv.Itoa(len(b.args)) + " AS " + sqlType + ")"
}

// BindIDs is [Builder.Bind] for a list of ids, as the rows of a subquery. Equal lists are one parameter.
func (b *Builder) BindIDs(ids []int64) string {
	key := fmt.Sprint(ids)
	if _, ok := b.places[key]; !ok {
		b.places[key] = b.Bind(slices.Clone(ids), "BIGINT[]")
	}
	return "SELECT unnest(" + b.places[key] + ")"
}

// Define makes a common table expression of a query and returns its name, which begins with the prefix. The same
// query has the same name.
func (b *Builder) Define(prefix, query string) string { return b.define(prefix, "", query) }

// fixed is Define for a query that numbers its rows: it has to be run once only.
func (b *Builder) fixed(prefix, query string) string { return b.define(prefix, "MATERIALIZED ", query) }

func (b *Builder) define(prefix, how, query string) string {
	if name, ok := b.names[query]; ok {
		return name
	}
	name := prefix + strconv.Itoa(len(b.with)+1)
	b.names[query] = name
	b.with = append(b.with, name+" AS "+how+"(\n"+query+"\n)")
	return name
}

// Criterion returns the name of a relation (person_id BIGINT): every patient in omop.person for whom the criterion
// holds, once. The error is ErrCriterion.
func (b *Builder) Criterion(c cohort.Criterion) (string, error) {
	holds, err := scope{b: b}.criterion(c)
	if err != nil {
		return "", err
	}
	return b.Define("cohort", "SELECT CAST(p.person_id AS BIGINT) AS person_id FROM omop.person AS p\nWHERE "+holds), nil
}

// scope is what a criterion is asked of: a row of omop.person as p or, where index is set, a row
// of that relation as i.
type scope struct {
	b     *Builder
	index string
}

// criterion is a boolean expression that is never NULL.
func (s scope) criterion(c cohort.Criterion) (string, error) {
	switch {
	case len(c.All) > 0:
		return s.list(c.All, " AND ", "%s")
	case len(c.Any) > 0:
		return s.list(c.Any, " OR ", "%s")
	case c.Not != nil:
		in, err := s.criterion(*c.Not)
		return "NOT " + in, err
	case c.AtLeast != nil:
		in, err := s.list(c.AtLeast.Of, " + ", "CASE WHEN %s THEN 1 ELSE 0 END")
		return "(" + in + " >= " + strconv.Itoa(c.AtLeast.K) + ")", err
	case c.Person != nil:
		return s.person(*c.Person)
	case c.Has != nil:
		return s.has(*c.Has)
	default:
		return "", fmt.Errorf("%w: a condition is empty", ErrCriterion)
	}
}

func (s scope) list(of []cohort.Criterion, operator, each string) (string, error) {
	parts := make([]string, len(of))
	for i, c := range of {
		in, err := s.criterion(c)
		if err != nil {
			return "", err
		}
		parts[i] = fmt.Sprintf(each, in)
	}
	return "(" + strings.Join(parts, operator) + ")", nil
}

// person reads omop.person or the copies of its columns in the index.
func (s scope) person(c cohort.Person) (string, error) {
	row := "p"
	if s.index != "" {
		row = "i"
	}
	var all []string
	for _, f := range []struct {
		column string
		ids    []int64
	}{{"gender_concept_id", c.Sexes}, {"race_concept_id", c.Races}, {"ethnicity_concept_id", c.Ethnicities}} {
		if len(f.ids) > 0 {
			all = append(all, row+"."+f.column+" IN ("+s.b.BindIDs(f.ids)+")")
		}
	}
	all = append(all, inInts(born(row), c.YearOfBirth)...)
	if c.Age != nil || c.Start != nil || c.End != nil {
		if s.index == "" {
			return "", fmt.Errorf("%w: age, start and end have no event", ErrCriterion)
		}
		all = append(all, inInts("CAST(EXTRACT(YEAR FROM i.start_date) AS BIGINT) - "+born(row), c.Age)...)
		for _, f := range []struct {
			column string
			days   *cohort.DateRange
		}{{"i.start_date", c.Start}, {"i.end_date", c.End}} {
			in, err := inDays(f.column, f.days)
			if err != nil {
				return "", err
			}
			all = append(all, in...)
		}
	}
	if len(all) == 0 {
		return "", fmt.Errorf("%w: a person has no field", ErrCriterion)
	}
	return "COALESCE(" + strings.Join(all, " AND ") + ", FALSE)", nil
}

// born is the year of birth, NULL if it is none.
func born(row string) string {
	return fmt.Sprintf("CASE WHEN %[1]s.year_of_birth BETWEEN 1800 AND 2200 THEN CAST(%[1]s.year_of_birth AS BIGINT) END", row)
}
