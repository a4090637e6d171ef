package duo_test

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/policy/duo"
)

// The published table is the judge of identifiers, shorthands and labels; whatever it lists beyond our five
// permissions must stay unknown, the modifiers above all.
func TestLabelsArePublished(t *testing.T) {
	file, err := os.Open("testdata/duo_labels.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found, modifiers := 0, 0
	for _, row := range rows[1:] {
		id, shorthand, label := row[0], row[1], row[2]
		if m := duo.Modifier(id); slices.Contains(duo.Modifiers(), m) {
			modifiers++
			if m.Label() != label {
				t.Errorf("%s is %q here, %q as published", id, m.Label(), label)
			}
		}
		p := duo.Permission(id)
		byShorthand, err := duo.Parse(shorthand)
		if !p.Known() {
			if !errors.Is(err, duo.ErrUnknownTerm) {
				t.Errorf("Parse(%q) = %q, %v, though %s is not a permission", shorthand, byShorthand, err, id)
			}
			continue
		}
		found++
		if p.Label() != label || p.Shorthand() != shorthand || byShorthand != p {
			t.Errorf("%s is %q %q here, %q %q as published", id, p.Shorthand(), p.Label(), shorthand, label)
		}
		if byID, err := duo.Parse(id); byID != p || err != nil {
			t.Errorf("Parse(%q) = %q, %v", id, byID, err)
		}
	}
	if found != len(duo.Permissions()) || modifiers != len(duo.Modifiers()) {
		t.Errorf("%d of our %d permissions and %d of our %d modifiers are published", found, len(duo.Permissions()), modifiers, len(duo.Modifiers()))
	}
	if unknown := duo.Modifier("DUO:00000044").Label(); unknown != "" {
		t.Errorf("the slip for NPOA is %q", unknown)
	}
}

func TestOtherSpellingsAreUnknown(t *testing.T) {
	for _, s := range []string{
		"", "hmb", " HMB", "DUO_0000006", "DUO:00000006", "duo:0000006",
		"http://purl.obolibrary.org/obo/DUO_0000006", "DUO:0000001", "DUO:0000005",
	} {
		if p, err := duo.Parse(s); !errors.Is(err, duo.ErrUnknownTerm) {
			t.Errorf("Parse(%q) = %q, %v; want ErrUnknownTerm", s, p, err)
		}
		p := duo.Permission(s)
		if p.Known() || p.Label() != "" || p.Shorthand() != "" {
			t.Errorf("%q is known as %q %q", s, p.Shorthand(), p.Label())
		}
	}
}

// studies is an independent reading of the permissions: the kinds of undertaking that each allows. Covers must be
// the subset relation between them.
var studies = map[duo.Permission][]string{
	duo.NRES: {"teaching", "astronomy", "health services", "a disease", "ancestry"},
	duo.GRU:  {"astronomy", "health services", "a disease", "ancestry"},
	duo.HMB:  {"health services", "a disease"},
	duo.DS:   {"a disease"},
	duo.POA:  {"ancestry"},
}

func TestCoversIsTheSubsetOfStudies(t *testing.T) {
	allowed := func(p duo.Permission) map[string]bool {
		set := map[string]bool{}
		for _, s := range studies[p] {
			set[s] = true
		}
		return set
	}
	for _, permission := range duo.Permissions() {
		for _, use := range duo.Permissions() {
			want := true
			for study := range allowed(use) {
				want = want && allowed(permission)[study]
			}
			if got := duo.Covers(permission, use); got != want {
				t.Errorf("Covers(%s, %s) = %v", permission.Shorthand(), use.Shorthand(), got)
			}
		}
	}
}

func TestUnknownPermissionCoversAndIsCoveredByNothing(t *testing.T) {
	for _, p := range append(duo.Permissions(), "", "DUO:0000044") {
		for _, unknown := range []duo.Permission{"", "DUO:0000044", "HMB"} {
			if duo.Covers(unknown, p) || duo.Covers(p, unknown) {
				t.Errorf("%q and %q cover one another", unknown, p)
			}
		}
	}
}

func TestPermissionsIsACopy(t *testing.T) {
	duo.Permissions()[0] = duo.DS
	if got := duo.Permissions()[0]; got != duo.NRES {
		t.Errorf("first permission became %s", got)
	}
}
