package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

const (
	// maxReorgs bounds the reorganisations that are remembered.
	maxReorgs = 32
	// rateBlocks is how many blocks the hash rate is estimated from, at most.
	rateBlocks = 64
)

// powAPI serves the namespace pow; package powrpc describes it. Its exported
// methods are the RPC methods.
type powAPI struct {
	node *Node

	mu    sync.Mutex // held while a block is built or handed in: one at a time
	works works
}

func newPowAPI(n *Node) *powAPI { return &powAPI{node: n, works: newWorks()} }

// GetWork offers a block on the head to seal for coinbase. The same one is offered
// again for DefaultRefresh, then a newer one, which is easier and may hold more
// transactions; both are good until there is a third, or another block is the head.
func (a *powAPI) GetWork(coinbase Address) (powrpc.Work, error) {
	if coinbase == (Address{}) {
		return powrpc.Work{}, errors.New("coinbase is required")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	head, now := a.node.Head(), a.node.now()
	if a.works.parent != head.Hash {
		a.works.begin(head.Hash, a.node.lately())
	}
	if last := a.works.latest(coinbase); last != nil && now.Sub(last.made) < DefaultRefresh {
		return last.work, nil
	}
	if now.Before(time.Unix(int64(head.Time), 0).Add(DefaultMinInterval)) {
		return powrpc.Work{}, powrpc.ErrNotDue
	}
	block, _, err := a.node.candidate(coinbase, [12]byte{}, false)
	if err != nil {
		return powrpc.Work{}, err
	}
	header, err := rlp.EncodeToBytes(block.Header())
	if err != nil {
		return powrpc.Work{}, fmt.Errorf("encoding the header: %w", err)
	}
	work := powrpc.Work{ID: block.Hash(), Header: header}
	if block.ParentHash() == a.works.parent { // else the head has just changed: the miner will hear of it
		a.works.add(coinbase, work, block, now)
	}
	return work, nil
}

// SubmitWork takes a seal for a block that GetWork offered and imports the block.
func (a *powAPI) SubmitWork(id Hash, extra hexutil.Bytes) (Hash, error) {
	a.mu.Lock() // to the end: of two seals for one head the second is stale
	defer a.mu.Unlock()
	block := a.works.find(id)
	if block == nil || block.ParentHash() != a.node.Head().Hash {
		return Hash{}, powrpc.ErrStale
	}
	seal, err := pow.ParseSeal(extra)
	if err != nil {
		return Hash{}, powrpc.ErrSeal
	}
	header := block.Header()
	asked, err := pow.ParseSeal(header.Extra)
	if err != nil || seal.Difficulty != asked.Difficulty {
		return Hash{}, powrpc.ErrSeal
	}
	header.Extra = seal.Bytes()
	parent := a.node.eth.BlockChain().GetHeader(header.ParentHash, header.Number.Uint64()-1)
	if err := pow.VerifySeal(a.node.genesis.Rule, parent, header, a.node.unix()); errors.Is(err, pow.ErrWork) {
		return Hash{}, powrpc.ErrSeal // the chain need not hear of it
	}
	sealed := block.WithSeal(header)
	if err := a.node.Import(sealed); err != nil {
		return Hash{}, err
	}
	if hash := sealed.Hash(); a.node.eth.BlockChain().GetCanonicalHash(sealed.NumberU64()) == hash {
		return hash, nil
	}
	return Hash{}, powrpc.ErrStale // a peer's block came in between
}

// Status describes the node.
func (a *powAPI) Status() (powrpc.Status, error) {
	n := a.node
	head := n.eth.BlockChain().CurrentBlock()
	work, err := n.work(head)
	if err != nil {
		return powrpc.Status{}, err
	}
	return powrpc.Status{
		ChainID: hexutil.Uint64(n.ChainID()), Genesis: n.GenesisHash(),
		Head: wireBlock(describe(head)), Final: wireBlock(n.Finalized()), Work: (*hexutil.Big)(work),
		Peers: hexutil.Uint64(len(n.Peers())), Enode: n.Enode(),
	}, nil
}

func wireBlock(h Head) powrpc.Block {
	return powrpc.Block{
		Number: hexutil.Uint64(h.Number), Hash: h.Hash, Time: hexutil.Uint64(h.Time),
		Coinbase: h.Coinbase, Difficulty: hexutil.Uint64(h.Difficulty),
	}
}

// Checkpoints describes the node's view of finality.
func (a *powAPI) Checkpoints() powrpc.Checkpoints {
	c := a.node.Checkpoint()
	return powrpc.Checkpoints{
		Interval: hexutil.Uint64(c.Interval), Justified: wireBlock(c.Justified), Final: wireBlock(c.Final),
		Evidence: hexutil.Uint64(len(a.node.Evidence())),
	}
}

// Difficulty is that of the head and of what may follow it.
func (a *powAPI) Difficulty() (powrpc.Difficulty, error) {
	n := a.node
	head := n.eth.BlockChain().CurrentBlock()
	next, err := pow.NextDifficulty(n.genesis.Rule, head, max(n.unix(), head.Time+1))
	return powrpc.Difficulty{Head: hexutil.Uint64(describe(head).Difficulty), Next: hexutil.Uint64(next)}, err
}

// HashRate estimates the network's hash rate from its last blocks.
func (a *powAPI) HashRate(context.Context) (powrpc.HashRate, error) {
	bc := a.node.eth.BlockChain()
	last := bc.CurrentBlock()
	work, count := new(big.Int), uint64(0)
	first := last
	for ; count < rateBlocks && first.Number.Uint64() > 1; count++ { // the genesis block's time says nothing
		work.Add(work, difficulty(first))
		if first = bc.GetHeader(first.ParentHash, first.Number.Uint64()-1); first == nil {
			return powrpc.HashRate{}, ErrUnknownParent
		}
	}
	if count == 0 {
		return powrpc.HashRate{}, nil
	}
	work.Div(work, new(big.Int).SetUint64(last.Time-first.Time)) // times rise strictly
	return powrpc.HashRate{HashesPerSecond: hexutil.Uint64(work.Uint64()), Blocks: hexutil.Uint64(count)}, nil
}

// Reorgs lists the last reorganisations since the node was opened, oldest first.
func (a *powAPI) Reorgs() []powrpc.Reorg {
	a.node.mu.Lock()
	defer a.node.mu.Unlock()
	return append([]powrpc.Reorg{}, a.node.reorgs...)
}

// noteReorg remembers that the head moves to a block that does not descend from it.
func (n *Node) noteReorg(from, to *types.Header) {
	if len(n.reorgs) == maxReorgs {
		n.reorgs = slices.Delete(n.reorgs, 0, 1)
	}
	n.reorgs = append(n.reorgs, powrpc.Reorg{
		Seen: hexutil.Uint64(n.unix()), From: wireBlock(describe(from)), To: wireBlock(describe(to)),
		Undone: hexutil.Uint64(n.undone(from, to)),
	})
}

// undone counts the blocks up to from that are not on the way to to.
func (n *Node) undone(from, to *types.Header) uint64 {
	bc := n.eth.BlockChain()
	count := uint64(0)
	for from != nil && to != nil && from.Hash() != to.Hash() {
		if to.Number.Cmp(from.Number) > 0 {
			to = bc.GetHeader(to.ParentHash, to.Number.Uint64()-1)
			continue
		}
		from, count = bc.GetHeader(from.ParentHash, from.Number.Uint64()-1), count+1
	}
	return count
}
