package server

import (
	"context"

	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type conceptService struct {
	pb.UnimplementedConceptServiceServer
	market *marketplace.Market
}

// How many there are on a page whose size is not said.
const (
	conceptsPage  = 20
	relativesPage = 100
)

func (s *conceptService) SearchConcepts(ctx context.Context, r *pb.SearchConceptsRequest) (*pb.SearchConceptsResponse, error) {
	found, more, err := s.market.SearchConcepts(ctx, marketplace.ConceptSearch{
		Text: r.GetQuery(), Domain: r.GetDomain(), Vocabulary: r.GetVocabulary(), StandardOnly: r.GetStandardOnly(),
		Limit: pageOf(r.GetLimit(), conceptsPage), Offset: int(r.GetOffset()),
	})
	return &pb.SearchConceptsResponse{Concepts: conceptsTo(found), More: more}, err
}

func (s *conceptService) GetConcept(ctx context.Context, r *pb.GetConceptRequest) (*pb.GetConceptResponse, error) {
	c, above, below, more, err := s.market.Concept(ctx, r.GetId(), pageOf(r.GetLimit(), relativesPage), int(r.GetOffset()))
	if err != nil {
		return nil, err
	}
	return &pb.GetConceptResponse{Concept: conceptTo(c), Ancestors: relativesTo(above), Descendants: relativesTo(below), More: more}, nil
}

func (s *conceptService) NameConcepts(ctx context.Context, r *pb.NameConceptsRequest) (*pb.NameConceptsResponse, error) {
	found, err := s.market.NameConcepts(ctx, r.GetIds())
	return &pb.NameConceptsResponse{Concepts: conceptsTo(found)}, err
}

func pageOf(limit int32, otherwise int) int {
	if limit == 0 {
		return otherwise
	}
	return int(limit)
}

func conceptTo(c marketplace.VocabularyConcept) *pb.VocabularyConcept {
	return &pb.VocabularyConcept{
		Id: c.ID, Name: c.Name, Domain: c.Domain, Vocabulary: c.Vocabulary, ConceptClass: c.Class, Standard: c.Standard, Code: c.Code,
	}
}

func conceptsTo(list []marketplace.VocabularyConcept) (out []*pb.VocabularyConcept) {
	for _, c := range list {
		out = append(out, conceptTo(c))
	}
	return out
}

func relativesTo(list []marketplace.Relative) (out []*pb.Relative) {
	for _, r := range list {
		out = append(out, &pb.Relative{Concept: conceptTo(r.VocabularyConcept), Steps: int32(r.Steps)})
	}
	return out
}
