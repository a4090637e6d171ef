package provider

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// stride is how many events the columns are moved by in one read. What has been read is not read again when a caller
// goes away, and then less than this is lost.
const stride = 1 << 16

// warm reads what decisions stand on, so that the first one need not.
func (n *Node) warm(ctx context.Context) error {
	asOf, err := n.cfg.Store.Memberships(ctx, 0, math.MaxUint64, n.columns.Set)
	if err != nil {
		return err
	}
	n.asOf, n.upTo = asOf, asOf
	_, err = n.classes.read(ctx, n.columns.Classes())
	return err
}

// active is who was charged. The columns only go forward: a question that is asked again does not take them back
// for the next, but has its own set amended by what has changed since it was charged.
func (n *Node) active(ctx context.Context, charged Charged) (Active, error) {
	through, err := n.following.take(ctx)
	if err != nil {
		return nil, err
	}
	defer through()
	if err := n.follow(ctx, charged.LastEvent); err != nil {
		return nil, fmt.Errorf("reading the active set: %w", err)
	}
	a := n.columns.Active(charged.Classes, charged.Now)
	if n.upTo == charged.LastEvent {
		return a, nil
	}
	_, err = n.cfg.Store.Memberships(ctx, n.upTo, charged.LastEvent, n.columns.Amend(a, charged.Classes, charged.Now))
	if err != nil {
		return nil, fmt.Errorf("reading the active set: %w", err)
	}
	return a, nil
}

// follow brings the columns to what was in force as of an event on record, if they have not come so far. The caller has the turn.
func (n *Node) follow(ctx context.Context, lastEvent uint64) error {
	for n.asOf < lastEvent {
		next := min(lastEvent, n.asOf+stride)
		// One that fails has set some columns and not others, which setting them once more mends.
		n.upTo = max(n.upTo, next)
		asOf, err := n.cfg.Store.Memberships(ctx, n.asOf, next, n.columns.Set)
		if err != nil {
			return err
		}
		if asOf != next {
			return fmt.Errorf("as of event %d, not %d", asOf, next)
		}
		n.asOf = next
	}
	return nil
}

// exclude takes patients out of an active set, and returns all who were, in rising order.
func (n *Node) exclude(active Active, excluded, more []int64) []int64 {
	for _, patient := range more {
		if i, found := n.columns.Ordinal(patient); found {
			active.Remove(i)
		}
	}
	excluded = append(excluded, more...)
	slices.Sort(excluded)
	return slices.Compact(excluded)
}
