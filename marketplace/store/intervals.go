package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// lane is a queue of leaves that wait to be published. Those of policies, releases and preferences are in two, the public ones
// first; the record index has lanes of its own.
type lane int

const (
	lanePublic lane = 0 // policies, releases: anybody knows when they were queued
	laneEvents lane = 1 // preference events: nobody may learn how many wait
)

// How an interval's leaves before its checkpoint are shared out. What waits in one share takes no place of another's, and what a
// share does not need becomes dummies: else who is shown where her own leaf stands would count what others queued before it.
const (
	placesOfPointers = 24
	placesOfUses     = 8                                                            // of accesses, each of another patient
	placesOfEvents   = consent.IntervalLeaves - 1 - placesOfPointers - placesOfUses // policies, releases and preference events
)

// interval is a closed interval of the log: its checkpoint and the log's root
// right after it.
type interval struct {
	consent.Checkpoint
	root ledger.Hash
}

// Publish implements [provider.Store].
func (p *Provider) Publish(ctx context.Context, at int64) (size uint64, err error) {
	err = p.write(ctx, "closing an interval", func(tx *sql.Tx) error {
		end, err := p.closeInterval(ctx, tx, at, nil)
		size = end.Size
		return err
	})
	if err != nil {
		return 0, err
	}
	return size, nil
}

// nextInterval is the size that the log will have when the next interval is
// closed: from there on it speaks of what is recorded now.
func nextInterval(ctx context.Context, tx *sql.Tx) (size uint64, err error) {
	size, err = logSize(ctx, tx)
	return size + consent.IntervalLeaves, err
}

// enqueue has leaves published in the next intervals, in order.
func (p *Provider) enqueue(ctx context.Context, tx *sql.Tx, to lane, leaves ...ledger.Hash) error {
	var last int64
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM unpublished WHERE lane = ?`, int(to)).Scan(&last)
	if err != nil {
		return fmt.Errorf("queueing leaves: %w", err)
	}
	values := make([]any, 0, 3*len(leaves))
	for i := range leaves {
		values = append(values, int64(to), last+1+int64(i), leaves[i][:])
	}
	if err := p.queue.insert(ctx, tx, len(leaves), values); err != nil {
		return fmt.Errorf("queueing leaves: %w", err)
	}
	return nil
}

// closeInterval appends one interval: what waits, as much as fits, dummies that
// nobody can tell from events or pointers, and the checkpoint. A charge that closes it has moved some classes.
func (p *Provider) closeInterval(ctx context.Context, tx *sql.Tx, at int64, moved classSet) (end interval, err error) {
	l, err := openLog(ctx, tx)
	if err != nil {
		return end, err
	}
	end.Checkpoint = consent.Checkpoint{Size: l.size + consent.IntervalLeaves, ClosedAt: at}
	m, _, err := openMap(ctx, tx, end.Version(), p)
	if err != nil {
		return end, err
	}
	if end.MapRoot, err = m.Root(); err != nil {
		return end, err
	}
	if err := p.odometers.load(ctx, tx); err != nil {
		return end, err
	}
	o, err := tree(m, p.odometers.classes, p.odometers.totals, moved)
	if err != nil {
		return end, err
	}
	end.MapRoot = consent.Committed(end.MapRoot, o.Root())
	checkpoint, err := end.Leaf()
	if err != nil {
		return end, err
	}
	if err := fill(ctx, tx, l, checkpoint); err != nil {
		return end, err
	}
	if end.root, err = l.root(ctx, l.size); err != nil {
		return end, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO intervals (number, map_root, closed_at) VALUES (?, ?, ?)`,
		int64(end.Version()), end.MapRoot[:], at)
	return end, err
}

// fill appends the leaves of one interval: public ones first, then events, leaves of the record index and dummies, in an order
// that is drawn, since a leaf of the record index is shown in its place, which must not tell how many others there are. Nor
// must the interval that it is in: each lane has places of its own.
func fill(ctx context.Context, tx *sql.Tx, l *leafLog, checkpoint ledger.Hash) error {
	waiting, public, err := dequeue(ctx, tx, placesOfEvents)
	if err != nil {
		return err
	}
	index, numbers, err := waitingIndexLeaves(ctx, tx)
	if err != nil {
		return err
	}
	events := len(waiting) - public
	leaves, at := records.Interval(waiting[:public], append(waiting[public:], index...), consent.IntervalLeaves-1)
	first, err := l.add(ctx, append(leaves, checkpoint)...)
	if err != nil {
		return err
	}
	places := make([]uint64, len(numbers))
	for i := range numbers {
		places[i] = first + uint64(at[events+i])
	}
	return placeIndexLeaves(ctx, tx, numbers, places)
}

// checkpointAt returns the checkpoint that ends at asOf. Errors: ErrNoInterval,
// ErrNotReached.
func checkpointAt(ctx context.Context, tx *sql.Tx, asOf uint64) (c consent.Checkpoint, err error) {
	c.Size = asOf
	if asOf == 0 || asOf%consent.IntervalLeaves != 0 {
		return c, provider.ErrNoInterval
	}
	err = tx.QueryRowContext(ctx, `SELECT map_root, closed_at FROM intervals WHERE number = ?`, clamp(c.Version())).
		Scan(fixed(c.MapRoot[:]), &c.ClosedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return c, provider.ErrNotReached
	}
	return c, err
}

// dequeue takes up to n leaves that wait, oldest first within their lane, and says how many of them, the first, are public. It
// costs the same however many wait.
func dequeue(ctx context.Context, tx *sql.Tx, n int) (leaves []ledger.Hash, public int, err error) {
	var in lane
	var number int64 // of the last one taken
	leaves, err = collect(ctx, tx, func(r row) (leaf ledger.Hash, err error) {
		err = r.Scan(&in, &number, fixed(leaf[:]))
		if in == lanePublic {
			public++
		}
		return leaf, err
	}, `SELECT lane, number, leaf FROM unpublished ORDER BY lane, number LIMIT ?`, n)
	if err != nil {
		return nil, 0, fmt.Errorf("reading leaves that wait: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM unpublished WHERE (lane, number) <= (?, ?)`, int(in), number); err != nil {
		return nil, 0, fmt.Errorf("publishing leaves: %w", err)
	}
	return leaves, public, nil
}
