package dp

import (
	"slices"
	"strconv"
)

// Cell is one combination of labels.
type Cell struct {
	Key []string `json:"key"` // one label for each group of the plan's query, in its order
}

// Labels returns the group's classes, in the order of the cells.
func (g Group) Labels() []string {
	switch g.Kind {
	case Sex:
		return []string{"female", "male"}
	case AgeBand:
		return bandLabels(g.Edges)
	default:
		return []string{"yes", "no"}
	}
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
