package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type circeCommand struct {
	File    string  `arg:"" help:"Cohort definition that ATLAS exported (OHDSI circe JSON), or a criterion as this command prints it; - for standard input."`
	Dataset string  `help:"Print a whole question instead: how many patients of this dataset are in the cohort."`
	Margin  float64 `help:"With --dataset, the half width of the 95 % interval that is wanted, in patients." default:"100"`
}

// Help is what --help says besides.
func (c *circeCommand) Help() string {
	return "Prints the criterion that holds for the patients whom the definition puts into its cohort, as JSON in the form that REST takes: " +
		"it is the cohort of a question. With --dataset it prints the question, for query quote --query. Ends of stays in the cohort do not matter to who is in it, and are read over. " +
		"What a criterion cannot say is named, all of it, and the exit code is 2."
}

func (c *circeCommand) Run(e *env) error {
	in, err := e.open(c.File)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer in.Close() // only read from
	text, err := io.ReadAll(io.LimitReader(in, circe.MaxBytes+1))
	if err != nil {
		return err
	}
	criterion, err := importCriterion(text)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%s:\n%w", c.File, err)}
	}
	var out proto.Message = server.CriterionTo(criterion)
	if c.Dataset != "" {
		out = &pb.Query{Dataset: c.Dataset, Cohort: server.CriterionTo(criterion), Precision: &pb.Query_Margin{Margin: c.Margin}}
	}
	printed, err := printMessage(out)
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(printed)
	return err
}

// importCriterion reads a definition, or what this command printed.
func importCriterion(text []byte) (cohort.Criterion, error) {
	var printed pb.Criterion
	if err := protojson.Unmarshal(text, &printed); err == nil {
		return cohort.Canonical(server.CriterionFrom(&printed))
	}
	return circe.Import(text)
}

func printMessage(m proto.Message) ([]byte, error) {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", " "); err != nil { // protojson's own spaces differ from build to build
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
