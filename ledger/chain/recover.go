package chain

import "fmt"

// recoverHead restores the fork choice at start. After a crash go-ethereum's head
// may be behind the saved tip (it is then executed again) or, if the crash came
// between the two writes, ahead of it (it stays if it is heavier).
func (n *Node) recoverHead(cfg Config) error {
	bc := n.eth.BlockChain()
	if hash, ok, err := n.store.hash(finalKey); err != nil {
		return err
	} else if ok {
		h := bc.GetHeaderByHash(hash)
		if h == nil {
			return fmt.Errorf("final block %s: %w", hash, ErrLostTip)
		}
		n.setFinal(h)
	}
	if err := n.recoverTip(); err != nil {
		return err
	}
	if err := n.openBallot(cfg); err != nil {
		return err
	}
	if err := n.recoverAnchor(); err != nil {
		return err
	}
	return n.recoverVotes()
}

// recoverTip makes the saved tip the head.
func (n *Node) recoverTip() error {
	bc := n.eth.BlockChain()
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
	if err := n.adopt(block); err != nil {
		return err
	}
	return n.store.sync()
}

// recoverAnchor restores what is justified and final from the stored votes, which are
// written before what follows from them, and holds the chain against the operator's
// checkpoint.
func (n *Node) recoverAnchor() error {
	bc := n.eth.BlockChain()
	if pinned := bc.GetHeader(n.pin.Hash, n.pin.Number); pinned != nil && n.pin.Number > n.final.Number.Uint64() {
		n.setFinal(pinned)
	}
	if err := n.reanchor(); err != nil {
		return err
	}
	if at := bc.GetHeaderByNumber(n.pin.Number); at != nil && n.offPin(at) {
		return fmt.Errorf("%w: block %d is %s, not %s", ErrCheckpoint, n.pin.Number, at.Hash(), n.pin.Hash)
	}
	return n.store.sync()
}
