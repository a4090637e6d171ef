package chain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/cockroachdb/pebble"
	"github.com/ethereum/go-ethereum/common/lru"
	"github.com/ethereum/go-ethereum/consensus"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/medmarket/medmarket/ledger/pow"
)

// RewardGwei is what sealing a block pays, in gwei: one coin. It buys gas and
// nothing else.
const RewardGwei = 1_000_000_000

// Refusals of [Node.Import], besides those of package pow.
var (
	ErrUnknownParent = errors.New("parent block is unknown")
	ErrBelowFinal    = errors.New("block does not descend from the last final block")
	ErrReward        = errors.New("reward is not one coin to the coinbase")
	ErrInvalid       = errors.New("block is invalid to the virtual machine")
	// ErrStorage says that this node could not judge a block: its own database failed.
	ErrStorage = errors.New("the node's database failed")
)

// reward pays the sealer by the one means the stock virtual machine knows.
func reward(number uint64, coinbase Address) *types.Withdrawal {
	return &types.Withdrawal{Index: number, Address: coinbase, Amount: RewardGwei}
}

// Import is the one door into the chain. It checks block, executes it, stores it,
// and makes it the head if it is the heaviest. All of that is on disk when Import
// returns nil. A known block is no error.
func (n *Node) Import(block *types.Block) error { return n.importAll([]*types.Block{block}) }

// importAll is Import for blocks in order, up to the first that is refused, with
// one sync for all of them.
func (n *Node) importAll(blocks []*types.Block) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return ErrClosed
	}
	before := n.mark()
	var refused error
	for _, block := range blocks {
		if refused = n.importOne(block); refused != nil {
			break
		}
	}
	err := errors.Join(refused, n.recount(blocks), n.settle(before))
	n.vote()
	return err
}

func (n *Node) importOne(block *types.Block) error {
	bc := n.eth.BlockChain()
	if !bc.HasBlockAndState(block.Hash(), block.NumberU64()) {
		if err := n.admit(block); err != nil {
			return fmt.Errorf("block %d %s: %w", block.NumberU64(), block.Hash(), err)
		}
		if _, err := bc.InsertBlockWithoutSetHead(n.life, block, false); err != nil {
			return fmt.Errorf("block %d %s: %w: %w", block.NumberU64(), block.Hash(), cause(err), err)
		}
	}
	return n.choose(block)
}

// admit is the gate: what a block must satisfy before go-ethereum sees it.
func (n *Node) admit(block *types.Block) error {
	header := block.Header()
	if !header.Number.IsUint64() || header.Number.Sign() == 0 {
		return ErrUnknownParent
	}
	parent := n.eth.BlockChain().GetHeader(header.ParentHash, header.Number.Uint64()-1)
	if parent == nil {
		return ErrUnknownParent
	}
	if !n.descends(parent) {
		return ErrBelowFinal
	}
	if n.offPin(header) {
		return ErrCheckpoint
	}
	if err := pow.VerifySeal(n.genesis.Rule, parent, header, n.unix()); err != nil {
		return err
	}
	paid := block.Withdrawals()
	if len(paid) != 1 || *paid[0] != *reward(header.Number.Uint64(), header.Coinbase) {
		return ErrReward
	}
	return nil
}

// descends says whether header is the last final block or a descendant of it.
func (n *Node) descends(header *types.Header) bool { return n.stands(header, n.final, &n.descending) }

// follows says whether the fork choice may make header the head.
func (n *Node) follows(header *types.Header) bool { return n.stands(header, n.justified, &n.anchored) }

// stands says whether header is base or a descendant of it. The walk ends where it
// meets the canonical chain, if that holds base, or a block of known, which may be nil.
func (n *Node) stands(header, base *types.Header, known *lru.BasicLRU[Hash, struct{}]) bool {
	bc := n.eth.BlockChain()
	canonical := bc.GetCanonicalHash(base.Number.Uint64()) == base.Hash()
	from, found := header.Hash(), false
	for header != nil && !found && header.Number.Cmp(base.Number) > 0 {
		hash := header.Hash()
		found = canonical && bc.GetCanonicalHash(header.Number.Uint64()) == hash || known != nil && known.Contains(hash)
		header = bc.GetHeader(header.ParentHash, header.Number.Uint64()-1)
	}
	found = found || header != nil && header.Hash() == base.Hash()
	if found && known != nil {
		known.Add(from, struct{}{})
	}
	return found
}

// offPin says whether header stands where the operator's checkpoint should.
func (n *Node) offPin(header *types.Header) bool {
	return n.pin.Number != 0 && header.Number.Uint64() == n.pin.Number && header.Hash() != n.pin.Hash
}

// cause tells a block that breaks the rules from a database that does not work.
func cause(err error) error {
	var lost *trie.MissingNodeError
	var file *fs.PathError
	var system syscall.Errno
	if errors.As(err, &lost) || errors.As(err, &file) || errors.As(err, &system) || errors.Is(err, pebble.ErrClosed) ||
		errors.Is(err, fs.ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, consensus.ErrPrunedAncestor) {
		return ErrStorage
	}
	return ErrInvalid
}

func (n *Node) unix() uint64 { return uint64(n.now().Unix()) }
