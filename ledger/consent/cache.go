package consent

import "github.com/medmarket/medmarket/ledger"

// cacheDepth bounds a [Cache]: it holds hashes above this depth, at most
// 65,535, which is some 2 MB.
const cacheDepth = 2 * Stratum

// Cache keeps in memory the computed hashes near the top of a map's newest
// version, which every change goes through. One map at a time may use it; if
// what that map set is not kept in its nodes in the end, the cache must be reset.
// The zero Cache is empty.
type Cache struct{ hashes []cached } // by depth and prefix as one number: a 1, then the prefix

type cached struct {
	hash  ledger.Hash
	known bool
}

// Reset empties the cache.
func (c *Cache) Reset() { c.hashes = nil }

// Cached has m use a cache, of the same map in the version before or in this one.
func (m *Map) Cached(c *Cache) { m.cache = c }

// at is where a subtree has its place, nil if it has none.
func (c *Cache) at(depth uint8, prefix uint64) *cached {
	if c == nil || c.hashes == nil || depth >= cacheDepth {
		return nil
	}
	return &c.hashes[1<<depth|prefix]
}

func (c *Cache) get(depth uint8, prefix uint64) (h ledger.Hash, known bool) {
	if p := c.at(depth, prefix); p != nil {
		return p.hash, p.known
	}
	return h, false
}

// prepare makes room: several goroutines may put from then on, each below a child of the top of its own.
func (c *Cache) prepare() {
	if c != nil && c.hashes == nil {
		c.hashes = make([]cached, 1<<cacheDepth)
	}
}

func (c *Cache) put(depth uint8, prefix uint64, h ledger.Hash) {
	if p := c.at(depth, prefix); p != nil {
		*p = cached{h, true}
	}
}

// forget drops what leaves in a kept subtree change, below it down to the next kept depth.
func (c *Cache) forget(depth uint8, leaves []Leaf) {
	for d := depth; d < depth+Stratum; d++ {
		for _, l := range leaves {
			if p := c.at(d, prefixOf(position(l.Index), d)); p != nil {
				p.known = false
			}
		}
	}
}
