package main

import (
	"fmt"
	"io"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type quoteCommand struct {
	access
	question
	Grant ledger.Hash `help:"Id of a grant: the estimates are then made for the sizes of groups that its study was told before."`
	JSON  bool        `help:"Print one JSON object." name:"json"`
}

func (c *quoteCommand) Run(e *env) error {
	query, err := c.query(e)
	if err != nil {
		return err
	}
	request := &pb.QuoteRequest{Query: query}
	if !c.Grant.IsZero() {
		request.Grant = c.Grant[:]
	}
	return c.with(func(p *person) error {
		q, err := pb.NewQueryServiceClient(p.market).Quote(e.ctx, request)
		if err != nil {
			return err
		}
		if c.JSON {
			return printQuoteJSON(e.stdout, q)
		}
		if err := p.printQuestion(e.ctx, e.stdout, q); err != nil {
			return err
		}
		printMargins(e.stdout, q)
		printHospitalQuotes(e.stdout, q)
		fmt.Fprintf(e.stdout, "cost  %d nano-rho (%.4f epsilon at delta %g)%s\n", q.GetCost().GetNanoRho(), epsilon(q.GetCost().GetNanoRho()), displayDelta,
			besides(q.GetCost().GetDelta(), q.GetCost().GetNanoEpsilon()))
		fmt.Fprintf(e.stdout, "price %s credits; %s of %s escrowed are drawn\n", credits(q.GetWork()), credits(q.GetDrawn()), credits(q.GetEscrow()))
		for _, h := range q.GetHospitals() {
			printRise(e.stdout, h.GetDataset(), h.GetNextRise())
		}
		return nil
	})
}

// marginLine is a margin as query quote --json prints it.
type marginLine struct {
	Measure string   `json:"measure"`
	Half    *float64 `json:"half,omitempty"`
	// TimesPatients and what follows are of margins that depend on how many patients a group has.
	TimesPatients float64   `json:"times_patients,omitempty"`
	InRanks       bool      `json:"in_ranks,omitempty"`
	Size          *sizeLine `json:"size,omitempty"`
}

type sizeLine struct {
	Patients float64      `json:"patients"`
	Basis    string       `json:"basis"` // "asked", "released", "threshold", "declared"
	Request  ledger.Bytes `json:"request_id,omitempty"`
}

var basisNames = map[pb.SizeBasis]string{
	pb.SizeBasis_SIZE_BASIS_ASKED: "asked", pb.SizeBasis_SIZE_BASIS_RELEASED: "released", pb.SizeBasis_SIZE_BASIS_DECLARED: "declared",
	pb.SizeBasis_SIZE_BASIS_THRESHOLD: "threshold",
}

func printQuoteJSON(w io.Writer, q *pb.QuoteResponse) error {
	margins := []marginLine{}
	for _, m := range q.GetMargins() {
		line := marginLine{Measure: m.GetMeasure(), Half: m.Half, TimesPatients: m.GetTimesPatients(), InRanks: m.GetInRanks()}
		if s := m.GetSize(); s != nil {
			line.Size = &sizeLine{s.GetPatients(), basisNames[s.GetBasis()], s.GetRequestId()}
		}
		margins = append(margins, line)
	}
	keys := [][]string{}
	for _, k := range q.GetKeys() {
		keys = append(keys, append([]string{}, k.GetLabels()...))
	}
	hospitals := []hospitalLine{}
	for _, h := range q.GetHospitals() {
		hospitals = append(hospitals, hospitalLine{Dataset: h.GetDataset(), Provider: ledger.Address(h.GetProvider()), NanoRho: h.GetCost().GetNanoRho(), Work: h.GetWork(),
			WorkPerNanoRho: h.GetWorkPerNanoRho(), NextRise: riseOf(h.GetNextRise())})
	}
	return printJSON(w, map[string]any{
		"hospitals": hospitals,
		"plan_hash": ledger.Bytes(q.GetPlanHash()), "groups": keys, "margins": margins, "threshold": q.GetThreshold(), "nano_rho": q.GetCost().GetNanoRho(),
		"delta": q.GetCost().GetDelta(), "nano_epsilon": q.GetCost().GetNanoEpsilon(), "work": q.GetWork(), "drawn": q.GetDrawn(), "escrow": q.GetEscrow(),
	})
}

// printMargins says how exact the answer to a quoted question will be.
func printMargins(w io.Writer, q *pb.QuoteResponse) {
	if q.GetThreshold() > 0 {
		fmt.Fprintf(w, "a group for each concept that at least %d patients have, by the number with noise", q.GetThreshold())
	} else {
		fmt.Fprint(w, plural(len(q.GetKeys()), "group"))
	}
	margins := q.GetMargins()
	if len(margins) == 1 && margins[0].GetMeasure() == string(dp.Patients) {
		fmt.Fprintf(w, ", each within ±%.1f patients at 95%%\n", margins[0].GetHalf())
		return
	}
	fmt.Fprintln(w)
	for i, m := range margins {
		fmt.Fprintf(w, "  %d %-12s %s\n", i+1, m.GetMeasure(), marginWords(m))
	}
}

// marginWords say how exact a measure will be: exactly, or as an estimate for one size and by the formula for others.
func marginWords(m *pb.Margin) string {
	unit := ""
	if m.GetInRanks() {
		unit = " in rank"
	}
	times := m.GetTimesPatients()
	switch {
	case m.Half != nil && times == 0:
		return fmt.Sprintf("within ±%s at 95%%", number(m.GetHalf()))
	case m.Half != nil:
		return fmt.Sprintf("estimate: within ±%s%s at 95%% %s; ±%s/n%s in one of n patients",
			number(m.GetHalf()), unit, sizeWords(m.GetSize()), number(times), unit)
	}
	return fmt.Sprintf("estimate: within ±%s/n%s at 95%% in a group of n patients with a value: ±%s for 100, ±%s for 1000, ±%s for 10000",
		number(times), unit, number(times/100), number(times/1000), number(times/10000))
}

func sizeWords(s *pb.GroupSize) string {
	n := number(s.GetPatients())
	switch s.GetBasis() {
	case pb.SizeBasis_SIZE_BASIS_RELEASED:
		return fmt.Sprintf("in a group of %s patients, the smallest in the answer to %s", n, hexOf(s.GetRequestId()))
	case pb.SizeBasis_SIZE_BASIS_THRESHOLD:
		return fmt.Sprintf("at worst, in a group of %s patients, with as few of which it appears", n)
	case pb.SizeBasis_SIZE_BASIS_DECLARED:
		return fmt.Sprintf("at best, in a group of all the %s patients that the dataset's profile says", n)
	default:
		return fmt.Sprintf("in a group of %s patients, as asked", n)
	}
}

// printRise says when a dataset's price rises next, if it does.
func printRise(w io.Writer, dataset string, r *pb.PriceRise) {
	if r != nil {
		fmt.Fprintf(w, "      at %s it rises to %s credits for 0.001 rho once %d %% of the dataset's budget is spent\n",
			dataset, credits(1_000_000*r.GetWorkPerNanoRho()), r.GetSpentPercent())
	}
}

// riseOf is a step of a price as JSON has it.
func riseOf(r *pb.PriceRise) *provider.PriceRise {
	if r == nil {
		return nil
	}
	return &provider.PriceRise{SpentPercent: r.GetSpentPercent(), WorkPerNanoRho: r.GetWorkPerNanoRho()}
}

// plural counts things in words: 1 group, 2 groups.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
