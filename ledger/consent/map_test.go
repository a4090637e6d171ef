package consent_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// near draws an index that shares a prefix of any length with others.
func near(t *rapid.T) (index ledger.Hash) {
	at := rapid.SampledFrom([]uint64{0, 1 << 63, 0xAAAA_AAAA_AAAA_AAAA}).Draw(t, "base")
	if rapid.Bool().Draw(t, "forks") {
		at ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
	}
	for i := range 8 {
		index[i] = byte(at >> (56 - 8*i))
	}
	return index
}

// notUnderRace skips a test with -short, which is how make test-race runs them: it sets few leaves at once, in one goroutine,
// so the race detector would find nothing that make test does not.
func notUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}

// TestG6MapIsTheModel: after any writes over several intervals every version of
// the map proves exactly what a plain map held when its interval was closed.
func TestG6MapIsTheModel(t *testing.T) {
	notUnderRace(t)
	rapid.Check(t, func(t *rapid.T) {
		store, model := newMemory(), map[ledger.Hash]int{}
		var closed []map[ledger.Hash]int
		var asked []ledger.Hash
		n := 0
		for version := uint64(1); version <= 3; version++ {
			m := store.at(version)
			for range rapid.IntRange(0, 4).Draw(t, "batches") {
				var leaves []consent.Leaf
				for range rapid.IntRange(0, 6).Draw(t, "leaves") {
					n++
					index := near(t)
					leaves, model[index] = append(leaves, must(consent.NewLeaf(index, salt(n), consent.Entry{JoinedNanoRho: int64(n)}))), n
				}
				if err := m.Set(leaves...); err != nil {
					t.Fatal(err)
				}
			}
			closed, asked = append(closed, maps.Clone(model)), append(asked, near(t))
		}
		for i, was := range closed {
			version := uint64(i + 1)
			m := store.at(version)
			for _, index := range slices.AppendSeq(asked, maps.Keys(model)) {
				checkIndex(t, m, version, index, was)
			}
		}
	})
}

