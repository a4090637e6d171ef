package provider

import (
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/medmarket/medmarket/policy"
)

// Heard is what became of the questions that a node heard since it began. Refusals are decided by public facts alone, before a class is read;
// of the others it says what whoever asked saw: that there was no answer, or at which slot one left. Nothing of it is kept on disk; the
// last refusals themselves are ([Refusals]).
type Heard struct {
	Since    time.Time
	Refused  map[policy.ReasonCode]Refused
	Departed map[time.Duration]int64 // answers, by the slot at which they left; 0: there are no slots, and how long they took is told nobody
	NotNow   int64                   // could not be charged for the time being
	Failed   int64                   // no answer after the charge
}

// Refused is how often a question was refused for a reason, and when last. It stands under all reasons that it was refused for.
type Refused struct {
	Times int64
	Last  time.Time
}

// heard counts. It is safe for concurrent use.
type heard struct {
	since time.Time

	mu             sync.Mutex
	refused        map[policy.ReasonCode]Refused
	departed       map[time.Duration]int64
	notNow, failed int64
}

// end counts how a question ended, but for answers, which depart.
func (h *heard) end(now time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		if h.refused == nil {
			h.refused = map[policy.ReasonCode]Refused{}
		}
		for _, r := range refused.Reasons {
			h.refused[r] = Refused{Times: h.refused[r].Times + 1, Last: now}
		}
	case errors.Is(err, ErrFailed):
		h.failed++
	case errors.Is(err, ErrNotReady), errors.Is(err, ErrAllowance), errors.Is(err, ErrCheckpointStale), errors.Is(err, ErrNoPolicy):
		h.notNow++
	}
}

// departs counts an answer that leaves at a slot.
func (h *heard) departs(slot time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.departed == nil {
		h.departed = map[time.Duration]int64{}
	}
	h.departed[slot]++
}

// Heard returns what became of the questions since the node began.
func (n *Node) Heard() Heard {
	h := &n.heard
	h.mu.Lock()
	defer h.mu.Unlock()
	return Heard{Since: h.since, Refused: maps.Clone(h.refused), Departed: maps.Clone(h.departed), NotNow: h.notNow, Failed: h.failed}
}
