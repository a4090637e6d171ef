package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type conceptCommand struct {
	Import conceptImportCommand `cmd:"" help:"Make the file by which 'serve --vocabulary' looks concepts up, offline."`
	Search conceptSearchCommand `cmd:"" help:"Find concepts by words of their names, or by code."`
	Show   conceptShowCommand   `cmd:"" help:"Show a concept with what is above and below it."`
}

type conceptImportCommand struct {
	From string `help:"Folder with CONCEPT and CONCEPT_ANCESTOR (CSV, CSV.GZ or Parquet) as https://athena.ohdsi.org gives them. Not a hospital's own tables: they may hold only what its patients have." required:"" type:"existingdir"`
	Out  string `help:"File to write; one that is there is replaced." default:"vocabulary.sqlite" type:"path"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

func (c *conceptImportCommand) Run(e *env) error {
	p := newProgress(e, "concepts")
	p.name("reading")
	built, err := vocabulary.Build(e.ctx, c.Out, func(ctx context.Context, concept func(marketplace.VocabularyConcept) error, above func(above, below int64, steps int) error) error {
		return duckdb.ReadVocabulary(ctx, c.From, concept, above)
	})
	p.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"concepts": built.Concepts, "pairs": built.Pairs})
	}
	fmt.Fprintf(e.stdout, "%d concepts, %d times one above another, in %s\n", built.Concepts, built.Pairs, c.Out)
	return nil
}

type conceptSearchCommand struct {
	access
	Text       []string `arg:"" help:"Words that a name has, or their beginnings; or a code."`
	Domain     string   `help:"Only of this domain, as OMOP spells it: Condition, Drug, Measurement, …"`
	Vocabulary string   `help:"Only of this vocabulary: SNOMED, RxNorm, LOINC, …"`
	Standard   bool     `help:"Only standard concepts, which questions use."`
	Limit      int32    `help:"How many to show, at most 100." default:"20"`
	Offset     int32    `help:"How many to leave out first."`
	JSON       bool     `help:"Print one JSON array." name:"json"`
}

// conceptLine is a concept as the commands print it with --json.
type conceptLine struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Domain     string `json:"domain"`
	Vocabulary string `json:"vocabulary"`
	Class      string `json:"class"`
	Standard   string `json:"standard"`
	Code       string `json:"code"`
	Steps      int32  `json:"steps,omitempty"` // between a relative and the concept
}

func lineOf(c *pb.VocabularyConcept) conceptLine {
	return conceptLine{c.GetId(), c.GetName(), c.GetDomain(), c.GetVocabulary(), c.GetConceptClass(), c.GetStandard(), c.GetCode(), 0}
}

func (c *conceptSearchCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewConceptServiceClient(p.market).SearchConcepts(e.ctx, &pb.SearchConceptsRequest{
			Query: strings.Join(c.Text, " "), Domain: c.Domain, Vocabulary: c.Vocabulary, StandardOnly: c.Standard, Limit: c.Limit, Offset: c.Offset,
		})
		if err != nil {
			return err
		}
		lines := []conceptLine{}
		for _, found := range r.GetConcepts() {
			lines = append(lines, lineOf(found))
		}
		if c.JSON {
			return printJSON(e.stdout, lines)
		}
		for _, l := range lines {
			l.print(e.stdout, "")
		}
		if r.GetMore() {
			fmt.Fprintf(e.stdout, "there are more: --offset %d\n", int(c.Offset)+len(lines))
		}
		return nil
	})
}

func (l conceptLine) print(w io.Writer, before string) {
	standing := map[string]string{"S": "", "C": ", classification"}
	note, ok := standing[l.Standard]
	if !ok {
		note = ", not standard"
	}
	fmt.Fprintf(w, "%s%-10d %s  (%s, %s %s%s)\n", before, l.ID, l.Name, l.Domain, l.Vocabulary, l.Code, note)
}

type conceptShowCommand struct {
	access
	ID     int64 `arg:"" help:"Concept id."`
	Limit  int32 `help:"How many to show of what is above, and of what is below; at most 1000." default:"20"`
	Offset int32 `help:"How many of each to leave out first."`
	JSON   bool  `help:"Print one JSON object." name:"json"`
}

func (c *conceptShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewConceptServiceClient(p.market).GetConcept(e.ctx, &pb.GetConceptRequest{Id: c.ID, Limit: c.Limit, Offset: c.Offset})
		if err != nil {
			return err
		}
		lines := func(list []*pb.Relative) []conceptLine {
			out := []conceptLine{}
			for _, x := range list {
				l := lineOf(x.GetConcept())
				l.Steps = x.GetSteps()
				out = append(out, l)
			}
			return out
		}
		above, below := lines(r.GetAncestors()), lines(r.GetDescendants())
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"concept": lineOf(r.GetConcept()), "ancestors": above, "descendants": below, "more": r.GetMore()})
		}
		lineOf(r.GetConcept()).print(e.stdout, "")
		for _, l := range above {
			l.print(e.stdout, fmt.Sprintf("  above %-3d", l.Steps))
		}
		for _, l := range below {
			l.print(e.stdout, fmt.Sprintf("  below %-3d", l.Steps))
		}
		if r.GetMore() {
			fmt.Fprintf(e.stdout, "there are more: --offset %d\n", int(c.Offset)+max(len(above), len(below)))
		}
		return nil
	})
}
