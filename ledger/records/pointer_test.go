package records_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// Entries are of one size, and open only unchanged, at their own number.
func TestPointers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind, m := rapid.SampledFrom(kinds).Draw(t, "kind"), month(t, "month")
		cell := records.SecretOf(ledger.Hash{2}, 1).Cell(kind, m)
		p := pointerIn(kind, m, rapid.StringMatching(`[a-z0-9/_.:-]{1,128}`).Draw(t, "locator"))
		e, err := cell.Seal(5, p)
		must(t, err)
		if len(e.Value) != records.ValueSize {
			t.Fatalf("value of %d bytes", len(e.Value))
		}
		if got, err := cell.Open(5, e); err != nil || got != p {
			t.Fatalf("opened %+v, %v", got, err)
		}
		if _, err := cell.Open(4, e); !errors.Is(err, records.ErrForged) {
			t.Fatalf("at another number: %v", err)
		}
		changed := e
		changed.Value = append(ledger.Bytes{}, e.Value...)
		changed.Value[rapid.IntRange(0, len(e.Value)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := cell.Open(5, changed); !errors.Is(err, records.ErrForged) {
			t.Fatalf("changed: %v", err)
		}
	})
}

func TestMalformedPointers(t *testing.T) {
	const m = 1490
	cell := records.SecretOf(ledger.Hash{2}, 1).Cell("visits", m)
	for name, change := range map[string]func(*records.Pointer){
		"no hospital":     func(p *records.Pointer) { p.Provider = ledger.Address{} },
		"another kind":    func(p *records.Pointer) { p.Kind = "conditions" },
		"not a kind":      func(p *records.Pointer) { p.Kind = "Visits" },
		"another month":   func(p *records.Pointer) { p.Time += 40 * 86400 },
		"no locator":      func(p *records.Pointer) { p.Locator = "" },
		"a long locator":  func(p *records.Pointer) { p.Locator = strings.Repeat("x", 129) },
		"a strange one":   func(p *records.Pointer) { p.Locator = "a b" },
		"before all time": func(p *records.Pointer) { p.Time = -1 << 40 },
	} {
		p := pointerIn("visits", m, "omop/1")
		change(&p)
		if _, err := cell.Seal(0, p); !errors.Is(err, records.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// logged is an entry in a hospital's log, and the proof of it.
func logged(t *testing.T, s records.Shown, of ledger.Address) records.Shown {
	t.Helper()
	leaf := s.Entry.Leaf(s.Salt)
	other := ledger.LeafHash([]byte("another"))
	root := ledger.Hash{}
	// RFC 6962: a node is SHA-256(1 || left || right).
	copy(root[:], hashOf(append(append([]byte{1}, leaf[:]...), other[:]...)))
	s.Inclusion = &ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, of), Index: 0, Size: 2, Root: root, Path: []ledger.Hash{other}}
	return s
}

func hashOf(b []byte) []byte {
	h := ledger.HashBytes(b)
	return h[:]
}

// A pointer is what its hospital committed to in its own log, or it is named as forged.
func TestShownPointers(t *testing.T) {
	const m = 1490
	secret := records.SecretOf(ledger.Hash{2}, 1)
	ring := records.Ring(secret.Nodes("visits", m, m))
	e, err := secret.Cell("visits", m).Seal(0, pointerIn("visits", m, "omop/1"))
	must(t, err)
	good := logged(t, records.Shown{Kind: "visits", Month: m, Entry: e, Salt: ledger.Hash{9}}, hospital)
	if _, err := good.Open(ring, hospital); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*records.Shown)
		want   error
	}{
		"another kind":       {func(s *records.Shown) { s.Kind = "conditions" }, records.ErrNoKey},
		"another month":      {func(s *records.Shown) { s.Month++ }, records.ErrNoKey},
		"another number":     {func(s *records.Shown) { s.Number++ }, records.ErrForged},
		"another salt":       {func(s *records.Shown) { s.Salt[0]++ }, records.ErrForged},
		"another place":      {func(s *records.Shown) { p := *s.Inclusion; p.Index, s.Inclusion = 1, &p }, records.ErrForged},
		"another root":       {func(s *records.Shown) { p := *s.Inclusion; p.Root[0]++; s.Inclusion = &p }, records.ErrForged},
		"another's log":      {func(s *records.Shown) { *s = logged(t, *s, ledger.Address{5}) }, records.ErrForged},
		"an index off scale": {func(s *records.Shown) { p := *s.Inclusion; p.Size, s.Inclusion = 1<<63, &p }, records.ErrForged},
	} {
		s := good
		c.change(&s)
		if _, err := s.Open(ring, hospital); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := good.Open(ring, ledger.Address{7}); !errors.Is(err, records.ErrForged) {
		t.Errorf("a pointer of another hospital: %v", err)
	}
}

func TestGaps(t *testing.T) {
	at := func(k records.Kind, m records.Month, n uint64) records.Shown {
		return records.Shown{Kind: k, Month: m, Number: n}
	}
	all := []records.Shown{at("visits", 1490, 0), at("visits", 1490, 2), at("visits", 1491, 0), at("conditions", 1490, 1)}
	got := strings.Join(records.Gaps(all), "; ")
	if want := "conditions of 2024-03, number 0; visits of 2024-03, number 1"; got != want {
		t.Errorf("gaps %q, want %q", got, want)
	}
	if got := records.Gaps(append(all, at("visits", 1490, 1), at("conditions", 1490, 0))); got != nil {
		t.Errorf("gaps %q", got)
	}
	ranges := records.Gaps([]records.Shown{at("visits", 1490, 7), at("visits", 1490, 1<<62), at("visits", 1490, 7), at("visits", 1490, 1<<64-1)})
	wanted := []string{"visits of 2024-03, numbers 0 to 6", "visits of 2024-03, numbers 8 to 4611686018427387903", "visits of 2024-03, numbers 4611686018427387905 to 18446744073709551614"}
	if diff := cmp.Diff(wanted, ranges); diff != "" {
		t.Errorf("numbers off scale (-want +got):\n%s", diff)
	}
}
