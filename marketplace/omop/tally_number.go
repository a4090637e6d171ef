package omop

import (
	"fmt"
	"math"
	"strconv"
)

// finite leaves out NULL, NaN and the infinities, in either dialect.
func finite(x string) string {
	return fmt.Sprintf("%s BETWEEN %s AND %s", x, double(-math.MaxFloat64), double(math.MaxFloat64))
}

// double writes a finite number.
func double(x float64) string {
	return "CAST('" + strconv.FormatFloat(x, 'e', -1, 64) + "' AS DOUBLE PRECISION)"
}

// whole is a finite number clamped to [low, high], then its distance from centre in
// units of which each part holds unit, to the nearest whole number. The clamp
// comes first: nothing here can overflow.
func (w *writer) whole(x string, low, high, centre, unit, parts float64) string {
	return w.dialect.nearest(fmt.Sprintf("(least(greatest(%s, %s), %s) - %s + %s) / %s * %s",
		x, double(low), double(high), double(centre), double(nudge), double(unit), double(parts)))
}

// nudge is lost in every number that is not all but zero. What is left of those Postgres can divide, where it would fail
// if nothing were: a unit is 1e-9 to 1e10.
const nudge = 1e-290

// clamp keeps a whole number between bounds.
func clamp(x string, low, high int64) string {
	return fmt.Sprintf("least(greatest(%s, %d), %d)", x, low, high)
}

// clampAbove is x, but no more than most.
func clampAbove(x string, most int) string { return fmt.Sprintf("least(%s, %d)", x, most) }

// steps is how many of the edges, which rise, x has reached. It is a tree, since
// there may be many.
func steps(x string, edges []string) string { return stepsFrom(x, edges, 0) }

func stepsFrom(x string, edges []string, reached int) string {
	if len(edges) == 0 {
		return strconv.Itoa(reached)
	}
	middle := len(edges) / 2
	return fmt.Sprintf("CASE WHEN %s < %s THEN %s ELSE %s END", x, edges[middle],
		stepsFrom(x, edges[:middle], reached), stepsFrom(x, edges[middle+1:], reached+middle+1))
}

func doubles(xs []float64) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = double(x)
	}
	return out
}

// nearest is the whole number next to a number that is below 2^51, halves going away from zero.
func (d Dialect) nearest(x string) string {
	if d == Postgres { // whose own rounding takes halves to even numbers; each step of this one is exact
		return fmt.Sprintf("CAST(trunc((trunc(2 * (%[1]s)) + sign(%[1]s)) / 2) AS BIGINT)", x)
	}
	return "CAST(round(" + x + ") AS BIGINT)"
}

// quotient of whole numbers of any size cuts off towards zero; a mean of BIGINTs is one again.
func (d Dialect) quotient(x, y string) string {
	if d == Postgres {
		return "CAST(div(" + x + ", " + y + ") AS BIGINT)"
	}
	// Its wide integers divide slowly: most need not be wide.
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN -%[3]d AND %[3]d THEN CAST(%[1]s AS BIGINT) // %[2]s ELSE CAST(%[1]s // %[2]s AS BIGINT) END", x, y, int64(1)<<62)
}

// hash is a number that the column of a row d, its person_id and a seed determine, and nobody can
// tell anything by. It is a hash of a hash: the inner one alone prefers some numbers.
func (d Dialect) hash(column string, seed int64) string {
	if d == Postgres {
		return fmt.Sprintf("hashint8extended(%s, hashint8extended(d.person_id, %d))", column, seed)
	}
	return fmt.Sprintf("hash(hash(%s, d.person_id, %d))", column, seed)
}
