package server

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilters(t *testing.T) {
	for text, want := range map[string]filter{
		"":                     {},
		"  ":                   {},
		"state=approved":       {"state": "approved"},
		` state = "approved" `: {"state": "approved"},
		`dataset = "St Bo = AND" AND state = approved`: {"dataset": "St Bo = AND", "state": "approved"},
	} {
		got, err := filterFrom(text, "state", "dataset")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{
		"state", "=", "state=", `state=""`, `state="approved`, "approved", "state=a state=b", "state=a AND state=b", "state=a AND", "state=a OR state=b",
		"state!=a", "NOT state=a", "(state=a)", "researcher=a", "state=a AND dataset", `state=a"b"`, "state==a", "state = a,b AND ",
	} {
		if got, err := filterFrom(text, "state", "dataset"); !errors.Is(err, errMalformed) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// Whatever is sent as a filter is read or malformed; what was read says the same again.
func FuzzFilter(f *testing.F) {
	f.Add(`state = "approved" AND dataset = hospital`)
	f.Add(`state="`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := filterFrom(text, "state", "dataset")
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatal(err)
			}
			return
		}
		again := ""
		for _, field := range []string{"state", "dataset"} {
			if value, is := got[field]; is {
				if again != "" {
					again += " AND "
				}
				again += field + ` = "` + value + `"`
			}
		}
		if same, err := filterFrom(again, "state", "dataset"); err != nil || !cmp.Equal(got, same) {
			t.Errorf("%q is %v; as %q it is %v, %v", text, got, again, same, err)
		}
	})
}
