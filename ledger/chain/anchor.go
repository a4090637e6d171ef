package chain

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/chain/finality"
)

// maxLeaves bounds the blocks remembered as ends of forks.
const maxLeaves = 256

// leaf is a block without a known child.
type leaf struct {
	number uint64
	work   *big.Int
}

// leaves are where the fork choice looks when the head's fork is out. They are not
// kept on disk: after a restart peers name the ends of their chains.
type leaves map[Hash]leaf

func (l leaves) add(h *types.Header, work *big.Int) {
	delete(l, h.ParentHash)
	l[h.Hash()] = leaf{h.Number.Uint64(), work}
	if len(l) <= maxLeaves {
		return
	}
	var lightest Hash
	for hash, leaf := range l {
		if least, ok := l[lightest]; !ok || leaf.work.Cmp(least.work) < 0 {
			lightest = hash
		}
	}
	delete(l, lightest)
}

// reanchor lets final and justified block follow the votes, and moves the head if it
// does not stand on them.
func (n *Node) reanchor() error {
	final, justified, err := n.decided()
	if err != nil {
		return err
	}
	if final.Number.Cmp(n.final.Number) > 0 {
		if !n.descends(final) {
			return fmt.Errorf("block %d %s is final by votes: %w", final.Number, final.Hash(), ErrBelowFinal)
		}
		n.setFinal(final)
	}
	anchor := justified
	if !n.descends(anchor) {
		anchor = n.final // the operator's checkpoint is above what votes decided
	}
	if anchor.Hash() != n.justified.Hash() {
		n.setJustified(anchor)
	}
	head := n.eth.BlockChain().CurrentBlock()
	if n.follows(head) {
		err = n.store.save(head.Hash(), n.final.Hash())
	} else {
		err = n.adopt(n.heaviest())
	}
	n.agree(justified)
	return err
}

// agree notes what peers are told of: a checkpoint whose votes can be shown.
func (n *Node) agree(justified *types.Header) {
	number := justified.Number.Uint64()
	if n.ballot != nil && n.eth.BlockChain().GetCanonicalHash(number) == justified.Hash() {
		n.agreed.Store(number)
	}
}

// decided are the last final and the highest justified block, by votes if there are
// any.
func (n *Node) decided() (final, justified *types.Header, err error) {
	if n.ballot == nil {
		return n.final, n.final, nil
	}
	header := func(c finality.Checkpoint) *types.Header {
		return n.eth.BlockChain().GetHeader(Hash(c.Hash), c.Number)
	}
	final, justified = header(n.ballot.engine.Final()), header(n.ballot.engine.Justified())
	if final == nil || justified == nil {
		return nil, nil, fmt.Errorf("a block that was voted for: %w", ErrLostTip)
	}
	return final, justified, nil
}

// heaviest is the heaviest block known that the fork choice may make the head.
func (n *Node) heaviest() *types.Block {
	bc := n.eth.BlockChain()
	best, most := n.justified.Hash(), leaf{number: n.justified.Number.Uint64(), work: new(big.Int)}
	for hash, l := range n.leaves {
		header := bc.GetHeader(hash, l.number)
		if more := l.work.Cmp(most.work); header == nil || more < 0 || more == 0 && hash.Cmp(best) > 0 || !n.follows(header) {
			continue
		}
		best, most = hash, l
	}
	return bc.GetBlock(best, most.number)
}
