package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// printAnswer shows the numbers of an answer, a line each: the key, which number it
// is unless the question was only how many patients there are, the number and its interval. Keys that are
// concepts have their names beside them, as far as lookup has them.
func printAnswer(w io.Writer, s ledger.Statement, lookup func(concepts []int64) map[int64]string) error {
	var plan dp.Statement
	if err := ledger.ParseCanonical(s.Plan, &plan); err != nil {
		return err
	}
	measures := plan.Query.Measures
	counts := len(measures) == 1 && measures[0].Kind == dp.Patients
	names := lookup(keyConcepts(plan.Query, s.Answer))
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

// printQuestion says what was quoted, with the names of the concepts in it, and what the dataset's rule does with
// small numbers.
func (p *person) printQuestion(ctx context.Context, w io.Writer, q *pb.QuoteResponse) error {
	var s dp.Statement
	if err := ledger.ParseCanonical(q.GetPlan(), &s); err != nil {
		return err
	}
	plan, err := dp.NewPlan(s.Query, s.Metadata)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, s.Query.Words(cohort.ByID))
	names := p.conceptNames(ctx, plan.Concepts())
	for _, id := range plan.Concepts() {
		if name, known := names[id]; known {
			fmt.Fprintf(w, "  %-10d %s\n", id, name)
		}
	}
	if words := disclosureWords(policy.Disclosure(s.Metadata.Disclosure)); words != "" {
		fmt.Fprintln(w, "numbers: "+words)
	}
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
