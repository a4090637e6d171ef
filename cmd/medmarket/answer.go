package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// printAnswer shows the numbers of an answer, a line each: the key, which number it
// is unless the question was only how many patients there are, the number and its interval. Keys that are
// concepts have their names beside them, as far as names has them.
func printAnswer(w io.Writer, s ledger.Statement, names map[string]string) error {
	var plan dp.Statement
	if err := ledger.ParseCanonical(s.Plan, &plan); err != nil {
		return err
	}
	measures := plan.Query.Measures
	counts := len(measures) == 1 && measures[0].Kind == dp.Patients
	for _, g := range s.Answer {
		key := strings.Join(named(plan.Query, g.Key, names), " / ")
		if key == "" {
			key = "all"
		}
		for _, e := range g.Estimates {
			line := fmt.Sprintf("%-28s ", key)
			if !counts {
				line += fmt.Sprintf("%-24s ", measureName(measures, e))
			}
			if e.Suppressed {
				fmt.Fprintf(w, "%ssuppressed: too few, by the dataset's rule\n", line)
				continue
			}
			fmt.Fprintf(w, "%s%8s   %s to %s\n", line, number(e.Value), number(e.Low), number(e.High))
		}
	}
	return nil
}

// divides reports whether the labels of a group are concept ids.
func divides(g dp.Group) bool {
	return g.Kind == dp.Concept || g.Kind == dp.Race || g.Kind == dp.Ethnicity
}

// named is a key with the names of its concepts.
func named(q dp.Query, key []string, names map[string]string) []string {
	out := slices.Clone(key)
	for i, label := range key {
		if name := names[label]; name != "" && i < len(q.GroupBy) && divides(q.GroupBy[i]) {
			out[i] += " " + name
		}
	}
	return out
}

// conceptNames looks up the concepts in the keys of an answer, by their labels. What the marketplace cannot name has
// none: the answer is whole without.
func (p *person) conceptNames(ctx context.Context, s ledger.Statement) map[string]string {
	var plan dp.Statement
	if err := ledger.ParseCanonical(s.Plan, &plan); err != nil {
		return nil // who prints the answer says so
	}
	var ids []int64
	for _, g := range s.Answer {
		for i, label := range g.Key {
			if i < len(plan.Query.GroupBy) && divides(plan.Query.GroupBy[i]) {
				if id, err := strconv.ParseInt(label, 10, 64); err == nil {
					ids = append(ids, id)
				}
			}
		}
	}
	slices.Sort(ids)
	names := map[string]string{}
	for some := range slices.Chunk(slices.Compact(ids), marketplace.MaxNamed) {
		r, err := pb.NewConceptServiceClient(p.market).NameConcepts(ctx, &pb.NameConceptsRequest{Ids: some})
		if err != nil {
			return names
		}
		for _, c := range r.GetConcepts() {
			names[strconv.FormatInt(c.GetId(), 10)] = c.GetName()
		}
	}
	return names
}

// printQuestion says what was quoted, as the register will show it.
func printQuestion(w io.Writer, q *pb.QuoteResponse) error {
	var plan dp.Statement
	if err := ledger.ParseCanonical(q.GetPlan(), &plan); err != nil {
		return err
	}
	fmt.Fprintln(w, plan.Query.Words())
	return nil
}

// measureName says which number of an answer an estimate is.
func measureName(measures []dp.Measure, e ledger.Estimate) string {
	name := "?"
	if e.Measure >= 0 && e.Measure < len(measures) {
		name = string(measures[e.Measure].Kind)
	}
	if len(measures) > 1 {
		name = strconv.Itoa(e.Measure+1) + " " + name
	}
	return strings.TrimSpace(name + " " + e.Label)
}

// number writes whole numbers whole and others with five digits.
func number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 5, 64)
}
