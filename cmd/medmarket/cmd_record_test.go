package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

func TestRecordedFromCSV(t *testing.T) {
	withdrawn := policy.ReleasePreference{Decision: policy.Deny, Status: policy.Withdrawn}.Normalize()
	until := anyHealthResearch.preference()
	until.Period.End = 2000
	got, err := recordedFromCSV([]byte("\ufeffPatient, until,preference,REVISION\n7,2000,any-health-research,\n-8,, withdrawn ,3\n9,,census-only,1\n"))
	must(t, err)
	want := []provider.RecordedPreference{
		{Patient: 7, Revision: 1, Preference: until}, {Patient: -8, Revision: 3, Preference: withdrawn},
		{Patient: 9, Revision: 1, Preference: censusOnly.preference()},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, r := range got {
		must(t, r.Preference.Validate())
	}
	for text, why := range map[string]string{
		"patient\n7\n": `no column "preference"`,
		"patient,preference,name\n7,nothing,Ada\n":    `column "name"`,
		"patient,preference\nseven,nothing\n":         "line 2: patient",
		"patient,preference\n7,nothing\n8,perhaps\n":  `line 3: "perhaps"`,
		"patient,preference,revision\n7,nothing,-1\n": "line 2: revision",
		"patient,preference,until\n7,nothing,soon\n":  "line 2: until",
		"patient,preference\n7\n":                     "wrong number of fields",
	} {
		if _, err := recordedFromCSV([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: error %v, want %q", text, err, why)
		}
	}
}

func TestRecordedFromJSON(t *testing.T) {
	want := []provider.RecordedPreference{{Patient: 7, Revision: 2, Preference: anyHealthResearch.preference()}}
	b, err := json.Marshal(want)
	must(t, err)
	got, err := recordedFromJSON(b)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, text := range []string{`[{"patient":7,"name":"Ada"}]`, string(b) + "[]", `{"patient":7}`, ""} {
		if _, err := recordedFromJSON([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// Batches keep order, leave nobody out and fit into a statement.
func TestRecordedBatches(t *testing.T) {
	for _, n := range []int{0, 1, 999, 1000, 1001, 2500} {
		for _, c := range []choice{nothing, anyHealthResearch} {
			all := make([]provider.RecordedPreference, n)
			for i := range all {
				all[i] = provider.RecordedPreference{Patient: int64(i), Revision: 1, Preference: c.preference()}
			}
			var again []provider.RecordedPreference
			for batch := range recordedBatches(all) {
				b, err := json.Marshal(batch)
				must(t, err)
				if len(batch) == 0 || len(batch) > provider.MaxBatch || len(b) > recordedSize+2 {
					t.Errorf("%d: a batch of %d, %d bytes", n, len(batch), len(b))
				}
				again = append(again, batch...)
			}
			if !slices.EqualFunc(all, again, func(a, b provider.RecordedPreference) bool { return a.Patient == b.Patient }) {
				t.Errorf("%d: batches are of %d", n, len(again))
			}
		}
	}
}
