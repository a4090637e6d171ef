package store

import (
	"sync"

	"github.com/medmarket/medmarket/ledger/consent"
)

// crown holds the upper subtrees of the consent map's newest version in memory,
// which every change goes through: at most those down to depth 16, some 15 MB
// however many patients there are. Transactions that write use it, one at a time.
type crown struct {
	below   map[place][]consent.Child // by parent; lists are never changed in place
	hashes  consent.Cache
	changed bool           // by the transaction that is under way
	session int64          // in which what is known was read: [Provider.session]
	work    sync.WaitGroup // what the transaction has others do
}

// crownDepth is the depth of the lowest subtrees that a crown holds.
const crownDepth = 2 * consent.Stratum

// isTop says whether the children of a subtree are in the crown.
func (at place) isTop() bool { return at.depth+consent.Stratum <= crownDepth }

// children returns the children of a subtree, false if the crown does not know them.
func (c *crown) children(at place) (below []consent.Child, known bool) {
	if c != nil {
		below, known = c.below[at]
	}
	return below, known
}

// learn keeps the children of a subtree.
func (c *crown) learn(at place, below []consent.Child) {
	if c == nil || !at.isTop() {
		return
	}
	if c.below == nil {
		c.below = map[place][]consent.Child{}
	}
	c.below[at] = below
}

// begin begins a transaction. In another session than the last all is read anew: in between others may have written.
func (c *crown) begin(session int64) {
	if c.session != session {
		c.forget()
	}
	c.session = session
}

// end ends a transaction. What it changed in the crown is true if it was
// committed; else all is read anew.
func (c *crown) end(committed bool) {
	c.work.Wait()
	if c.changed && !committed {
		c.forget()
	}
	c.changed = false
}

func (c *crown) forget() {
	c.below = nil
	c.hashes.Reset()
}
