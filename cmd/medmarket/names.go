package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// conceptNames looks concepts up. What the marketplace cannot name has none: all that is shown is whole without.
func (p *person) conceptNames(ctx context.Context, ids []int64) map[int64]string {
	names := map[int64]string{}
	for some := range slices.Chunk(ids, marketplace.MaxNamed) {
		r, err := pb.NewConceptServiceClient(p.market).NameConcepts(ctx, &pb.NameConceptsRequest{Ids: some})
		if err != nil {
			return names
		}
		for _, c := range r.GetConcepts() {
			names[c.GetId()] = c.GetName()
		}
	}
	return names
}

// concept is the one that a label of a group stands for, 0 if it stands for none.
func concept(g dp.Group, label string) int64 {
	if g.Kind != dp.Concept && g.Kind != dp.Race && g.Kind != dp.Ethnicity {
		return 0
	}
	id, err := strconv.ParseInt(label, 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// keyConcepts are those in the keys of an answer, once each.
func keyConcepts(q dp.Query, groups []ledger.Group) (ids []int64) {
	for _, g := range groups {
		for i, label := range g.Key {
			if i < len(q.GroupBy) {
				ids = append(ids, concept(q.GroupBy[i], label))
			}
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id == 0 })
}

// named is a key with the names of its concepts.
func named(q dp.Query, key []string, names map[int64]string) []string {
	out := slices.Clone(key)
	for i, label := range key {
		if i >= len(q.GroupBy) {
			continue
		}
		if name := names[concept(q.GroupBy[i], label)]; name != "" {
			out[i] += " " + name
		}
	}
	return out
}
