package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// printAnswer shows the numbers of an answer, a line each: the key, which number it
// is unless the question was only how many patients there are, the number and its interval.
func printAnswer(w io.Writer, s ledger.Statement) error {
	var plan dp.Statement
	if err := ledger.ParseCanonical(s.Plan, &plan); err != nil {
		return err
	}
	measures := plan.Query.Measures
	counts := len(measures) == 1 && measures[0].Kind == dp.Patients
	for _, g := range s.Answer {
		key := strings.Join(g.Key, " / ")
		if key == "" {
			key = "all"
		}
		for _, e := range g.Estimates {
			line := fmt.Sprintf("%-28s ", key)
			if !counts {
				line += fmt.Sprintf("%-24s ", measureName(measures, e))
			}
			if e.Suppressed {
				fmt.Fprintf(w, "%s suppressed: too few, by the dataset's rule\n", line)
				continue
			}
			fmt.Fprintf(w, "%s%8s   %s to %s\n", line, number(e.Value), number(e.Low), number(e.High))
		}
	}
	return nil
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

// printMargins says how exact the answer to a quoted question will be.
func printMargins(w io.Writer, q *pb.QuoteResponse) {
	if q.GetThreshold() > 0 {
		fmt.Fprintf(w, "a group for each concept that at least %d patients have, by the number with noise", q.GetThreshold())
	} else {
		fmt.Fprintf(w, "%d groups", len(q.GetKeys()))
	}
	margins := q.GetMargins()
	if len(margins) == 1 && margins[0].GetMeasure() == string(dp.Patients) {
		fmt.Fprintf(w, ", each within ±%.1f patients at 95%%\n", margins[0].GetHalf())
		return
	}
	fmt.Fprintln(w)
	for i, m := range margins {
		how := "how exact it will be depends on the data, or on a size that margin_size could say"
		if m.Half != nil {
			how = fmt.Sprintf("within ±%s at 95%%", number(m.GetHalf()))
		}
		fmt.Fprintf(w, "  %d %-12s %s\n", i+1, m.GetMeasure(), how)
	}
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
