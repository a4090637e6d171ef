package cohort

import (
	"fmt"
	"strconv"
	"strings"
)

// maxNamed is how many concepts of one set [Criterion.Words] names.
const maxNamed = 8

// Names is what a concept is called.
type Names func(id int64) string

// ByID calls a concept by its id, where nothing knows its name.
func ByID(id int64) string { return strconv.FormatInt(id, 10) }

// Words says the criterion in English for people who read a register or a quote. Long
// lists are cut short: the criterion itself is its JSON.
func (c Criterion) Words(n Names) string { return c.words(n, false) }

// words puts what is more than one clause into brackets where asked to.
func (c Criterion) words(n Names, bracketed bool) string {
	switch {
	case len(c.All) > 0:
		return joined(n, c.All, " and ", bracketed)
	case len(c.Any) > 0:
		return joined(n, c.Any, " or ", bracketed)
	case c.Not != nil:
		return "not " + c.Not.words(n, true)
	case c.AtLeast != nil:
		return fmt.Sprintf("at least %d of (%s)", c.AtLeast.K, joined(n, c.AtLeast.Of, "; ", false))
	case c.Person != nil:
		return c.Person.words(n, bracketed)
	case c.Has != nil:
		return c.Has.words(n)
	default:
		return "nothing"
	}
}

func joined(n Names, list []Criterion, by string, bracketed bool) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = c.words(n, true)
	}
	return clauses(words, by, bracketed)
}

func clauses(words []string, by string, bracketed bool) string {
	text := strings.Join(words, by)
	if bracketed && len(words) > 1 {
		return "(" + text + ")"
	}
	return text
}

func (p Person) words(n Names, bracketed bool) string {
	var words []string
	add := func(set bool, what, value string) {
		if set {
			words = append(words, what+" "+value)
		}
	}
	add(len(p.Sexes) > 0, "sex", named(n, p.Sexes))
	add(len(p.Races) > 0, "race", named(n, p.Races))
	add(len(p.Ethnicities) > 0, "ethnicity", named(n, p.Ethnicities))
	add(p.YearOfBirth != nil, "born in", p.YearOfBirth.words())
	add(p.Age != nil, "aged", p.Age.words())
	add(p.Start != nil, "starting", p.Start.words())
	add(p.End != nil, "ending", p.End.words())
	return clauses(words, " and ", bracketed)
}

func (h Has) words(n Names) string {
	what := map[Distinct]string{"": "", DistinctDays: "days with ", DistinctConcepts: "concepts among ", DistinctVisits: "visits with "}[h.Distinct]
	var count string
	switch {
	case h.Max == nil:
		count = fmt.Sprintf("at least %d", max(h.Min, 1))
	case *h.Max == 0:
		count = "none"
	case h.Min == *h.Max:
		count = fmt.Sprintf("exactly %d", h.Min)
	case h.Min == 0:
		count = fmt.Sprintf("at most %d", *h.Max)
	default:
		count = fmt.Sprintf("%d to %d", h.Min, *h.Max)
	}
	text := what + h.Events.Words(n)
	if h.Window != nil {
		text += h.Window.words()
	}
	return count + " of [" + text + "]"
}

func (w Window) words() string {
	var words []string
	for _, s := range w.Spans {
		words = append(words, s.words())
	}
	if w.SameVisit {
		words = append(words, "in the same visit")
	}
	if w.AnyTime {
		words = append(words, "observed or not")
	}
	if len(words) == 0 {
		return ""
	}
	return ", " + strings.Join(words, ", ")
}

func (s Span) words() string {
	of, index := "start", "start"
	if s.EventEnd {
		of = "end"
	}
	if s.IndexEnd {
		index = "end"
	}
	between := func(d *int, open string) string {
		if d == nil {
			return open
		}
		return strconv.Itoa(*d)
	}
	if s.From == nil && s.To == nil {
		return "with the " + of + " observed"
	}
	return fmt.Sprintf("with the %s on days %s to %s from the %s", of, between(s.From, "any"), between(s.To, "any"), index)
}

