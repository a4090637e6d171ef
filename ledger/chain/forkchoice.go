package chain

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// ErrLostTip says that the saved head is missing from the database: its files
// were changed behind the node's back.
var ErrLostTip = errors.New("the saved head block is missing")

// maxOrphans bounds the transactions a reorganisation hands back to the pool, which
// holds about half as many.
const maxOrphans = 10_000

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

// Finalized is the last final block.
func (n *Node) Finalized() Head {
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

// choose records the work of an executed block and makes it the head if it is
// heavier than the head. Equal work is not heavier: the first seen stays. Nothing
// is durable, and nobody told, before settle.
func (n *Node) choose(block *types.Block) error {
	header := block.Header()
	work, err := n.work(header)
	if err != nil {
		return err
	}
	if err := n.store.putWork(block.Hash(), work); err != nil {
		return fmt.Errorf("saving the work of block %d: %w", block.NumberU64(), err)
	}
	n.leaves.add(header, work)
	if n.pin.Number > n.final.Number.Uint64() && n.pin.Hash == block.Hash() {
		n.setFinal(header)
		return n.reanchor()
	}
	heavier, err := n.outweighed(work)
	if err != nil || !heavier || !n.descends(header) || !n.follows(header) {
		return err
	}
	return n.adopt(block)
}

// outweighed says whether work is more than that of the chain up to the head.
func (n *Node) outweighed(work *big.Int) (bool, error) {
	most, err := n.work(n.eth.BlockChain().CurrentBlock())
	return err == nil && work.Cmp(most) > 0, err
}

// adopt makes block the head and what has enough confirmations final.
func (n *Node) adopt(block *types.Block) error {
	bc := n.eth.BlockChain()
	var orphans types.Transactions
	if head := bc.CurrentBlock(); block.ParentHash() != head.Hash() {
		n.log.Info("chain reorganised", "from", head.Number, "from_hash", head.Hash(), "to", block.NumberU64(), "to_hash", block.Hash())
		orphans = n.orphans(head, block, maxOrphans)
		n.noteReorg(head, block.Header())
	}
	if _, err := bc.SetCanonical(block); err != nil {
		return fmt.Errorf("making block %d the head: %w", block.NumberU64(), err)
	}
	if len(orphans) > 0 {
		if err := n.syncPool(); err != nil {
			return err
		}
		n.eth.TxPool().Add(orphans, true) // it refuses what the new chain holds, and what it has itself
	}
	if number := block.NumberU64(); n.genesis.Interval == 0 && number > n.confirmations {
		final := bc.GetHeaderByNumber(number - n.confirmations)
		if final.Number.Cmp(n.final.Number) > 0 { // a heavier chain may be shorter
			n.setFinal(final)
		}
	}
	return n.store.save(block.Hash(), n.final.Hash())
}

// orphans are the transactions of the chain up to head that a reorganisation to
// block takes out, oldest first, at most so many: the oldest, since later ones of
// the same sender wait for them. go-ethereum's pool takes them back by itself only if
// both heads have about the same number.
func (n *Node) orphans(head *types.Header, block *types.Block, most int) types.Transactions {
	bc := n.eth.BlockChain()
	var left []Hash
	to := block.Header()
	for head.Hash() != to.Hash() {
		if to.Number.Cmp(head.Number) > 0 {
			if to = bc.GetHeader(to.ParentHash, to.Number.Uint64()-1); to == nil {
				return nil
			}
			continue
		}
		left = append(left, head.Hash())
		if head = bc.GetHeader(head.ParentHash, head.Number.Uint64()-1); head == nil {
			return nil
		}
	}
	var out types.Transactions
	for _, hash := range slices.Backward(left) {
		if body := bc.GetBody(hash); body != nil {
			out = append(out, body.Transactions...)
		}
		if len(out) >= most {
			return out[:most]
		}
	}
	return out
}

// mark is what others are told of when it changes.
type mark struct{ head, justified Hash }

func (n *Node) mark() mark { return mark{n.eth.BlockChain().CurrentBlock().Hash(), n.justified.Hash()} }

// settle makes what was imported durable, then tells of a new head and of votes.
func (n *Node) settle(before mark) error {
	if err := n.store.sync(); err != nil {
		return err
	}
	now := n.mark()
	if now.head != before.head {
		n.notify(n.Head())
	}
	if now != before {
		n.net.announce()
	}
	if n.ballot != nil {
		n.net.spread(n.ballot.unsent)
		n.ballot.unsent = nil
	}
	return nil
}

// setFinal also moves the tag "finalized" of the RPC interface. Where confirmations
// decide, nothing is justified that is not final.
func (n *Node) setFinal(h *types.Header) {
	n.final = h
	n.descending.Purge()
	n.eth.BlockChain().SetFinalized(h)
	if n.genesis.Interval == 0 {
		n.setJustified(h)
	}
}

// setJustified also moves the tag "safe".
func (n *Node) setJustified(h *types.Header) {
	n.justified = h
	n.anchored.Purge()
	n.eth.BlockChain().SetSafe(h)
}
