package synth

import (
	"cmp"
	"slices"
)

// persistence is how many days may lie between two records of one era.
const persistence = 30

// era is a time of records of one concept that follow close upon one another.
type era struct {
	concept  int64
	from, to day
	records  int
	gap      int // days without any of them
}

// span is one record's concept and days.
type span struct {
	concept  int64
	from, to day
}

// eras joins spans of the same concept.
func eras(spans []span) []era {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.concept, b.concept), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var all []era
	for _, s := range spans {
		if n := len(all) - 1; n >= 0 && all[n].concept == s.concept && s.from <= all[n].to+persistence {
			e := &all[n]
			e.gap += max(0, int(s.from-e.to)-1)
			e.to = max(e.to, s.to)
			e.records++
			continue
		}
		all = append(all, era{concept: s.concept, from: s.from, to: s.to, records: 1})
	}
	return all
}

func (p *patient) conditionEras() []era {
	var spans []span
	for _, c := range p.conditions {
		v := p.visits[c.visit]
		spans = append(spans, span{c.concept, v.day, v.day})
	}
	return eras(spans)
}

// drugEras are of ingredients.
func (p *patient) drugEras() []era {
	var spans []span
	for _, d := range p.drugs {
		from := p.visits[d.visit].day
		spans = append(spans, span{ingredientOf(d.concept), from, from + day(d.days) - 1})
	}
	return eras(spans)
}

var ingredients = func() map[int64]int64 {
	domains, above := make(map[int64]string), make(map[int64]int64)
	for _, c := range vocabulary {
		domains[c.id] = c.domain
		for _, p := range c.parents {
			if domains[p] == "Ingredient" {
				above[c.id] = p
			}
		}
	}
	return above
}()

// ingredientOf is what a drug consists of, itself if the vocabulary does not say.
func ingredientOf(drug int64) int64 {
	if i, ok := ingredients[drug]; ok {
		return i
	}
	return drug
}
