package duo

import (
	"cmp"
	"fmt"
	"slices"
)

// Use is what data may be used for, or is to be used for: a permission and, for DS only, its diseases.
type Use struct {
	Permission Permission `json:"permission"`
	// Diseases are MONDO identifiers such as "MONDO:0004992": one or more with DS, none with anything else.
	// A permission means any of them; a purpose means all of them.
	Diseases []string `json:"diseases,omitempty"`
	// Methods says of a purpose that methods are developed with the data, and of a grant's that this was granted: a question
	// that no other purpose of the grant covers has it, said or not. What is permitted does not say it: NMDS forbids it.
	Methods bool `json:"methods,omitempty"`
}

// Validate returns nil, an error that Is [ErrUnknownTerm], or one that Is [ErrMalformed]. Whether a well-spelled
// disease exists is asked of [Diseases].
func (u Use) Validate() error {
	switch {
	case u.Permission == "":
		return fmt.Errorf("%w: no permission", ErrMalformed)
	case !u.Permission.Known():
		return fmt.Errorf("data use permission: %w", ErrUnknownTerm)
	case u.Permission == DS && len(u.Diseases) == 0:
		return fmt.Errorf("%w: disease specific research names no disease", ErrMalformed)
	case u.Permission != DS && len(u.Diseases) > 0:
		// Reading "health research, on cancer" as all health research would widen what was said.
		return fmt.Errorf("%w: only disease specific research may name diseases", ErrMalformed)
	}
	for _, d := range u.Diseases {
		if !wellSpelled(d) {
			return fmt.Errorf("disease: %w", ErrUnknownTerm)
		}
	}
	return nil
}

// Normalize returns the uses as a sorted set: two lists that permit the same in other words come out equal. Several
// DS entries become one, since a list of permissions means any of them. Entries that do not pass Validate are kept
// as they are, so that normalising never mends a document.
func Normalize(uses []Use) []Use {
	set := make([]Use, 0, len(uses))
	diseases := map[bool][]string{}
	for _, u := range uses {
		if u.Permission == DS && u.Validate() == nil {
			diseases[u.Methods] = append(diseases[u.Methods], u.Diseases...)
			continue
		}
		set = append(set, Use{u.Permission, sortedSet(u.Diseases), u.Methods})
	}
	for methods, named := range diseases {
		set = append(set, Use{DS, sortedSet(named), methods})
	}
	slices.SortFunc(set, compareUse)
	return slices.CompactFunc(set, func(a, b Use) bool { return compareUse(a, b) == 0 })
}

func compareUse(a, b Use) int {
	methods := map[bool]int{true: 1}
	return cmp.Or(cmp.Compare(a.Permission, b.Permission), slices.Compare(a.Diseases, b.Diseases), methods[a.Methods]-methods[b.Methods])
}

// sortedSet copies; nil for the empty set, so that JSON leaves it out.
func sortedSet(terms []string) []string {
	if len(terms) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(terms)))
}

// Match is the answer of [Within]. Its zero value is a refusal.
type Match int

// The answers of [Within].
const (
	OtherPurpose Match = iota // no permission is of a kind that covers the use
	OtherDisease              // a DS permission would, for other diseases
	Covered
)

// Permitted is a list of permissions made ready to be asked of again and again. Its zero value permits nothing.
type Permitted struct {
	kinds    kinds    // of use that lie within a permission whatever the disease
	diseases []string // of all DS permissions
}

// NewPermitted makes permissions ready. Malformed ones cover nothing. Methods are not looked at.
func NewPermitted(permissions []Use) (p Permitted) {
	for _, u := range permissions {
		switch {
		case u.Validate() != nil:
		case u.Permission == DS:
			p.diseases = append(p.diseases, u.Diseases...)
		default:
			p.kinds |= covered(u.Permission)
		}
	}
	return p
}

// Purpose is a use that is asked for, made ready to be held against many permissions. Its zero value is a use that
// cannot be read.
type Purpose struct {
	use  Use
	kind kinds      // no bit: it cannot be read
	is   [][]string // of each of its diseases: all that it is a kind of, sorted
	d    *Diseases
}

// NewPurpose makes a use ready. d may be nil: then a disease is a kind of itself only.
func NewPurpose(use Use, d *Diseases) Purpose {
	p := Purpose{use: use, d: d}
	if use.Validate() != nil {
		return p
	}
	p.kind = kindOf(use.Permission)
	for _, disease := range use.Diseases {
		p.is = append(p.is, d.above(disease))
	}
	return p
}

// Within says whether the purpose lies within any of the permissions. A DS use lies within DS permissions iff each of its
// diseases is, or is a kind of, one that is permitted. A malformed use is covered by nothing.
func (p Purpose) Within(permitted Permitted) Match {
	switch {
	case p.kind&permitted.kinds != 0:
		return Covered
	case p.kind&kindOf(DS) == 0 || len(permitted.diseases) == 0:
		return OtherPurpose
	case slices.ContainsFunc(p.is, func(above []string) bool { return !meets(above, permitted.diseases) }):
		return OtherDisease
	default:
		return Covered
	}
}

// meets says whether one of the diseases is in a sorted list.
func meets(sorted, diseases []string) bool {
	return slices.ContainsFunc(diseases, func(disease string) bool {
		_, found := slices.BinarySearch(sorted, disease)
		return found
	})
}

// Within is [Purpose.Within] for once.
func Within(permitted []Use, use Use, d *Diseases) Match {
	return NewPurpose(use, d).Within(NewPermitted(permitted))
}

// Overlaps says whether some study could fit the purpose and the other use: what forbids the one must forbid the other. A use that cannot
// be read overlaps everything; a disease that is not in the hierarchy may be any, so that without one all diseases overlap.
func (p Purpose) Overlaps(other Use) bool {
	switch {
	case p.kind == 0 || other.Validate() != nil:
		return true
	case p.use.Permission != DS || other.Permission != DS:
		return Covers(p.use.Permission, other.Permission) || Covers(other.Permission, p.use.Permission)
	}
	return slices.ContainsFunc(p.use.Diseases, func(x string) bool {
		return slices.ContainsFunc(other.Diseases, func(y string) bool { return p.d.meet(x, y) })
	})
}
