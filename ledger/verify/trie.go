package verify

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/medmarket/medmarket/ledger"
)

var errNoNode = errors.New("no such node")

// path hands out the nodes of a proof in their one order, from the root down: the
// node asked for must be the next one.
type path struct {
	nodes []ledger.Bytes
	used  int
}

// Get returns the next node if it has the hash key.
func (p *path) Get(key []byte) ([]byte, error) {
	if p.used == len(p.nodes) || crypto.Keccak256Hash(p.nodes[p.used]) != common.BytesToHash(key) {
		return nil, errNoNode
	}
	p.used++
	return p.nodes[p.used-1], nil
}

// Has reports whether Get would return a node.
func (p *path) Has(key []byte) (bool, error) {
	return p.used < len(p.nodes) && crypto.Keccak256Hash(p.nodes[p.used]) == common.BytesToHash(key), nil
}

// lookUp returns the value at key in the Merkle-Patricia trie with that root, and
// insists that every node was needed.
func lookUp(root common.Hash, key []byte, nodes []ledger.Bytes) (value []byte, err error) {
	p := &path{nodes: nodes}
	value, err = trie.VerifyProof(root, key, p)
	switch {
	case err != nil && p.used < len(nodes):
		return nil, fmt.Errorf("%w: node %d of %d", ErrNodeMissing, p.used, len(nodes))
	case err != nil:
		return nil, fmt.Errorf("%w: after %d nodes", ErrNodeMissing, len(nodes))
	case p.used < len(nodes):
		return nil, fmt.Errorf("%w: node %d of %d", ErrNodeUnused, p.used, len(nodes))
	case len(value) == 0:
		return nil, ErrAbsent
	}
	return value, nil
}
