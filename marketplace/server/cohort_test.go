package server_test

import (
	"math/rand/v2"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A criterion comes back from the wire, over REST's JSON too, as it was, and the field rules let it through.
func TestCriteriaOnTheWire(t *testing.T) {
	for seed := range uint64(300) {
		want := cohorttest.RandomCriterion(rand.New(rand.NewPCG(seed, 4)), 4)
		message := server.CriterionTo(want)
		if err := protovalidate.Validate(message); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		var got pb.Criterion
		if err := protojson.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, server.CriterionFrom(&got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d: %s\n%s", seed, text, diff)
		}
	}
}

// Every domain of the language is on the wire.
func TestDomainsOnTheWire(t *testing.T) {
	for _, d := range cohort.Domains() {
		e := cohort.Events{Records: &cohort.Records{Domain: d}}
		if got := server.EventsFrom(server.EventsTo(e)); got.Records.Domain != d {
			t.Errorf("%q came back as %q", d, got.Records.Domain)
		}
	}
	if got, want := len(pb.Domain_name)-1, len(cohort.Domains()); got != want {
		t.Errorf("the wire has %d domains, the language %d", got, want)
	}
}

// What lacks a part is refused as invalid, not taken for something else.
func TestIncompleteCriteria(t *testing.T) {
	for _, m := range []*pb.Criterion{
		nil, {},
		{Kind: &pb.Criterion_All{}},
		{Kind: &pb.Criterion_Not{}},
		{Kind: &pb.Criterion_AtLeast_{}},
		{Kind: &pb.Criterion_Person_{}},
		{Kind: &pb.Criterion_Has_{}},
		{Kind: &pb.Criterion_Has_{Has: &pb.Criterion_Has{Events: &pb.Events{Of: &pb.Events_Records{}}}}},
		{Kind: &pb.Criterion_Has_{Has: &pb.Criterion_Has{Events: &pb.Events{Of: &pb.Events_Union_{}}}}},
	} {
		if c, err := cohort.Canonical(server.CriterionFrom(m)); err == nil {
			t.Errorf("%v became %v", m, c)
		}
	}
}
