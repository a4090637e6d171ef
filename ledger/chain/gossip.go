package chain

import (
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/finality"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

const (
	// maxUnsent bounds the votes that wait to be sent to one peer; the newest stay.
	maxUnsent = 512
	// recovery of one signature, in units of effort
	recoverEffort = 10
)

// voted takes votes of the peer.
func (p *peer) voted(votes []ledger.SignedCheckpointVote) error {
	n := p.net.node
	if n.genesis.Interval == 0 {
		return offend(longBan, "votes on a chain without signers")
	}
	fresh := n.unknown(votes)
	p.pace(recoverEffort * float64(len(fresh)))
	known, err := n.recovered(fresh)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		return nil
	}
	_, err = n.learn(known)
	return n.judged(err)
}

// unknown are the votes that are neither stale nor counted already.
func (n *Node) unknown(votes []ledger.SignedCheckpointVote) (out []ledger.SignedCheckpointVote) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, v := range votes {
		if !n.ballot.engine.Stale(v.Vote) && !n.ballot.engine.Has(v) {
			out = append(out, v)
		}
	}
	return out
}

// recovered finds out who signed; a signature of nobody is an offence.
func (n *Node) recovered(votes []ledger.SignedCheckpointVote) ([]finality.Vote, error) {
	out := make([]finality.Vote, len(votes))
	for i, v := range votes {
		signer, err := v.Signer(n.ballot.domain)
		if err != nil {
			return nil, offend(longBan, "vote: %w", err)
		}
		out[i] = finality.Vote{Signer: signer, SignedCheckpointVote: v}
	}
	return out, nil
}

// judged tells a fault of who sent votes from one of ours, which is logged: the votes
// are lost, and come again with the next peer.
func (n *Node) judged(err error) error {
	switch {
	case errors.Is(err, finality.ErrMalformed), errors.Is(err, finality.ErrNotSigner):
		return offend(longBan, "vote: %w", err)
	case err != nil && n.life.Err() == nil:
		n.log.Error("votes were not counted", "err", err)
	}
	return nil
}

// spread gives votes to every peer. It never waits.
func (w *network) spread(votes []ledger.SignedCheckpointVote) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.peers {
		p.enqueue(votes)
	}
}

func (p *peer) enqueue(votes []ledger.SignedCheckpointVote) {
	if len(votes) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsent = append(p.unsent, votes...)
	p.unsent = p.unsent[max(0, len(p.unsent)-maxUnsent):]
	signal(p.ballots)
}

// newVotes is the next message with votes, or nil.
func (p *peer) newVotes() mpow.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := min(len(p.unsent), mpow.MaxVotes)
	if count == 0 {
		return nil
	}
	m := &mpow.Votes{Votes: p.unsent[:count:count]}
	p.unsent = p.unsent[count:]
	if len(p.unsent) > 0 {
		signal(p.ballots)
	}
	return m
}

// pending are the votes for checkpoints that are not final, for a new peer.
func (n *Node) pending() []ledger.SignedCheckpointVote {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ballot == nil {
		return nil
	}
	return n.ballot.engine.Pending(maxUnsent)
}

// linksAfter answers a GetLinks.
func (n *Node) linksAfter(number uint64) (votes []ledger.SignedCheckpointVote, err error) {
	if number == ^uint64(0) {
		return nil, nil
	}
	return votes, n.store.eachLink(number+1, func(l finality.Link) bool {
		if n.eth.BlockChain().GetCanonicalHash(l.Target.Number) != Hash(l.Target.Hash) {
			return true
		}
		if len(votes)+len(l.Votes) > mpow.MaxLinkVotes {
			return false
		}
		votes = append(votes, l.Votes...)
		return true
	})
}
