package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A drug is taken now if a record of it ends in future or has no end, and was taken before if all have ended.
func TestMedicationNow(t *testing.T) {
	of := func(periods ...string) (s summary) {
		for _, p := range periods {
			s.add(pointed{}, fmt.Appendf(nil, `{"entry":[{"resource":{"resourceType":"MedicationStatement","medicationCodeableConcept":{"coding":[{"system":"https://fhir-terminology.ohdsi.org","code":"1"}]},"effectivePeriod":{%s}}},`+
				`{"resource":{"resourceType":"Condition","effectivePeriod":{"start":"2020-01-01"}}}]}`, p))
		}
		return s
	}
	const ended, open, running, long = `"start":"2020-01-01","end":"2020-02-01"`, `"start":"2021-01-01"`, `"start":"2022-01-01","end":"2199-01-01"`, `"start":"2019-01-01","end":"2198-01-01"`
	for name, c := range map[string]struct {
		periods []string
		want    string
		still   bool
	}{
		"ended":                         {[]string{ended}, "OMOP concept 1 (2020-01-01 to 2020-02-01)", false},
		"no end":                        {[]string{open}, "OMOP concept 1 (since 2021-01-01, no end recorded)", true},
		"running":                       {[]string{running}, "OMOP concept 1 (2022-01-01 to 2199-01-01)", true},
		"ended, then no end":            {[]string{ended, open}, "OMOP concept 1 (since 2021-01-01, no end recorded)", true},
		"no end, found after ended":     {[]string{open, ended}, "OMOP concept 1 (since 2021-01-01, no end recorded)", true},
		"no end, then ended":            {[]string{`"start":"2019-06-01"`, ended}, "OMOP concept 1 (since 2020-01-01, no end recorded)", true},
		"a long one beside a short":     {[]string{long, ended}, "OMOP concept 1 (2020-01-01 to 2198-01-01)", true},
		"a short one beside a long":     {[]string{ended, long}, "OMOP concept 1 (2020-01-01 to 2198-01-01)", true},
		"ended and no end on one day":   {[]string{ended, `"start":"2020-01-01"`}, "OMOP concept 1 (since 2020-01-01, no end recorded)", true},
		"two that ended, begun at once": {[]string{ended, `"start":"2020-01-01","end":"2020-03-01"`}, "OMOP concept 1 (2020-01-01 to 2020-03-01)", false},
	} {
		s := of(c.periods...)
		now, before := taken(s.current()), taken(s.past())
		if c.still && (now != c.want || before != "") || !c.still && (before != c.want || now != "") {
			t.Errorf("%s: now %q, before %q", name, now, before)
		}
	}
}

