package dp

import (
	"slices"
	"strconv"
	"time"
)

// Cell is one combination of labels.
type Cell struct {
	Key []string `json:"key"` // one label for each group of the plan's query, in its order
}

// Labels returns the group's classes, in the order of the cells. Private keys, which only an answer has, have AnyKey in
// their place.
func (g Group) Labels() []string {
	switch g.Kind {
	case Sex:
		return []string{"female", "male"}
	case AgeBand, BirthYear:
		return bandLabels(g.Edges)
	case HasEvent:
		return []string{"yes", "no"}
	case EventCount:
		labels := make([]string, g.Cap+1)
		for i := range labels {
			labels[i] = strconv.Itoa(i)
		}
		labels[g.Cap] += "+"
		return labels
	case Calendar:
		return g.calendar()
	case ValueBand:
		labels := make([]string, len(g.EdgesReal))
		for i, from := range g.EdgesReal {
			to := "+inf"
			if i+1 < len(labels) {
				to = number(g.EdgesReal[i+1])
			}
			labels[i] = "[" + number(from) + "," + to + ")"
		}
		return labels
	default: // Race, Ethnicity, Concept
		if g.PrivateKeys() {
			return []string{AnyKey}
		}
		labels := make([]string, len(g.Concepts))
		for i, id := range g.Concepts {
			labels[i] = strconv.FormatInt(id, 10)
		}
		return labels
	}
}

// calendar lists the years or months.
func (g Group) calendar() []string {
	firsts := g.Firsts()
	labels := make([]string, max(0, len(firsts)-1))
	for i := range labels {
		labels[i] = firsts[i].Format(layouts[g.Unit])
	}
	return labels
}

// Firsts returns the first day of each year or month of a "calendar", and that of the one after
// the last; none of any other group.
func (g Group) Firsts() []time.Time {
	layout := layouts[g.Unit]
	day, err := time.Parse(layout, g.From)
	if layout == "" || err != nil {
		return nil
	}
	firsts := []time.Time{day}
	for label := g.From; label <= g.To; label = day.Format(layout) {
		if g.Unit == Year {
			day = day.AddDate(1, 0, 0)
		} else {
			day = day.AddDate(0, 1, 0)
		}
		firsts = append(firsts, day)
	}
	return firsts
}

// bandLabels names [18,40) "18-39", [40,41) "40" and [80,+inf) "80+".
func bandLabels(edges []int) []string {
	labels := make([]string, len(edges))
	for i, from := range edges {
		labels[i] = strconv.Itoa(from)
		switch {
		case i == len(edges)-1:
			labels[i] += "+"
		case edges[i+1]-from > 1:
			labels[i] += "-" + strconv.Itoa(edges[i+1]-1)
		}
	}
	return labels
}

// cells is the number of combinations of the groups' labels.
func cells(groups []Group) int {
	n := 1
	for _, g := range groups {
		n *= len(g.Labels())
	}
	return n
}

// cross returns every combination of the groups' labels, the last group's
// changing fastest.
func cross(groups []Group) []Cell {
	cells := []Cell{{}}
	for _, g := range groups {
		var longer []Cell
		for _, c := range cells {
			for _, l := range g.Labels() {
				longer = append(longer, Cell{Key: append(slices.Clone(c.Key), l)})
			}
		}
		cells = longer
	}
	return cells
}
