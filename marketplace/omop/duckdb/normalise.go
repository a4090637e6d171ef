package duckdb

import (
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// raw is a column as it is in a folder's file.
type raw struct{ name, sqlType string }

// wholeTypes are DuckDB's integers that always fit or are refused by TRY_CAST.
const wholeTypes = " TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT "

// convert returns SQL for a column's value, NULL if it cannot be used, and for
// whether something was there. Both are total.
func convert(c column, r raw) (value, present string) {
	id := identifier(r.name)
	isWhole := strings.Contains(wholeTypes, " "+r.sqlType+" ")
	isReal := r.sqlType == "DOUBLE" || r.sqlType == "FLOAT"
	isDate := r.sqlType == "DATE" || strings.HasPrefix(r.sqlType, "TIMESTAMP")
	// Any type turns into a string; empty ones and NULL in writing are NULL.
	written := "trim(TRY_CAST(" + id + " AS VARCHAR))"
	written = "CASE WHEN upper(" + written + ") NOT IN ('', 'NULL', '\\N') THEN " + written + " END"
	present = "(" + written + ") IS NOT NULL"
	if isWhole || isReal || isDate {
		present = id + " IS NOT NULL"
	}
	switch c.kind {
	case whole, year:
		value = "TRY_CAST(" + id + " AS BIGINT)"
		if !isWhole { // "8507.0" is a whole number, "8507.5" is not
			d := "TRY_CAST(" + written + " AS DECIMAL(38, 6))"
			value = "CASE WHEN " + d + " = trunc(" + d + ") THEN TRY_CAST(" + d + " AS BIGINT) END"
		}
		if c.kind == year {
			value = "CASE WHEN (" + value + ") BETWEEN 1800 AND 2200 THEN (" + value + ") END"
		}
	case real:
		value = "TRY_CAST(" + written + " AS DOUBLE)"
		if isWhole || isReal {
			value = "TRY_CAST(" + id + " AS DOUBLE)"
		}
		value = "CASE WHEN isfinite(" + value + ") THEN " + value + " END"
	case date:
		value = "COALESCE(TRY_CAST(" + written + " AS DATE), TRY_CAST(TRY_CAST(" + written +
			" AS TIMESTAMP) AS DATE), CAST(TRY_STRPTIME(" + written + ", '%Y%m%d') AS DATE))"
		if isDate {
			value = "TRY_CAST(" + id + " AS DATE)"
		}
		value = "CASE WHEN isfinite(" + value + ") THEN " + value + " END"
	case text:
		value = "left(" + written + ", 1000)"
	}
	return value, present
}

// stageSQL reads a file into the temporary table stage: the table's columns,
// a column "emptied <name>" for each that says whether its value could not be
// used, and the reason to reject the row. Columns that the file lacks are NULL.
func stageSQL(t table, relation string, raws []raw) (string, error) {
	var values, names, emptied []string
	for _, c := range t.columns {
		value, present := "NULL", "false"
		if r, ok := find(raws, c.name); ok {
			value, present = convert(c, r)
		} else if c.required {
			return "", &omop.NotOMOPError{Table: t.name, Column: c.name, Why: "is missing"}
		}
		names = append(names, "r."+c.name)
		values = append(values, fmt.Sprintf("CAST(%s AS %s) AS %s, %s AS present_%[3]s", value, c.kind.sqlType(), c.name, present))
		emptied = append(emptied, fmt.Sprintf("r.present_%s AND r.%[1]s IS NULL AS emptied_%[1]s", c.name))
	}
	from := "r"
	if t.perPatient {
		from = "r LEFT JOIN (SELECT person_id, true AS known FROM omop.person) AS p USING (person_id)"
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE stage AS WITH r AS (SELECT %s FROM %s) SELECT %s, %s, %s AS reason FROM %s",
		strings.Join(values, ", "), relation, strings.Join(names, ", "), strings.Join(emptied, ", "), t.refuse, from), nil
}

// find looks a column up whatever its case.
func find(raws []raw, name string) (raw, bool) {
	for _, r := range raws {
		if strings.EqualFold(strings.TrimSpace(r.name), name) {
			return r, true
		}
	}
	return raw{}, false
}

func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
