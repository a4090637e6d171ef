package duo_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/policy/duo"
)

func TestDiseases(t *testing.T) {
	d := hierarchy(t)
	for _, tt := range []struct {
		disease, other string
		want           bool
	}{
		{breast, breast, true}, {breast, cancer, true}, {breast, "MONDO:0000001", true},
		{cancer, breast, false}, {breast, diabetes, false}, {elsewhere, cancer, false}, {cancer, elsewhere, false},
	} {
		if got := d.IsA(tt.disease, tt.other); got != tt.want {
			t.Errorf("IsA(%s, %s) = %v", tt.disease, tt.other, got)
		}
	}
	if !d.Known(breast) || d.Known(elsewhere) || d.Known("") {
		t.Errorf("Known: breast cancer %v, unlisted %v", d.Known(breast), d.Known(elsewhere))
	}
	if d.Release() != "test 1" {
		t.Errorf("Release = %q", d.Release())
	}
}

func TestNilDiseasesKnowNothing(t *testing.T) {
	var d *duo.Diseases
	if d.Known(cancer) || d.IsA(breast, cancer) || !d.IsA(cancer, cancer) || d.Release() != "" {
		t.Errorf("Known %v, IsA %v %v, Release %q", d.Known(cancer), d.IsA(breast, cancer), d.IsA(cancer, cancer), d.Release())
	}
}

func TestNewDiseasesRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		isA  map[string][]string
		want error
	}{
		{"parent not listed", map[string][]string{breast: {cancer}}, duo.ErrUnknownTerm},
		{"misspelled", map[string][]string{"DOID:162": nil}, duo.ErrUnknownTerm},
		{"kind of itself", map[string][]string{cancer: {cancer}}, duo.ErrCycle},
		{"in a ring", map[string][]string{cancer: {breast}, breast: {intestinal}, intestinal: {cancer}}, duo.ErrCycle},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d, err := duo.NewDiseases("r", tt.isA); d != nil || !errors.Is(err, tt.want) {
				t.Errorf("NewDiseases = %v, %v; want %v", d, err, tt.want)
			}
		})
	}
	if _, err := duo.NewDiseases("", nil); err == nil {
		t.Error("a hierarchy without release was accepted")
	}
}

// A random hierarchy in which parents have lower numbers, against a walk along its arrows.
func TestIsAFollowsEveryPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		name := func(i int) string { return fmt.Sprintf("MONDO:%07d", i) }
		isA, parents := map[string][]string{}, make([][]int, n)
		for i := range n {
			isA[name(i)] = nil
			for j := range i {
				if rapid.Bool().Draw(t, "arrow") {
					parents[i] = append(parents[i], j)
					isA[name(i)] = append(isA[name(i)], name(j))
				}
			}
		}
		d, err := duo.NewDiseases("random", isA)
		if err != nil {
			t.Fatal(err)
		}
		var reaches func(from, to int) bool
		reaches = func(from, to int) bool {
			if from == to {
				return true
			}
			for _, p := range parents[from] {
				if reaches(p, to) {
					return true
				}
			}
			return false
		}
		from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
		if got, want := d.IsA(name(from), name(to)), reaches(from, to); got != want {
			t.Fatalf("IsA(%s, %s) = %v", name(from), name(to), got)
		}
	})
}
