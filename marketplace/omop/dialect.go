package omop

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Dialect is an engine's SQL.
type Dialect int

// The dialects.
const (
	DuckDB   Dialect = iota + 1
	Postgres         // 15 or later, with the column types of the CDM's own DDL
)

// DuckDBDepth is the max_expression_depth that the largest statement needs of DuckDB, which counts the
// common table expressions too; its own default is 1000.
const DuckDBDepth = 4000

// table is where a table of records is: in Postgres, where the hospital's own schema may have any name, a view of ours.
func (d Dialect) table(name string) string {
	if d == Postgres {
		return "medmarket." + name
	}
	return "omop." + name
}

// ErrDialect: not one of the dialects.
var ErrDialect = errors.New("unknown SQL dialect")

// firstDay and lastDay are the days that records are taken from. Others, infinite ones included, are as if they
// were not recorded: no arithmetic on what remains can leave the range of a date. noDay stands for none where days are
// compared with one another.
const (
	noDay    = "DATE '0001-01-01'"
	firstDay = "DATE '0001-01-02'"
	lastDay  = "DATE '9999-12-31'"
)

// day is the column's value as a date, NULL if it is not one to count with.
func day(column string) string {
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN %s AND %s THEN CAST(%[1]s AS DATE) END", column, firstDay, lastDay)
}

// whole is the column's value as a BIGINT.
func whole(column string) string { return "CAST(" + column + " AS BIGINT)" }

// real is the column's value as a finite double, NULL if it is none. In Postgres it may be a NUMERIC of any size, whose conversion
// fails where a double would be infinite or, but for a true zero, zero.
func (d Dialect) real(column string) string {
	if d == Postgres {
		return fmt.Sprintf("CASE WHEN %[1]s > -2.5e-324 AND %[1]s < 2.5e-324 THEN 0"+
			" WHEN %[1]s BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308 THEN CAST(%[1]s AS DOUBLE PRECISION) END", column)
	}
	return fmt.Sprintf("CASE WHEN isfinite(%[1]s) THEN %[1]s END", column)
}

// inDays says that the expression, a date, lies in the range. What is written is never the caller's own text.
func inDays(expr string, r *cohort.DateRange) (all []string) {
	if r == nil {
		return nil
	}
	for _, end := range []struct{ op, day string }{{">=", r.From}, {"<=", r.To}} {
		if end.day == "" {
			continue
		}
		literal := "CAST(NULL AS DATE)" // of what cohort would have refused: it matches nothing
		if d, err := time.Parse(time.DateOnly, end.day); err == nil {
			literal = "DATE '" + d.Format(time.DateOnly) + "'"
		}
		all = append(all, expr+" "+end.op+" "+literal)
	}
	return all
}

// inInts says that the expression, a whole number, lies in the range.
func inInts(expr string, r *cohort.IntRange) (all []string) {
	if r == nil {
		return nil
	}
	if r.Min != nil {
		all = append(all, expr+" >= "+strconv.FormatInt(*r.Min, 10))
	}
	if r.Max != nil {
		all = append(all, expr+" <= "+strconv.FormatInt(*r.Max, 10))
	}
	return all
}

// inReals says that the expression, a double, lies in the range.
func inReals(expr string, r *cohort.Range) (all []string) {
	if r == nil {
		return nil
	}
	if r.Min != nil {
		all = append(all, expr+choose(r.MinOpen, " > ", " >= ")+double(*r.Min))
	}
	if r.Max != nil {
		all = append(all, expr+choose(r.MaxOpen, " < ", " <= ")+double(*r.Max))
	}
	return all
}

func choose(is bool, then, otherwise string) string {
	if is {
		return then
	}
	return otherwise
}
