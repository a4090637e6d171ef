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
	Concept string `json:"concept"`         // OMOP's id of it, if a record gives one, else its first code, or what a record without one calls it
	System  string `json:"system"`          // of that code
	Name    string `json:"name,omitempty"`  // as a hospital has it
	Since   string `json:"since"`           // day on which the latest begins; empty: none says
	Until   string `json:"until,omitempty"` // last day of any; none: one of them says no end, unless it is over
	Over    bool   `json:"over,omitempty"`  // all are over, and one does not say since when
}

func (d drug) String() string {
	what := plainText(d.Name)
	switch {
	case what != "":
	case d.System == omopConcepts:
		what = "OMOP concept " + plainText(d.Concept)
	default:
		what = plainText(strings.TrimSpace(d.System + " " + d.Concept))
	}
	since := cmp.Or(plainText(d.Since), "no day recorded")
	switch {
	case d.Until != "":
		return what + " (" + since + " to " + plainText(d.Until) + ")"
	case d.Over:
		return what + " (since " + since + ", over)"
	}
	return what + " (since " + since + ", no end recorded)"
}

// open reports whether a record says no end.
func (d drug) open() bool { return d.Until == "" && !d.Over }

// still reports whether it is taken on a day, as far as is known. An end may be a month or a year.
func (d drug) still(today string) bool {
	return d.open() || d.Until != "" && d.Until >= today[:min(len(d.Until), len(today))]
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

// codeable is a CodeableConcept.
type codeable struct {
	Coding []struct {
		coding
		Display string `json:"display"`
	} `json:"coding"`
	Text string `json:"text"`
}

// medication is as much of a MedicationStatement or a MedicationRequest as is read.
type medication struct {
	Type      string   `json:"resourceType"`
	Status    string   `json:"status"`
	Intent    string   `json:"intent"`
	Not       bool     `json:"doNotPerform"`
	Concept   codeable `json:"medicationCodeableConcept"`
	Reference struct {
		To   string `json:"reference"`
		Name string `json:"display"`
	} `json:"medicationReference"`
	Contained []struct {
		ID   string   `json:"id"`
		Code codeable `json:"code"`
	} `json:"contained"`
	Effective struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"effectivePeriod"`
	EffectiveAt string `json:"effectiveDateTime"`
	AuthoredOn  string `json:"authoredOn"`
	Dosage      []struct {
		Timing struct {
			Repeat struct {
				Bounds struct {
					End string `json:"end"`
				} `json:"boundsPeriod"`
			} `json:"repeat"`
		} `json:"timing"`
	} `json:"dosageInstruction"`
}

// States of medication by which nothing was taken, and intents that are no order yet (http://hl7.org/fhir/R4/medicationrequest.html).
var (
	neverTaken = []string{"entered-in-error", "not-taken", "cancelled", "draft"}
	noOrder    = []string{"proposal", "plan", "option"}
)

// taken reports whether m says that something is or was taken, or is to be.
func (m medication) taken() bool {
	return (m.Type == "MedicationStatement" || m.Type == "MedicationRequest") && !m.Not && !slices.Contains(neverTaken, m.Status) && !slices.Contains(noOrder, m.Intent)
}

// drug is when it is taken.
func (m medication) drug() *drug {
	until := m.Effective.End
	for _, d := range m.Dosage { // it ends when all of it does
		end := d.Timing.Repeat.Bounds.End
		if end == "" {
			until = ""
			break
		}
		until = max(until, end)
	}
	return &drug{
		Since: day(cmp.Or(m.Effective.Start, m.EffectiveAt, m.AuthoredOn)), Until: day(until),
		Over: until == "" && (m.Status == "completed" || m.Status == "stopped"),
	}
}

// day is that of a FHIR dateTime.
func day(at string) string { return at[:min(len(at), len(time.DateOnly))] }

// what is the drug: its codes and name. One that is elsewhere is known by where that is.
func (m medication) what(hospital string) codeable {
	what := m.Concept
	if id, contained := strings.CutPrefix(m.Reference.To, "#"); contained {
		for _, c := range m.Contained {
			if c.ID == id {
				what = c.Code
			}
		}
	}
	what.Text = cmp.Or(what.Text, m.Reference.Name)
	if len(what.Coding) > 0 {
		return what
	}
	known := coding{Code: cmp.Or(what.Text, "a drug that the record does not name")}
	if m.Reference.To != "" && !strings.HasPrefix(m.Reference.To, "#") {
		known = coding{hospital, m.Reference.To}
	}
	what.Coding = append(what.Coding, struct {
		coding
		Display string `json:"display"`
	}{coding: known})
	return what
}

// add takes a record into account.
func (s *summary) add(p pointed, content []byte) {
	var b struct {
		Entry []struct {
			Resource medication `json:"resource"`
		} `json:"entry"`
	}
	if json.Unmarshal(content, &b) != nil {
		return // its hash is right: it is the hospital's own form
	}
	for _, r := range b.Entry {
		if r.Resource.taken() {
			s.took(r.Resource.drug(), r.Resource.what(p.Provider.String()))
		}
	}
}

// took joins the records of a drug, which have a code in common: it is taken still if one of them says no end.
func (s *summary) took(d *drug, what codeable) {
	if s.drugs == nil {
		s.drugs = map[coding]*drug{}
	}
	d.Name = what.Text
	for _, c := range what.Coding {
		d.Name = cmp.Or(d.Name, c.Display)
		if d.Concept == "" || c.System == omopConcepts {
			d.Concept, d.System = c.Code, c.System
		}
	}
	for _, c := range what.Coding {
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
	if d.open() || last.open() {
		d.Until, d.Over = "", false
	} else {
		d.Until, d.Over = max(d.Until, last.Until), d.Over || last.Over
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
		if !seen[d] && d.still(today) == still {
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
