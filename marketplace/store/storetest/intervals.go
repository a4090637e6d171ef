package storetest

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// modelLog is what a hospital's log should be, in plain Go. Dummies and
// checkpoints are not in published.
type modelLog struct {
	size           uint64
	public, events []ledger.Hash            // that wait
	published      map[uint64]ledger.Hash   // public ones by index
	hidden         map[uint64][]ledger.Hash // the others by the index that their interval begins at, anywhere behind its public ones
}

// close is how an interval is filled: public leaves, then events, in 31 places; the others are the record index's.
func (l *modelLog) close() {
	if l.published == nil {
		l.published, l.hidden = map[uint64]ledger.Hash{}, map[uint64][]ledger.Hash{}
	}
	public := min(len(l.public), 31)
	for i, leaf := range l.public[:public] {
		l.published[l.size+uint64(i)] = leaf
	}
	events := min(len(l.events), 31-public)
	l.hidden[l.size] = l.events[:events]
	l.public, l.events = l.public[public:], l.events[events:]
	l.size += 64
}

// leaves is how many are published.
func (l *modelLog) leaves() int {
	n := len(l.published)
	for _, hidden := range l.hidden {
		n += len(hidden)
	}
	return n
}

// Charge charges and, if that is new, expects an interval to be closed.
func (w *ward) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	_, before, err := w.Charged(ctx, request)
	if err != nil {
		return provider.Charged{}, err
	}
	c, err := w.Store.Charge(ctx, request, decide)
	if err == nil && !before {
		w.log.close()
	}
	return c, err
}

// publish closes an interval.
func (w *ward) publish(t tb) {
	t.Helper()
	size, err := w.Publish(t.Context(), 1500)
	ok(t, err)
	w.log.close()
	equal(t, "size", size, w.log.size)
}

// root is the log's present root.
func (w *ward) root(t tb) ledger.Hash {
	t.Helper()
	_, root, err := w.LogRoot(t.Context())
	ok(t, err)
	return root
}

// logged checks that the log has the expected size and every expected leaf.
func (w *ward) logged(t tb) {
	t.Helper()
	size, root, err := w.LogRoot(t.Context())
	ok(t, err)
	equal(t, "size of the log", size, w.log.size)
	for i, leaf := range w.placed(t) {
		path, under, err := w.Inclusion(t.Context(), size, i)
		ok(t, err)
		equal(t, "root", under, root)
		inclusion(t, size, i, path, root, leaf)
	}
}

// placed is every expected leaf by its index: the hidden ones where the log's tiles have them.
func (w *ward) placed(t tb) map[uint64]ledger.Hash {
	t.Helper()
	all := maps.Clone(w.log.published)
	for start, hidden := range w.log.hidden {
		tile, err := w.Tile(t.Context(), 0, int64(start/256), int(start%256)+64)
		ok(t, err)
		at := map[ledger.Hash]uint64{}
		for i := start % 256; i < start%256+63; i++ {
			at[ledger.Hash(tile[32*i:32*i+32])] = start - start%256 + i
		}
		for _, leaf := range hidden {
			i, found := at[leaf]
			if _, public := all[i]; !found || public {
				t.Fatalf("leaf %s is not in the interval from %d", leaf, start)
			}
			all[i] = leaf
		}
	}
	return all
}

func testPublish(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	w.record(t, w.event(1, "yes", 0), w.event(2, "no", 0))
	w.policy(t, 1)
	equal(t, "root of nothing", w.root(t), ledger.HashBytes(nil)) // what happened waits
	w.publish(t)
	w.logged(t)
	first := w.root(t)
	w.publish(t) // nothing waits
	w.record(t, w.event(1, "no", 0))
	w.publish(t)
	w.logged(t)
	w.survives(t)
	for _, c := range []struct{ size, index uint64 }{{64, 64}, {0, 0}, {193, 0}, {1 << 60, 0}} {
		w.refused(t, nil, func(ctx context.Context) error { _, _, err := w.Inclusion(ctx, c.size, c.index); return err })
	}
	_, root, err := w.Inclusion(t.Context(), 64, 63)
	ok(t, err)
	equal(t, "root of the first interval, later", root, first)
}

// More waits than an interval has places for: it comes in order, public leaves first,
// and is in force meanwhile.
func testBacklog(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	for i := range 100 {
		w.record(t, w.event(int64(1+i%2), fmt.Sprint("class ", i%3), 0))
	}
	w.policy(t, 1)
	request := w.request("request")
	c, err := w.Charge(t.Context(), request, w.charge(t, accountant.Cost{NanoRho: 1}, 2000, "class 1"))
	ok(t, err)
	equal(t, "last event", c.LastEvent, uint64(100))
	equal(t, "memberships", w.members(t, c.LastEvent), []provider.Membership{
		{Patient: 1, Class: 3, Limit: provider.NoLimit}, {Patient: 2, Class: 1, Limit: provider.NoLimit},
	})
	w.logged(t)
	w.survives(t)
	_, err = w.Finish(t.Context(), request, signedRelease(request, 1), name("leaf"), nil, 2000)
	ok(t, err)
	w.log.public = append(w.log.public, name("leaf"))
	w.publish(t)
	equal(t, "the answer goes first", w.log.published[64], name("leaf"))
	w.logged(t)
	w.publish(t)
	w.publish(t)
	equal(t, "leaves", w.log.leaves(), 102)
	w.logged(t)
}

func testHospitalAnchors(t *testing.T, w *ward) {
	ctx := t.Context()
	_, found, err := w.LastAnchor(ctx)
	ok(t, err)
	equal(t, "found", found, false)
	w.publish(t)
	first := provider.Anchor{Size: 64, Root: w.root(t), Block: 7}
	w.publish(t)
	second := provider.Anchor{Size: 128, Root: w.root(t), Block: 9}
	ok(t, w.SaveAnchor(ctx, second))
	for _, bad := range []provider.Anchor{first, second, {Size: 192, Root: second.Root, Block: 10}} {
		w.refused(t, nil, func(ctx context.Context) error { return w.SaveAnchor(ctx, bad) })
	}
	w.publish(t)
	w.survives(t)
	for index, want := range map[uint64]provider.Anchor{0: second, 127: second, 128: {}, 1 << 63: {}} {
		got, found, err := w.Covering(ctx, index)
		ok(t, err)
		equal(t, "found", found, want.Size != 0)
		equal(t, "covering anchor", got, want)
	}
	last, found, err := w.LastAnchor(ctx)
	ok(t, err)
	equal(t, "found", found, true)
	equal(t, "last anchor", last, second)
}
