package provider

import (
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Codes that one key may try within a minute, and of how many keys that is remembered.
// Keys cost nothing: it is their 135 bits that keep codes from being guessed, and all
// keys together have no limit, which would shut the door to patients.
const (
	keyTries  = 5
	triedKeys = 100_000
)

// tries counts how often codes were tried within the present minute.
type tries struct {
	mu    sync.Mutex
	since time.Time
	by    map[ledger.Address]int
}

// admit counts a try and reports whether it may be made.
func (t *tries) admit(key ledger.Address, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.since); t.by == nil || since < 0 || since >= time.Minute || len(t.by) >= triedKeys {
		t.since, t.by = now, map[ledger.Address]int{}
	}
	if t.by[key] >= keyTries {
		return false
	}
	t.by[key]++
	return true
}
