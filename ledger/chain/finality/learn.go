package finality

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/medmarket/medmarket/ledger"
)

// Vote is a signed vote and who its signature names.
type Vote struct {
	Signer ledger.Address
	ledger.SignedCheckpointVote
}

// Progress is what votes brought about.
type Progress struct {
	// Fresh are votes that count from now on, for others to hear of.
	Fresh []ledger.SignedCheckpointVote
	// Links are checkpoints that became justified, in the order in which they did.
	Links []Link
}

// Learn takes votes in, in any order and however often. Votes that are stale, or of
// which it cannot be said yet whether their key is a signer's, are passed over. The
// first vote that nobody should have sent ends it with ErrMalformed or ErrNotSigner;
// what came before it is done, and in Progress. Other errors are ErrConflict and
// those of the Tree.
//
// Votes for one pair that come one after the other are counted together, before the
// bounds of the pool apply to them: the votes of a [Link] always justify its target.
func (e *Engine) Learn(ctx context.Context, votes []Vote) (p Progress, err error) {
	for len(votes) > 0 {
		var refused error
		run := 0
		for run < len(votes) && votes[run].Vote == votes[0].Vote && refused == nil {
			refused = e.take(ctx, votes[run])
			run++
		}
		votes = votes[run:]
		more, err := e.Reconsider(ctx)
		p.Fresh, p.Links = append(p.Fresh, more.Fresh...), append(p.Links, more.Links...)
		if err := errors.Join(refused, err); err != nil {
			return p, err
		}
	}
	return p, nil
}

// take puts a vote into the pool.
func (e *Engine) take(ctx context.Context, v Vote) error {
	c := v.Vote
	if c.SourceNumber%e.interval != 0 || c.TargetNumber%e.interval != 0 || c.TargetNumber <= c.SourceNumber {
		return ErrMalformed
	}
	if e.Stale(c) {
		return nil
	}
	from, known := e.justified[source(c)]
	if !known {
		from = e.justified[e.highest]
	}
	signer, err := e.judges(ctx, from, v.Signer)
	switch {
	case err != nil:
		return err
	case signer:
		e.pool.add(v)
	case known:
		return ErrNotSigner
	}
	return nil
}

// Reconsider counts again, after blocks came in that votes were waiting for.
// ErrConflict comes once for each checkpoint that is refused.
func (e *Engine) Reconsider(ctx context.Context) (p Progress, err error) {
	for again := true; again; {
		again = false
		for _, vote := range e.pool.waiting() {
			link, justified, failed := e.count(ctx, vote)
			if failed != nil {
				return e.done(p), errors.Join(err, failed)
			}
			if !justified {
				continue
			}
			if refused := e.enter(link); refused != nil {
				e.pool.tallies[vote].refused, err = true, errors.Join(err, refused)
				continue
			}
			p.Links, again = append(p.Links, link), true
		}
	}
	return e.done(p), err
}

// done closes an account of progress: what is left in the pool is within bounds.
func (e *Engine) done(p Progress) Progress {
	e.pool.trim()
	p.Fresh = e.pool.takeFresh()
	return p
}

// count reports whether the votes for one pair justify its target.
func (e *Engine) count(ctx context.Context, v ledger.CheckpointVote) (l Link, justified bool, err error) {
	t := e.pool.tallies[v]
	from, ok := e.justified[source(v)]
	if t == nil || t.refused || !ok || !e.tree.Descends(target(v), source(v)) {
		return l, false, nil // t may be gone with a checkpoint that got final meanwhile
	}
	t.counts = true
	if _, done := e.justified[target(v)]; done {
		return l, false, nil
	}
	if enough, err := e.quorum(ctx, from, t.voters); err != nil || !enough {
		return l, false, err
	}
	l = Link{Source: source(v), Target: target(v), Final: from.Final, Before: from.Before, Votes: t.signed(v)}
	if v.TargetNumber == v.SourceNumber+e.interval && l.Source != from.Final {
		l.Final, l.Before = l.Source, from.Final
	}
	return l, true, nil
}

// Supported are the targets, known or not, to which votes alone lead from a justified
// checkpoint: what a peer can show for blocks that we do not have yet.
func (e *Engine) Supported(ctx context.Context, votes []Vote) ([]Checkpoint, error) {
	pairs := map[ledger.CheckpointVote]map[ledger.Address]ledger.Signature{}
	for _, v := range votes {
		if pairs[v.Vote] == nil {
			pairs[v.Vote] = map[ledger.Address]ledger.Signature{}
		}
		pairs[v.Vote][v.Signer] = v.Signature
	}
	var out []Checkpoint
	for v, voters := range pairs {
		from, ok := e.justified[source(v)]
		if !ok || v.TargetNumber <= v.SourceNumber {
			continue
		}
		if enough, err := e.quorum(ctx, from, voters); err != nil {
			return nil, err
		} else if enough {
			out = append(out, target(v))
		}
	}
	return out, nil
}

// Pending are the votes that count for checkpoints above the last final one, newest
// target first, at most limit: what a new peer should hear.
func (e *Engine) Pending(limit int) []ledger.SignedCheckpointVote {
	var out []ledger.SignedCheckpointVote
	for _, v := range slices.Backward(e.pool.waiting()) {
		if t := e.pool.tallies[v]; t.counts {
			out = append(out, t.signed(v)...)
		}
		if len(out) >= limit {
			return out[:limit]
		}
	}
	return out
}

// Evidence is what convicts signers, one piece each, by address.
func (e *Engine) Evidence() []ledger.CheckpointEvidence { return e.pool.convicting() }

// byTarget orders votes, so that what happens does not depend on a map's order.
func byTarget(v, w ledger.CheckpointVote) int {
	return cmp.Or(cmp.Compare(v.TargetNumber, w.TargetNumber), cmp.Compare(v.SourceNumber, w.SourceNumber),
		slices.Compare(v.TargetHash[:], w.TargetHash[:]), slices.Compare(v.SourceHash[:], w.SourceHash[:]))
}
