package records_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

var (
	hospital = ledger.Address{19: 1}
	kinds    = []records.Kind{"conditions", "laboratory", "medication", "visits"}
)

func month(t *rapid.T, name string) records.Month {
	return records.Month(rapid.IntRange(0, int(records.Months)-1).Draw(t, name))
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pointerIn is a pointer of a cell.
func pointerIn(k records.Kind, m records.Month, locator string) records.Pointer {
	return records.Pointer{Provider: hospital, Kind: k, Time: m.Start().Unix() + 86400, Locator: locator, Record: ledger.HashBytes([]byte(locator))}
}

// A key for some kinds and months finds and opens the pointers of just these, of one patient at one hospital.
func TestKeysOpenNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		master := ledger.HashBytes([]byte(rapid.String().Draw(t, "hospital")))
		secret := records.SecretOf(master, rapid.Int64().Draw(t, "patient"))
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		from, to := month(t, "from"), month(t, "to")
		if from > to {
			from, to = to, from
		}
		ring := records.Ring(secret.Nodes(kind, from, to))
		if len(ring) > 22 {
			t.Fatalf("%d keys cover %s to %s", len(ring), from, to)
		}
		for _, m := range []records.Month{from, to, month(t, "month"), max(from, 1) - 1, min(to+1, records.Months-1)} {
			of := rapid.SampledFrom(kinds).Draw(t, "of")
			cell, opens := ring.Cell(of, m)
			if want := of == kind && from <= m && m <= to; opens != want {
				t.Fatalf("keys for %s from %s to %s open %s of %s: %v", kind, from, to, of, m, opens)
			}
			own := secret.Cell(of, m)
			e, err := own.Seal(3, pointerIn(of, m, "omop/1"))
			must(t, err)
			if opens {
				if p, err := cell.Open(3, e); err != nil || p != pointerIn(of, m, "omop/1") {
					t.Fatalf("opened %+v, %v", p, err)
				}
				continue
			}
			for _, n := range ring { // whatever key is taken for the right one
				n.Kind, n.First, n.Depth = of, 0, min(n.Depth, 12)
				for n.Depth < 13 {
					if wrong, ok := (records.Ring{n}).Cell(of, m); ok {
						if _, err := wrong.Open(3, e); err == nil || wrong.EntryKey(3) == e.Key {
							t.Fatalf("%v opens %s of %s", n, of, m)
						}
					}
					n.Depth++
				}
			}
		}
	})
}

// No two places have one entry key: of kinds, months, numbers, patients and hospitals.
func TestEntryKeysDiffer(t *testing.T) {
	seen := map[ledger.Hash]string{}
	for h := range 2 {
		for patient := range int64(3) {
			secret := records.SecretOf(ledger.Hash{byte(h + 1)}, patient)
			for _, kind := range kinds {
				for m := records.Month(1400); m < 1404; m++ {
					for n := range uint64(3) {
						place := fmt.Sprint(h, patient, kind, m, n)
						key := secret.Cell(kind, m).EntryKey(n)
						if other, twice := seen[key]; twice {
							t.Fatalf("%s and %s have one key", place, other)
						}
						seen[key] = place
					}
				}
			}
		}
	}
}

// Keys are what a few lines of Python make of the definition in the package comment, and stay so: pointers must be found after any change of the program.
func TestKeysStay(t *testing.T) {
	secret := records.SecretOf(ledger.Hash{1}, 7)
	m, err := records.MonthOf(time.Date(2024, 3, 31, 23, 59, 59, 0, time.UTC))
	must(t, err)
	if got, want := secret.Cell("conditions", m).EntryKey(0).String(), "0xe72afbe481206dd0"; m.String() != "2024-03" || !strings.HasPrefix(got, want) {
		t.Errorf("%s: entry key %s, want %s…", m, got, want)
	}
}

func TestMonths(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string // empty: malformed
	}{
		{time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), "1900-01"},
		{time.Date(1899, 12, 31, 23, 0, 0, 0, time.UTC), ""},
		{time.Date(2241, 4, 30, 0, 0, 0, 0, time.UTC), "2241-04"},
		{time.Date(2241, 5, 1, 0, 0, 0, 0, time.UTC), ""},
		{time.Date(2024, 3, 1, 0, 30, 0, 0, time.FixedZone("east", 3600)), "2024-02"},
	} {
		m, err := records.MonthOf(c.at)
		if (err == nil) != (c.want != "") || err == nil && m.String() != c.want {
			t.Errorf("%s: %s, %v", c.at, m, err)
		}
	}
	var m records.Month
	for _, text := range []string{"2024-3", "2024-13", "24-03", "1899-12", "2024-03-01", ""} {
		if m.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is taken for %s", text, m)
		}
	}
}

// What holds a key does not print it.
func TestSecretsDoNotPrint(t *testing.T) {
	secret := records.SecretOf(ledger.Hash{1}, 7)
	k, err := ledger.NewKey()
	must(t, err)
	given, err := secret.Give(k, ledger.Domain{ChainID: 1, Genesis: ledger.Hash{1}}, access(k.Address()))
	must(t, err)
	hidden := append([]string{fmt.Sprintf("%x", secret.Reveal())}, fmt.Sprintf("%x", given.Keys[0].Key))
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		for _, v := range []any{secret, given, given.Keys, given.Keys[0], secret.Cell("visits", 1)} {
			text := fmt.Sprintf(verb, v)
			if slices.ContainsFunc(hidden, func(h string) bool { return strings.Contains(text, h) }) {
				t.Errorf("%s of %T shows a key: %s", verb, v, text)
			}
		}
	}
}
