package policy

import (
	"cmp"
	"slices"
)

// Label says what kind of sensitive thing data tells. Labelled data is released, and a patient counted in what
// touches it, only where that very label is named; no category and no default ever stands for one.
type Label string

// The labels: of HL7's value set of sensitivity codes (THO, CC0) where it has one, else our own.
const (
	SubstanceUse     Label = "ETH"     // HL7: alcohol and drug use
	HIV              Label = "HIV"     // HL7: HIV and AIDS
	Psychiatry       Label = "PSY"     // HL7: mental health
	SexualViolence   Label = "SDV"     // HL7: sexual assault, abuse and domestic violence
	Psychotherapy    Label = "PSYTHPN" // HL7: psychotherapy notes
	Reproduction     Label = "REPRO"   // our own: reproductive health
	GeneticDisorders Label = "GDIS"    // HL7: genetic disease
)

// Labels lists every label.
func Labels() []Label {
	return []Label{SubstanceUse, HIV, Psychiatry, SexualViolence, Psychotherapy, Reproduction, GeneticDisorders}
}

// The levels of granularity, from the coarsest use of a column to the finest. What a question does with a column is
// compared with the finest use that patients and stewards permit.
const (
	LevelExists = 1 // that there is such a record at all
	LevelGroups = 2 // wide groups: sex, race, ethnicity; age or birth in bands of five years or more; calendar years; how many records
	LevelCodes  = 3 // which diagnosis, drug or test; narrower bands; months
	LevelDays   = 4 // days, and single years of age or birth
	LevelExact  = 5 // values as they were measured
)

// LabelledConcepts attaches a label to codes, because a drug or a test can tell a diagnosis. Every code is to be listed:
// what lies below one in the vocabulary is not labelled by it.
//
// A question that names a concept with all below it reads what is below without naming it. Whoever decides does not
// know the vocabulary, so Ancestors says which concepts those are; see [DatasetPolicy.WithAncestors]. Without it, every question
// that names any concept with all below it touches the label.
type LabelledConcepts struct {
	Label    Label   `json:"label"`
	Concepts []int64 `json:"concepts"` // OMOP concept ids, 1 to 2^53-1; one or more
	// Ancestors are the concepts above Concepts in the vocabulary of the dataset, however far, with Concepts themselves, as
	// in OMOP's concept_ancestor; empty: not looked up. Taken as given: what is left out here is not protected from above.
	Ancestors []int64 `json:"ancestors,omitempty"`
}

const maxLabelled = 100_000 // concepts of one dataset, under all labels, ancestors included

func (c *checks) labelled(field string, all []LabelledConcepts) {
	n := 0
	for _, l := range all {
		known(c, field+".label", l.Label, Labels()...)
		c.within(field+".concepts", len(l.Concepts) > 0, "one or more")
		for _, id := range l.Concepts {
			c.integer(field+".concepts", id, 1)
		}
		for _, id := range l.Ancestors {
			c.integer(field+".ancestors", id, 1)
		}
		listed := among(l.Ancestors)
		missing := func(id int64) bool { return !listed(id) }
		c.within(field+".ancestors", l.open() || !slices.ContainsFunc(l.Concepts, missing), "none, or with every one of the concepts among them")
		n += len(l.Concepts) + len(l.Ancestors)
	}
	c.within(field, n <= maxLabelled, "at most 100,000 concepts in all")
}

// WithAncestors returns the policy with the ancestors of labelled concepts where it has none. above returns all concepts
// above some, however far; its error is returned, and nothing else. The receiver is left alone.
func (p DatasetPolicy) WithAncestors(above func(concepts []int64) ([]int64, error)) (DatasetPolicy, error) {
	p.LabelledConcepts = slices.Clone(p.LabelledConcepts)
	for i := range p.LabelledConcepts {
		l := &p.LabelledConcepts[i]
		if !l.open() {
			continue
		}
		ids, err := above(l.Concepts)
		if err != nil {
			return DatasetPolicy{}, err
		}
		l.Ancestors = sortedIDs(slices.Concat(l.Concepts, ids))
	}
	return p, nil
}

// sortedLabelled has each label once with all concepts whose ancestors are listed, and once with all others; nil for none.
func sortedLabelled(all []LabelledConcepts) []LabelledConcepts {
	var set []LabelledConcepts
	for _, l := range all {
		i := slices.IndexFunc(set, func(s LabelledConcepts) bool { return s.Label == l.Label && s.open() == l.open() })
		if i < 0 {
			set = append(set, LabelledConcepts{Label: l.Label})
			i = len(set) - 1
		}
		set[i].Concepts = append(set[i].Concepts, l.Concepts...)
		set[i].Ancestors = append(set[i].Ancestors, l.Ancestors...)
	}
	for i := range set {
		set[i].Concepts, set[i].Ancestors = sortedIDs(set[i].Concepts), sortedIDs(set[i].Ancestors)
	}
	slices.SortFunc(set, func(a, b LabelledConcepts) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(min(1, len(a.Ancestors)), min(1, len(b.Ancestors))))
	})
	return set
}

// open says whether the ancestors were not looked up.
func (l LabelledConcepts) open() bool { return len(l.Ancestors) == 0 }

// sortedIDs sorts in place, and drops repetitions.
func sortedIDs(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}
