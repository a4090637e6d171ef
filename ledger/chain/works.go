package chain

import (
	"time"

	"github.com/ethereum/go-ethereum/common/lru"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
)

const (
	// maxOffers bounds the coinbases that have an offer, of those who sealed lately and of
	// all others each.
	maxOffers = 64
	// recentSealers is how many blocks back one has sealed lately.
	recentSealers = 64
)

// works are the blocks handed out to be sealed on one head. Anybody may ask for work, in
// any name: who sealed one of the last blocks is kept apart from who only asks, so that
// made-up names never push a miner's work out.
type works struct {
	parent  Hash
	sealers map[Address]bool // of the last blocks up to parent
	known   lru.BasicLRU[Address, *offer]
	others  lru.BasicLRU[Address, *offer]
}

// offer is what was handed out to one coinbase.
type offer struct {
	work   powrpc.Work
	made   time.Time
	blocks []*types.Block // the one of work, and the one before: its miner may not have heard yet
}

func newWorks() works {
	return works{known: lru.NewBasicLRU[Address, *offer](maxOffers), others: lru.NewBasicLRU[Address, *offer](maxOffers)}
}

// begin forgets what was handed out on another head.
func (w *works) begin(parent Hash, sealers map[Address]bool) {
	w.known.Purge()
	w.others.Purge()
	w.parent, w.sealers = parent, sealers
}

func (w *works) of(coinbase Address) *lru.BasicLRU[Address, *offer] {
	if w.sealers[coinbase] {
		return &w.known
	}
	return &w.others
}

// latest is the last offer to a coinbase, nil if there is none.
func (w *works) latest(coinbase Address) *offer {
	last, _ := w.of(coinbase).Get(coinbase)
	return last
}

func (w *works) add(coinbase Address, work powrpc.Work, block *types.Block, now time.Time) {
	blocks := []*types.Block{block}
	if last := w.latest(coinbase); last != nil {
		blocks = append(blocks, last.blocks[0])
	}
	w.of(coinbase).Add(coinbase, &offer{work, now, blocks})
}

// find is the block that was handed out under an id, nil if there is none.
func (w *works) find(id Hash) *types.Block {
	for _, offers := range []*lru.BasicLRU[Address, *offer]{&w.known, &w.others} {
		for _, coinbase := range offers.Keys() {
			kept, _ := offers.Peek(coinbase)
			for _, block := range kept.blocks {
				if block.Hash() == id {
					return block
				}
			}
		}
	}
	return nil
}

// lately are the coinbases of the last blocks up to the head.
func (n *Node) lately() map[Address]bool {
	out := map[Address]bool{}
	h := n.eth.BlockChain().CurrentBlock()
	for range recentSealers {
		if h == nil || h.Number.Sign() == 0 {
			break
		}
		out[h.Coinbase] = true
		h = n.eth.BlockChain().GetHeader(h.ParentHash, h.Number.Uint64()-1)
	}
	return out
}
