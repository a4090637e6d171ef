package pages

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy/duo"
)

// delta is the one at which costs are shown in epsilon.
const delta = 1e-6

// words are the functions of the templates: they write values for people.
var words = template.FuncMap{
	"short":       short,
	"epsilon":     epsilon,
	"credits":     func(work int64) string { return fmt.Sprintf("%.2f", float64(work)/(1<<20)) },
	"day":         day,
	"clock":       func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05 UTC") },
	"machine":     func(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) },
	"question":    question,
	"use":         use,
	"purpose":     func(p ledger.Purpose) string { return use(duo.Permission(p.Permission), p.Diseases) },
	"state":       state,
	"attribution": func() string { return duo.Attribution },
}

// day is a date; 0 is no bound.
func day(unix int64) string {
	if unix == 0 {
		return "any time"
	}
	return time.Unix(unix, 0).UTC().Format(time.DateOnly)
}

// short names a hash or an address where there is no room for all of it.
func short(v fmt.Stringer) string {
	s := v.String()
	return s[:10] + "…" + s[len(s)-4:]
}

// epsilon says what a cost is at delta; one that cannot be said stays a dash.
func epsilon(nanoRho int64) string {
	e, err := accountant.Epsilon(nanoRho, delta)
	if err != nil {
		return "–"
	}
	return strconv.FormatFloat(e, 'f', 4, 64)
}

func use(p duo.Permission, diseases []string) string {
	if !p.Known() {
		return string(p)
	}
	s := p.Label() + " (" + p.Shorthand() + ")"
	if len(diseases) > 0 {
		s += ": " + some(diseases)
	}
	return s
}

// question is a plan in words.
func question(s dp.Statement) string {
	by := make([]string, len(s.Query.GroupBy))
	for i, g := range s.Query.GroupBy {
		by[i] = group(g)
	}
	text := "How many patients are there"
	if len(by) > 0 {
		text += ", by " + list(by)
	}
	text += "?"
	if plan, err := dp.NewPlan(s.Query, s.Metadata); err == nil {
		text += fmt.Sprintf(" Each of the %d counts is within ±%.0f at 95 %%.", len(plan.Cells), plan.Margin())
	}
	return text
}

func group(g dp.Group) string {
	switch {
	case g.Kind == dp.AgeBand:
		edges := make([]string, len(g.Edges))
		for i, e := range g.Edges {
			edges[i] = strconv.Itoa(e)
		}
		return "age (bands from " + list(edges) + ")"
	case g.Kind == dp.HasEvent && g.Event != nil:
		concepts := make([]string, len(g.Event.Concepts))
		for i, c := range g.Event.Concepts {
			concepts[i] = strconv.FormatInt(c, 10)
		}
		s := "whether a record of " + string(g.Event.Domain) + " " + some(concepts)
		if g.Event.Descendants {
			s += " or a kind of it"
		}
		return s + " is there"
	default:
		return "sex"
	}
}

// list joins words as in a sentence.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// some shows the first of many.
func some(words []string) string {
	const few = 5
	if len(words) <= few {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:few], ", ") + fmt.Sprintf(" and %d more", len(words)-few)
}

func state(s verifier.Step) string {
	switch s.State {
	case verifier.StateMatches:
		return "matches"
	case verifier.StatePending:
		return "not anchored yet"
	case verifier.StateMismatch:
		return "does not match"
	default:
		return "not checked"
	}
}
