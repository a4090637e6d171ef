package provider

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// Extent is how far a hospital has gone, and how far it may have wanted to go.
type Extent struct {
	// Copied says that the store is a copy that a backup made, and was not held against the chain since: what was spent
	// after it was made is not in it.
	Copied bool
	Used   ledger.Allowance // what all charges cost, restores included, and the size of the log
	Asked  ledger.Allowance // the greatest that the chain was ever asked for
}

// Extents is what a [Store] keeps so that nothing is spent twice after it was brought back from a backup.
type Extents interface {
	Extent(ctx context.Context) (Extent, error)
	// AskAllowance keeps what the chain is about to be asked for: of each part the greatest ever.
	AskAllowance(ctx context.Context, a ledger.Allowance) error
	// Restore counts all of an allowance as used, at a time in Unix seconds: what is missing is charged to every scope, as
	// far as its budget reaches, and to every class; the log grows beyond the allowance's size by leaves that look like
	// any; and the store is no copy any more. It returns what was charged. The same again changes nothing.
	Restore(ctx context.Context, a ledger.Allowance, at int64) (missing accountant.Cost, err error)
}

// How far beyond what is used an allowance is asked for, and so how much a restore costs at most.
const (
	aheadPart  = 16      // of a dataset's budget; or two of the dearest questions, if that is more
	leastAhead = 1 << 14 // leaves of the log: 256 intervals. Four times as many, each time that they last less than a minute,
	mostAhead  = 1 << 18 // up to so many: a restore writes them all
)

// How long a question waits for an allowance, and how often it looks.
const (
	allowWithin = 10 * time.Second
	allowPoll   = 200 * time.Millisecond
)

// extent is what a node knows of how far it may go.
type extent struct {
	turn turn                    // held while the chain is read or asked
	now  atomic.Pointer[horizon] // nil until the store has been held against the chain
	low  chan struct{}           // has one when more should be asked for

	leaves int64     // asked for at a time; under turn
	asked  time.Time // when leaves were; under turn
}

// horizon is as far as the chain lets the node go, and where it should ask for more.
type horizon struct{ final, mark ledger.Allowance }

func newExtent() extent {
	return extent{turn: newTurn(), low: make(chan struct{}, 1), leaves: leastAhead}
}

// lower has more asked for by whoever runs the node.
func (e *extent) lower() {
	select {
	case e.low <- struct{}{}:
	default: // it is said already
	}
}

