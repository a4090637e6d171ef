package cohort

// Recorded holds for a patient with a record, at any time, of any of the concepts,
// or with descendants of what the vocabulary places below them.
func Recorded(d Domain, descendants bool, concepts ...int64) *Criterion {
	r := &Records{Domain: d}
	for _, id := range concepts {
		r.Concepts = append(r.Concepts, Concept{ID: id, Descendants: descendants})
	}
	return &Criterion{Has: &Has{Events: Events{Records: r}, Min: 1}}
}
