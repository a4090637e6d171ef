package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// summary is what a new doctor looks at first.
type summary struct {
	latest string          // day of the most recent care
	drugs  map[string]drug // by OMOP concept
}

// drug is what the records of one say together.
type drug struct {
	Concept string `json:"concept"`
	Since   string `json:"since"`           // day on which the latest begins
	Until   string `json:"until,omitempty"` // last day of any; none: one of them says no end
}

func (d drug) String() string {
	if d.Until == "" {
		return d.Concept + " (since " + d.Since + ", no end recorded)"
	}
	return d.Concept + " (" + d.Since + " to " + d.Until + ")"
}

// add takes a record into account.
func (s *summary) add(p pointed, content []byte) {
	s.latest = max(s.latest, dayOf(p.Time))
	var b struct {
		Entry []struct {
			Resource struct {
				Type       string `json:"resourceType"`
				Medication struct {
					Coding []struct {
						Code string `json:"code"`
					} `json:"coding"`
				} `json:"medicationCodeableConcept"`
				Effective struct {
					Start string `json:"start"`
					End   string `json:"end"`
				} `json:"effectivePeriod"`
			} `json:"resource"`
		} `json:"entry"`
	}
	if json.Unmarshal(content, &b) != nil {
		return // its hash is right: it is the hospital's own form
	}
	for _, r := range b.Entry {
		if r.Resource.Type != "MedicationStatement" {
			continue
		}
		for _, c := range r.Resource.Medication.Coding {
			s.took(drug{c.Code, r.Resource.Effective.Start, r.Resource.Effective.End})
		}
	}
}

// took joins the records of a drug: it is taken still if one of them says no end.
func (s *summary) took(d drug) {
	if s.drugs == nil {
		s.drugs = map[string]drug{}
	}
	if last, known := s.drugs[d.Concept]; known {
		d.Since = max(d.Since, last.Since)
		if d.Until != "" && last.Until != "" {
			d.Until = max(d.Until, last.Until)
		} else {
			d.Until = ""
		}
	}
	s.drugs[d.Concept] = d
}

// current are those that are taken still, as far as is known: a record of one ends in future, or has no end.
func (s *summary) current() []drug { return s.taken(true) }
func (s *summary) past() []drug    { return s.taken(false) }

func (s *summary) taken(still bool) []drug {
	today, out := dayOf(time.Now().Unix()), []drug{}
	for _, d := range slices.SortedFunc(maps.Values(s.drugs), func(a, b drug) int { return cmp.Compare(a.Concept, b.Concept) }) {
		if (d.Until == "" || d.Until >= today) == still {
			out = append(out, d)
		}
	}
	return out
}

// taken is drugs for people.
func taken(all []drug) string {
	lines := make([]string, len(all))
	for i, d := range all {
		lines[i] = d.String()
	}
	return strings.Join(lines, ", ")
}