func checkIndex(t *rapid.T, m *consent.Map, version uint64, index ledger.Hash, was map[ledger.Hash]int) {
	n, there := was[index]
	_, err := m.Prove(index)
	_, _, absentErr := m.ProveAbsence(index)
	if there {
		if err != nil || !errors.Is(absentErr, consent.ErrPresent) {
			t.Fatalf("present index: Prove %v, ProveAbsence %v", err, absentErr)
		}
		p := present(m, version, index, n)
		if len(p.Siblings) != consent.Depth {
			t.Fatalf("%d siblings", len(p.Siblings))
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !errors.Is(err, consent.ErrAbsent) || absentErr != nil {
		t.Fatalf("absent index: Prove %v, ProveAbsence %v", err, absentErr)
	}
	if err := absent(m, version, index).Check(); err != nil {
		t.Fatal(err)
	}
}

// TestOrderDoesNotMatter: the root tells what is in the map, not how it came there.
func TestOrderDoesNotMatter(t *testing.T) {
	notUnderRace(t)
	rapid.Check(t, func(t *rapid.T) {
		indices := rapid.SliceOfNDistinct(rapid.Custom(near), 1, 12, rapid.ID[ledger.Hash]).Draw(t, "indices")
		leaves := make([]consent.Leaf, len(indices))
		for i, index := range indices {
			leaves[i] = must(consent.NewLeaf(index, salt(i), consent.Entry{JoinedNanoRho: int64(i)}))
		}
		at := newMemory().at(1)
		if err := at.Set(leaves...); err != nil {
			t.Fatal(err)
		}
		want := must(at.Root())
		one := newMemory().at(1)
		for _, l := range rapid.Permutation(leaves).Draw(t, "order") {
			if err := one.Set(l); err != nil {
				t.Fatal(err)
			}
		}
		if got := must(one.Root()); got != want {
			t.Fatalf("root %s, in one batch %s", got, want)
		}
		changed := rapid.SampledFrom(leaves).Draw(t, "changed")
		changed.Hash[0] ^= 1
		if err := one.Set(changed); err != nil {
			t.Fatal(err)
		}
		if must(one.Root()) == want {
			t.Fatal("the root does not show a changed entry")
		}
	})
}

// TestTheLastOfABatchHolds: a patient who changes her mind within a batch.
func TestTheLastOfABatchHolds(t *testing.T) {
	m := newMemory().at(1)
	index := m.Index(1)
	if err := m.Set(leafOf(t, index, 1), leafOf(t, m.Index(2), 2), leafOf(t, index, 3)); err != nil {
		t.Fatal(err)
	}
	if err := present(m, 1, index, 3).Check(); err != nil {
		t.Error(err)
	}
	if err := present(m, 1, index, 1).Check(); err == nil {
		t.Error("the first of two is still there")
	}
}

// TestCollision: two indices with the same position cannot both be in the map,
// and asking for the one that is not is no proof of absence.
func TestCollision(t *testing.T) {
	a, b := ledger.Hash{0: 1, 31: 1}, ledger.Hash{0: 1, 31: 2}
	m := newMemory().at(1)
	if err := m.Set(leafOf(t, a, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Prove(b); !errors.Is(err, consent.ErrCollision) {
		t.Errorf("Prove: got %v, want ErrCollision", err)
	}
	if _, _, err := m.ProveAbsence(b); !errors.Is(err, consent.ErrCollision) {
		t.Errorf("ProveAbsence: got %v, want ErrCollision", err)
	}
	if err := m.Set(leafOf(t, b, 2)); !errors.Is(err, consent.ErrCollision) {
		t.Errorf("Set: got %v, want ErrCollision", err)
	}
	if err := newMemory().at(1).Set(leafOf(t, a, 1), leafOf(t, b, 2)); !errors.Is(err, consent.ErrCollision) {
		t.Errorf("Set of both: got %v, want ErrCollision", err)
	}
}

// TestErrorsOfNodes: what the storage says reaches the caller.
func TestErrorsOfNodes(t *testing.T) {
	store := newMemory()
	m := store.at(1)
	index := m.Index(1)
	if err := m.Set(leafOf(t, index, 1), leafOf(t, m.Index(2), 2)); err != nil {
		t.Fatal(err)
	}
	store.fail = errors.New("disk")
	_, proveErr := m.Prove(index)
	_, _, absenceErr := m.ProveAbsence(index)
	_, rootErr := m.Root()
	for name, err := range map[string]error{"Set": m.Set(leafOf(t, index, 3)), "Prove": proveErr, "ProveAbsence": absenceErr, "Root": rootErr} {
		if !errors.Is(err, store.fail) {
			t.Errorf("%s: got %v, want the storage's error", name, err)
		}
	}
}

// TestBrokenNodes: a leaf that claims to hold others ends in an error, not in a loop.
func TestBrokenNodes(t *testing.T) {
	store := newMemory()
	for d := uint8(consent.Stratum); d <= consent.Depth; d += consent.Stratum {
		if err := store.Put(d, consent.Child{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.at(1).Prove(ledger.Hash{}); err == nil || errors.Is(err, consent.ErrAbsent) {
		t.Errorf("got %v, want an error of its own", err)
	}
}

// TestG7RootIsBlinded: the public root of an interval in which nothing changed
// is another all the same, and so is that of the same entries under another secret.
func TestG7RootIsBlinded(t *testing.T) {
	store := newMemory()
	m := store.at(1)
	if err := m.Set(leafOf(t, m.Index(1), 1)); err != nil {
		t.Fatal(err)
	}
	first := must(m.Root())
	if second := must(store.at(2).Root()); second == first {
		t.Error("the root shows that nothing changed")
	}
	if again := must(store.at(1).Root()); again != first {
		t.Error("the root of a closed interval changed")
	}
	if must(newMemory().at(1).Root()) == must(consent.New(salt(1), 1, newMemory()).Root()) {
		t.Error("two hospitals without patients have the same root")
	}
}

// TestG7SiblingsAreSalted: beside an empty subtree and beside a neighbour a proof
// is the same in form, and without the secret an empty subtree cannot be told:
// no sibling is the same in two places or under two secrets.
func TestG7SiblingsAreSalted(t *testing.T) {
	notUnderRace(t)
	alone, other, crowded := newMemory().at(1), consent.New(salt(9), 1, newMemory()), newMemory().at(1)
	index := alone.Index(1)
	for _, m := range []*consent.Map{alone, other, crowded} {
		if err := m.Set(leafOf(t, index, 1)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		if err := crowded.Set(leafOf(t, crowded.Index(int64(i+2)), i)); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[ledger.Hash]bool{}
	for i, m := range []*consent.Map{alone, other} {
		for d, s := range must(m.Prove(index)).Siblings {
			if seen[s] {
				t.Errorf("sibling %d of map %d was seen before", d, i)
			}
			seen[s] = true
		}
	}
	a, b := must(ledger.Canonical(present(alone, 1, index, 1))), must(ledger.Canonical(present(crowded, 1, index, 1)))
	if len(a) != len(b) {
		t.Errorf("a proof of %d bytes alone, of %d among others", len(a), len(b))
	}
}

// TestIndex: one for each patient, another under another secret; it has no
// prefix in common with what the map hashes otherwise.
func TestIndex(t *testing.T) {
	m := newMemory().at(1)
	seen := map[ledger.Hash]int64{}
	for _, patient := range []int64{0, 1, 2, 10, 11, 111, -1, 1 << 62} {
		index := m.Index(patient)
		if other, ok := seen[index]; ok {
			t.Errorf("patients %d and %d have one index", patient, other)
		}
		seen[index] = patient
		if index == consent.New(salt(1), 1, newMemory()).Index(patient) {
			t.Errorf("the index of patient %d does not depend on the secret", patient)
		}
		if index != newMemory().at(2).Index(patient) {
			t.Errorf("the index of patient %d changes with the version", patient)
		}
	}
}

// TestCompact: what is stored grows with the leaves, not with the depth.
func TestCompact(t *testing.T) {
	store := newMemory()
	m := store.at(1)
	const leaves = 2000
	batch := make([]consent.Leaf, leaves)
	for i := range batch {
		batch[i] = leafOf(t, m.Index(int64(i)), i)
	}
	if err := m.Set(batch...); err != nil {
		t.Fatal(err)
	}
	// 256 subtrees at depth 8, of some 8 leaves each: a row for each of these, and for each leaf alone at depth 16.
	if got := float64(store.size()) / leaves; got < 1.05 || got > 1.25 {
		t.Errorf("%.2f nodes a leaf", got)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	m := newMemory().at(1)
	m.Index(1)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, m); !strings.Contains(got, "consent map") || len(got) > 20 {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

// TestNothingToSet: an empty batch writes nothing.
func TestNothingToSet(t *testing.T) {
	store := newMemory()
	if err := store.at(1).Set(); err != nil || len(store.rows) != 0 {
		t.Errorf("error %v, %d rows", err, len(store.rows))
	}
	path, _, err := store.at(1).ProveAbsence(ledger.Hash{})
	if err != nil || len(path.Siblings) != 0 {
		t.Errorf("absence in the empty map: %v, %d siblings", err, len(path.Siblings))
	}
}

// Many leaves that are set at once, on all cores, make the map that they make one after another, also upon another map.
func TestManyAtOnce(t *testing.T) {
	together, alone := newMemory().at(1), newMemory().at(1)
	for round := range 3 {
		var leaves []consent.Leaf
		for i := range 300 {
			leaves = append(leaves, leafOf(t, together.Index(int64(i*(round+1))), 1000*round+i))
		}
		if err := together.Set(leaves...); err != nil {
			t.Fatal(err)
		}
		for _, l := range leaves {
			if err := alone.Set(l); err != nil {
				t.Fatal(err)
			}
		}
		if must(together.Root()) != must(alone.Root()) {
			t.Fatalf("round %d: the roots differ", round)
		}
	}
}
