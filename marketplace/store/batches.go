package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// maxTogether is how many events of several callers share a transaction. One
// caller's are never divided.
const maxTogether = 256

// maxRevision is the last one that canonical JSON can spell; nobody gets that far.
const maxRevision = 1<<53 - 1

// batches lets callers who record at the same time share a transaction, and so
// its sync to disk: whoever gets to write next records for all who wait.
type batches struct {
	mu       sync.Mutex
	waiting  []*recording  // oldest first
	expected int           // how many wait once those whom the last transaction answered have come again
	enough   chan struct{} // closed when so many wait; nil if nobody asks
}

// comeAgain is how long those whom the last transaction answered are given to come again: less than a transaction takes.
const comeAgain = 500 * time.Microsecond

// recording is what one caller wants recorded, all or none.
type recording struct {
	events []provider.Event
	hashes []ledger.Hash // of the events' documents as the map names them; made before the turn
	done   chan struct{} // closed when it is answered
	token  uint64
	err    error

	answered bool
}

// answer says once how it ended.
func (r *recording) answer(token uint64, err error) {
	if r.answered {
		return
	}
	r.token, r.err, r.answered = token, err, true
	close(r.done)
}

var errBrokenOff = errors.New("recording was broken off")

// Record implements [provider.Store]. Each event is kept with the odometer of
// its class at that moment, which the patient's own loss is counted from, and
// with what she had lost before.
func (p *Provider) Record(ctx context.Context, events []provider.Event) (token uint64, err error) {
	r := &recording{events: events, hashes: make([]ledger.Hash, len(events)), done: make(chan struct{})}
	for i, e := range events {
		if e.Document.Revision > maxRevision {
			return 0, fmt.Errorf("recording preferences: %w", provider.ErrStaleRevision)
		}
		if r.hashes[i], err = consent.PreferenceOf(e.Document).HashCanonical(); err != nil {
			return 0, fmt.Errorf("recording preferences: %w", err)
		}
	}
	p.batches.add(r)
	for {
		select {
		case <-r.done:
			return r.token, r.err
		case p.turn <- struct{}{}:
			p.recordNext(ctx)
		case <-ctx.Done():
			if p.batches.remove(r) {
				return 0, fmt.Errorf("recording preferences: %w", ctx.Err())
			}
			<-r.done // somebody is at it
			return r.token, r.err
		}
	}
}

func (b *batches) add(r *recording) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, r)
	if b.enough != nil && len(b.waiting) >= b.expected {
		close(b.enough)
		b.enough = nil
	}
}

// expect is told how many are about to be answered.
func (b *batches) expect(answered int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = min(len(b.waiting)+answered, maxTogether)
}

// gather waits until as many wait as are expected, but not for long, and not if nobody waits: all in one transaction take little longer than
// those who were first.
func (b *batches) gather() {
	b.mu.Lock()
	if len(b.waiting) == 0 || len(b.waiting) >= b.expected {
		b.mu.Unlock()
		return
	}
	enough := make(chan struct{})
	b.enough = enough
	b.mu.Unlock()
	select {
	case <-enough:
	case <-time.After(comeAgain):
		b.mu.Lock()
		b.enough = nil
		b.mu.Unlock()
	}
}

