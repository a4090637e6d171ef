package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/finality"
)

const (
	// signersTimeout bounds one reading of the signers, while which no block comes in.
	signersTimeout = 10 * time.Second
	// voteDepth is how many blocks stand on a checkpoint before it is voted for, so
	// that votes seldom go to blocks that lose a tie.
	voteDepth = 1
	// voteAge is how old the head may be for its checkpoints to be voted for: a node
	// that catches up has nothing to say of what is long decided.
	voteAge = 10 * time.Minute
)

// ErrCheckpoint refuses a chain without the operator's checkpoint.
var ErrCheckpoint = errors.New("chain does not hold the operator's checkpoint")

// ballot is the node's part in finality. Node.mu guards it; it is nil where
// confirmations decide.
type ballot struct {
	node    *Node
	engine  *finality.Engine
	domain  ledger.Domain
	genesis []ledger.Address
	read    func(context.Context, *ethclient.Client, Address, Hash) ([]Address, error)
	voter   *ledger.Key
	last    ledger.CheckpointVote // of voter
	unsent  []ledger.SignedCheckpointVote
	found   int // pieces of evidence on disk
}

// CheckpointStatus tells how far the network agrees. Who must not act on what may yet
// be undone looks at the time of Final.
type CheckpointStatus struct {
	Final     Head   // the last final block
	Justified Head   // the highest justified checkpoint: Final, or above it
	Interval  uint64 // distance of checkpoints; 0 where confirmations decide
}

// Checkpoint tells how far the network agrees.
func (n *Node) Checkpoint() CheckpointStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return CheckpointStatus{describe(n.final), describe(n.justified), n.genesis.Interval}
}

// VotesCount reports whether the node's votes count at present: its Voter is a signer
// by what is final here.
func (n *Node) VotesCount() (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ballot == nil || n.ballot.voter == nil {
		return false, nil
	}
	return n.ballot.engine.IsSigner(n.life, n.ballot.voter.Address())
}

// Evidence is what convicts signers of voting twice, one piece each, for whoever
// gives it to the registry. It outlives the process.
func (n *Node) Evidence() []ledger.CheckpointEvidence {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ballot == nil {
		return nil
	}
	return n.ballot.engine.Evidence()
}

// openBallot restores what was voted. It runs before peers are spoken with.
func (n *Node) openBallot(cfg Config) (err error) {
	if n.genesis.Interval == 0 {
		if cfg.Voter != nil {
			return fmt.Errorf("%w: Voter on a chain without signers", ErrConfig)
		}
		return nil
	}
	if n.genesis.Registry != (Address{}) && cfg.ReadSigners == nil {
		return fmt.Errorf("%w: ReadSigners is required on a chain with a registry", ErrConfig)
	}
	b := &ballot{
		node: n, read: cfg.ReadSigners, voter: cfg.Voter,
		domain: ledger.Domain{ChainID: n.genesis.ChainID, Genesis: ledger.Hash(n.GenesisHash())},
	}
	for _, a := range n.genesis.Signers {
		b.genesis = append(b.genesis, ledger.Address(a))
	}
	final, err := n.store.votedFinal(n.final.Number.Uint64()) // n.final may be the operator's
	if err != nil {
		return err
	}
	links, err := n.store.links(final)
	if err != nil {
		return err
	}
	evidence, err := n.store.evidence(b.domain)
	if err != nil {
		return err
	}
	b.found = len(evidence)
	b.engine, err = finality.New(finality.Config{
		Interval: n.genesis.Interval, Genesis: b.domain.Genesis, Tree: b, Links: links, Evidence: evidence,
	})
	if err != nil {
		return err
	}
	n.ballot = b
	return nil
}

// recoverVotes takes in again the votes that are on disk and not settled: those that
// justified checkpoints, so that who votes against one of hers now is convicted, and the
// last own one, which is not made again and of which nobody may have heard before a crash.
func (n *Node) recoverVotes() error {
	b := n.ballot
	if b == nil {
		return nil
	}
	var votes []ledger.SignedCheckpointVote
	err := n.store.eachLink(b.engine.Final().Number+1, func(l finality.Link) bool {
		votes = append(votes, l.Votes...)
		return true
	})
	if err != nil {
		return err
	}
	if b.voter != nil {
		last, found, err := n.store.lastVote(b.voter.Address())
		if err != nil {
			return err
		}
		if found {
			b.last, votes = last.Vote, append(votes, last)
		}
	}
	known, err := n.recovered(votes)
	if err != nil {
		return fmt.Errorf("stored votes: %w", err)
	}
	p, err := b.engine.Learn(n.life, known)
	if err != nil && !errors.Is(err, finality.ErrNotSigner) { // we may have lost our seat since
		n.log.Error("votes on disk were not counted", "err", err)
	}
	return errors.Join(n.apply(p), n.store.sync())
}

