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
// what lies above or below one in the vocabulary is not labelled by it.
type LabelledConcepts struct {
	Label    Label   `json:"label"`
	Concepts []int64 `json:"concepts"` // OMOP concept ids, 1 to 2^53-1; one or more
}

const maxLabelled = 100_000 // concepts of one dataset, under all labels

func (c *checks) labelled(field string, all []LabelledConcepts) {
	n := 0
	for _, l := range all {
		known(c, field+".label", l.Label, Labels()...)
		c.within(field+".concepts", len(l.Concepts) > 0, "one or more")
		for _, id := range l.Concepts {
			c.integer(field+".concepts", id, 1)
		}
		n += len(l.Concepts)
	}
	c.within(field, n <= maxLabelled, "at most 100,000 concepts in all")
}

// sortedLabelled has each label once, with all of its concepts; nil for none.
func sortedLabelled(all []LabelledConcepts) []LabelledConcepts {
	var set []LabelledConcepts
	for _, l := range all {
		i := slices.IndexFunc(set, func(s LabelledConcepts) bool { return s.Label == l.Label })
		if i < 0 {
			set = append(set, LabelledConcepts{Label: l.Label})
			i = len(set) - 1
		}
		set[i].Concepts = append(set[i].Concepts, l.Concepts...)
	}
	for i := range set {
		slices.Sort(set[i].Concepts)
		set[i].Concepts = slices.Compact(set[i].Concepts)
	}
	slices.SortFunc(set, func(a, b LabelledConcepts) int { return cmp.Compare(a.Label, b.Label) })
	return set
}
