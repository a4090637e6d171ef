package dp

import (
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Column is a column of patients' records that a plan reads, the category under
// which patients and stewards decide about it, and how finely it is used.
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
	return cohort.MergeColumns(columns)
}

// Concepts are the OMOP concepts that the plan names to choose or divide records
// by: sorted, once each.
func (p Plan) Concepts() []int64 {
	return p.named(chooser.Concepts, func(g Group) []int64 { return g.Concepts })
}

// Roots are those of [Plan.Concepts] that the plan names with all that the
// vocabulary places below them.
func (p Plan) Roots() []int64 {
	return p.named(chooser.Roots, func(g Group) []int64 {
		if g.Descendants {
			return g.Concepts
		}
		return nil
	})
}

// chooser is a part of a query that chooses records by concepts.
type chooser interface {
	Concepts() []int64
	Roots() []int64
	Nodes() int
}

// choosers are all there are in the query.
func (q Query) choosers() []chooser {
	var all []chooser
	criterion := func(c *cohort.Criterion) {
		if c != nil {
			all = append(all, c)
		}
	}
	events := func(e *cohort.Events) {
		if e != nil {
			all = append(all, e)
		}
	}
	criterion(q.Cohort)
	for _, g := range q.GroupBy {
		criterion(g.Matches)
		events(g.Events)
	}
	for _, m := range q.Measures {
		criterion(m.Of)
		events(m.Events)
		if m.Value != nil {
			events(m.Value.Events)
		}
	}
	return all
}

// named gathers concepts from all that chooses records, and from groups by concept.
func (p Plan) named(from func(chooser) []int64, divided func(Group) []int64) []int64 {
	var ids []int64
	for _, c := range p.Query.choosers() {
		ids = append(ids, from(c)...)
	}
	for _, g := range p.Query.GroupBy {
		if g.Kind == Concept {
			ids = append(ids, divided(g)...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func person(column string, level int) []Column {
	return []Column{{Name: "person." + column, Category: demographics, Level: level}}
}

// columns are those that the group reads.
func (g Group) columns() []Column {
	switch g.Kind {
	case Sex:
		return person("gender_concept_id", cohort.LevelGroups)
	case Race:
		return person("race_concept_id", cohort.LevelGroups)
	case Ethnicity:
		return person("ethnicity_concept_id", cohort.LevelGroups)
	case AgeBand, BirthYear:
		return person("year_of_birth", bandsLevel(g.Edges))
	case HasEvent:
		return g.Matches.Columns()
	case EventCount:
		return g.Events.Columns()
	case Concept:
		return append(g.Events.Columns(), g.Events.Used(cohort.ConceptID, cohort.LevelCodes)...)
	case Calendar:
		level := cohort.LevelCodes
		if g.Unit == Year {
			level = cohort.LevelGroups
		}
		return append(g.Events.Columns(), g.Events.Used(cohort.Start, level)...)
	default:
		return append(g.Events.Columns(), g.Events.Used(cohort.Value, cohort.LevelCodes)...)
	}
}

// bandsLevel is that of the narrowest band; the last is open.
func bandsLevel(edges []int) int {
	level := cohort.LevelGroups
	for i := 1; i < len(edges); i++ {
		level = max(level, cohort.YearsLevel(int64(edges[i]-edges[i-1])))
	}
	return level
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
		return person("year_of_birth", m.valueLevel())
	}
	var read []cohort.Field
	if r := m.Value.Reduce; r == ReduceFirst || r == ReduceLast {
		read = append(read, cohort.Start, cohort.End, cohort.ConceptID, cohort.Visited) // which some of them may lack
	}
	columns := m.Value.Events.Columns(read...)
	switch f := fields[m.Value.Field]; {
	case m.Value.Field == FieldAge: // year of the start less year of birth
		columns = append(columns, m.Value.Events.Used(f, cohort.LevelGroups)...)
		columns = append(columns, person("year_of_birth", m.valueLevel())...)
	case f != "":
		columns = append(columns, m.Value.Events.Used(f, m.valueLevel())...)
	}
	return columns
}

// valueLevel is how finely the measure uses its value: a histogram tells bands of it.
func (m Measure) valueLevel() int {
	if m.Kind == Histogram {
		return cohort.LevelCodes
	}
	return cohort.LevelExact
}