// remove takes back what nobody has begun to record; false if somebody has.
func (b *batches) remove(r *recording) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, w := range b.waiting {
		if w == r {
			b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes those whose turn it is, none if nobody waits.
func (b *batches) next() (together []*recording) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for n := 0; len(b.waiting) > 0; b.waiting = b.waiting[1:] {
		if n += len(b.waiting[0].events); len(together) > 0 && n > maxTogether {
			break
		}
		together = append(together, b.waiting[0])
	}
	return together
}

// recordNext records for those whose turn it is and gives the turn up, which the caller
// holds.
func (p *Provider) recordNext(ctx context.Context) {
	defer func() { <-p.turn }()
	p.recordWaiting(ctx)
}

// recordWaiting records for those whose turn it is. Should it panic, nobody is left waiting.
func (p *Provider) recordWaiting(ctx context.Context) {
	ctx = context.WithoutCancel(ctx) // it is for others too: that this caller gives up does not undo theirs
	p.batches.gather()
	together := p.batches.next()
	defer func() {
		for _, r := range together {
			r.answer(0, errBrokenOff)
		}
	}()
	p.recordAll(ctx, together)
}

// recordAll records in one transaction what can be, and answers everybody. The
// caller holds the turn.
func (p *Provider) recordAll(ctx context.Context, together []*recording) {
	if len(together) == 0 {
		return
	}
	var token uint64
	err := p.writeInTurn(ctx, "recording preferences", func(tx *sql.Tx) (err error) {
		token, err = p.recordIn(ctx, tx, together)
		return err
	})
	if err != nil && len(together) > 1 { // not one of them but all together failed: whose fault it is shows alone
		for _, r := range together {
			p.recordAll(ctx, []*recording{r})
		}
		return
	}
	p.batches.expect(len(together))
	for _, r := range together {
		switch {
		case err != nil:
			r.answer(0, err)
		case r.err != nil:
			r.answer(0, fmt.Errorf("recording preferences: %w", r.err))
		default:
			r.answer(token, nil)
		}
	}
}

// recordIn records within a transaction. Of several recordings, each that is
// refused is undone alone and keeps its error.
func (p *Provider) recordIn(ctx context.Context, tx *sql.Tx, together []*recording) (token uint64, err error) {
	c, err := newCommitter(ctx, tx, p)
	if err != nil {
		return 0, err
	}
	r, err := newRecorder(ctx, tx, p, c)
	if err != nil {
		return 0, err
	}
	if err := r.lookAhead(ctx, together); err != nil {
		return 0, err
	}
	var leaves []ledger.Hash
	for _, one := range together {
		one.err = nil
		if len(together) == 1 {
			err = r.all(ctx, one)
		} else {
			one.err, err = r.apart(ctx, one)
		}
		if err != nil {
			return 0, err
		}
		if one.err == nil {
			for _, e := range one.events {
				leaves = append(leaves, e.Leaf)
			}
		}
	}
	if err := c.begin(); err != nil {
		return 0, err
	}
	if err := r.write(ctx); err != nil {
		return 0, err
	}
	if err := c.commit(); err != nil {
		return 0, err
	}
	return c.asOf, p.enqueue(ctx, tx, laneEvents, leaves...)
}

// all records what one caller wants, one event after the other: there may be several of a patient.
func (r *recorder) all(ctx context.Context, one *recording) error {
	for i, e := range one.events {
		planned, err := r.plan(ctx, e, one.hashes[i])
		if err == nil {
			err = r.record(ctx, planned)
		}
		if err != nil {
			return ofMany(i, one, err)
		}
	}
	return nil
}

func ofMany(i int, one *recording, err error) error {
	return fmt.Errorf("preference %d of %d: %w", i+1, len(one.events), err)
}

// apart records what one caller wants. A refusal leaves nothing of it, and is returned apart from an error that ends the
// transaction.
func (r *recorder) apart(ctx context.Context, one *recording) (refused, err error) {
	if len(one.events) > 1 {
		return r.undoable(ctx, one)
	}
	for i, e := range one.events {
		planned, refused := r.plan(ctx, e, one.hashes[i])
		switch {
		case r.unwritten.failed != nil:
			return nil, r.unwritten.failed
		case refused != nil:
			return ofMany(i, one, refused), nil
		}
		if err := r.record(ctx, planned); err != nil {
			return nil, ofMany(i, one, err)
		}
	}
	return nil, nil
}

// undoable is apart for several events, in a savepoint of their own: for one it would cost more than the event.
func (r *recorder) undoable(ctx context.Context, one *recording) (refused, err error) {
	if err := r.write(ctx); err != nil {
		return nil, err
	}
	if _, err := r.tx.ExecContext(ctx, `SAVEPOINT apart`); err != nil {
		return nil, err
	}
	leaves := len(r.commits.leaves)
	if refused = r.all(ctx, one); refused == nil {
		refused = r.write(ctx)
	}
	if refused != nil {
		r.commits.leaves = r.commits.leaves[:leaves]
		r.unwritten = unwritten{patients: map[int64]bool{}}
		clear(r.joined) // a class may have been made
		// SQLite may have rolled everything back; then there is no such savepoint, and this fails.
		if _, err := r.tx.ExecContext(ctx, `ROLLBACK TO apart`); err != nil {
			return nil, err
		}
	}
	_, err = r.tx.ExecContext(ctx, `RELEASE apart`)
	return refused, err
}
