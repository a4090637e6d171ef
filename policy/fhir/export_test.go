package fhir_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/fhir"
)

var about = fhir.About{
	Patient: "0x1111111111111111111111111111111111111111", Grantor: "0x1111111111111111111111111111111111111111",
	Hospital: "0x2222222222222222222222222222222222222222", Revision: 3,
}

// An import of an export is the same preference, from either release.
func TestExportComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPreference(t)
		for _, release := range []fhir.Release{fhir.R4, fhir.R5} {
			b, err := fhir.Export(p, release, about)
			if err != nil {
				t.Fatal(release, err)
			}
			got, err := fhir.Import(b, nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", release, err, b)
			}
			if diff := cmp.Diff(p.Normalize(), got); diff != "" {
				t.Fatalf("%s: %s\n%s", release, diff, b)
			}
		}
	})
}

func subset[T comparable](t *rapid.T, label string, from []T) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, len(from), rapid.ID[T]).Draw(t, label)
}

func drawUses(t *rapid.T, label string) (all []policy.DataUse) {
	for _, p := range subset(t, label, duo.Permissions()) {
		u := policy.DataUse{Permission: p}
		if p == duo.DS {
			u.Diseases = rapid.SliceOfN(rapid.SampledFrom([]string{diabetes, "MONDO:0004992", "MONDO:0005015"}), 1, 4).Draw(t, "diseases")
		}
		all = append(all, u)
	}
	return all
}

// drawPeriod draws one that starts or ends.
func drawPeriod(t *rapid.T, label string) policy.Period {
	p := policy.Period{
		Start: rapid.SampledFrom([]int64{0, 1, day, y2010 + 7}).Draw(t, label), End: rapid.SampledFrom([]int64{0, y2020, y2030 + 1}).Draw(t, label),
	}
	if p == (policy.Period{}) {
		p.End = 1
	}
	return p
}

func drawPreference(t *rapid.T) policy.ReleasePreference {
	p := policy.ReleasePreference{
		Decision: rapid.SampledFrom([]policy.Choice{policy.Permit, policy.Deny}).Draw(t, "decision"),
		Status:   rapid.SampledFrom([]policy.Status{policy.Active, policy.Withdrawn}).Draw(t, "status"),
		Period:   rapid.SampledFrom([]policy.Period{{}, drawPeriod(t, "period")}).Draw(t, "has a period"), PermittedUse: drawUses(t, "uses"),
		RecipientTypes:     subset(t, "kinds", policy.RecipientTypes()),
		RecipientCountries: rapid.SampledFrom([][]string{{}, {policy.AnyCountry}, {"FR", "DE"}}).Draw(t, "countries"),
		SensitiveOptIn:     subset(t, "labels", policy.Labels()),
		GuardianUntil:      rapid.SampledFrom([]int64{0, 1, y2030}).Draw(t, "guardian"),
	}
	for _, m := range subset(t, "modifiers", []duo.Modifier{duo.NPU, duo.NCU, duo.NPOA, duo.NMDS, duo.GS}) {
		x := policy.Modifier{Code: m}
		if m == duo.GS {
			x.Countries = []string{"DE", "US"}
		}
		p.Modifiers = append(p.Modifiers, x)
	}
	for _, c := range subset(t, "parts", policy.Categories()) {
		s := policy.CategoryScope{Category: c, Finest: rapid.IntRange(1, 5).Draw(t, "finest")}
		if rapid.Bool().Draw(t, "has times") {
			times := drawPeriod(t, "times")
			s.DataPeriod = &times
		}
		p.Categories = append(p.Categories, s)
	}
	for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		p.Provisions = append(p.Provisions, drawProvision(t, p.Decision))
	}
	if rapid.Bool().Draw(t, "has a cap") {
		p.OwnCap = &policy.Loss{NanoRho: rapid.Int64Range(1, 1<<53-1).Draw(t, "cap"), Delta: rapid.Int64Range(0, 1<<53-1).Draw(t, "delta")}
	}
	return p
}

func drawProvision(t *rapid.T, decision policy.Choice) policy.Provision {
	x := policy.Provision{
		Purpose: drawUses(t, "for"), Actor: subset(t, "by", policy.RecipientTypes()), Country: subset(t, "in", []string{"DE", "FR", "US"}),
		Category: subset(t, "of", policy.Categories()),
	}
	if decision == policy.Permit {
		x.SecurityLabel = subset(t, "of what is", policy.Labels())
	}
	if rapid.Bool().Draw(t, "of times") || len(x.Purpose)+len(x.Actor)+len(x.Country)+len(x.Category)+len(x.SecurityLabel) == 0 {
		times := drawPeriod(t, "when")
		x.DataPeriod = &times
	}
	return x
}

