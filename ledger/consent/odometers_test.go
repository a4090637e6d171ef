package consent_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// reading is of the class and charge that n tells from others.
func reading(n int) consent.Reading {
	return consent.Reading{Class: salt(n), NanoRho: int64(n), Delta: int64(2 * n), Charged: n%2 == 1}
}

// meant is the hash of a subtree of odometers as the package comment defines it, level by level.
func meant(seed []byte, depth int, prefix uint32, all map[consent.Place]consent.Reading) ledger.Hash {
	under := func(tag byte) ledger.Hash {
		return sha256.Sum256(slices.Concat([]byte{tag}, seed, []byte{byte(depth)}, binary.BigEndian.AppendUint32(nil, prefix)))
	}
	if len(all) == 0 {
		return under(5)
	}
	if depth == 24 {
		salt, r := under(6), all[consent.Place(prefix)]
		b := slices.Concat([]byte{7}, salt[:], r.Class[:])
		for _, v := range []int64{r.NanoRho, r.Delta} {
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		}
		charged := map[bool]byte{true: 1}
		return sha256.Sum256(append(b, charged[r.Charged]))
	}
	halves := [2]map[consent.Place]consent.Reading{{}, {}}
	for at, r := range all {
		halves[at>>(23-depth)&1][at] = r
	}
	left, right := meant(seed, depth+1, 2*prefix, halves[0]), meant(seed, depth+1, 2*prefix+1, halves[1])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// TestG6Odometers: the root is what the package comment says, each odometer is proven under it, and no
// other reading and no other place is.
func TestG6Odometers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.Uint64Range(1, 1000).Draw(t, "version")
		m := newMemory().at(version)
		place := rapid.Uint32Range(0, 1<<24-1)
		places := rapid.SliceOfNDistinct(place, 0, 8, rapid.ID).Draw(t, "places")
		if len(places) > 0 {
			near := places[0] ^ 1<<rapid.IntRange(0, 23).Draw(t, "bit")
			if !slices.Contains(places, near) {
				places = append(places, near)
			}
		}
		var all []consent.Odometer
		model := map[consent.Place]consent.Reading{}
		for i, at := range places {
			model[consent.Place(at)] = reading(i)
			all = append(all, consent.Odometer{Place: consent.Place(at), Reading: reading(i)})
		}
		o := must(m.Odometers(all))
		want := meant(keyed("odometers/", binary.BigEndian.AppendUint64(nil, version)), 0, 0, model)
		if o.Root() != want {
			t.Fatalf("root %s, want %s", o.Root(), want)
		}
		if _, _, err := o.Prove(consent.Place(place.Filter(func(at uint32) bool { return !slices.Contains(places, at) }).Draw(t, "free"))); !errors.Is(err, consent.ErrAbsent) {
			t.Fatalf("where none stands: %v", err)
		}
		for i, at := range places {
			got, path, err := o.Prove(consent.Place(at))
			if err != nil || got != reading(i) || len(path.Siblings) != consent.OdometerDepth {
				t.Fatalf("place %d: %+v with %d siblings, %v", at, got, len(path.Siblings), err)
			}
		}
		if len(all) > 0 {
			if _, err := m.Odometers(slices.Concat(all, all[:1])); !errors.Is(err, consent.ErrPlaces) {
				t.Fatalf("two at one place: %v", err)
			}
		}
	})
}

// TestG7OdometersTellNothingOfOthers: whatever other classes there are, and whichever of them are charged, the proof of
// one has the same size, nothing in common with another interval's, and what a reader can tell apart in none of its hashes.
func TestG7OdometersTellNothingOfOthers(t *testing.T) {
	const hers = consent.Place(0x90_0000)
	show := func(version uint64, others ...consent.Odometer) (content []byte, hashes map[ledger.Hash]bool) {
		o := must(newMemory().at(version).Odometers(slices.Concat(others, []consent.Odometer{{Place: hers, Reading: reading(7)}})))
		r, path, err := o.Prove(hers)
		if err != nil {
			t.Fatal(err)
		}
		hashes = map[ledger.Hash]bool{path.Salt: true}
		for _, h := range path.Siblings {
			hashes[h] = true
		}
		if len(hashes) != consent.OdometerDepth+1 {
			t.Errorf("a hash is there twice in a proof of version %d", version)
		}
		return must(json.Marshal(consent.Counted{Reading: r, Path: path})), hashes
	}
	var near, charged []consent.Odometer // a class in every subtree that hers is not in
	for bit := range consent.OdometerDepth {
		near = append(near, consent.Odometer{Place: hers ^ 1<<bit, Reading: reading(8)})
		charged = append(charged, consent.Odometer{Place: hers ^ 1<<bit, Reading: reading(9)})
	}
	alone, before := show(2)
	for name, others := range map[string][]consent.Odometer{"none": nil, "one": near[:1], "another": charged[:1], "many": near, "many, charged": charged} {
		crowded, after := show(3, others...)
		if len(crowded) != len(alone) {
			t.Errorf("%s: %d bytes, %d if there is no other", name, len(crowded), len(alone))
		}
		for h := range after {
			if before[h] {
				t.Errorf("%s: a hash of the interval before", name)
			}
		}
	}
}

func TestPlace(t *testing.T) {
	var p consent.Place
	for text, want := range map[string]consent.Place{`"0x000000"`: 0, `"0x00abcd"`: 0xabcd, `"0xffffff"`: 1<<24 - 1} {
		if err := json.Unmarshal([]byte(text), &p); err != nil || p != want || string(must(json.Marshal(p))) != text {
			t.Errorf("%s is read as %x, %v", text, uint32(p), err)
		}
	}
	for _, text := range []string{`""`, `"0x"`, `"0x1"`, `"0x0000"`, `"0x00000000"`, `"0xABCDEF"`, `"000000"`} {
		if err := json.Unmarshal([]byte(text), &p); !errors.Is(err, ledger.ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPlaceHas24Bits(t *testing.T) {
	if _, err := json.Marshal(consent.Place(1 << 24)); !errors.Is(err, ledger.ErrMalformed) {
		t.Errorf("a place of 25 bits is written: %v", err)
	}
}

func BenchmarkOdometers(b *testing.B) {
	m := newMemory().at(1)
	for _, n := range []int{10, 1000, 5000} {
		all := make([]consent.Odometer, n)
		for i := range all {
			at := uint32(i) * 0x9e3779 % (1 << consent.OdometerDepth) // odd: no place twice
			all[i] = consent.Odometer{Place: consent.Place(at), Reading: reading(i)}
		}
		o := must(m.Odometers(all))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				o.Root()
			}
		})
	}
}
