package chain

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// ErrLostTip says that the saved head is missing from the database: its files
// were changed behind the node's back.
var ErrLostTip = errors.New("the saved head block is missing")

// Head describes a block that became the head.
type Head struct {
	Number     uint64
	Hash       Hash
	Time       uint64 // Unix seconds
	Coinbase   Address
	Difficulty uint64 // expected hashes; 0 for the genesis block
}

// Head is the present head.
func (n *Node) Head() Head { return describe(n.eth.BlockChain().CurrentBlock()) }

// Final is the last final block.
func (n *Node) Final() Head {
	n.mu.Lock()
	defer n.mu.Unlock()
	return describe(n.final)
}

func describe(h *types.Header) Head {
	seal, _ := pow.ParseSeal(h.Extra) // zero for the genesis block
	return Head{h.Number.Uint64(), h.Hash(), h.Time, h.Coinbase, seal.Difficulty}
}

// Heads delivers new heads until stop is called or the node closes, which closes
// the channel. Who reads slowly gets the newest head only.
func (n *Node) Heads() (heads <-chan Head, stop func()) {
	w := make(chan Head, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		close(w)
		return w, func() {}
	}
	n.watchers[w] = struct{}{}
	return w, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if _, ok := n.watchers[w]; ok {
			delete(n.watchers, w)
			close(w)
		}
	}
}

// notify runs under mu, so nobody else sends and the second select cannot block.
func (n *Node) notify(h Head) {
	for w := range n.watchers {
		select {
		case <-w:
		default:
		}
		w <- h
	}
}

// choose records the work of an executed block, makes it the head if it is heavier
// than the head, and syncs. Equal work is not heavier: the first seen stays.
func (n *Node) choose(block *types.Block) error {
	header := block.Header()
	work, err := n.work(header)
	if err != nil {
		return err
	}
	if err := n.store.putWork(block.Hash(), work); err != nil {
		return fmt.Errorf("saving the work of block %d: %w", block.NumberU64(), err)
	}
	head := n.eth.BlockChain().CurrentBlock()
	most, err := n.work(head)
	if err != nil {
		return err
	}
	if work.Cmp(most) <= 0 || !n.descends(header) {
		return n.store.sync()
	}
	if block.ParentHash() != head.Hash() {
		n.log.Info("chain reorganised", "from", head.Number, "from_hash", head.Hash(), "to", block.NumberU64(), "to_hash", block.Hash())
	}
	return n.adopt(block)
}

// adopt makes block the head and what has enough confirmations final.
func (n *Node) adopt(block *types.Block) error {
	bc := n.eth.BlockChain()
	if _, err := bc.SetCanonical(block); err != nil {
		return fmt.Errorf("making block %d the head: %w", block.NumberU64(), err)
	}
	if number := block.NumberU64(); number > n.confirmations {
		final := bc.GetHeaderByNumber(number - n.confirmations)
		if final.Number.Cmp(n.final.Number) > 0 { // a heavier chain may be shorter
			n.setFinal(final)
		}
	}
	if err := n.store.save(block.Hash(), n.final.Hash()); err != nil {
		return err
	}
	n.notify(describe(block.Header()))
	return nil
}

// setFinal also moves the tags "finalized" and "safe" of the RPC interface.
func (n *Node) setFinal(h *types.Header) {
	n.final = h
	n.eth.BlockChain().SetFinalized(h)
	n.eth.BlockChain().SetSafe(h)
}

// recoverHead restores the fork choice at start. After a crash go-ethereum's head
// may be behind the saved tip (it is then executed again) or, if the crash came
// between the two writes, ahead of it (it stays if it is heavier).
func (n *Node) recoverHead() error {
	bc := n.eth.BlockChain()
	n.final = bc.Genesis().Header()
	if hash, ok, err := n.store.hash(finalKey); err != nil {
		return err
	} else if ok {
		h := bc.GetHeaderByHash(hash)
		if h == nil {
			return fmt.Errorf("final block %s: %w", hash, ErrLostTip)
		}
		n.setFinal(h)
	}
	tip, ok, err := n.store.hash(tipKey)
	if err != nil || !ok || bc.CurrentBlock().Hash() == tip {
		return err
	}
	block := bc.GetBlockByHash(tip)
	if block == nil {
		return fmt.Errorf("tip %s: %w", tip, ErrLostTip)
	}
	saved, err := n.work(block.Header())
	if err != nil {
		return err
	}
	present, err := n.work(bc.CurrentBlock())
	if err != nil {
		return err
	}
	if present.Cmp(saved) > 0 {
		return nil
	}
	n.log.Warn("head recovered after a crash", "from", bc.CurrentBlock().Number, "to", block.NumberU64())
	return n.adopt(block)
}
