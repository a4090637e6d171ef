package consent_test

import (
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// memory keeps every version of the nodes.
type memory struct {
	version uint64 // that is read and written
	rows    map[place]map[uint64]consent.Node
	fail    error // of the next call
}

type place struct {
	depth  uint8
	prefix uint64
}

func newMemory() *memory { return &memory{version: 1, rows: map[place]map[uint64]consent.Node{}} }

// Get implements [consent.Nodes]: the greatest version up to the one that is read.
func (m *memory) Get(depth uint8, prefix uint64) (consent.Node, bool, error) {
	if m.fail != nil {
		return consent.Node{}, false, m.fail
	}
	versions := m.rows[place{depth, prefix}]
	for v := m.version; v > 0; v-- {
		if n, ok := versions[v]; ok {
			return n, true, nil
		}
	}
	return consent.Node{}, false, nil
}

// Put implements [consent.Nodes].
func (m *memory) Put(depth uint8, prefix uint64, n consent.Node) error {
	if m.fail != nil {
		return m.fail
	}
	at := place{depth, prefix}
	if m.rows[at] == nil {
		m.rows[at] = map[uint64]consent.Node{}
	}
	m.rows[at][m.version] = n
	return nil
}

// at is the map in the given version.
func (m *memory) at(version uint64) *consent.Map {
	m.version = version
	return consent.New(secret, version, m)
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
		Provider: hospital, Index: index, Siblings: path.Siblings, Blind: path.Blind,
		Checkpoint: consent.Checkpoint{Size: version * consent.IntervalLeaves, MapRoot: must(m.Root()), ClosedAt: 1000},
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
