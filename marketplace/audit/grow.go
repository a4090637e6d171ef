package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
)

// grow makes the roots of a log again, leaf by leaf.
type grow struct {
	log     Log
	claimed map[uint64]ledger.Hash // roots that others say it had, by size

	size   uint64
	next   int // anchor
	hashes []tlog.Hash
}

// ReadHashes implements [ledger.HashReader].
func (g *grow) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(g.hashes)) {
			return nil, fmt.Errorf("the log has no hash %d", n)
		}
		out[i] = g.hashes[n]
	}
	return out, nil
}

// add adds a leaf, and checks the root that there must be then.
func (g *grow) add(leaf ledger.Hash) error {
	if err := g.reached(); err != nil { // of the empty log, once
		return err
	}
	more, err := ledger.AppendHashes(g.size, leaf, g)
	if err != nil {
		return err
	}
	for _, h := range more {
		g.hashes = append(g.hashes, tlog.Hash(h))
	}
	g.size++
	return g.reached()
}

// reached checks the root at the present size, where one is known.
func (g *grow) reached() error {
	claim, claimed := g.claimed[g.size]
	anchored := g.next < len(g.log.Anchors) && g.log.Anchors[g.next].Size == g.size
	if !claimed && !anchored {
		return nil
	}
	root, err := ledger.Root(g.size, g)
	if err != nil {
		return err
	}
	if claimed && claim != root {
		return fault(fmt.Sprintf("log of %s", g.log.Keeper), "had root %s at %d, a receipt says %s", root, g.size, claim)
	}
	if !anchored {
		return nil
	}
	a := g.log.Anchors[g.next]
	g.next++
	if a.Root != root {
		return fault(g.log.anchor(a), "is %s, the leaves that are shown make %s", a.Root, root)
	}
	return nil
}

// end checks that nothing anchored is missing.
func (g *grow) end() error {
	if err := g.reached(); err != nil {
		return err
	}
	if g.next < len(g.log.Anchors) {
		return fault(g.log.anchor(g.log.Anchors[g.next]), "there are %d leaves", g.size)
	}
	return nil
}
