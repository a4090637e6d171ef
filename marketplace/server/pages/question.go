package pages

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
)

// question is a plan in words.
func question(s dp.Statement) string {
	q := s.Query
	text := "How many patients are there"
	if what := measured(q.Measures); what != "" {
		text = "What is " + what
	}
	if q.Cohort != nil {
		text = "Among patients with " + q.Cohort.Words() + ": " + strings.ToLower(text[:1]) + text[1:]
	}
	if len(q.GroupBy) > 0 {
		by := make([]string, len(q.GroupBy))
		for i, g := range q.GroupBy {
			by[i] = group(g)
		}
		text += ", by " + list(by)
	}
	text += "?"
	if q.MaxGroups > 0 {
		text += fmt.Sprintf(" A patient counts in at most %d groups.", q.MaxGroups)
	}
	if plan, err := dp.NewPlan(q, s.Metadata); err == nil && plan.Margin() > 0 {
		text += fmt.Sprintf(" Each of the %d counts is within ±%.0f at 95 %%.", len(plan.Cells), plan.Margin())
	}
	return text
}

// measured lists what is asked for; nothing if it is the number of patients only.
func measured(measures []dp.Measure) string {
	var words []string
	for _, m := range measures {
		words = append(words, measure(m))
	}
	if len(words) == 0 || len(words) == 1 && measures[0].Kind == dp.Patients {
		return ""
	}
	return list(words)
}

func measure(m dp.Measure) string {
	switch {
	case m.Kind == dp.Records && m.Events != nil:
		return fmt.Sprintf("the number of records of [%s], at most %d of a patient", m.Events.Words(), m.Max)
	case m.Kind == dp.Proportion && m.Of != nil:
		return "the share with " + m.Of.Words()
	case m.Kind == dp.Quantiles && m.Value != nil:
		return "the quantiles " + list(numbers(m.Ranks)) + " of " + value(*m.Value) + within(m)
	case m.Kind == dp.Histogram && m.Value != nil:
		return "the histogram of " + value(*m.Value) + " with the edges " + some(numbers(m.Edges))
	case m.Value != nil:
		return "the " + string(m.Kind) + " of " + value(*m.Value) + within(m)
	default:
		return "the number of patients"
	}
}

// within says which bounds values are cut off at.
func within(m dp.Measure) string {
	return fmt.Sprintf(" (%s)", strings.Join(numbers([]float64{m.Low, m.High}), " to "))
}

func value(v dp.Value) string {
	switch {
	case v.Events == nil:
		return "the age"
	case v.Field == dp.FieldCount:
		return "the number of [" + v.Events.Words() + "]"
	default:
		return fmt.Sprintf("the %s %s of [%s]", v.Reduce, strings.ReplaceAll(string(v.Field), "_", " "), v.Events.Words())
	}
}

func group(g dp.Group) string {
	switch {
	case g.Kind == dp.AgeBand:
		return "age (bands from " + list(numbers(g.Edges)) + ")"
	case g.Kind == dp.BirthYear:
		return "year of birth (bands from " + list(numbers(g.Edges)) + ")"
	case g.Kind == dp.Race, g.Kind == dp.Ethnicity:
		return string(g.Kind) + " (" + some(numbers(g.Concepts)) + ")"
	case g.Matches != nil:
		return "whether there is " + g.Matches.Words()
	case g.Events != nil:
		return divided(g)
	default:
		return string(g.Kind)
	}
}

// divided is a group that is made by events.
func divided(g dp.Group) string {
	events := " of [" + g.Events.Words() + "]"
	switch g.Kind {
	case dp.EventCount:
		return fmt.Sprintf("the number%s up to %d", events, g.Cap)
	case dp.Concept:
		s := "concept" + events + " (" + some(numbers(g.Concepts))
		if g.Descendants {
			s += ", or a kind of them"
		}
		return s + ")"
	case dp.Calendar:
		return fmt.Sprintf("%s%s from %s to %s", g.Unit, events, g.From, g.To)
	default:
		return "value" + events + " (bands from " + some(numbers(g.EdgesReal)) + ")"
	}
}

func numbers[T int | int64 | float64](list []T) []string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = strconv.FormatFloat(float64(x), 'f', -1, 64)
	}
	return words
}
