package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// hospitalLine is a hospital as query quote and query ask print it with --json.
type hospitalLine struct {
	Dataset  string         `json:"dataset"`
	Provider ledger.Address `json:"provider"`
	State    string         `json:"state,omitempty"` // of an answer: "answered", or why not
	Reasons  []string       `json:"reasons,omitempty"`
	NanoRho  int64          `json:"nano_rho,omitempty"` // charged there, or quoted
	Work     int64          `json:"work,omitempty"`     // quoted

	// Of a quote.
	WorkPerNanoRho int64               `json:"work_per_nano_rho,omitempty"`
	NextRise       *provider.PriceRise `json:"next_rise,omitempty"`
}

// hospitalsOf are the hospitals of an answer, in the order of the ask.
func hospitalsOf(s ledger.Statement) (out []hospitalLine) {
	for _, asked := range s.Ask.Each() {
		h := hospitalLine{Dataset: asked.Dataset, Provider: asked.Provider, State: "answered"}
		for _, m := range s.Missing {
			if m.Provider == asked.Provider {
				h.State, h.Reasons = string(m.State), m.Reasons
			}
		}
		for _, r := range s.Releases {
			if r.Provider == asked.Provider {
				h.NanoRho = r.Release.NanoRho
			}
		}
		out = append(out, h)
	}
	return out
}

// printHospitals says, of an answer of several hospitals, what it is made of.
func printHospitals(w io.Writer, s ledger.Statement) {
	if len(s.Ask.Also) == 0 {
		return
	}
	for _, h := range hospitalsOf(s) {
		line := fmt.Sprintf("  %-28s %s", h.Dataset, h.State)
		if len(h.Reasons) > 0 {
			line += ": " + strings.Join(h.Reasons, ", ")
		}
		fmt.Fprintln(w, line)
	}
	if len(s.Missing) > 0 {
		fmt.Fprintf(w, "PARTIAL: the numbers are of %d of %d hospitals.\n", len(s.Releases), 1+len(s.Ask.Also))
	}
	if s.CountedAtEach {
		fmt.Fprintln(w, "A patient known to several of the hospitals counts once at each.")
	}
}

// printHospitalQuotes says, of a question to several hospitals, what it is at each.
func printHospitalQuotes(w io.Writer, q *pb.QuoteResponse) {
	if len(q.GetHospitals()) < 2 {
		return
	}
	for _, h := range q.GetHospitals() {
		fmt.Fprintf(w, "  %-28s %d nano-rho, %s credits\n", h.GetDataset(), h.GetCost().GetNanoRho(), credits(h.GetWork()))
	}
	fmt.Fprintf(w, "Intervals are those at each hospital; of the sum of %d they are about √%d times as wide.\n"+
		"A patient known to several of the hospitals counts once at each.\n", len(q.GetHospitals()), len(q.GetHospitals()))
}
