package finality

import (
	"bytes"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds of what is kept of one signer.
const (
	maxTargets   = 16 // target numbers, the highest
	maxPerTarget = 2  // votes for one number: one honest, one that convicts
	maxEvidence  = 256
)

// tally is who voted for one pair.
type tally struct {
	voters map[ledger.Address]ledger.Signature
	fresh  []ledger.SignedCheckpointVote // not handed out yet
	counts bool                          // source justified, target known
	// refused says that the target conflicts with what is final.
	refused bool
}

// signed are the votes of a tally for v, by signer.
func (t *tally) signed(v ledger.CheckpointVote) []ledger.SignedCheckpointVote {
	out := make([]ledger.SignedCheckpointVote, 0, len(t.voters))
	for _, who := range slices.SortedFunc(maps.Keys(t.voters), compareAddress) {
		out = append(out, ledger.SignedCheckpointVote{Vote: v, Signature: t.voters[who]})
	}
	return out
}

func compareAddress(a, b ledger.Address) int { return bytes.Compare(a[:], b[:]) }

// pool holds the votes of signers.
type pool struct {
	tallies  map[ledger.CheckpointVote]*tally
	votes    map[ledger.Address][]ledger.SignedCheckpointVote // in the order they came
	last     map[ledger.Address]ledger.SignedCheckpointVote   // of those that are settled, the highest target
	evidence map[ledger.Address]ledger.CheckpointEvidence
}

func newPool() pool {
	return pool{
		tallies:  map[ledger.CheckpointVote]*tally{},
		votes:    map[ledger.Address][]ledger.SignedCheckpointVote{},
		last:     map[ledger.Address]ledger.SignedCheckpointVote{},
		evidence: map[ledger.Address]ledger.CheckpointEvidence{},
	}
}

func (p *pool) has(s ledger.SignedCheckpointVote) bool {
	t := p.tallies[s.Vote]
	if t == nil {
		return false
	}
	for _, signature := range t.voters {
		if signature == s.Signature {
			return true
		}
	}
	return false
}

// add keeps a vote of a signer, for now without a bound, and looks for evidence.
func (p *pool) add(v Vote) {
	t := p.tallies[v.Vote]
	if t == nil {
		t = &tally{voters: map[ledger.Address]ledger.Signature{}}
		p.tallies[v.Vote] = t
	}
	if _, known := t.voters[v.Signer]; known {
		return
	}
	earlier := p.votes[v.Signer]
	if last, ok := p.last[v.Signer]; ok {
		earlier = append(slices.Clip(earlier), last)
	}
	if _, convicted := p.evidence[v.Signer]; !convicted && len(p.evidence) < maxEvidence {
		for _, w := range earlier {
			if w.Vote.Conflicts(v.Vote) {
				p.evidence[v.Signer] = ledger.CheckpointEvidence{First: w, Second: v.SignedCheckpointVote}
				break
			}
		}
	}
	t.voters[v.Signer] = v.Signature
	t.fresh = append(t.fresh, v.SignedCheckpointVote)
	p.votes[v.Signer] = append(p.votes[v.Signer], v.SignedCheckpointVote)
}

// waiting are the pairs voted for, lowest target first.
func (p *pool) waiting() []ledger.CheckpointVote {
	return slices.SortedFunc(maps.Keys(p.tallies), byTarget)
}

// takeFresh hands out the votes that count and were not handed out before.
func (p *pool) takeFresh() (out []ledger.SignedCheckpointVote) {
	for _, v := range p.waiting() {
		if t := p.tallies[v]; t.counts {
			out = append(out, t.fresh...)
			t.fresh = nil
		}
	}
	return out
}

// trim drops what is more than the bounds of a signer allow.
func (p *pool) trim() {
	for who, votes := range p.votes {
		if len(votes) <= 1 {
			continue
		}
		numbers := map[uint64]int{}
		for _, v := range votes {
			numbers[v.Vote.TargetNumber]++
		}
		highest := slices.Sorted(maps.Keys(numbers))
		lowest := highest[max(0, len(highest)-maxTargets)]
		clear(numbers)
		p.votes[who] = slices.DeleteFunc(votes, func(v ledger.SignedCheckpointVote) bool {
			number := v.Vote.TargetNumber
			numbers[number]++
			drop := number < lowest || numbers[number] > maxPerTarget
			if drop {
				p.drop(who, v)
			}
			return drop
		})
	}
}

// prune drops the votes for targets up to a final one.
func (p *pool) prune(final uint64) {
	for who, votes := range p.votes {
		left := slices.DeleteFunc(votes, func(v ledger.SignedCheckpointVote) bool {
			settled := v.Vote.TargetNumber <= final
			if settled {
				if v.Vote.TargetNumber >= p.last[who].Vote.TargetNumber {
					p.last[who] = v
				}
				p.drop(who, v)
			}
			return settled
		})
		if p.votes[who] = left; len(left) == 0 {
			delete(p.votes, who)
		}
	}
}

func (p *pool) drop(who ledger.Address, v ledger.SignedCheckpointVote) {
	t := p.tallies[v.Vote]
	delete(t.voters, who)
	t.fresh = slices.DeleteFunc(t.fresh, func(f ledger.SignedCheckpointVote) bool { return f == v })
	if len(t.voters) == 0 {
		delete(p.tallies, v.Vote)
	}
}

func (p *pool) convicting() []ledger.CheckpointEvidence {
	out := make([]ledger.CheckpointEvidence, 0, len(p.evidence))
	for _, who := range slices.SortedFunc(maps.Keys(p.evidence), compareAddress) {
		out = append(out, p.evidence[who])
	}
	return out
}