// known sees to it that the store has been held against the chain.
func (n *Node) known(ctx context.Context) error {
	if n.extent.now.Load() != nil {
		return nil
	}
	leave, err := n.extent.turn.take(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if n.extent.now.Load() != nil {
		return nil
	}
	_, err = n.readAllowance(ctx)
	return err
}

// readAllowance reads what is final, on a chain that is fresh, and holds the store against it: one that was brought back from a
// backup knows less than the chain, and all that it was allowed counts as used from then on. The caller has the turn.
func (n *Node) readAllowance(ctx context.Context) (Extent, error) {
	if err := Fresh(ctx, n.cfg.Chain, n.Now(), n.cfg.StaleAfter); err != nil {
		return Extent{}, err
	}
	final, err := n.cfg.Chain.FinalAllowance(ctx, n.Address(), n.cfg.Metadata.Dataset)
	if err != nil {
		return Extent{}, fmt.Errorf("reading the allowance: %w", err)
	}
	anchored, err := n.cfg.Chain.NewestAnchor(ctx, n.log.ID())
	if err != nil {
		return Extent{}, fmt.Errorf("reading the newest anchor: %w", err)
	}
	e, err := n.cfg.Store.Extent(ctx)
	if err != nil {
		return e, err
	}
	now := horizon{final: final}
	if before := n.extent.now.Load(); before != nil {
		now.mark = before.mark
	}
	if e.Copied || !final.Within(e.Asked) || anchored > uint64(e.Used.Size) {
		// The log goes on beyond all that the lost one may have said.
		final.Size = max(final.Size, e.Used.Size, int64(min(anchored, accountant.MaxUnits)))
		if err := n.restore(ctx, final); err != nil {
			return e, err
		}
		if e, err = n.cfg.Store.Extent(ctx); err != nil {
			return e, err
		}
	}
	n.extent.now.Store(&now)
	return e, nil
}

func (n *Node) restore(ctx context.Context, a ledger.Allowance) error {
	missing, err := n.cfg.Store.Restore(ctx, a, n.cfg.Now().Unix())
	if err != nil {
		return fmt.Errorf("counting an allowance as spent: %w", err)
	}
	n.cfg.Log.ErrorContext(ctx, "THE STORE WAS BROUGHT BACK FROM A BACKUP: all that the chain allowed counts as spent, from every budget and of every patient; "+
		"preferences, keys and policies recorded since the backup are lost, and have to be recorded again",
		"nano_rho", missing.NanoRho, "delta", missing.Delta, "nano_epsilon", missing.NanoEpsilon)
	return nil
}

// Ahead asks the chain for a greater allowance when less than half of what is asked for at a time is left, and again for what
// was asked for and is not there. It returns when that is in a block; it counts once it is final.
func (n *Node) Ahead(ctx context.Context) error { return n.ahead(ctx, accountant.Cost{}) }

// ahead is Ahead, and sees to it that a cost will fit.
func (n *Node) ahead(ctx context.Context, cost accountant.Cost) error {
	leave, err := n.extent.turn.take(ctx)
	if err != nil {
		return err
	}
	defer leave()
	e, err := n.readAllowance(ctx)
	if err != nil {
		return err
	}
	step, err := n.step(ctx)
	if err != nil {
		return err
	}
	want, mark := e.next(step, cost)
	if want.Size != e.Asked.Size {
		n.extent.hurry(n.cfg.Now())
	}
	if want != e.Asked {
		if err := n.cfg.Store.AskAllowance(ctx, want); err != nil {
			return err
		}
	}
	final := n.extent.now.Load().final
	n.extent.now.Store(&horizon{final, mark})
	if want.Within(final) {
		return nil
	}
	if err := n.cfg.Chain.RaiseAllowance(ctx, n.cfg.Metadata.Dataset, want); err != nil {
		return fmt.Errorf("asking for an allowance: %w", err)
	}
	_, err = n.readAllowance(ctx)
	return err
}

// hurry adapts how many leaves are asked for at a time to how long the last ones lasted.
func (e *extent) hurry(now time.Time) {
	if e.leaves = min(4*e.leaves, mostAhead); now.Sub(e.asked) >= time.Minute {
		e.leaves = leastAhead
	}
	e.asked = now
}

// next is what should be asked for, at least what was, and from where on more of it: a step and a cost beyond what is used, in
// each part that has less than half a step left, or less than the cost.
func (e Extent) next(step ledger.Allowance, cost accountant.Cost) (want, mark ledger.Allowance) {
	used, asked, steps := e.Used.Parts(), e.Asked.Parts(), step.Parts()
	needs := [4]int64{cost.NanoRho, cost.Delta, cost.NanoEpsilon, consent.IntervalLeaves}
	var marks [4]int64
	for i := range asked {
		if asked[i]-used[i] < max(steps[i]/2, needs[i]) {
			asked[i] = max(asked[i], min(used[i]+steps[i]+needs[i], accountant.MaxUnits))
		}
		marks[i] = asked[i] - steps[i]/2
	}
	return ledger.AllowanceOf(asked), ledger.AllowanceOf(marks)
}

// step is how much is asked for at a time.
func (n *Node) step(ctx context.Context) (ledger.Allowance, error) {
	a := ledger.Allowance{Size: n.extent.leaves}
	signed, err := n.cfg.Store.Policy(ctx)
	if errors.Is(err, ErrNoPolicy) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	p, err := n.policies.of(signed)
	if err != nil {
		return a, err
	}
	total := p.Limits().Total
	part := budget(p, min(total, max(total/aheadPart, 2*min(p.Limits().PerQuery, total))))
	a.NanoRho, a.Delta, a.NanoEpsilon = part.NanoRho, part.Delta/aheadPart, part.NanoEpsilon
	return a, nil
}

// fits is ErrAllowance unless a charge of so much, at the log index of s, is allowed by now.
func (n *Node) fits(s Snapshot, cost accountant.Cost) error {
	now := n.extent.now.Load()
	after := ledger.Allowance{
		NanoRho: s.Used.NanoRho + cost.NanoRho, Delta: s.Used.Delta + cost.Delta, NanoEpsilon: s.Used.NanoEpsilon + cost.NanoEpsilon,
		Size: int64(s.AsOf),
	}
	if now == nil || !after.Within(now.final) {
		return ErrAllowance
	}
	if !after.Within(now.mark) {
		n.extent.lower()
	}
	return nil
}

// reach waits, not long, until a cost is allowed. Where the node asks ahead of need nobody comes here.
func (n *Node) reach(ctx context.Context, cost accountant.Cost) error {
	within, cancel := context.WithTimeout(ctx, allowWithin)
	defer cancel()
	poll := time.NewTicker(allowPoll)
	defer poll.Stop()
	for {
		if err := n.ahead(within, cost); err != nil {
			if ctx.Err() == nil {
				n.cfg.Log.WarnContext(ctx, "the chain does not allow more yet", "err", err)
				err = ErrAllowance
			}
			return err
		}
		e, err := n.cfg.Store.Extent(within)
		if err != nil {
			return err
		}
		u := e.Used
		s := Snapshot{AsOf: uint64(u.Size) + consent.IntervalLeaves, Used: accountant.Cost{NanoRho: u.NanoRho, Delta: u.Delta, NanoEpsilon: u.NanoEpsilon}}
		if n.fits(s, cost) == nil {
			return nil
		}
		select {
		case <-within.Done():
			return ErrAllowance
		case <-poll.C:
		}
	}
}

// publish closes an interval of the log, as far as it may grow.
func (n *Node) publish(ctx context.Context) error {
	if err := n.known(ctx); err != nil {
		return err
	}
	e, err := n.cfg.Store.Extent(ctx)
	if err != nil {
		return err
	}
	if e.Used.Size+consent.IntervalLeaves > n.extent.now.Load().final.Size {
		n.extent.lower()
		return nil // it waits, and why is said where more is asked for
	}
	_, err = n.cfg.Store.Publish(ctx, n.cfg.Now().Unix())
	return err
}

// aheadAgain is how soon it is tried again to ask for an allowance, or looked whether it is final.
const aheadAgain = time.Second

// keepAhead calls Ahead at once, every interval and whenever more should be asked for, until ctx ends.
func (n *Node) keepAhead(ctx context.Context, interval time.Duration) {
	for {
		within, cancel := context.WithTimeout(ctx, everyTimeout)
		err := n.Ahead(within)
		cancel()
		wait := interval
		if now := n.extent.now.Load(); err != nil || !now.mark.Within(now.final) {
			wait = min(interval, aheadAgain)
		}
		if err != nil && ctx.Err() == nil {
			n.cfg.Log.WarnContext(ctx, "asking for an allowance", "err", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-n.extent.low:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}
