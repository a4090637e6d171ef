package provider

import (
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Codes that may be tried within a minute, good or not: by one key, and by all,
// which bounds what is remembered.
const (
	keyTries = 5
	allTries = 600
)

// tries counts how often codes were tried within the present minute.
type tries struct {
	mu    sync.Mutex
	since time.Time
	all   int
	by    map[ledger.Address]int
}

// admit counts a try and reports whether it may be made.
func (t *tries) admit(key ledger.Address, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.since); t.by == nil || since < 0 || since >= time.Minute {
		t.since, t.all, t.by = now, 0, map[ledger.Address]int{}
	}
	if t.all >= allTries || t.by[key] >= keyTries {
		return false
	}
	t.all++
	t.by[key]++
	return true
}
