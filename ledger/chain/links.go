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
		if err := s.learn(votes); err != nil {
			return err
		}
		if s.barren(last) {
			return nil
		}
		after = last
	}
	return nil
}

// learn gives the votes to the node, and notes whether they justified anything.
func (s *session) learn(votes []finality.Vote) error {
	gained, err := s.node.learn(votes)
	s.gained = s.gained || gained
	return s.node.judged(err)
}

// barren says that the peer's last votes, of which one is for block last, reach above
// all that is justified here and led nowhere. There is no point in asking for more:
// sources come before targets.
func (s *session) barren(last uint64) bool {
	gained := s.gained
	s.gained = false
	s.node.mu.Lock()
	defer s.node.mu.Unlock()
	return !gained && last > s.node.ballot.engine.Justified().Number
}

// prove brings in the blocks of a fork that is lighter than our chain, as far as the
// peer shows votes for it: nothing is executed on its word alone. It ends where the
// fork choice would take the rest of the fork, which it reports.
func (s *session) prove(ctx context.Context) (heavy bool, err error) {
	for after := s.node.finalByVotes(); s.ahead(); {
		votes, last, err := s.links(ctx, after)
		if err != nil || last == 0 {
			return false, err
		}
		for more := true; more; {
			if votes, more, err = s.advance(ctx, votes); err != nil {
				return false, err
			}
			if heavy, err = s.heavy(); err != nil || heavy {
				return heavy, err
			}
		}
		if s.barren(last) {
			return false, nil
		}
		after = last
	}
	return false, nil
}

// advance learns those of votes whose targets we have, and brings in the blocks up to
// the next target of the others, if our signers stand behind one: the votes from there
// on can only be judged then. Rest are the votes not learned.
func (s *session) advance(ctx context.Context, votes []finality.Vote) (rest []finality.Vote, more bool, err error) {
	var due []finality.Vote
	for _, v := range votes {
		if s.node.eth.BlockChain().HasBlockAndState(Hash(v.Vote.TargetHash), v.Vote.TargetNumber) {
			due = append(due, v)
		} else {
			rest = append(rest, v)
		}
	}
	if err := s.learn(due); err != nil {
		return nil, false, err
	}
	targets, err := s.node.supported(rest)
	if err != nil {
		return nil, false, err
	}
	i := slices.IndexFunc(s.fresh, func(h *types.Header) bool {
		return slices.Contains(targets, finality.Checkpoint{Number: h.Number.Uint64(), Hash: [32]byte(h.Hash())})
	})
	if i < 0 {
		return rest, false, nil
	}
	s.gained = true
	ahead := s.fresh[i+1:]
	s.fresh = s.fresh[:i+1]
	err = s.bring(ctx)
	s.fresh = ahead
	return rest, true, err
}

func (n *Node) supported(votes []finality.Vote) ([]finality.Checkpoint, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ballot.engine.Supported(n.life, votes)
}
