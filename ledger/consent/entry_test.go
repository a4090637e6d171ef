package consent

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/medmarket/medmarket/ledger"
)

// An entry is written down as every document is, or refused as every document would be.
func TestEntryIsCanonical(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	r := rand.New(rand.NewPCG(1, 2))
	edges := []int64{0, 1, -1, 1<<53 - 1, 1 << 53, -(1<<53 - 1), -1 << 53, math.MaxInt64, math.MinInt64}
	number := func() int64 {
		if r.IntN(3) == 0 {
			return edges[r.IntN(len(edges))]
		}
		return r.Int64N(1 << 53)
	}
	refused := 0
	for range 2000 {
		e := Entry{Revision: uint64(number()), CarriedNanoRho: number(), CarriedDelta: number(), JoinedNanoRho: number(), JoinedDelta: number()}
		if r.IntN(2) == 0 {
			e.Odometer = Place(r.Uint32N(1 << 24))
			e.Preference = ledger.HashBytes([]byte{byte(r.Uint32())})
		}
		got, err := e.canonical()
		want, wantErr := ledger.Canonical(e)
		if !bytes.Equal(got, want) || errors.Is(err, ledger.ErrInexact) != errors.Is(wantErr, ledger.ErrInexact) || (err == nil) != (wantErr == nil) {
			t.Fatalf("%+v: %s, %v; want %s, %v", e, got, err, want, wantErr)
		}
		if err != nil {
			refused++
		}
	}
	if refused == 0 || refused == 2000 {
		t.Errorf("%d of 2000 refused", refused)
	}
}

// The hash of a preference with canonical content is the same, written down at once.
func TestHashOfCanonicalContent(t *testing.T) {
	for _, content := range []string{`{}`, `{"a":[1,"\u20ac",null]}`, `"x"`, `7`} {
		for _, number := range []int64{0, 1, -1, 1<<53 - 1, 1 << 53, 1 - 1<<53, -1 << 53} {
			p := Preference{Content: []byte(content), Revision: uint64(max(number, -number)), Expiry: number, Signature: ledger.Signature{1, 64: 27}}
			canonical, err := ledger.Canonical(p)
			if err == nil {
				err = ledger.ParseCanonical(canonical, &p)
			}
			got, gotErr := p.HashCanonical()
			want, wantErr := p.Hash()
			if got != want || errors.Is(gotErr, ledger.ErrInexact) != errors.Is(wantErr, ledger.ErrInexact) || (gotErr == nil) != (err == nil) {
				t.Errorf("%s at %d: %v, %v; want %v, %v", content, number, got, gotErr, want, wantErr)
			}
		}
	}
}
