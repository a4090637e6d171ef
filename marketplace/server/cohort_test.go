package server_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
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

// What is imported can be asked: the field rules let it through, and it comes back as it was.
func TestImportedCohortsOnTheWire(t *testing.T) {
	definitions, err := omoptest.CirceDefinitions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if definitions == nil {
		t.Skip("SKIP: no shared/data beside the repository, or no xz; set MEDMARKET_SHARED_DATA")
	}
	for i, name := range slices.Sorted(maps.Keys(definitions)) {
		if i%10 > 0 {
			continue // circe's own tests look at all
		}
		want, err := circe.Import(definitions[name])
		if err != nil {
			continue
		}
		message := server.CriterionTo(want)
		if err := protovalidate.Validate(message); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := cohort.Canonical(server.CriterionFrom(message))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
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
