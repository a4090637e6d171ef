package records_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// Every leaf stands where it is said to, public ones first, and hidden ones anywhere behind them: each place is as
// likely as another. A chi-square of 19 degrees of freedom is above 70 with a chance of 1e-7.
func TestIntervalPlaces(t *testing.T) {
	public, hidden := []ledger.Hash{{1}, {2}}, []ledger.Hash{{3}, {4}, {5}}
	const size, runs = 22, 4000
	counts := make([]int, size)
	for range runs {
		leaves, at := records.Interval(public, hidden, size)
		if len(leaves) != size || leaves[0] != public[0] || leaves[1] != public[1] {
			t.Fatalf("%d leaves, first %v", len(leaves), leaves[:2])
		}
		for i, h := range hidden {
			if leaves[at[i]] != h {
				t.Fatalf("leaf %d is not at %d", i, at[i])
			}
		}
		counts[at[0]]++
	}
	chi, want := 0.0, float64(runs)/(size-2)
	for place, n := range counts {
		if place < 2 && n > 0 {
			t.Fatalf("a hidden leaf at %d", place)
		}
		if place >= 2 {
			chi += (float64(n) - want) * (float64(n) - want) / want
		}
	}
	if chi > 70 {
		t.Errorf("chi-square %.1f of places %v", chi, counts)
	}
}

// intervals and leaves of the hospitals that are told apart: nobody else, and one patient's visits, all in the second interval.
const (
	publicIntervals = 3
	fixedSize       = 63
	othersVisits    = 10
	herVisits       = 30
)

// publicBytes is all that a hospital shows to everybody: its tiles and the checkpoints' roots.
func publicBytes(t testing.TB, visits int, padded bool) (tile []ledger.Hash, roots []ledger.Hash) {
	t.Helper()
	var stored []ledger.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, p := range at {
			out[i] = tlog.Hash(stored[p])
		}
		return out, nil
	})
	cell := records.SecretOf(drawn(), 1).Cell("visits", 1490)
	for i := range publicIntervals {
		n := othersVisits
		if i == 1 {
			n += visits
		}
		hidden := make([]ledger.Hash, n)
		for j := range hidden {
			e, err := cell.Seal(uint64(i*100+j), pointerIn("visits", 1490, fmt.Sprint("omop/", j)))
			must(t, err)
			hidden[j] = e.Leaf(drawn())
		}
		size := fixedSize
		if !padded {
			size = len(hidden)
		}
		leaves, _ := records.Interval(nil, hidden, size)
		for _, leaf := range append(leaves, drawn()) { // the checkpoint: its root is blinded
			more, err := ledger.AppendHashes(uint64(len(tile)), leaf, read)
			must(t, err)
			tile, stored = append(tile, leaf), append(stored, more...)
		}
		root, err := ledger.Root(uint64(len(tile)), read)
		must(t, err)
		roots = append(roots, root)
	}
	return tile, roots
}

func drawn() (h ledger.Hash) {
	for i := 0; i < len(h); i += 8 {
		binary.BigEndian.PutUint64(h[i:], rand.Uint64())
	}
	return h
}

// features are what a distinguisher that sees everything but keys looks at: how much there is, how even the bytes are in all and in each third,
// where the least leaf stands, and what the roots begin with.
func features(tile, roots []ledger.Hash) (all []float64) {
	all = append(all, float64(len(tile)), float64(len(roots)))
	least, ones := 0, make([]int, 4)
	for i, leaf := range tile {
		if string(leaf[:]) < string(tile[least][:]) {
			least = i
		}
		for _, b := range leaf {
			ones[0] += int(b)
			ones[1+i*3/len(tile)] += int(b)
		}
	}
	all = append(all, float64(least))
	for _, n := range ones {
		all = append(all, float64(n)/float64(len(tile)))
	}
	for _, r := range roots {
		all = append(all, float64(binary.BigEndian.Uint16(r[:])))
	}
	return all
}

// wins has the best distinguisher of one feature and a threshold, learned from half of the runs, guess the other half.
func wins(t *testing.T, padded bool, runs int) int {
	t.Helper()
	sample := func() (of [2][][]float64) {
		for range runs / 2 {
			for visited := range 2 {
				of[visited] = append(of[visited], features(publicBytes(t, visited*herVisits, padded)))
			}
		}
		return of
	}
	guess := func(of [2][][]float64, feature int, threshold float64, above int) (right int) {
		for visited, all := range of {
			for _, f := range all {
				side := 1 - above
				if f[feature] > threshold {
					side = above
				}
				if side == visited {
					right++
				}
			}
		}
		return right
	}
	learn, best := sample(), [3]float64{}
	most := -1
	for feature := range learn[0][0] {
		for _, f := range append(learn[0], learn[1]...) {
			for above := range 2 {
				if right := guess(learn, feature, f[feature], above); right > most {
					most, best = right, [3]float64{float64(feature), f[feature], float64(above)}
				}
			}
		}
	}
	return guess(sample(), int(best[0]), best[1], int(best[2]))
}

// G7: from all public bytes of two runs that differ only in one patient's visits, both under the interval's fixed size, a
// distinguisher that sees everything but keys guesses no better than chance: half of the runs, give or take 5 standard
// deviations, which chance alone exceeds once in 1.7 million. Once padding is off it guesses nearly all.
func TestG7VisitsCannotBeTold(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 40
	}
	if n := wins(t, true, runs); math.Abs(float64(n)-float64(runs)/2) > 5*math.Sqrt(float64(runs))/2 {
		t.Errorf("with padding, %d of %d were told apart", n, runs)
	}
	if n := wins(t, false, runs); n < runs*95/100 {
		t.Errorf("without padding, only %d of %d were told apart: the distinguisher is no good", n, runs)
	}
}