// Words says the set of events in English, as [Criterion.Words] does.
func (e Events) Words(n Names) string {
	var words []string
	if e.Records != nil {
		words = append(words, e.Records.words(n))
	} else {
		members := make([]string, len(e.Union))
		for i, u := range e.Union {
			members[i] = u.Words(n)
			if len(e.Union) > 1 && strings.Contains(members[i], ",") || u.Records == nil {
				members[i] = "(" + members[i] + ")"
			}
		}
		words = append(words, strings.Join(members, " or "))
	}
	if o := e.Observed; o != nil {
		words = append(words, fmt.Sprintf("observed for %d days before and %d after", o.Before, o.After))
	}
	if e.Where != nil {
		words = append(words, "each such that "+e.Where.words(n, true))
	}
	if e.Keep != "" {
		words = append(words, "the "+string(e.Keep)+" of them")
	}
	return strings.Join(words, ", ")
}

func (r Records) words(n Names) string {
	text := strings.ReplaceAll(string(r.Domain), "_", " ")
	if len(r.Concepts) > 0 {
		text += " " + r.Concepts.words(n)
	}
	words := []string{text}
	add := func(set bool, what, value string) {
		if set {
			words = append(words, what+value)
		}
	}
	add(r.First, "the first ever", "")
	add(r.Start != nil, "starting ", r.Start.words())
	add(r.End != nil, "ending ", r.End.words())
	add(r.Length != nil, "days ", r.Length.words())
	add(r.Value != nil, "value ", r.Value.words())
	add(r.RangeLow != nil, "lower limit ", r.RangeLow.words())
	add(r.RangeHigh != nil, "upper limit ", r.RangeHigh.words())
	add(r.Quantity != nil, "quantity ", r.Quantity.words())
	add(r.DaysSupply != nil, "days of supply ", r.DaysSupply.words())
	add(r.Occurrences != nil, "records in the era ", r.Occurrences.words())
	add(r.GapDays != nil, "days of gaps ", r.GapDays.words())
	add(len(r.ValueConcepts) > 0, "value ", named(n, r.ValueConcepts))
	add(len(r.Units) > 0, "unit ", named(n, r.Units))
	add(len(r.Types) > 0, "type ", named(n, r.Types))
	return strings.Join(words, ", ")
}

func (s ConceptSet) words(n Names) string {
	var in, out []string
	for _, c := range s {
		text := n(c.ID)
		if c.Descendants {
			text += " or a kind of it"
		}
		if c.Exclude {
			out = append(out, text)
		} else {
			in = append(in, text)
		}
	}
	text := shortened(in)
	if len(out) > 0 {
		text += " but not " + shortened(out)
	}
	return text
}

func named(n Names, ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = n(id)
	}
	return shortened(words)
}

func shortened(list []string) string {
	if len(list) > maxNamed {
		list = append(list[:maxNamed:maxNamed], fmt.Sprintf("%d more", len(list)-maxNamed))
	}
	return strings.Join(list, " or ")
}

func (r *IntRange) words() string {
	switch {
	case r == nil:
		return ""
	case r.Max == nil:
		return fmt.Sprintf("%d or more", *r.Min)
	case r.Min == nil:
		return fmt.Sprintf("%d or less", *r.Max)
	case *r.Min == *r.Max:
		return strconv.FormatInt(*r.Min, 10)
	default:
		return fmt.Sprintf("%d to %d", *r.Min, *r.Max)
	}
}

func (r *Range) words() string {
	if r == nil {
		return ""
	}
	var words []string
	end := func(v *float64, open bool, sign string) {
		if v == nil {
			return
		}
		if !open {
			sign += "="
		}
		words = append(words, sign+" "+strconv.FormatFloat(*v, 'g', -1, 64))
	}
	end(r.Min, r.MinOpen, ">")
	end(r.Max, r.MaxOpen, "<")
	return strings.Join(words, " and ")
}

func (r *DateRange) words() string {
	switch {
	case r == nil:
		return ""
	case r.To == "":
		return "from " + r.From + " on"
	case r.From == "":
		return "until " + r.To
	default:
		return r.From + " to " + r.To
	}
}
