package marketplace

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// operations are the asks that go on without their callers, and for a time what became of them. The zero value is ready for use.
type operations struct {
	running sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	all     map[ledger.Hash]*operation
}

// operation is one of them. The channels are closed as it goes on.
type operation struct {
	request    ledger.Hash
	asked      ledger.Hash // the ask and who signed it
	researcher ledger.Address
	cancel     context.CancelFunc
	reserved   chan struct{} // price and allocation are taken
	done       chan struct{}

	mu        sync.Mutex
	taken     bool // price and allocation are
	given     bool // back: the hospitals have refused
	hospitals []HospitalState
	reply     Reply
	err       error
	ended     time.Time  // zero: it runs
	settled   *Operation // what cancelling came to; nil: it was not cancelled
}

// start returns the operation of an ask, which run works off. It is new unless it is running or was answered.
func (s *operations) start(ctx context.Context, o order, run func(context.Context, *operation)) (*operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(time.Now())
	if old := s.all[o.Ask.RequestID]; old != nil {
		switch {
		case old.asked != o.asked:
			return nil, ErrRequestReused
		case old.lives():
			return old, nil
		}
	}
	var hers, all int
	for _, op := range s.all {
		if !op.running() {
			continue
		}
		if all++; op.researcher == o.researcher {
			hers++
		}
	}
	if s.closed || hers >= MaxOperations || all >= MaxAllOperations {
		return nil, ErrTooManyOperations
	}
	op := &operation{
		request: o.Ask.RequestID, asked: o.asked, researcher: o.researcher,
		reserved: make(chan struct{}), done: make(chan struct{}),
	}
	for _, p := range o.parts {
		op.hospitals = append(op.hospitals, HospitalState{p.ask.Dataset, HospitalWaiting})
	}
	if s.all == nil {
		s.all = map[ledger.Hash]*operation{}
	}
	s.all[op.request] = op
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationLimit)
	op.cancel = cancel
	s.running.Go(func() {
		defer cancel()
		run(within, op)
	})
	return op, nil
}

// forget drops those that ended long ago, and the oldest if there are too many. The caller holds mu.
func (s *operations) forget(now time.Time) {
	var ended []*operation
	for id, op := range s.all {
		switch at := op.endedAt(); {
		case at.IsZero():
		case now.Sub(at) > KeptOperations:
			delete(s.all, id)
		default:
			ended = append(ended, op)
		}
	}
	if len(ended) <= maxRemembered {
		return
	}
	slices.SortFunc(ended, func(a, b *operation) int { return a.endedAt().Compare(b.endedAt()) })
	for _, op := range ended[:len(ended)-maxRemembered] {
		delete(s.all, op.request)
	}
}

// of is the operation of a researcher's ask, nil if there is none.
func (s *operations) of(researcher ledger.Address, request ledger.Hash) *operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(time.Now())
	op := s.all[request]
	if op == nil || op.researcher != researcher {
		return nil
	}
	return op
}

// end notes what came of it.
func (op *operation) end(reply Reply, err error) {
	op.mu.Lock()
	op.reply, op.err, op.ended = reply, err, time.Now()
	op.mu.Unlock()
	close(op.done)
}

// settle notes what cancelling came to; op may be nil.
func (op *operation) settle(out Operation) {
	if op == nil {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	op.settled = &out
}

// close ends all of them, and returns when they have.
func (s *operations) close() {
	s.mu.Lock()
	s.closed = true
	for _, op := range s.all {
		if op.running() {
			op.cancel()
		}
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Close ends the operations that run, and returns when they have. What they took stays taken: the asks are open.
func (m *Market) Close() { m.operations.close() }

func (op *operation) endedAt() time.Time {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.ended
}

func (op *operation) running() bool { return op.endedAt().IsZero() }

// lives says whether it runs, or was answered.
func (op *operation) lives() bool {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.ended.IsZero() || op.err == nil
}

// took says whether price and allocation were taken.
func (op *operation) took() bool {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.taken
}

func (op *operation) outcome() (Reply, error) {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.reply, op.err
}

// stop cancels it and waits until it has ended, or ctx does.
func (op *operation) stop(ctx context.Context) error {
	op.cancel()
	select {
	case <-op.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// note hears that price and allocation are taken; op may be nil.
func (op *operation) note() {
	if op == nil {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if !op.taken && !op.given {
		op.taken = true
		close(op.reserved)
	}
}

// returned hears that what was taken was given back; op may be nil.
func (op *operation) returned() {
	if op == nil {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	op.taken, op.given = false, true
}

// hear hears how a hospital stands; op may be nil.
func (op *operation) hear(place int, s ledger.MissingState) {
	if op == nil {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	op.hospitals[place].State = s
}

// shown is how it stands.
func (op *operation) shown() Operation {
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.settled != nil {
		return *op.settled
	}
	out := Operation{Request: op.request, State: OperationRunning, Hospitals: slices.Clone(op.hospitals)}
	switch {
	case op.ended.IsZero():
	case op.err == nil:
		out.State, out.Reply = OperationAnswered, op.reply
	case op.taken:
		out.State, out.Err = OperationOpen, op.err
	default:
		out.State, out.Err = OperationFailed, op.err
	}
	return out
}
