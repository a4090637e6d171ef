package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
)

// summary is what a new doctor looks at first.
type summary struct {
	latest string           // day of the most recent care
	drugs  map[coding]*drug // by each code that a record gave one
}

// coding is a code that a Bundle gives.
type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

// omopConcepts is the system of OMOP concept ids.
const omopConcepts = "https://fhir-terminology.ohdsi.org"

// drug is what the records of one say together.
type drug struct {
	Concept string `json:"concept"`         // OMOP's id of it, if a record gives one, else its first code
	System  string `json:"system"`          // of that code
	Name    string `json:"name,omitempty"`  // as a hospital has it
	Since   string `json:"since"`           // day on which the latest begins
	Until   string `json:"until,omitempty"` // last day of any; none: one of them says no end
}

func (d drug) String() string {
	what := plainText(d.Name)
	switch {
	case what != "":
	case d.System == omopConcepts:
		what = "OMOP concept " + plainText(d.Concept)
	default:
		what = plainText(d.System + " " + d.Concept)
	}
	if d.Until == "" {
		return what + " (since " + plainText(d.Since) + ", no end recorded)"
	}
	return what + " (" + plainText(d.Since) + " to " + plainText(d.Until) + ")"
}

// plainText is what a hospital wrote without what would move a terminal's cursor.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}

// statement is as much of a MedicationStatement as is read.
type statement struct {
	Type       string `json:"resourceType"`
	Medication struct {
		Coding []struct {
			coding
			Display string `json:"display"`
		} `json:"coding"`
		Text string `json:"text"`
	} `json:"medicationCodeableConcept"`
	Effective struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"effectivePeriod"`
}

// add takes a record into account.
func (s *summary) add(p pointed, content []byte) {
	s.latest = max(s.latest, dayOf(p.Time))
	var b struct {
		Entry []struct {
			Resource statement `json:"resource"`
		} `json:"entry"`
	}
	if json.Unmarshal(content, &b) != nil {
		return // its hash is right: it is the hospital's own form
	}
	for _, r := range b.Entry {
		if r.Resource.Type == "MedicationStatement" {
			s.took(r.Resource)
		}
	}
}

// took joins the records of a drug, which have a code in common: it is taken still if one of them says no end.
func (s *summary) took(r statement) {
	if len(r.Medication.Coding) == 0 {
		return
	}
	if s.drugs == nil {
		s.drugs = map[coding]*drug{}
	}
	d := &drug{Name: r.Medication.Text, Since: r.Effective.Start, Until: r.Effective.End}
	for _, c := range r.Medication.Coding {
		d.Name = cmp.Or(d.Name, c.Display)
		if d.Concept == "" || c.System == omopConcepts {
			d.Concept, d.System = c.Code, c.System
		}
	}
	for _, c := range r.Medication.Coding {
		last, known := s.drugs[c.coding]
		if !known {
			s.drugs[c.coding] = d
			continue
		}
		if last == d {
			continue
		}
		d.join(*last)
		for code, of := range s.drugs {
			if of == last {
				s.drugs[code] = d
			}
		}
	}
}

// join adds what other records of the drug say.
func (d *drug) join(last drug) {
	d.Since = max(d.Since, last.Since)
	if d.Until != "" && last.Until != "" {
		d.Until = max(d.Until, last.Until)
	} else {
		d.Until = ""
	}
	d.Name = cmp.Or(d.Name, last.Name)
	if last.System == omopConcepts {
		d.Concept, d.System = last.Concept, last.System
	}
}

// current are those that are taken still, as far as is known: a record of one ends in future, or has no end.
func (s *summary) current() []drug { return s.taken(true) }
func (s *summary) past() []drug    { return s.taken(false) }

func (s *summary) taken(still bool) []drug {
	today, out, seen := dayOf(time.Now().Unix()), []drug{}, map[*drug]bool{}
	for _, d := range s.drugs {
		if !seen[d] && (d.Until == "" || d.Until >= today) == still {
			out = append(out, *d)
		}
		seen[d] = true
	}
	slices.SortFunc(out, func(a, b drug) int { return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Concept, b.Concept)) })
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
