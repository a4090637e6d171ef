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
	names   map[string]string // of expressions, by how they are run and their text
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

// inlined is Define for a query that costs little more than the columns that are read of it: DuckDB would otherwise
// write out all of them. Postgres knows better.
func (b *Builder) inlined(prefix, query string) string {
	return b.define(prefix, choose(b.dialect == DuckDB, "NOT MATERIALIZED ", ""), query)
}

func (b *Builder) define(prefix, how, query string) string {
	key := how + query // what has to be run once is not taken for a twin that need not be
	if name, ok := b.names[key]; ok {
		return name
	}
	name := prefix + strconv.Itoa(len(b.with)+1)
	b.names[key] = name
	b.with = append(b.with, name+" AS "+how+"(\n"+query+"\n)")
	return name
}

// Criterion returns the name of a relation (person_id BIGINT): every patient in omop.person for whom the criterion
// holds, once. It depends on its canonical form only. The error is ErrCriterion and a *cohort.InvalidError.
func (b *Builder) Criterion(c cohort.Criterion) (string, error) {
	c, err := cohort.Canonical(c)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCriterion, err)
	}
	return b.Define("cohort", "SELECT CAST(p.person_id AS BIGINT) AS person_id FROM "+b.dialect.table("person")+" AS p\nWHERE "+scope{b: b}.criterion(c)), nil
}

// scope is what a criterion is asked of: a row of omop.person as p or, where index is set, a row
// of that relation as i.
type scope struct {
	b     *Builder
	index string
}

// criterion is a boolean expression that is never NULL.
func (s scope) criterion(c cohort.Criterion) string {
	switch {
	case len(c.All) > few:
		return s.most(c.All, len(c.All))
	case len(c.Any) > few:
		return s.most(c.Any, 1)
	case c.AtLeast != nil && len(c.AtLeast.Of) > few:
		return s.most(c.AtLeast.Of, c.AtLeast.K)
	case len(c.All) > 0:
		return s.list(c.All, " AND ", "%s")
	case len(c.Any) > 0:
		return s.list(c.Any, " OR ", "%s")
	case c.Not != nil:
		return "NOT " + s.criterion(*c.Not)
	case c.AtLeast != nil:
		return "(" + s.list(c.AtLeast.Of, " + ", "CASE WHEN %s THEN 1 ELSE 0 END") + " >= " + strconv.Itoa(c.AtLeast.K) + ")"
	case c.Person != nil:
		return s.person(*c.Person)
	default:
		return s.has(*c.Has)
	}
}

func (s scope) list(of []cohort.Criterion, operator, each string) string {
	parts := make([]string, len(of))
	for i, c := range of {
		parts[i] = fmt.Sprintf(each, s.criterion(c))
	}
	return "(" + strings.Join(parts, operator) + ")"
}

// few is how many conditions are written as one expression: engines plan the joins of a long one for minutes, or refuse it.
const few = 8

// most says that k or more of many conditions hold: by counting, for each row, those that do.
func (s scope) most(of []cohort.Criterion, k int) string {
	key, from := "p.person_id", s.b.dialect.table("person")+" AS p"
	if s.index != "" {
		key, from = "i.ix", s.index+" AS i"
	}
	parts := make([]string, len(of))
	for i, c := range of {
		parts[i] = "SELECT " + key + " AS held FROM " + from + " WHERE " + s.criterion(c)
	}
	return key + " IN (SELECT m.held FROM " + s.b.Define("most", "SELECT u.held FROM (\n"+balanced(parts, "UNION ALL")+
		"\n) AS u GROUP BY u.held HAVING count(*) >= "+strconv.Itoa(k)) + " AS m)"
}

// balanced joins queries by an operator for which their order does not matter, none deeper than need be: engines bound the depth.
func balanced(queries []string, operator string) string {
	if len(queries) == 1 {
		return queries[0]
	}
	half := len(queries) / 2
	return "(" + balanced(queries[:half], operator) + ")\n" + operator + "\n(" + balanced(queries[half:], operator) + ")"
}

// person reads omop.person or the copies of its columns in the index.
func (s scope) person(c cohort.Person) string {
	row := choose(s.index == "", "p", "i")
	var all []string
	for _, f := range []struct {
		column string
		ids    []int64
	}{{"gender_concept_id", c.Sexes}, {"race_concept_id", c.Races}, {"ethnicity_concept_id", c.Ethnicities}} {
		if len(f.ids) > 0 {
			all = append(all, row+"."+f.column+" IN ("+s.b.BindIDs(f.ids)+")")
		}
	}
	all = slices.Concat(all, inInts(born(row), c.YearOfBirth),
		inInts("CAST(EXTRACT(YEAR FROM i.start_date) AS BIGINT) - "+born(row), c.Age),
		inDays("i.start_date", c.Start), inDays("i.end_date", c.End))
	return "COALESCE(" + strings.Join(all, " AND ") + ", FALSE)"
}

// born is the year of birth, NULL if it is none.
func born(row string) string {
	return fmt.Sprintf("CASE WHEN %[1]s.year_of_birth BETWEEN 1800 AND 2200 THEN CAST(%[1]s.year_of_birth AS BIGINT) END", row)
}
