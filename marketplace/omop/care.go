package omop

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// recorded are where the kinds of records are.
var recorded = map[records.Kind]cohort.Domain{
	recordindex.Conditions: cohort.Condition, recordindex.Laboratory: cohort.Measurement, recordindex.Medication: cohort.Drug,
	recordindex.Observations: cohort.Observation, recordindex.Procedures: cohort.Procedure, recordindex.Visits: cohort.Visit,
}

// EventsSQL returns the statement that reads the events of a kind of the patient $1 that begin on a day, $2 as in 2024-03-31, or
// on any. [ScanEvent] reads its rows. It has more than [recordindex.MaxEvents] rows where there are more. It is "" for an unknown kind.
func EventsSQL(d Dialect, kind records.Kind, oneDay bool) string {
	domain, known := recorded[kind]
	if !known {
		return ""
	}
	t := domain.Table()
	number := func(column string) string {
		if column == "" {
			return "CAST(NULL AS BIGINT)"
		}
		return whole("r." + column)
	}
	value := func(column string) string {
		if column == "" {
			return "CAST(NULL AS DOUBLE PRECISION)"
		}
		return "CAST(" + d.real("r."+column) + " AS DOUBLE PRECISION)"
	}
	text := func(column string) string {
		if column == "" {
			return "CAST(NULL AS " + choose(d == Postgres, "TEXT", "VARCHAR") + ")"
		}
		if d == Postgres {
			return "to_char(" + day("r."+column) + ", 'YYYY-MM-DD')"
		}
		return "strftime(" + day("r."+column) + ", '%Y-%m-%d')"
	}
	list := []string{
		number(t.ID), number(t.Concept), text(t.Start), text(t.End), value(t.Value), value(t.RangeLow), value(t.RangeHigh),
		number(t.ValueConcept), number(t.Unit), value(t.Quantity), number(t.DaysSupply),
	}
	where := "r.person_id = $1 AND " + day("r."+t.Start) + " IS NOT NULL"
	if oneDay {
		where += " AND " + day("r."+t.Start) + " = CAST($2 AS DATE)"
	}
	return fmt.Sprintf("SELECT %s FROM %s AS r WHERE %s LIMIT %d", strings.Join(list, ", "), d.table(t.Name), where, recordindex.MaxEvents+1)
}

// ScanEvent reads a row of [EventsSQL].
func ScanEvent(kind records.Kind, scan func(...any) error) (e recordindex.Event, err error) {
	var id, concept, valueConcept, unit, supply sql.NullInt64
	var start, end sql.NullString
	var value, low, high, quantity sql.NullFloat64
	err = scan(&id, &concept, &start, &end, &value, &low, &high, &valueConcept, &unit, &quantity, &supply)
	e = recordindex.Event{
		Kind: kind, ID: id.Int64, Concept: concept.Int64, Start: start.String, End: end.String, ValueConcept: valueConcept.Int64, Unit: unit.Int64,
		Value: orNil(value), Low: orNil(low), High: orNil(high), Quantity: orNil(quantity),
	}
	if supply.Valid {
		e.DaysSupply = &supply.Int64
	}
	return e, err
}

func orNil(v sql.NullFloat64) *float64 {
	if !v.Valid {
		return nil
	}
	return &v.Float64
}

// SortEvents puts events in the one order that they have however they were read: by kind, day, number, and all else.
func SortEvents(all []recordindex.Event) {
	slices.SortFunc(all, func(a, b recordindex.Event) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Concept, b.Concept),
			cmp.Compare(a.End, b.End), compare(a.Value, b.Value), compare(a.Low, b.Low), compare(a.High, b.High), cmp.Compare(a.ValueConcept, b.ValueConcept),
			cmp.Compare(a.Unit, b.Unit), compare(a.Quantity, b.Quantity), compare(a.DaysSupply, b.DaysSupply))
	})
}

// compare puts what is not recorded first.
func compare[T cmp.Ordered](a, b *T) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Compare(*a, *b)
}

// ConceptsSQL returns the statement that reads what the vocabulary says of the concepts of a list, $1, as [Named] makes it: (id, vocabulary, code,
// name). [ScanConcept] reads its rows. A concept that is there twice is left out, as nobody can tell which is meant.
func ConceptsSQL(d Dialect) string {
	split := choose(d == Postgres, "string_to_array(CAST($1 AS TEXT), ',')", "string_split(CAST($1 AS VARCHAR), ',')")
	return "SELECT " + whole("c.concept_id") + ", min(c.vocabulary_id), min(c.concept_code), min(c.concept_name) FROM " + d.table("concept") +
		" AS c WHERE c.concept_id IN (SELECT CAST(n.id AS BIGINT) FROM unnest(" + split + ") AS n(id)) GROUP BY c.concept_id HAVING count(*) = 1"
}

// Named lists the concepts that events name, rising; "" if they name none.
func Named(all []recordindex.Event) string {
	named := map[int64]bool{}
	for _, e := range all {
		named[e.Concept], named[e.ValueConcept], named[e.Unit] = true, true, true
	}
	delete(named, 0) // OMOP's "no matching concept"
	list := make([]string, 0, len(named))
	for _, id := range slices.Sorted(maps.Keys(named)) {
		list = append(list, strconv.FormatInt(id, 10))
	}
	return strings.Join(list, ",")
}

// ScanConcept reads a row of [ConceptsSQL] into known.
func ScanConcept(known recordindex.Concepts, scan func(...any) error) error {
	var id int64
	var vocabulary, code, name sql.NullString
	if err := scan(&id, &vocabulary, &code, &name); err != nil {
		return err
	}
	known[id] = recordindex.Concept{Vocabulary: vocabulary.String, Code: code.String, Name: name.String}
	return nil
}

// ReadEvents is the events of [recordindex.Source], over what reads one kind: the day is a date, or empty.
func ReadEvents(kind records.Kind, read func(kind records.Kind, see func(recordindex.Event) error) error) ([]recordindex.Event, error) {
	kinds := recordindex.Kinds()
	if kind != "" {
		kinds = []records.Kind{kind}
	}
	var all []recordindex.Event
	for _, k := range kinds {
		err := read(k, func(e recordindex.Event) error {
			if len(all) == recordindex.MaxEvents {
				return recordindex.ErrTooLarge
			}
			all = append(all, e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	SortEvents(all)
	return all, nil
}
