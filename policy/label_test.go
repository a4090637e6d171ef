package policy_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
)

// above is a vocabulary in which 10 is above the odd concepts, and nothing above others.
func above(concepts []int64) (all []int64, err error) {
	for _, id := range concepts {
		if id < 0 {
			return nil, errors.ErrUnsupported
		}
		if id%2 == 1 {
			all = append(all, 10)
		}
	}
	return all, nil
}

// Ancestors are added where there are none, and a document that has them is as its author wrote it.
func TestWithAncestors(t *testing.T) {
	given := policy.DatasetPolicy{LabelledConcepts: []policy.LabelledConcepts{
		{Label: policy.HIV, Concepts: []int64{3, 1}}, {Label: policy.Psychiatry, Concepts: []int64{2}},
		{Label: policy.HIV, Concepts: []int64{5}, Ancestors: []int64{5, 6}},
	}}
	got, err := given.WithAncestors(above)
	if err != nil {
		t.Fatal(err)
	}
	want := []policy.LabelledConcepts{
		{Label: policy.HIV, Concepts: []int64{3, 1}, Ancestors: []int64{1, 3, 10}}, {Label: policy.Psychiatry, Concepts: []int64{2}, Ancestors: []int64{2}},
		{Label: policy.HIV, Concepts: []int64{5}, Ancestors: []int64{5, 6}},
	}
	if diff := cmp.Diff(want, got.LabelledConcepts); diff != "" {
		t.Error(diff)
	}
	if given.LabelledConcepts[0].Ancestors != nil || given.LabelledConcepts[0].Concepts[0] != 3 {
		t.Errorf("the argument became %v", given.LabelledConcepts[0])
	}
	given.LabelledConcepts[0].Concepts[0] = -1
	if _, err := given.WithAncestors(above); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v", err)
	}
}

// G2: concepts of which nobody looked up what is above them do not pass for such of which it is known, because another
// entry has the same label; nor do those of one label for another's.
func TestG2NormalizeKeepsApartWhatWasNotLookedUp(t *testing.T) {
	p := policy.DatasetPolicy{LabelledConcepts: []policy.LabelledConcepts{
		{Label: policy.HIV, Concepts: []int64{1}, Ancestors: []int64{10, 1}}, {Label: policy.HIV, Concepts: []int64{4, 2}},
		{Label: policy.HIV, Concepts: []int64{3}, Ancestors: []int64{3, 10}}, {Label: policy.Psychiatry, Concepts: []int64{5}},
	}}
	want := []policy.LabelledConcepts{
		{Label: policy.HIV, Concepts: []int64{2, 4}}, {Label: policy.HIV, Concepts: []int64{1, 3}, Ancestors: []int64{1, 3, 10}},
		{Label: policy.Psychiatry, Concepts: []int64{5}},
	}
	normal := p.Normalize()
	if diff := cmp.Diff(want, normal.LabelledConcepts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(normal, normal.Normalize()); diff != "" {
		t.Errorf("not a fixed point: %s", diff)
	}
}
