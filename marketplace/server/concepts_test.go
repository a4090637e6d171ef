package server_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// shelf is a vocabulary of three concepts, one above the other.
type shelf struct {
	closed bool
	asked  marketplace.ConceptSearch
}

var shelved = []marketplace.VocabularyConcept{
	{ID: 201820, Name: "Diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Standard: "S", Code: "73211009"},
	{ID: 201826, Name: "Type 2 diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Standard: "S", Code: "44054006"},
	{ID: 443732, Name: "Disorder due to type 2 diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Standard: "S", Code: "422014003"},
}

func (s *shelf) Search(_ context.Context, q marketplace.ConceptSearch) ([]marketplace.VocabularyConcept, error) {
	s.asked = q
	if s.closed {
		return nil, marketplace.ErrNoVocabulary
	}
	return window(shelved, q.Limit, q.Offset), nil
}

func (s *shelf) Named(_ context.Context, ids []int64) ([]marketplace.VocabularyConcept, error) {
	return slices.DeleteFunc(slices.Clone(shelved), func(c marketplace.VocabularyConcept) bool { return !slices.Contains(ids, c.ID) }), nil
}

func (s *shelf) Above(_ context.Context, id int64, limit, offset int) ([]marketplace.Relative, error) {
	return relatives(id, limit, offset, -1), nil
}

func (s *shelf) Below(_ context.Context, id int64, limit, offset int) ([]marketplace.Relative, error) {
	return relatives(id, limit, offset, 1), nil
}

func relatives(id int64, limit, offset, step int) (out []marketplace.Relative) {
	at := slices.IndexFunc(shelved, func(c marketplace.VocabularyConcept) bool { return c.ID == id })
	for i := at + step; i >= 0 && i < len(shelved); i += step {
		out = append(out, marketplace.Relative{VocabularyConcept: shelved[i], Steps: (i - at) * step})
	}
	return window(out, limit, offset)
}

func window[T any](list []T, limit, offset int) []T {
	list = list[min(offset, len(list)):]
	return list[:min(limit, len(list))]
}

func concept(i int) *pb.VocabularyConcept {
	c := shelved[i]
	return &pb.VocabularyConcept{Id: c.ID, Name: c.Name, Domain: c.Domain, Vocabulary: c.Vocabulary, ConceptClass: c.Class, Standard: c.Standard, Code: c.Code}
}

func TestConcepts(t *testing.T) {
	w := newWorld(t)
	c := pb.NewConceptServiceClient(w.as(committee, w.marketAt))
	found, err := c.SearchConcepts(t.Context(), &pb.SearchConceptsRequest{
		Query: "diabetes", Domain: "Condition", Vocabulary: "SNOMED", StandardOnly: true, Limit: 2,
	})
	ok(t, err)
	want := &pb.SearchConceptsResponse{Concepts: []*pb.VocabularyConcept{concept(0), concept(1)}, More: true}
	if d := cmp.Diff(want, found, protocmp.Transform()); d != "" {
		t.Errorf("first page (-want +got):\n%s", d)
	}
	asked := marketplace.ConceptSearch{Text: "diabetes", Domain: "Condition", Vocabulary: "SNOMED", StandardOnly: true, Limit: 3}
	if d := cmp.Diff(asked, w.shelf.asked); d != "" {
		t.Errorf("asked (-want +got):\n%s", d)
	}
	found, err = c.SearchConcepts(t.Context(), &pb.SearchConceptsRequest{Query: "diabetes", Offset: 2})
	ok(t, err)
	want = &pb.SearchConceptsResponse{Concepts: []*pb.VocabularyConcept{concept(2)}}
	if d := cmp.Diff(want, found, protocmp.Transform()); d != "" {
		t.Errorf("last page (-want +got):\n%s", d)
	}
	one, err := c.GetConcept(t.Context(), &pb.GetConceptRequest{Id: shelved[0].ID, Limit: 1})
	ok(t, err)
	below := &pb.GetConceptResponse{Concept: concept(0), Descendants: []*pb.Relative{{Concept: concept(1), Steps: 1}}, More: true}
	if d := cmp.Diff(below, one, protocmp.Transform()); d != "" {
		t.Errorf("concept (-want +got):\n%s", d)
	}
	names, err := c.NameConcepts(t.Context(), &pb.NameConceptsRequest{Ids: []int64{shelved[1].ID, 17}})
	ok(t, err)
	if d := cmp.Diff(&pb.NameConceptsResponse{Concepts: []*pb.VocabularyConcept{concept(1)}}, names, protocmp.Transform()); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
}

// What the steward says of a dataset is shown with it.
func TestDatasetWithItsProfile(t *testing.T) {
	w := newWorld(t)
	c := pb.NewDatasetServiceClient(w.as(researcher, w.marketAt))
	request := datasetProfile(w, steward).(*pb.SetDatasetProfileRequest)
	ok(t, w.call(steward, pb.PreferenceService_SetDatasetProfile_FullMethodName, request))
	list, err := c.ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	ok(t, err)
	one, err := c.GetDataset(t.Context(), &pb.GetDatasetRequest{Id: list.GetDatasets()[0].GetId()})
	ok(t, err)
	if d := cmp.Diff(list.GetDatasets()[0], one.GetDataset(), protocmp.Transform()); d != "" {
		t.Errorf("one dataset (-listed +got):\n%s", d)
	}
	if d := cmp.Diff(request.GetProfile(), one.GetDataset().GetProfile(), protocmp.Transform()); d != "" {
		t.Errorf("profile (-set +got):\n%s", d)
	}
}

// Questions name the concepts that a vocabulary has; the others, and all where there is none, go by their ids.
func TestQuestionsNameConcepts(t *testing.T) {
	of := func(id int64) dp.Query {
		return dp.Query{Cohort: cohort.Recorded(cohort.Condition, false, id), GroupBy: []dp.Group{{Kind: dp.Race, Concepts: []int64{201820}}}}
	}
	for name, c := range map[string]struct {
		vocabulary marketplace.Vocabulary
		id         int64
		want       string
	}{
		"known":         {&shelf{}, 201826, "Among patients with at least 1 of [condition Type 2 diabetes mellitus]: how many patients are there, by race (Diabetes mellitus)?"},
		"unknown":       {&shelf{}, 7, "Among patients with at least 1 of [condition 7]: how many patients are there, by race (Diabetes mellitus)?"},
		"no vocabulary": {nil, 201826, "Among patients with at least 1 of [condition 201826]: how many patients are there, by race (201820)?"},
	} {
		names, err := marketplace.Names(t.Context(), c.vocabulary, of(3), of(c.id))
		if err != nil {
			t.Fatal(err)
		}
		if got := of(c.id).Words(names); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}
