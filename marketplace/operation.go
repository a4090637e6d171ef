package marketplace

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds on operations.
const (
	MaxOperations    = 16  // of one researcher that run at once
	MaxAllOperations = 256 // of all that run at once
	// KeptOperations is how long it is told what became of one, at most; beyond that, and after a restart, what is on record: answered or open.
	KeptOperations = time.Hour
	maxRemembered  = 4096 // that have ended
	operationLimit = 10 * time.Minute
)

// OperationState is where an ask stands that goes on without its caller.
type OperationState string

// The states.
const (
	OperationRunning   OperationState = "running"
	OperationAnswered  OperationState = "answered"
	OperationFailed    OperationState = "failed"    // it ended with an error; nothing is taken, unless it is open as well
	OperationOpen      OperationState = "open"      // price and allocation are taken, and nobody is at it: the same ask sent again goes on
	OperationCancelled OperationState = "cancelled" // before it was charged: nothing is taken
)

// HospitalAsked is the state of a hospital that has been asked, and HospitalWaiting of one that has not.
const (
	HospitalAsked   ledger.MissingState = "asked"
	HospitalWaiting ledger.MissingState = "waiting"
)

// Operation is an ask that goes on without its caller.
type Operation struct {
	Request   ledger.Hash
	State     OperationState
	Hospitals []HospitalState // in the order of the ask
	Reply     Reply           // if answered
	Err       error           // why it failed, or is open; nil: it is not known any more
	Charged   bool            // if cancelling came too late: some hospital has charged, and that stands
}

// StartAsk is Ask, but for its answer, which the operation has. It returns once price and allocation are taken, or with the error
// that came before that. The ask goes on until it is answered, fails, or is cancelled, for ten minutes at most; starting it again changes nothing.
// Errors besides those of Ask: ErrTooManyOperations.
func (m *Market) StartAsk(ctx context.Context, researcher ledger.Address, o Order) (Operation, error) {
	checked, err := m.check(ctx, o)
	if err != nil {
		return Operation{}, err
	}
	if checked.researcher != researcher {
		return Operation{}, fmt.Errorf("%w: the ask", ErrSignature)
	}
	op, err := m.operations.start(ctx, checked, func(within context.Context, op *operation) {
		reply, err := m.ask(within, checked, op)
		if err != nil && within.Err() != nil {
			err = fmt.Errorf("%w: it was stopped", ErrUnavailable)
		}
		op.end(reply, err)
	})
	if err != nil {
		return Operation{}, err
	}
	select {
	case <-op.reserved:
	case <-op.done:
		if _, err := op.outcome(); err != nil && !op.took() {
			return Operation{}, err
		}
	case <-ctx.Done():
		return Operation{}, ctx.Err()
	}
	return op.shown(), nil
}

// Operation returns an operation of a researcher's, or what is on record of an ask of hers; ErrUnknownReceipt.
func (m *Market) Operation(ctx context.Context, researcher ledger.Address, request ledger.Hash) (Operation, error) {
	if op := m.operations.of(researcher, request); op != nil {
		return op.shown(), nil
	}
	d, found, err := m.drawing(ctx, researcher, request)
	if err != nil {
		return Operation{}, err
	}
	if !found {
		return Operation{}, ErrUnknownReceipt
	}
	return m.onRecord(ctx, d)
}

