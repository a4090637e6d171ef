package omop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// records reads one table: what has one of the concepts, then of it the first, then what all fields say.
func (b *Builder) records(r cohort.Records) string {
	t := r.Domain.Table()
	read, extra := b.reading(t, r)
	from := []string{"r.person_id IS NOT NULL"}
	if len(r.Concepts) > 0 {
		from = append(from, "r."+t.Concept+" IN (SELECT concept_id FROM "+b.concepts(r.Concepts)+")")
	}
	rows := "SELECT " + strings.Join(read, ", ") + "\n  FROM " + b.dialect.table(t.Name) + " AS r WHERE " + strings.Join(from, " AND ")
	prefix, keep := strings.ReplaceAll(string(r.Domain), "_", ""), b.fields(r)
	define := b.Define
	if len(r.Concepts) == 0 {
		define = b.inlined
	}
	if r.First {
		rows = b.one(define(prefix, rows), false, extra...)
		keep = append(keep, "e.nth = 1")
	}
	query := "SELECT " + columnsOf("e") + " FROM (\n  " + rows + "\n) AS e"
	if len(keep) > 0 {
		query += "\nWHERE " + strings.Join(keep, " AND ")
	}
	return define(prefix, query)
}

func qualified(row string, columns []string) (all []string) {
	for _, c := range columns {
		all = append(all, row+"."+c)
	}
	return all
}

// reading is the select list over the table as r: the event columns, and as extra those that only this r's fields look at.
func (b *Builder) reading(t cohort.Table, r cohort.Records) (list, extra []string) {
	column := func(name, expr, sqlType string) {
		if expr == "" {
			expr = "CAST(NULL AS " + sqlType + ")"
		}
		list = append(list, expr+" AS "+name)
	}
	ifAny := func(column string, f func(string) string) string {
		if column == "" {
			return ""
		}
		return f("r." + column)
	}
	column("person_id", whole("r.person_id"), "")
	column("domain", fmt.Sprintf("CAST(%d AS INTEGER)", ordinal(r.Domain)), "")
	column("record_id", ifAny(t.ID, whole), "BIGINT")
	column("concept_id", ifAny(t.Concept, whole), "BIGINT")
	column("start_date", day("r."+t.Start), "")
	column("end_date", ends(t), "")
	column("visit_id", ifAny(t.Visit, whole), "BIGINT")
	column("value", ifAny(t.Value, b.dialect.real), "DOUBLE PRECISION")
	column("quantity", ifAny(t.Quantity, b.dialect.real), "DOUBLE PRECISION")
	column("days_supply", ifAny(t.DaysSupply, whole), "BIGINT")
	for _, f := range []struct {
		used         bool
		name, column string
		f            func(string) string
	}{
		{r.RangeLow != nil, "range_low", t.RangeLow, b.dialect.real},
		{r.RangeHigh != nil, "range_high", t.RangeHigh, b.dialect.real},
		{r.Occurrences != nil, "occurrences", t.Occurrences, whole},
		{r.GapDays != nil, "gap_days", t.GapDays, whole},
		{len(r.ValueConcepts) > 0, "value_concept_id", t.ValueConcept, whole},
		{len(r.Units) > 0, "unit_concept_id", t.Unit, whole},
		{len(r.Types) > 0, "type_concept_id", t.Kind, whole},
	} {
		if f.used {
			column(f.name, f.f("r."+f.column), "")
			extra = append(extra, f.name)
		}
	}
	return list, extra
}

// ends is the day on which a record ends, see package cohort. Days of supply are few enough for no date to overflow.
func ends(t cohort.Table) string {
	start := day("r." + t.Start)
	ends := start + " + 1"
	if t.DaysSupply != "" {
		ends = fmt.Sprintf("CASE WHEN r.%[1]s BETWEEN 0 AND 36500 THEN %[2]s + CAST(r.%[1]s AS INTEGER) ELSE %[2]s + 1 END", t.DaysSupply, start)
	}
	if t.End != "" {
		ends = "COALESCE(" + day("r."+t.End) + ", " + ends + ")"
	}
	return ends
}

// fields are the conditions on the rows of reading as e.
func (b *Builder) fields(r cohort.Records) []string {
	keep := slices.Concat(inDays("e.start_date", r.Start), inDays("e.end_date", r.End), inInts("e.end_date - e.start_date", r.Length),
		inReals("e.value", r.Value), inReals("e.range_low", r.RangeLow), inReals("e.range_high", r.RangeHigh), inReals("e.quantity", r.Quantity),
		inInts("e.days_supply", r.DaysSupply), inInts("e.occurrences", r.Occurrences), inInts("e.gap_days", r.GapDays))
	for _, f := range []struct {
		column string
		ids    []int64
	}{{"value_concept_id", r.ValueConcepts}, {"unit_concept_id", r.Units}, {"type_concept_id", r.Types}} {
		if len(f.ids) > 0 {
			keep = append(keep, "e."+f.column+" IN ("+b.BindIDs(f.ids)+")")
		}
	}
	return keep
}

// concepts are the ids of a set, by concept_ancestor: (concept_id).
func (b *Builder) concepts(set cohort.ConceptSet) string {
	ids := func(exclude, descendants bool) (ids []int64) {
		for _, c := range set {
			if c.Exclude == exclude && (c.Descendants || !descendants) {
				ids = append(ids, c.ID)
			}
		}
		return ids
	}
	part := func(exclude bool) string {
		query := b.BindIDs(ids(exclude, false)) + choose(exclude, "", " AS concept_id")
		if below := ids(exclude, true); len(below) > 0 {
			query += " UNION SELECT CAST(a.descendant_concept_id AS BIGINT) FROM " + b.dialect.table("concept_ancestor") + " AS a" +
				" WHERE a.descendant_concept_id IS NOT NULL AND a.ancestor_concept_id IN (" + b.BindIDs(below) + ")"
		}
		return query
	}
	query := part(false)
	if len(ids(true, false)) > 0 {
		query = "SELECT c.concept_id FROM (" + query + ") AS c\nWHERE c.concept_id NOT IN (" + part(true) + ")"
	}
	return b.Define("concepts", query)
}

// ordinal is the domain's place among all, by name: it orders events as cohort.KeepFirst says, whatever an engine
// thinks of the order of letters.
func ordinal(d cohort.Domain) int { return slices.Index(cohort.Domains(), d) }
