package provider

import (
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// What is kept of classes parsed is of those that there are now, within its bound.
func TestClassesAreForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("parses megabytes, one after another, which make test does: the race detector finds nothing in it")
	}
	class := func(id uint32, start int64, bytes int) Class {
		d, err := ledger.Canonical(policy.ClassDocument{Start: start, RecipientCountries: []string{strings.Repeat("x", bytes)}})
		if err != nil {
			t.Fatal(err)
		}
		return Class{ID: id, Document: d}
	}
	var k classes
	looks := func(kept int, all ...Class) {
		t.Helper()
		documents, err := k.of(all)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range documents {
			if d.Start != int64(all[i].ID) {
				t.Errorf("class %d is taken for %d", all[i].ID, d.Start)
			}
		}
		if len(k.parsed) != kept {
			t.Errorf("%d kept, want %d", len(k.parsed), kept)
		}
	}
	one, two, large, larger := class(1, 1, 0), class(2, 2, 0), class(3, 3, maxParsed/2), class(4, 4, maxParsed/2)
	looks(2, one, two)
	looks(1, two)
	looks(2, one, two)
	looks(2, one, large, larger)
}
