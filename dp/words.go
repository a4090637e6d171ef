package dp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Words says the query in English, for people who read a register or a quote; long lists
// are cut short. Concepts are called as n calls them.
func (q Query) Words(n cohort.Names) string {
	text, end := "How many patients are there", "?"
	if what := measured(n, q.Measures); what != "" {
		text, end = "Give "+what, "."
	}
	if q.Cohort != nil {
		text = "Among patients with " + q.Cohort.Words(n) + ": " + strings.ToLower(text[:1]) + text[1:]
	}
	if len(q.GroupBy) > 0 {
		by := make([]string, len(q.GroupBy))
		for i, g := range q.GroupBy {
			by[i] = g.words(n)
		}
		text += ", by " + list(by)
	}
	text += end
	if q.MaxGroups > 0 {
		text += fmt.Sprintf(" A patient counts in at most %d groups.", q.MaxGroups)
	}
	return text
}

// measured lists what is asked for; nothing if it is the number of patients only.
func measured(n cohort.Names, measures []Measure) string {
	var words []string
	for _, m := range measures {
		words = append(words, m.words(n))
	}
	if len(words) == 0 || len(words) == 1 && measures[0].Kind == Patients {
		return ""
	}
	return list(words)
}

func (m Measure) words(n cohort.Names) string {
	switch {
	case m.Kind == Records && m.Events != nil:
		return fmt.Sprintf("the number of records of [%s], at most %d of a patient", m.Events.Words(n), m.Max)
	case m.Kind == Proportion && m.Of != nil:
		return "the share with " + m.Of.Words(n)
	case m.Kind == Quantiles && m.Value != nil && slices.Equal(m.Ranks, []float64{0.5}):
		return "the median of " + m.Value.words(n) + m.boundsWords()
	case m.Kind == Quantiles && m.Value != nil:
		return "the quantiles " + list(numbers(m.Ranks)) + " of " + m.Value.words(n) + m.boundsWords()
	case m.Kind == Histogram && m.Value != nil:
		return "the histogram of " + m.Value.words(n) + " with the edges " + some(numbers(m.Edges))
	case m.Value != nil:
		return "the " + string(m.Kind) + " of " + m.Value.words(n) + m.boundsWords()
	default:
		return "the number of patients"
	}
}

// boundsWords say what values are cut off at.
func (m Measure) boundsWords() string {
	return fmt.Sprintf(" (%s)", strings.Join(numbers([]float64{m.Low, m.High}), " to "))
}

func (v Value) words(n cohort.Names) string {
	switch {
	case v.Events == nil:
		return "the age"
	case v.Field == FieldCount:
		return "the number of [" + v.Events.Words(n) + "]"
	default:
		return fmt.Sprintf("the %s %s of [%s]", v.Reduce, strings.ReplaceAll(string(v.Field), "_", " "), v.Events.Words(n))
	}
}

func (g Group) words(n cohort.Names) string {
	switch {
	case g.Kind == AgeBand:
		return "age (bands from " + list(numbers(g.Edges)) + ")"
	case g.Kind == BirthYear:
		return "year of birth (bands from " + list(numbers(g.Edges)) + ")"
	case g.Kind == Race, g.Kind == Ethnicity:
		return string(g.Kind) + " (" + some(named(n, g.Concepts)) + ")"
	case g.Matches != nil:
		return "whether there is " + g.Matches.Words(n)
	case g.Events != nil:
		return g.dividedWords(n)
	default:
		return string(g.Kind)
	}
}

// dividedWords are those of a group that is made by events.
func (g Group) dividedWords(n cohort.Names) string {
	events := " of [" + g.Events.Words(n) + "]"
	switch g.Kind {
	case EventCount:
		return fmt.Sprintf("the number%s up to %d", events, g.Cap)
	case Concept:
		if g.PrivateKeys() {
			return "concept" + events + " (those that enough patients have)"
		}
		s := "concept" + events + " (" + some(named(n, g.Concepts))
		if g.Descendants {
			s += ", or a kind of them"
		}
		return s + ")"
	case Calendar:
		return fmt.Sprintf("%s%s from %s to %s", g.Unit, events, g.From, g.To)
	default:
		return "value" + events + " (bands from " + some(numbers(g.EdgesReal)) + ")"
	}
}

func named(n cohort.Names, ids []int64) []string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = n(id)
	}
	return words
}

func numbers[T int | int64 | float64](list []T) []string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = strconv.FormatFloat(float64(x), 'f', -1, 64)
	}
	return words
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
