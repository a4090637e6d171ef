package duo

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrCycle says that a disease was given as a kind of itself, through however many steps.
var ErrCycle = errors.New("disease hierarchy has a cycle")

// Diseases is a pinned release of a disease hierarchy, closed transitively when it is made and never changed after. A
// nil *Diseases knows no disease. Safe for concurrent use.
type Diseases struct {
	release string
	closure map[string][]string // a disease to itself and all its ancestors, sorted
	below   map[string][]string // the other way: to itself and all its kinds, sorted
}

// NewDiseases closes a hierarchy: isA maps each disease to its direct parents, each of which must be a key itself.
// release is the ontology's own name for what is given, e.g. "MONDO 2026-10-06"; required, since decisions record it.
func NewDiseases(release string, isA map[string][]string) (*Diseases, error) {
	if release == "" {
		return nil, errors.New("disease hierarchy: release is required")
	}
	d := &Diseases{release: release, closure: make(map[string][]string, len(isA))}
	for disease := range isA {
		if _, err := d.close(disease, isA, nil); err != nil {
			return nil, fmt.Errorf("disease hierarchy %s: %w", release, err)
		}
	}
	d.below = make(map[string][]string, len(isA))
	for disease, up := range d.closure {
		for _, other := range up {
			d.below[other] = append(d.below[other], disease)
		}
	}
	for _, kinds := range d.below {
		slices.Sort(kinds)
	}
	return d, nil
}

func (d *Diseases) close(disease string, isA map[string][]string, path []string) ([]string, error) {
	if done, ok := d.closure[disease]; ok {
		return done, nil
	}
	parents, ok := isA[disease]
	switch {
	case !ok || !wellSpelled(disease):
		return nil, fmt.Errorf("%q: %w", disease, ErrUnknownTerm)
	case slices.Contains(path, disease):
		return nil, fmt.Errorf("%q: %w", disease, ErrCycle)
	}
	all := []string{disease}
	for _, parent := range parents {
		up, err := d.close(parent, isA, append(path, disease))
		if err != nil {
			return nil, err
		}
		all = append(all, up...)
	}
	d.closure[disease] = sortedSet(all)
	return d.closure[disease], nil
}

// Release names the hierarchy, or is empty for nil.
func (d *Diseases) Release() string {
	if d == nil {
		return ""
	}
	return d.release
}

// Known says whether the disease is in the hierarchy.
func (d *Diseases) Known(disease string) bool {
	if d == nil {
		return false
	}
	_, ok := d.closure[disease]
	return ok
}

// IsA says whether disease is other, or a kind of it.
func (d *Diseases) IsA(disease, other string) bool {
	_, found := slices.BinarySearch(d.above(disease), other)
	return found
}

// meet says whether there may be a disease that is both, the two themselves included. Of a disease that is not in the
// hierarchy any other may be a kind.
func (d *Diseases) meet(a, b string) bool {
	if !d.Known(a) || !d.Known(b) {
		return true
	}
	x, y := d.below[a], d.below[b]
	for len(x) > 0 && len(y) > 0 {
		switch cmp.Compare(x[0], y[0]) {
		case 0:
			return true
		case -1:
			x = x[1:]
		default:
			y = y[1:]
		}
	}
	return false
}

// above are the disease and all that it is a kind of, sorted. One that is not in the hierarchy is a kind of itself only.
func (d *Diseases) above(disease string) []string {
	if !d.Known(disease) {
		return []string{disease}
	}
	return d.closure[disease]
}

// wellSpelled accepts MONDO identifiers only: "MONDO:" and seven digits. One spelling per disease, or equality lies.
func wellSpelled(disease string) bool {
	digits, ok := strings.CutPrefix(disease, "MONDO:")
	return ok && len(digits) == 7 && strings.Trim(digits, "0123456789") == ""
}