// Orders of a FHIR server are medication, and what was never taken is none. What is over without a day is not taken now.
func TestMedicationOrdered(t *testing.T) {
	const drug, active = `"medicationCodeableConcept":{"coding":[{"system":"urn:x","code":"9","display":"metformin"}]}`, `"status":"active","intent":"order","authoredOn":"2024-03-02T08:00:00Z"`
	for name, c := range map[string]struct{ resource, now, before string }{
		"an order":                  {drug + "," + active, "metformin (since 2024-03-02, no end recorded)", ""},
		"an order with an end":      {drug + "," + active + `,"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2024-05-01T00:00:00Z"}}}},{"timing":{"repeat":{"boundsPeriod":{"end":"2024-04-01"}}}}]`, "", "metformin (2024-03-02 to 2024-05-01)"},
		"an order with half an end": {drug + "," + active + `,"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2024-05-01"}}}},{}]`, "metformin (since 2024-03-02, no end recorded)", ""},
		"an end in this year":       {drug + fmt.Sprintf(`,"status":"active","authoredOn":"2024-03-02","dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"%d"}}}}]`, time.Now().Year()), fmt.Sprintf("metformin (2024-03-02 to %d)", time.Now().Year()), ""},
		"an order that is over":     {drug + `,"status":"completed","intent":"order","authoredOn":"2024-03-02"`, "", "metformin (since 2024-03-02, over)"},
		"an order of no day":        {drug + `,"status":"active","intent":"order"`, "metformin (since no day recorded, no end recorded)", ""},
		"an order taken back":       {drug + `,"status":"cancelled","intent":"order"`, "", ""},
		"a mistake":                 {drug + `,"status":"entered-in-error","intent":"order"`, "", ""},
		"a proposal":                {drug + `,"status":"active","intent":"proposal"`, "", ""},
		"what is not to be taken":   {drug + "," + active + `,"doNotPerform":true`, "", ""},
		"a drug in words":           {`"medicationCodeableConcept":{"text":"her mother's tea"},` + active, "her mother's tea (since 2024-03-02, no end recorded)", ""},
		"a drug contained":          {`"medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"urn:x","code":"9"}],"text":"metformin"}}],` + active, "metformin (since 2024-03-02, no end recorded)", ""},
		"a drug elsewhere":          {`"medicationReference":{"reference":"Medication/5","display":"metformin"},` + active, "metformin (since 2024-03-02, no end recorded)", ""},
		"a drug only elsewhere":     {`"medicationReference":{"reference":"Medication/5"},` + active, "0x0100000000000000000000000000000000000000 Medication/5 (since 2024-03-02, no end recorded)", ""},
		"a drug of no name":         {active, "a drug that the record does not name (since 2024-03-02, no end recorded)", ""},
	} {
		var s summary
		s.add(pointed{Pointer: records.Pointer{Provider: ledger.Address{1}}}, fmt.Appendf(nil, `{"entry":[{"resource":{"resourceType":"MedicationRequest",%s}}]}`, c.resource))
		if now, before := taken(s.current()), taken(s.past()); now != c.now || before != c.before {
			t.Errorf("%s: now %q, before %q", name, now, before)
		}
	}
	var s summary
	for _, r := range []string{
		`"resourceType":"MedicationRequest","status":"completed","authoredOn":"2024-03-02",` + drug, `"resourceType":"MedicationStatement","status":"active","effectiveDateTime":"2025-01-01",` + drug,
		`"resourceType":"MedicationStatement","status":"not-taken","effectiveDateTime":"2026-01-01",` + drug,
	} {
		s.add(pointed{}, fmt.Appendf(nil, `{"entry":[{"resource":{%s}}]}`, r))
	}
	if got, want := taken(s.current()), "metformin (since 2025-01-01, no end recorded)"; got != want || len(s.past()) > 0 {
		t.Errorf("ordered, and taken: %q, want %q", got, want)
	}
}

// Of two records of a drug that are over, one does not say since when: the drug is over, until at least the day that the other says, and so in either order.
// Beside one that goes on it is not.
func TestMedicationOver(t *testing.T) {
	const over, ended, going = `"status":"completed"`, `"status":"completed","dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"end":"2024-05-01"}}}}]`, `"status":"active"`
	of := func(since, until string, over bool) []drug {
		return []drug{{Concept: "9", System: "urn:x", Since: since, Until: until, Over: over}}
	}
	for name, c := range map[string]struct {
		first, second string
		now, before   []drug
	}{
		"over, then with a day": {over, ended, []drug{}, of("2024-04-02", "2024-05-01", true)},
		"with a day, then over": {ended, over, []drug{}, of("2024-04-02", "2024-05-01", true)},
		"over twice":            {over, over, []drug{}, of("2024-04-02", "", true)},
		"both with a day":       {ended, ended, []drug{}, of("2024-04-02", "2024-05-01", false)},
		"over, then going on":   {over, going, of("2024-04-02", "", false), []drug{}},
		"going on, then over":   {going, over, of("2024-04-02", "", false), []drug{}},
	} {
		var s summary
		for month, said := range []string{c.first, c.second} {
			s.add(pointed{}, fmt.Appendf(nil, `{"entry":[{"resource":{"resourceType":"MedicationRequest","authoredOn":"2024-0%d-02","medicationCodeableConcept":{"coding":[{"system":"urn:x","code":"9"}]},%s}}]}`, month+3, said))
		}
		if diff := cmp.Diff([][]drug{c.now, c.before}, [][]drug{s.current(), s.past()}); diff != "" {
			t.Errorf("%s: now, before (-want +got):\n%s", name, diff)
		}
	}
}

