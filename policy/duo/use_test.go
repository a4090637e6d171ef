package duo_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/policy/duo"
)

const (
	cancer     = "MONDO:0004992"
	breast     = "MONDO:0007254"
	intestinal = "MONDO:0005814"
	diabetes   = "MONDO:0005015"
	elsewhere  = "MONDO:9999999" // well spelled, in no hierarchy of these tests
)

func hierarchy(t testing.TB) *duo.Diseases {
	t.Helper()
	d, err := duo.NewDiseases("test 1", map[string][]string{
		"MONDO:0000001": nil, cancer: {"MONDO:0000001"}, diabetes: {"MONDO:0000001"},
		breast: {cancer}, intestinal: {cancer},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func of(p duo.Permission, diseases ...string) duo.Use {
	return duo.Use{Permission: p, Diseases: diseases}
}

func TestWithin(t *testing.T) {
	d := hierarchy(t)
	for _, tt := range []struct {
		name      string
		permitted []duo.Use
		use       duo.Use
		want      duo.Match
	}{
		{"nothing permitted", nil, of(duo.HMB), duo.OtherPurpose},
		{"equal", []duo.Use{of(duo.HMB)}, of(duo.HMB), duo.Covered},
		{"second of two", []duo.Use{of(duo.POA), of(duo.HMB)}, of(duo.DS, breast), duo.Covered},
		{"general use of health data", []duo.Use{of(duo.HMB)}, of(duo.GRU), duo.OtherPurpose},
		{"a kind of it", []duo.Use{of(duo.DS, cancer)}, of(duo.DS, intestinal), duo.Covered},
		{"what it is a kind of", []duo.Use{of(duo.DS, intestinal)}, of(duo.DS, cancer), duo.OtherDisease},
		{"its sister", []duo.Use{of(duo.DS, intestinal)}, of(duo.DS, breast), duo.OtherDisease},
		{"one disease of two is not enough", []duo.Use{of(duo.DS, cancer)}, of(duo.DS, breast, diabetes), duo.OtherDisease},
		{"both, in two entries", []duo.Use{of(duo.DS, cancer), of(duo.DS, diabetes)}, of(duo.DS, breast, diabetes), duo.Covered},
		{"both, in one entry", []duo.Use{of(duo.DS, cancer, diabetes)}, of(duo.DS, breast, diabetes), duo.Covered},
		{"any health research, on diseases only", []duo.Use{of(duo.DS, cancer)}, of(duo.HMB), duo.OtherPurpose},
		{"another disease beside ancestry", []duo.Use{of(duo.POA), of(duo.DS, cancer)}, of(duo.DS, diabetes), duo.OtherDisease},
		{"a disease no hierarchy has is itself", []duo.Use{of(duo.DS, elsewhere)}, of(duo.DS, elsewhere), duo.Covered},
		{"and nothing else", []duo.Use{of(duo.DS, elsewhere)}, of(duo.DS, cancer), duo.OtherDisease},
		{"health research narrowed by a disease is malformed", []duo.Use{of(duo.HMB, cancer)}, of(duo.DS, cancer), duo.OtherPurpose},
		{"no restriction, narrowed", []duo.Use{of(duo.NRES, cancer)}, of(duo.HMB), duo.OtherPurpose},
		{"disease research without disease permits none", []duo.Use{of(duo.DS)}, of(duo.DS, cancer), duo.OtherPurpose},
		{"disease research without disease is permitted by none", []duo.Use{of(duo.NRES), of(duo.DS, cancer)}, of(duo.DS), duo.OtherPurpose},
		{"unknown use", []duo.Use{of(duo.NRES)}, of("DUO:0000043"), duo.OtherPurpose},
		{"unknown permission", []duo.Use{of("DUO:0000043")}, of("DUO:0000043"), duo.OtherPurpose},
		{"misspelled disease", []duo.Use{of(duo.DS, "cancer")}, of(duo.DS, "cancer"), duo.OtherPurpose},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := duo.Within(tt.permitted, tt.use, d); got != tt.want {
				t.Errorf("Within = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestWithoutAHierarchyADiseaseIsItselfOnly(t *testing.T) {
	permitted := []duo.Use{of(duo.DS, cancer)}
	if got := duo.Within(permitted, of(duo.DS, cancer), nil); got != duo.Covered {
		t.Errorf("cancer within cancer = %d", got)
	}
	if got := duo.Within(permitted, of(duo.DS, breast), nil); got != duo.OtherDisease {
		t.Errorf("breast cancer within cancer = %d", got)
	}
}

// The table holds for both ways round.
func TestOverlaps(t *testing.T) {
	d := hierarchy(t)
	for _, tt := range []struct {
		a, b duo.Use
		want bool
	}{
		{of(duo.HMB), of(duo.HMB), true},
		{of(duo.HMB), of(duo.GRU), true},
		{of(duo.HMB), of(duo.POA), false},
		{of(duo.DS, cancer), of(duo.HMB), true},
		{of(duo.DS, cancer), of(duo.POA), false},
		{of(duo.DS, cancer), of(duo.DS, breast), true},
		{of(duo.DS, cancer), of(duo.DS, intestinal), true},
		{of(duo.DS, cancer), of(duo.DS, diabetes), false},
		{of(duo.DS, breast), of(duo.DS, intestinal), false},
		{of(duo.DS, breast, diabetes), of(duo.DS, intestinal, diabetes), true},
		{of(duo.DS, breast), of(duo.DS, elsewhere), true}, // it may be one
		{of(""), of(duo.POA), true},
		{of(duo.HMB, cancer), of(duo.POA), true},
		{of(duo.DS), of(duo.POA), true},
	} {
		for _, pair := range [][2]duo.Use{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := duo.NewPurpose(pair[0], d).Overlaps(pair[1]); got != tt.want {
				t.Errorf("%v and %v: %v", pair[0], pair[1], got)
			}
		}
	}
	if !duo.NewPurpose(of(duo.DS, breast), nil).Overlaps(of(duo.DS, diabetes)) {
		t.Error("two diseases do not overlap where no hierarchy says so")
	}
}

func TestUseValidate(t *testing.T) {
	for _, tt := range []struct {
		use  duo.Use
		want error
	}{
		{of(duo.HMB), nil},
		{of(duo.DS, cancer, breast), nil},
		{of(""), duo.ErrMalformed},
		{of("DUO:0000018"), duo.ErrUnknownTerm},
		{of(duo.DS), duo.ErrMalformed},
		{of(duo.GRU, cancer), duo.ErrMalformed},
		{of(duo.DS, cancer, "DOID:162"), duo.ErrUnknownTerm},
		{of(duo.DS, "MONDO:000499"), duo.ErrUnknownTerm},
		{of(duo.DS, "0004992"), duo.ErrUnknownTerm},
		{of(duo.DS, "MONDO:00049921"), duo.ErrUnknownTerm},
		{of(duo.DS, "MONDO:000x992"), duo.ErrUnknownTerm},
		{of(duo.DS, "mondo:0004992"), duo.ErrUnknownTerm},
	} {
		if err := tt.use.Validate(); !errors.Is(err, tt.want) {
			t.Errorf("%v: %v, want %v", tt.use, err, tt.want)
		}
	}
}

var anyUse = rapid.Custom(func(t *rapid.T) duo.Use {
	return duo.Use{
		Permission: rapid.SampledFrom(append(duo.Permissions(), duo.DS, duo.DS, "", "DUO:0000018")).Draw(t, "permission"),
		Diseases:   rapid.SliceOfN(rapid.SampledFrom([]string{cancer, breast, intestinal, diabetes, "x"}), 0, 2).Draw(t, "diseases"),
	}
})

func TestNormalizeKeepsTheMeaning(t *testing.T) {
	d := hierarchy(t)
	rapid.Check(t, func(t *rapid.T) {
		uses := rapid.SliceOfN(anyUse, 0, 5).Draw(t, "uses")
		before := slices.Clone(uses)
		normal := duo.Normalize(uses)
		if diff := cmp.Diff(before, uses); diff != "" {
			t.Fatalf("argument changed: %s", diff)
		}
		if diff := cmp.Diff(normal, duo.Normalize(normal)); diff != "" {
			t.Fatalf("not a fixed point: %s", diff)
		}
		asked := anyUse.Draw(t, "asked")
		if a, b := duo.Within(uses, asked, d), duo.Within(normal, asked, d); a != b {
			t.Fatalf("%v within %v = %d, within %v = %d", asked, uses, a, normal, b)
		}
		bad := func(u duo.Use) bool { return u.Validate() != nil }
		if slices.ContainsFunc(uses, bad) != slices.ContainsFunc(normal, bad) {
			t.Fatalf("%v and %v are not both valid", uses, normal)
		}
	})
}

func TestNormalizeSpellsAlike(t *testing.T) {
	want := `[{"permission":"DUO:0000006"},{"permission":"DUO:0000007","diseases":["MONDO:0004992","MONDO:0005015"]}]`
	for _, uses := range [][]duo.Use{
		{of(duo.HMB), of(duo.DS, cancer, diabetes)},
		{of(duo.DS, diabetes, cancer, cancer), of(duo.HMB), of(duo.HMB)},
		{of(duo.DS, diabetes), {Permission: duo.HMB, Diseases: []string{}}, of(duo.DS, cancer)},
	} {
		if got := marshal(t, duo.Normalize(uses)); got != want {
			t.Errorf("%v became %s", uses, got)
		}
	}
	// What is malformed is not mended by its neighbour; what is not for methods comes first.
	mixed := []duo.Use{{Permission: duo.HMB, Methods: true}, of(duo.DS), of(duo.HMB), of(duo.DS, cancer)}
	want = `[{"permission":"DUO:0000006"},{"permission":"DUO:0000006","methods":true},{"permission":"DUO:0000007"},` +
		`{"permission":"DUO:0000007","diseases":["MONDO:0004992"]}]`
	if got := marshal(t, duo.Normalize(mixed)); got != want {
		t.Errorf("%v became %s", mixed, got)
	}
	if got := marshal(t, duo.Normalize(nil)); got != `[]` {
		t.Errorf("the empty list became %s", got)
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
