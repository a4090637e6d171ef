package dp

import (
	"cmp"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Column is a column of patients' records that a plan reads, and the category
// under which patients and stewards decide about it.
type Column = cohort.Column

const demographics = "demographics"

// Columns returns the columns of patients' records that the plan reads, without
// repetition, by name. person_id is not among them: it says whom a row belongs
// to, and is counted, never shown.
func (p Plan) Columns() []Column {
	var columns []Column
	if p.Query.Cohort != nil {
		columns = p.Query.Cohort.Columns()
	}
	for _, g := range p.Query.GroupBy {
		columns = append(columns, g.columns()...)
	}
	for _, m := range p.Query.Measures {
		columns = append(columns, m.columns()...)
	}
	slices.SortFunc(columns, func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Compact(columns)
}

var born = Column{Name: "person.year_of_birth", Category: demographics}

// columns are those that the group reads.
func (g Group) columns() []Column {
	switch g.Kind {
	case Sex:
		return []Column{{Name: "person.gender_concept_id", Category: demographics}}
	case Race:
		return []Column{{Name: "person.race_concept_id", Category: demographics}}
	case Ethnicity:
		return []Column{{Name: "person.ethnicity_concept_id", Category: demographics}}
	case AgeBand, BirthYear:
		return []Column{born}
	case HasEvent:
		return g.Matches.Columns()
	case EventCount:
		return g.Events.Columns()
	case Concept:
		return g.Events.Columns(cohort.ConceptID)
	case Calendar:
		return g.Events.Columns(cohort.Start)
	default:
		return g.Events.Columns(cohort.Value)
	}
}

// columns are those that the measure reads beside the groups'.
func (m Measure) columns() []Column {
	switch {
	case m.Events != nil:
		return m.Events.Columns()
	case m.Of != nil:
		return m.Of.Columns()
	case m.Value == nil:
		return nil
	case m.Value.Events == nil:
		return []Column{born}
	}
	var read []cohort.Field
	if f := fields[m.Value.Field]; f != "" {
		read = append(read, f)
	}
	if r := m.Value.Reduce; r == ReduceFirst || r == ReduceLast {
		read = append(read, cohort.Start, cohort.End, cohort.ConceptID, cohort.Visited) // which some of them may lack
	}
	columns := m.Value.Events.Columns(read...)
	if m.Value.Field == FieldAge {
		columns = append(columns, born)
	}
	return columns
}