// A drug is one however hospitals name it, as long as records have a code of it in common, and is shown by its name.
func TestDrugsByTheirCodes(t *testing.T) {
	const omop, rxnorm = `{"system":"https://fhir-terminology.ohdsi.org","code":"1503297"}`, `{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"6809","display":"metformin\u001b[2J"}`
	var s summary
	for _, r := range []struct{ codings, period string }{
		{omop, `"start":"2020-01-01","end":"2020-02-01"`}, {rxnorm, `"start":"2021-01-01","end":"2021-02-01"`}, {rxnorm + "," + omop, `"start":"2019-01-01"`},
		{`{"system":"urn:x","code":"9"}`, `"start":"2018-01-01"`},
	} {
		s.add(pointed{}, fmt.Appendf(nil, `{"entry":[{"resource":{"resourceType":"MedicationStatement","medicationCodeableConcept":{"coding":[%s]},"effectivePeriod":{%s}}}]}`, r.codings, r.period))
	}
	if got, want := taken(s.current()), "metformin[2J (since 2021-01-01, no end recorded), urn:x 9 (since 2018-01-01, no end recorded)"; got != want || len(s.past()) > 0 {
		t.Errorf("now %q, want %q; before %q", got, want, taken(s.past()))
	}
	if d := s.current()[0]; d.Concept != "1503297" || d.System != omopConcepts {
		t.Errorf("the drug is %+v", d)
	}
}

// Of the pointers to one record all but the last are superseded, and only those.
func TestSuperseded(t *testing.T) {
	at := func(kind, month string, number uint64, locator string) pointed {
		return pointed{Pointer: records.Pointer{Locator: locator}, place: &pb.PointerPlace{Kind: kind, Month: month, Number: number}}
	}
	all := []pointed{
		at("visits", "2024-03", 0, "a"), at("visits", "2024-03", 1, "b"), at("visits", "2024-03", 2, "a"), at("visits", "2024-03", 3, "a"),
		at("visits", "2024-04", 9, "b"), at("conditions", "2024-03", 9, "b"),
	}
	supersede(all)
	var got []bool
	for _, p := range all {
		got = append(got, p.superseded)
	}
	if diff := cmp.Diff([]bool{true, false, true, false, false, false}, got); diff != "" {
		t.Errorf("superseded (-want +got):\n%s", diff)
	}
}

// Pages go on only beyond what was shown, so a hospital cannot make a reader page for ever.
func TestPagesRise(t *testing.T) {
	at := func(kind, month string, number uint64) *pb.ShownPointer {
		return &pb.ShownPointer{Place: &pb.PointerPlace{Kind: kind, Month: month, Number: number}}
	}
	first, second, third := at("conditions", "2024-03", 1), at("conditions", "2024-04", 0), at("visits", "1999-01", 0)
	for name, c := range map[string]struct {
		after *pb.PointerPlace
		page  []*pb.ShownPointer
		want  bool
	}{
		"the first page":      {nil, []*pb.ShownPointer{first, second, third}, true},
		"one that goes on":    {first.GetPlace(), []*pb.ShownPointer{second, third}, true},
		"the same again":      {first.GetPlace(), []*pb.ShownPointer{first}, false},
		"back":                {second.GetPlace(), []*pb.ShownPointer{first, third}, false},
		"twice in one":        {nil, []*pb.ShownPointer{first, second, second}, false},
		"nothing, which ends": {first.GetPlace(), nil, true},
	} {
		if got := rising(c.after, c.page); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if maxPointed < 100*recordindex.MaxPage {
		t.Error("a patient of a large hospital does not fit")
	}
}
