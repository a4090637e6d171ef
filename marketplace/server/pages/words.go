package pages

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

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
	"whole":       whole,
	"credits":     func(work int64) string { return fmt.Sprintf("%.2f", float64(work)/(1<<20)) },
	"day":         day,
	"clock":       func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05 UTC") },
	"hours":       func(unix int64) string { return time.Unix(unix, 0).UTC().Format("15:04:05 UTC") },
	"machine":     func(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) },
	"use":         use,
	"purpose":     func(p ledger.Purpose) string { return use(duo.Permission(p.Permission), p.Diseases) },
	"state":       state,
	"timeline":    timelineOf,
	"attribution": func() string { return duo.Attribution },
}

// day is a date; 0 is no bound.
func day(unix int64) string {
	if unix == 0 {
		return "any time"
	}
	return time.Unix(unix, 0).UTC().Format(time.DateOnly)
}

// whole is a number with its thousands apart.
func whole(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
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
