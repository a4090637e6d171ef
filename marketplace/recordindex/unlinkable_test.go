package recordindex_test

import (
	"cmp"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// The visits of a run: others', one each, and hers, which are what runs differ in. An interval has places for all of them.
const (
	othersVisits = 6
	herVisits    = 16
)

// public is all that anybody sees of a run, but for where it is: the leaves of the log, and its roots, which are what is anchored.
type public struct {
	leaves, roots []ledger.Hash
	// The same without leaves of nothing, as it would be if intervals were not padded.
	unpadded []ledger.Hash
}

// runs is a hospital whose runs follow one another, an interval each. All goes through its index and its store.
type runs struct {
	*clinic
	day  time.Time
	size uint64 // of the log before the next run
}

// run points at so many visits of hers beside the others', and publishes.
func (r *runs) run(t *testing.T, visits int) (p public) {
	t.Helper()
	r.tables.events = map[int64][]recordindex.Event{}
	var patients []int64
	for i := range othersVisits + visits {
		patient := int64(1)
		if i >= visits {
			patient = int64(2 + i)
		}
		r.day = r.day.AddDate(0, 0, 1)
		r.tables.events[patient] = append(r.tables.events[patient], recordindex.Event{Kind: recordindex.Visits, ID: 1, Concept: 9202, Start: r.day.Format(time.DateOnly)})
		if len(r.tables.events[patient]) == 1 {
			patients = append(patients, patient)
		}
	}
	done, err := r.Point(t.Context(), patients, "")
	must(t, err)
	if done.Added != othersVisits+visits {
		t.Fatalf("%d pointers", done.Added)
	}
	_, err = r.store.Publish(t.Context(), r.day.Unix())
	must(t, err)
	_, root, err := r.store.LogRoot(t.Context())
	must(t, err)
	p.roots = append(p.roots, root)
	p.leaves = r.leaves(t, r.size, 64)
	used := map[uint64]bool{r.size + 63: true} // the checkpoint
	for _, patient := range patients {
		kept, err := r.store.Pointers(t.Context(), patient, recordindex.Scope{Kinds: recordindex.Kinds(), To: 4095}, nil, 1<<20)
		must(t, err)
		for _, k := range kept {
			used[*k.Index] = true
		}
	}
	for i, leaf := range p.leaves {
		if used[r.size+uint64(i)] {
			p.unpadded = append(p.unpadded, leaf)
		}
	}
	if len(p.unpadded) != othersVisits+visits+1 {
		t.Fatalf("%d of %d pointers were published", len(p.unpadded)-1, othersVisits+visits)
	}
	r.size += 64
	return p
}

// leaves reads leaves out of the log's tile, a quarter of which they are.
func (r *runs) leaves(t *testing.T, first uint64, n int) (all []ledger.Hash) {
	t.Helper()
	at := int(first % 256)
	tile, err := r.store.Tile(t.Context(), 0, int64(first/256), at+n)
	must(t, err)
	for i := at; i < at+n; i++ {
		all = append(all, ledger.Hash(tile[32*i:32*(i+1)]))
	}
	return all
}

// features are what a distinguisher that sees everything but keys looks at: how many leaves there are, how often each of their bits is set, which leaves are
// the least and the greatest and where, how many begin as another does, and what leaves and roots begin with.
func features(leaves, roots []ledger.Hash) (all []float64) {
	least, most, set, begins := 0, 0, make([]float64, 8*len(ledger.Hash{})), map[byte]bool{}
	for i, leaf := range leaves {
		if string(leaf[:]) < string(leaves[least][:]) {
			least = i
		}
		if string(leaf[:]) > string(leaves[most][:]) {
			most = i
		}
		for j := range set {
			set[j] += float64(leaf[j/8] >> (j % 8) & 1)
		}
		begins[leaf[0]] = true
	}
	all = slices.Concat(set, []float64{float64(len(leaves)), float64(least), float64(most), float64(leaves[least][0]), float64(leaves[most][0]), float64(leaves[0][0]), float64(len(begins))})
	for _, r := range roots {
		all = append(all, float64(binary.BigEndian.Uint16(r[:])))
	}
	return all
}

// told has the best distinguisher of one feature and a threshold, learned from some samples with ([1]) and without ([0]) her visits, guess
// others, and returns how many it guesses rightly.
func told(learn, guess [2][][]float64) (right int) {
	type sample struct {
		value   float64
		visited int
	}
	most, feature, threshold, above := -1, 0, 0.0, 0 // those above the threshold are taken for 1: with her visits, or 0: without
	for i := range learn[0][0] {
		var all []sample
		for visited, of := range learn {
			for _, f := range of {
				all = append(all, sample{f[i], visited})
			}
		}
		slices.SortFunc(all, func(a, b sample) int { return cmp.Compare(a.value, b.value) })
		var below [2]int
		for k, s := range all {
			if below[s.visited]++; k+1 < len(all) && all[k+1].value == s.value {
				continue
			}
			for side := range 2 {
				if n := below[1-side] + len(learn[side]) - below[side]; n > most {
					most, feature, threshold, above = n, i, s.value, side
				}
			}
		}
	}
	for visited, of := range guess {
		for _, f := range of {
			if side := map[bool]int{true: above, false: 1 - above}[f[feature] > threshold]; side == visited {
				right++
			}
		}
	}
	return right
}

// G7: from all public bytes of two runs of a hospital that differ only in one patient's visits, both under the interval's fixed size, a
// distinguisher that sees everything but keys guesses no better than chance: half of the runs, give or take 5 standard
// deviations, which chance alone exceeds once in 1.7 million. Of the same runs without their padding it guesses nearly all.
func TestG7VisitsCannotBeTold(t *testing.T) {
	n := 120 // samples that are guessed; as many are learned from
	switch {
	case os.Getenv("MEDMARKET_LONG") != "":
		n = 600
	case testing.Short():
		n = 60
	}
	r := &runs{clinic: newClinic(t), day: time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := r.store.Publish(t.Context(), 1) // what the clinic begins with
	must(t, err)
	r.size = 64
	var padded, unpadded [2][2][][]float64 // learned from, guessed; without her visits, with
	for part := range 2 {
		for i := range n {
			visited := i % 2
			p := r.run(t, visited*herVisits)
			padded[part][visited] = append(padded[part][visited], features(p.leaves, p.roots))
			unpadded[part][visited] = append(unpadded[part][visited], features(p.unpadded, p.roots))
		}
	}
	if right := told(padded[0], padded[1]); math.Abs(float64(right)-float64(n)/2) > 5*math.Sqrt(float64(n))/2 {
		t.Errorf("with padding, %d of %d were told apart", right, n)
	}
	if right := told(unpadded[0], unpadded[1]); right < n*95/100 {
		t.Errorf("without padding, only %d of %d were told apart: the distinguisher is no good", right, n)
	}
}
