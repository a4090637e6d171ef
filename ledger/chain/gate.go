package chain

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/core/types"

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
	before := n.eth.BlockChain().CurrentBlock().Hash()
	var refused error
	for _, block := range blocks {
		if refused = n.importOne(block); refused != nil {
			break
		}
	}
	return errors.Join(refused, n.settle(before))
}

func (n *Node) importOne(block *types.Block) error {
	bc := n.eth.BlockChain()
	if !bc.HasBlockAndState(block.Hash(), block.NumberU64()) {
		if err := n.admit(block); err != nil {
			return fmt.Errorf("block %d %s: %w", block.NumberU64(), block.Hash(), err)
		}
		if _, err := bc.InsertBlockWithoutSetHead(n.life, block, false); err != nil {
			return fmt.Errorf("block %d %s: %w: %w", block.NumberU64(), block.Hash(), ErrInvalid, err)
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
	if err := pow.VerifySeal(n.genesis.Rule, parent, header, n.unix()); err != nil {
		return err
	}
	paid := block.Withdrawals()
	if len(paid) != 1 || *paid[0] != *reward(header.Number.Uint64(), header.Coinbase) {
		return ErrReward
	}
	return nil
}

// descends says whether header is the last final block or a descendant of it. The
// walk ends where it meets the canonical chain, which holds every final block, or a
// block it ended at before.
func (n *Node) descends(header *types.Header) bool {
	bc := n.eth.BlockChain()
	from := header.Hash()
	for header != nil && header.Number.Cmp(n.final.Number) > 0 {
		hash := header.Hash()
		if bc.GetCanonicalHash(header.Number.Uint64()) == hash || n.descending.Contains(hash) {
			n.descending.Add(from, struct{}{})
			return true
		}
		header = bc.GetHeader(header.ParentHash, header.Number.Uint64()-1)
	}
	if header == nil || header.Hash() != n.final.Hash() {
		return false
	}
	n.descending.Add(from, struct{}{})
	return true
}

func (n *Node) unix() uint64 { return uint64(n.now().Unix()) }
