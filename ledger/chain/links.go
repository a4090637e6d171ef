package chain

import (
	"context"
	"slices"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/chain/finality"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

// links asks the peer for the votes that justified what is above number, and says
// where the answer ends.
func (s *session) links(ctx context.Context, number uint64) (votes []finality.Vote, last uint64, err error) {
	m, err := s.ask(ctx, mpow.LinksCode, func(id uint64) mpow.Message { return &mpow.GetLinks{ID: id, After: number} })
	if err != nil {
		return nil, 0, err
	}
	answer := m.(*mpow.Links).Votes
	for _, v := range answer {
		if v.Vote.TargetNumber <= number {
			return nil, 0, offend(longBan, "votes for block %d, asked for those above %d", v.Vote.TargetNumber, number)
		}
		last = max(last, v.Vote.TargetNumber)
	}
	votes, err = s.node.recovered(answer)
	return votes, last, err
}

// ahead says whether the peer claims a justified checkpoint above ours.
func (s *session) ahead() bool { return s.claim.justified > s.node.agreed.Load() }

// finalByVotes is the number of the last checkpoint that votes made final. The
// operator's may be above it.
func (n *Node) finalByVotes() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ballot.engine.Final().Number
}

// certify learns the votes behind the checkpoints that the peer claims to know and
// that are on blocks we have.
func (s *session) certify(ctx context.Context) error {
	if s.node.genesis.Interval == 0 {
		return nil
	}
	for after := s.node.finalByVotes(); s.ahead(); {
		votes, last, err := s.links(ctx, after)
		if err != nil || last == 0 {
			return err
		}
		if err := s.node.judged(s.node.learn(votes)); err != nil {
			return err
		}
		after = last
	}
	return nil
}

// prove brings in the blocks of a fork that is lighter than our chain, as far as the
// peer shows votes for it: nothing is executed on its word alone.
func (s *session) prove(ctx context.Context) error {
	for after := s.node.finalByVotes(); s.ahead(); {
		votes, last, err := s.links(ctx, after)
		if err != nil || last == 0 {
			return err
		}
		targets, err := s.node.supported(votes)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.fresh, func(h *types.Header) bool {
			return slices.Contains(targets, finality.Checkpoint{Number: h.Number.Uint64(), Hash: [32]byte(h.Hash())})
		})
		if i >= 0 {
			rest := s.fresh[i+1:]
			s.fresh = s.fresh[:i+1]
			if err := s.bring(ctx); err != nil {
				return err
			}
			s.fresh = rest
			return s.certify(ctx)
		}
		after = last
	}
	return nil
}

func (n *Node) supported(votes []finality.Vote) ([]finality.Checkpoint, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ballot.engine.Supported(n.life, votes)
}