// The examples in the one release are the same in the other.
func TestReleasesAgree(t *testing.T) {
	for _, p := range []policy.ReleasePreference{fromR4(), fromR5()} {
		for _, release := range []fhir.Release{fhir.R4, fhir.R5} {
			b, err := fhir.Export(p, release, about)
			if err != nil {
				t.Fatal(err)
			}
			got, err := fhir.Import(b, nil)
			if diff := cmp.Diff(p, got); err != nil || diff != "" {
				t.Error(release, err, diff)
			}
		}
	}
}

// What others read of an export is where FHIR has a place for it, and none of it is wider than what was said.
func TestExportForOthers(t *testing.T) {
	read := func(p policy.ReleasePreference, release fhir.Release) map[string]any {
		t.Helper()
		b, err := fhir.Export(p, release, about)
		var got map[string]any
		if err != nil || json.Unmarshal(b, &got) != nil {
			t.Fatal(err)
		}
		return got
	}
	root := read(fromR4(), fhir.R4)["provision"].(map[string]any)
	got := fmt.Sprint(root["type"], root["period"], root["purpose"], root["securityLabel"])
	for _, want := range []string{"permit", "2026-05-03T22:00:00Z", "2029-12-31T23:59:59Z", "BIORCH", "DUO:0000006", diabetes, "code:N", "code:PSY"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if strings.Contains(got, string(duo.DS)) { // without its diseases it would be any disease
		t.Error(got)
	}
	// A root that denies would deny only what its fields name.
	if root := read(fromR5(), fhir.R4)["provision"].(map[string]any); root["purpose"] != nil || root["actor"] != nil || root["securityLabel"] != nil {
		t.Error(root)
	}
	if got := read(policy.Nothing(), fhir.R5); got["decision"] != "deny" || got["modifierExtension"] != nil {
		t.Error(got)
	}
	if read(fromR4(), fhir.R4)["modifierExtension"] == nil { // whoever cannot read the limits must not read on
		t.Error("no modifier extension")
	}
}

// What would not come back is not written.
func TestExportRefusesByName(t *testing.T) {
	always := fromR4()
	always.Categories[0].DataPeriod = &policy.Period{}
	late := fromR4()
	late.Period.End = 1 << 52
	guardian := fromR5()
	guardian.GuardianUntil = 1 << 52
	past := fromR5()
	past.Provisions[0].DataPeriod = &policy.Period{}
	for field, p := range map[string]policy.ReleasePreference{
		"preference.categories[0].data_period": always, "preference.period.end": late, "preference.guardian_until": guardian,
		"preference.provisions[0].data_period": past,
	} {
		for _, release := range []fhir.Release{fhir.R4, fhir.R5} {
			if b, err := fhir.Export(p, release, about); !slices.Equal(refused(err), []string{field}) || b != nil {
				t.Errorf("%s: %v", field, err)
			}
		}
	}
	long := fromR4()
	for i := range 14 { // all countries but one, each time another
		others := slices.Delete(policy.Countries(), i, i+1)
		long.Provisions = append(long.Provisions, policy.Provision{Country: others})
	}
	if b, err := fhir.Export(long, fhir.R4, about); !slices.Equal(refused(err), []string{"preference"}) || b != nil {
		t.Error(err)
	}
	if _, err := fhir.Export(policy.ReleasePreference{}, fhir.R4, about); err == nil {
		t.Error("no preference at all")
	}
	if _, err := fhir.Export(policy.Nothing(), "r3", about); err == nil {
		t.Error("another release")
	}
	if _, err := fhir.Export(policy.Nothing(), fhir.R4, fhir.About{}); err == nil {
		t.Error("of nobody")
	}
}

// Whatever is read as a Consent is a valid preference in canonical form, and comes back as it is from what is written.
func FuzzImport(f *testing.F) {
	f.Add([]byte(r4), true)
	f.Add([]byte(r5), false)
	f.Add([]byte(denies("", "")), false)
	f.Fuzz(func(t *testing.T, b []byte, withRest bool) {
		var rest *policy.ReleasePreference
		if withRest {
			rest = census()
		}
		p, err := fhir.Import(b, rest)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		for _, release := range []fhir.Release{fhir.R4, fhir.R5} {
			out, err := fhir.Export(p, release, about)
			if err != nil {
				continue // longer than what was read
			}
			again, err := fhir.Import(out, nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(p, again); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
