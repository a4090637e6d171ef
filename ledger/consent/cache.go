package consent

import "github.com/medmarket/medmarket/ledger"

// cacheDepth bounds a [Cache]: it holds hashes above this depth, at most
// 65,535, which is some 6 MB.
const cacheDepth = 2 * Stratum

// Cache keeps in memory the computed hashes near the top of a map's newest
// version, which every change goes through. One map at a time may use it; if
// what that map set is not kept in its nodes in the end, the cache must be reset.
// The zero Cache is empty.
type Cache struct{ hashes map[subtree]ledger.Hash }

type subtree struct {
	depth  uint8
	prefix uint64
}

// Reset empties the cache.
func (c *Cache) Reset() { c.hashes = nil }

// Cached has m use a cache, of the same map in the version before or in this one.
func (m *Map) Cached(c *Cache) { m.cache = c }

func (c *Cache) get(depth uint8, prefix uint64) (h ledger.Hash, known bool) {
	if c != nil {
		h, known = c.hashes[subtree{depth, prefix}]
	}
	return h, known
}

func (c *Cache) put(depth uint8, prefix uint64, h ledger.Hash) {
	if c == nil || depth >= cacheDepth {
		return
	}
	if c.hashes == nil {
		c.hashes = map[subtree]ledger.Hash{}
	}
	c.hashes[subtree{depth, prefix}] = h
}

// forget drops what leaves in a kept subtree change, below it down to the next kept depth.
func (c *Cache) forget(depth uint8, leaves []Leaf) {
	if c == nil {
		return
	}
	for d := depth; d < depth+Stratum && d < cacheDepth; d++ {
		for _, l := range leaves {
			delete(c.hashes, subtree{d, prefixOf(position(l.Index), d)})
		}
	}
}
