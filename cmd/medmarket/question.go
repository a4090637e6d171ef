package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// question is a query on the command line.
type question struct {
	Query   string   `help:"File with the question as JSON, in the form that REST takes, which /docs/ of the marketplace describes (Query); - for standard input." placeholder:"FILE"`
	Dataset string   `help:"Dataset; required unless the file names it."`
	Also    []string `help:"Dataset of another hospital that is asked the same; repeat for more. The answers are added up: a patient known to several of the hospitals counts once at each." sep:"none" placeholder:"DATASET"`
	Group   []string `help:"A group: sex; age:0,18,40,60,80; condition:CONCEPT, drug:CONCEPT or measurement:CONCEPT (OMOP ids, with what is below them; several joined by +); condition, drug or measurement alone for each concept that enough patients have. At most three; not beside a file." sep:"none"`
	Most    int32    `help:"In how many groups one patient counts at most; required with condition, drug or measurement alone." name:"max-groups" placeholder:"N"`
	Margin  float64  `help:"Wanted half width of the 95% intervals, in patients, unless the file says how exact the answer must be." default:"30"`
}

var eventDomains = map[string]pb.Domain{
	"condition": pb.Domain_DOMAIN_CONDITION, "drug": pb.Domain_DOMAIN_DRUG, "measurement": pb.Domain_DOMAIN_MEASUREMENT,
}

// query reads the question, or makes it of the flags.
func (q *question) query(e *env) (*pb.Query, error) {
	out := &pb.Query{}
	if q.Query != "" {
		if err := q.read(e, out); err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--query %s: %w", q.Query, err)}
		}
	}
	if out.GetDataset() == "" {
		out.Dataset = q.Dataset
	}
	if out.GetDataset() == "" || q.Dataset != "" && q.Dataset != out.GetDataset() {
		return nil, &exitError{exitUsage, errors.New("name one dataset, by --dataset or in the file of --query")}
	}
	out.Also = append(out.GetAlso(), q.Also...)
	if out.GetPrecision() == nil {
		out.Precision = &pb.Query_Margin{Margin: q.Margin}
	}
	if q.Most != 0 {
		out.MaxGroups = q.Most
	}
	for _, text := range q.Group {
		g, err := parseGroup(text)
		if err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--group %s: %w", text, err)}
		}
		out.GroupBy = append(out.GroupBy, g)
	}
	return out, nil
}

// maxQuery is the most bytes of a question in a file.
const maxQuery = 1 << 20

func (q *question) read(e *env, out *pb.Query) error {
	if len(q.Group) > 0 || q.Most != 0 {
		return errors.New("the groups are in the file, not in --group and --max-groups")
	}
	in, err := e.open(q.Query)
	if err != nil {
		return err
	}
	defer in.Close() // only read from
	content, err := io.ReadAll(io.LimitReader(in, maxQuery+1))
	if err != nil {
		return err
	}
	if len(content) > maxQuery {
		return fmt.Errorf("is longer than %d bytes", maxQuery)
	}
	return protojson.Unmarshal(content, out)
}

// open opens a file that a command reads; "-" is standard input.
func (e *env) open(file string) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(e.stdin), nil
	}
	return os.Open(file)
}

func parseGroup(text string) (*pb.GroupBy, error) {
	kind, rest, some := strings.Cut(text, ":")
	switch kind {
	case "sex":
		return &pb.GroupBy{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}, nil
	case "age":
		edges, err := parseInts(rest, ",", 32)
		if err != nil {
			return nil, err
		}
		band := &pb.GroupBy_AgeBand{}
		for _, x := range edges {
			band.Edges = append(band.Edges, int32(x))
		}
		return &pb.GroupBy{Kind: &pb.GroupBy_AgeBand_{AgeBand: band}}, nil
	}
	domain, ok := eventDomains[kind]
	if !ok {
		return nil, errors.New("want sex, age:…, condition:…, drug:… or measurement:…")
	}
	if !some {
		events := &pb.Events{Of: &pb.Events_Records{Records: &pb.Records{Domain: domain}}}
		return &pb.GroupBy{Kind: &pb.GroupBy_Concept{Concept: &pb.GroupBy_ByConcept{Events: events}}}, nil
	}
	concepts, err := parseInts(rest, "+", 64)
	if err != nil {
		return nil, err
	}
	return &pb.GroupBy{Kind: &pb.GroupBy_HasEvent_{HasEvent: &pb.GroupBy_HasEvent{
		Domain: domain, ConceptIds: concepts, IncludeDescendants: true,
	}}}, nil
}

func parseInts(text, separator string, bits int) (out []int64, err error) {
	for part := range strings.SplitSeq(text, separator) {
		x, err := strconv.ParseInt(part, 10, bits)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", part)
		}
		out = append(out, x)
	}
	return out, nil
}
