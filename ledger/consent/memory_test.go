package consent_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// memory keeps every version of the nodes.
type memory struct {
	version uint64                                        // that is read and written
	rows    map[place]map[uint64]map[uint64]consent.Child // by parent and prefix
	leaves  map[ledger.Hash]map[uint64]ledger.Hash
	cache   consent.Cache
	fail    error // of the next call
	mu      sync.Mutex
}

type place struct {
	depth  uint8
	prefix uint64
}

func newMemory() *memory {
	return &memory{version: 1, rows: map[place]map[uint64]map[uint64]consent.Child{}, leaves: map[ledger.Hash]map[uint64]ledger.Hash{}}
}

// latest is what a version reads: the greatest one up to it.
func latest[T any](versions map[uint64]T, version uint64) (v T, found bool) {
	for ; version > 0 && !found; version-- {
		v, found = versions[version]
	}
	return v, found
}

// Below implements [consent.Nodes]. It leaves the hashes of leaves out.
func (m *memory) Below(depth uint8, prefix uint64) (below []consent.Child, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, versions := range m.rows[place{depth, prefix}] {
		if c, ok := latest(versions, m.version); ok {
			if c.Only != nil {
				c.Only = &consent.Leaf{Index: c.Only.Index}
			}
			below = append(below, c)
		}
	}
	slices.SortFunc(below, func(a, b consent.Child) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return below, m.fail
}

// Put implements [consent.Nodes].
func (m *memory) Put(depth uint8, c consent.Child) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	parent := place{depth - consent.Stratum, c.Prefix >> consent.Stratum}
	if m.rows[parent] == nil {
		m.rows[parent] = map[uint64]map[uint64]consent.Child{}
	}
	put(m.rows[parent], c.Prefix, m.version, c)
	if c.Only != nil {
		put(m.leaves, c.Only.Index, m.version, c.Only.Hash)
	}
	return m.fail
}

// size is how many subtrees are kept.
func (m *memory) size() (n int) {
	for _, children := range m.rows {
		n += len(children)
	}
	return n
}

func put[K comparable, V any](rows map[K]map[uint64]V, at K, version uint64, v V) {
	if rows[at] == nil {
		rows[at] = map[uint64]V{}
	}
	rows[at][version] = v
}

// Leaf implements [consent.Nodes].
func (m *memory) Leaf(index ledger.Hash) (ledger.Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := latest(m.leaves[index], m.version)
	if !ok {
		return h, errors.New("no such leaf")
	}
	return h, m.fail
}

// at is the map in the given version.
func (m *memory) at(version uint64) *consent.Map {
	if version != m.version {
		m.cache.Reset() // which is of the newest version only
	}
	m.version = version
	c := consent.New(secret, version, m)
	c.Cached(&m.cache)
	return c
}

var (
	secret   = ledger.HashBytes([]byte("secret"))
	hospital = ledger.Address{7}
)

func salt(n int) ledger.Hash {
	return ledger.HashBytes(binary.BigEndian.AppendUint64([]byte("salt"), uint64(n)))
}

// leafOf commits to an entry that n tells from others.
func leafOf(t testing.TB, index ledger.Hash, n int) consent.Leaf {
	t.Helper()
	l, err := consent.NewLeaf(index, salt(n), consent.Entry{JoinedNanoRho: int64(n)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// show makes a proof out of a path, in a log with nothing but one interval and
// later leaves.
func show(m *consent.Map, version uint64, index ledger.Hash, path consent.Path, later int) consent.Proof {
	p := consent.Proof{
		Provider: hospital, Index: index, Siblings: path.Siblings, Blind: path.Blind, Odometers: must(m.Odometers(odometers)).Root(),
	}
	p.Checkpoint = consent.Checkpoint{
		Size: version * consent.IntervalLeaves, MapRoot: consent.Committed(must(m.Root()), p.Odometers), ClosedAt: 1000,
	}
	var stored []tlog.Hash
	r := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	size := p.Checkpoint.Size + uint64(later)
	for i := range size {
		leaf := salt(int(i))
		if i == p.Checkpoint.Size-1 {
			leaf = must(p.Checkpoint.Leaf())
		}
		for _, h := range must(ledger.AppendHashes(i, leaf, r)) {
			stored = append(stored, tlog.Hash(h))
		}
	}
	p.Inclusion = ledger.LogProof{
		Log: ledger.LogID(ledger.LogProvider, hospital), Index: p.Checkpoint.Size - 1, Size: size, Root: must(ledger.Root(size, r)),
		Path: must(ledger.ProveInclusion(size, p.Checkpoint.Size-1, r)),
	}
	return p
}

// odometers are those of the hospital's classes.
var odometers = []consent.Odometer{{Place: 0x12_5678, Reading: reading(1)}, {Place: 0x9a_def0, Reading: reading(2)}, {Place: 0x12_5679, Reading: reading(3)}}

// present proves what leafOf(index, n) committed to.
func present(m *consent.Map, version uint64, index ledger.Hash, n int) consent.Proof {
	p := show(m, version, index, must(m.Prove(index)), 0)
	p.Present = &consent.Present{Entry: consent.Entry{JoinedNanoRho: int64(n)}, Salt: salt(n)}
	return p
}

func absent(m *consent.Map, version uint64, index ledger.Hash) consent.Proof {
	path, opening, err := m.ProveAbsence(index)
	if err != nil {
		panic(err)
	}
	p := show(m, version, index, path, 0)
	p.Absent = &consent.Absent{Opening: opening}
	return p
}