// Descends implements finality.Tree.
func (b *ballot) Descends(target, source finality.Checkpoint) bool {
	bc := b.node.eth.BlockChain()
	if !bc.HasBlockAndState(Hash(target.Hash), target.Number) || target.Number < source.Number {
		return false
	}
	base := bc.GetHeader(Hash(source.Hash), source.Number)
	return base != nil && b.node.stands(bc.GetHeader(Hash(target.Hash), target.Number), base, nil)
}

// Signers implements finality.Tree.
func (b *ballot) Signers(ctx context.Context, c finality.Checkpoint) ([]ledger.Address, error) {
	if b.node.genesis.Registry == (Address{}) || c.Number == 0 {
		return b.genesis, nil
	}
	ctx, cancel := context.WithTimeout(ctx, signersTimeout)
	defer cancel()
	list, err := b.read(ctx, b.node.client, b.node.genesis.Registry, Hash(c.Hash))
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return b.genesis, nil
	case len(list) > MaxSigners:
		return nil, fmt.Errorf("%d signers, the most is %d", len(list), MaxSigners)
	}
	out := make([]ledger.Address, len(list))
	for i, a := range list {
		out[i] = ledger.Address(a)
	}
	return out, nil
}

// learn takes votes in, with everything that follows from them. All of it is on disk
// before anybody is told. Gained says that a checkpoint became justified.
func (n *Node) learn(votes []finality.Vote) (gained bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false, ErrClosed
	}
	b, before := n.ballot, n.mark()
	p, err := b.engine.Learn(n.life, votes)
	err = errors.Join(err, n.remember(votes), n.apply(p), n.settle(before))
	n.vote()
	return len(p.Links) > 0, err
}

// remember stores the highest own vote among those heard: Dir does not know of it, being
// lost, or older than it should be.
func (n *Node) remember(votes []finality.Vote) error {
	b := n.ballot
	for _, v := range votes {
		if b.voter == nil || v.Signer != b.voter.Address() || v.Vote.TargetNumber <= b.last.TargetNumber {
			continue
		}
		b.last = v.Vote
		if err := n.store.putLastVote(v.Signer, v.SignedCheckpointVote); err != nil {
			return err
		}
	}
	return nil
}

// recount looks again at votes that waited for blocks.
func (n *Node) recount(blocks []*types.Block) error {
	if n.ballot == nil {
		return nil
	}
	for _, b := range blocks {
		if b.NumberU64()%n.genesis.Interval == 0 {
			p, err := n.ballot.engine.Reconsider(n.life)
			if err != nil {
				n.log.Error("votes were not counted", "err", err)
			}
			return n.apply(p)
		}
	}
	return nil
}

// apply stores progress and lets the fork choice follow it.
func (n *Node) apply(p finality.Progress) error {
	b := n.ballot
	b.unsent = append(b.unsent, p.Fresh...)
	for _, l := range p.Links {
		if err := n.store.putLink(l); err != nil {
			return err
		}
	}
	if found := b.engine.Evidence(); len(found) > b.found {
		n.log.Error("a signer broke the rule", "evidence", len(found))
		if err := n.store.putEvidence(found); err != nil {
			return err
		}
		b.found = len(found)
	}
	if len(p.Links) == 0 {
		return nil
	}
	return n.reanchor()
}

// vote makes the node's own vote if there is one to make. If it cannot, that is no
// fault of the block that gave occasion.
func (n *Node) vote() {
	if n.ballot == nil || n.ballot.voter == nil {
		return
	}
	if err := n.tryVote(); err != nil && n.life.Err() == nil {
		n.log.Error("no vote was made", "err", err)
	}
}

// tryVote makes a vote. It is on disk before it counts, here or anywhere.
func (n *Node) tryVote() error {
	b := n.ballot
	head := n.eth.BlockChain().CurrentBlock()
	if head.Number.Uint64() < n.genesis.Interval+voteDepth || head.Time+uint64(voteAge.Seconds()) < n.unix() {
		return nil
	}
	number := (head.Number.Uint64() - voteDepth) / n.genesis.Interval * n.genesis.Interval
	target := finality.Checkpoint{Number: number, Hash: ledger.Hash(n.eth.BlockChain().GetCanonicalHash(number))}
	v, ok := b.engine.Next(b.last, target)
	if !ok {
		return nil
	}
	if signer, err := b.engine.IsSigner(n.life, b.voter.Address()); err != nil || !signer {
		return err
	}
	signed := ledger.NewSignedCheckpointVote(b.voter, b.domain, v)
	if err := errors.Join(n.store.putLastVote(b.voter.Address(), signed), n.store.sync()); err != nil {
		return fmt.Errorf("own vote: %w", err)
	}
	b.last = v
	before := n.mark()
	p, err := b.engine.Learn(n.life, []finality.Vote{{Signer: b.voter.Address(), SignedCheckpointVote: signed}})
	return errors.Join(err, n.apply(p), n.settle(before))
}