// CancelOperation stops an ask of a researcher's that is not answered; one that a call of Ask waits for, when that call ends. If no hospital has charged it costs nothing:
// price and allocation are given back. If one has, that stands (G5), and the ask is open: sent again it is answered, at no further charge there.
// Errors: ErrUnknownReceipt, ErrUnavailable if a hospital does not say whether it charged; then the ask is open.
func (m *Market) CancelOperation(ctx context.Context, researcher ledger.Address, request ledger.Hash) (Operation, error) {
	op := m.operations.of(researcher, request)
	if op != nil {
		if err := op.stop(ctx); err != nil {
			return Operation{}, err
		}
	}
	unlock, err := m.asking.Take(ctx, request)
	if err != nil {
		return Operation{}, err
	}
	defer unlock()
	d, found, err := m.drawing(ctx, researcher, request)
	switch {
	case err != nil:
		return Operation{}, err
	case !found && op == nil:
		return Operation{}, ErrUnknownReceipt
	case !found: // it was refused, or shown an answer again, or did not get so far
		return op.nothingTaken(), nil
	case d.Complete:
		return m.onRecord(ctx, d)
	}
	charged, err := m.isCharged(ctx, d.Ask)
	if err != nil {
		return Operation{}, err
	}
	out := Operation{Request: request, State: OperationOpen, Charged: charged}
	if !charged {
		if err := m.cfg.Store.Cancel(ctx, request); err != nil {
			return Operation{}, err
		}
		out.State = OperationCancelled
	}
	op.settle(out)
	return out, nil
}

// nothingTaken is an operation that ended without having taken anything.
func (op *operation) nothingTaken() Operation {
	if reply, err := op.outcome(); err == nil {
		return Operation{Request: op.request, State: OperationAnswered, Reply: reply}
	}
	out := Operation{Request: op.request, State: OperationCancelled}
	op.settle(out)
	return out
}

// isCharged asks the hospitals of an ask, all at once, whether one has charged it. If one has, it does not matter that another does not say.
func (m *Market) isCharged(ctx context.Context, a ledger.Ask) (bool, error) {
	kept, err := m.cfg.Store.Kept(ctx, a.RequestID)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(kept, func(k Kept) bool { return k.Release != nil }) {
		return true, nil
	}
	within, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	asked := a.Each()
	charged, errs := make([]bool, len(asked)), make([]error, len(asked))
	var asking sync.WaitGroup
	for i, one := range asked {
		h, known := m.cfg.Hospitals[one.Dataset]
		if !known {
			errs[i] = ErrUnknownDataset
			continue
		}
		asking.Go(func() {
			var err error
			if charged[i], err = h.Charged(within, a.RequestID); err != nil {
				errs[i] = fmt.Errorf("%w: %w", ErrUnavailable, err)
			}
		})
	}
	asking.Wait()
	if slices.Contains(charged, true) {
		return true, nil
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return false, cmp.Or(errs...)
}

// onRecord is what is on record of an ask.
func (m *Market) onRecord(ctx context.Context, d Drawing) (Operation, error) {
	out := Operation{Request: d.Ask.RequestID, State: OperationOpen}
	for _, h := range d.Ask.Each() {
		out.Hospitals = append(out.Hospitals, HospitalState{h.Dataset, HospitalWaiting})
	}
	if !d.Complete {
		kept, err := m.cfg.Store.Kept(ctx, d.Ask.RequestID)
		for i := range min(len(kept), len(out.Hospitals)) {
			if kept[i].Release != nil {
				out.Hospitals[i].State = ""
			}
		}
		return out, err
	}
	e, err := m.answered(ctx, d.Ask.RequestID)
	if err != nil {
		return Operation{}, err
	}
	out.State, out.Hospitals = OperationAnswered, nil
	for _, h := range hospitalsOf(e.Receipt.Statement) {
		out.Hospitals = append(out.Hospitals, HospitalState{h.Dataset, h.State})
	}
	out.Reply.Receipt, err = m.unproven(ctx, e)
	return out, err
}

// drawing is an ask of a researcher's that took its price, answered or not.
func (m *Market) drawing(ctx context.Context, researcher ledger.Address, request ledger.Hash) (Drawing, bool, error) {
	all, err := m.cfg.Store.Drawings(ctx, researcher, before(request))
	if err != nil || len(all) == 0 || all[0].Ask.RequestID != request {
		return Drawing{}, false, err
	}
	return all[0], true, nil
}

// before is the hash before another in their order; of zero, which names nothing, zero.
func before(h ledger.Hash) ledger.Hash {
	for i := len(h) - 8; i >= 0; i -= 8 {
		word := binary.BigEndian.Uint64(h[i:])
		binary.BigEndian.PutUint64(h[i:], word-1)
		if word > 0 {
			return h
		}
	}
	return ledger.Hash{}
}
