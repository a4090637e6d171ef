package provider

import (
	"context"
	"errors"
	"slices"
	"time"
)

// DefaultSlots are the ages that a hospital's answers have by default when they leave.
func DefaultSlots() []time.Duration {
	return []time.Duration{250 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second}
}

// DefaultCountFor is how long counting may take by default where there are no slots.
const DefaultCountFor = 30 * time.Second

func countFor(slots []time.Duration) time.Duration {
	if len(slots) == 0 {
		return DefaultCountFor
	}
	return slots[len(slots)-1]
}

func checkSlots(slots []time.Duration) error {
	for i, s := range slots {
		if s <= 0 || i > 0 && s <= slots[i-1] {
			return errors.New("provider: Slots must be above zero and rise")
		}
	}
	return nil
}

// slot waits until the question is as old as the next of the slots, or as the next
// multiple of the last. How long counting took depends on patients, and so may
// whether it failed: what is seen from outside is the slot it fell into. Whoever
// withdraws meanwhile is looked at afterwards.
func (n *Node) slot(ctx context.Context, admitted time.Time) error {
	if len(n.cfg.Slots) == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(nextSlot(n.cfg.Slots, time.Since(admitted)) - time.Since(admitted))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// nextSlot is the first slot at or after an age.
func nextSlot(slots []time.Duration, age time.Duration) time.Duration {
	if i, _ := slices.BinarySearch(slots, age); i < len(slots) {
		return slots[i]
	}
	last := slots[len(slots)-1]
	return (age + last - 1) / last * last
}

// lastSlot is the last slot, or multiple of the last of them, at or before an age; zero where there is none.
func lastSlot(slots []time.Duration, age time.Duration) time.Duration {
	i, found := slices.BinarySearch(slots, age)
	switch {
	case found:
		return slots[i]
	case i == 0:
		return 0
	case i < len(slots):
		return slots[i-1]
	}
	last := slots[len(slots)-1]
	return age / last * last
}
