package finality

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/medmarket/medmarket/ledger"
)

// Refusals.
var (
	// ErrMalformed refuses a vote that no signer makes: numbers that are not those of
	// checkpoints, or a target not above its source.
	ErrMalformed = errors.New("not a vote on checkpoints")
	// ErrNotSigner refuses a vote of a key that is not a signer's.
	ErrNotSigner = errors.New("vote of a key that is no signer's")
	// ErrConflict says that signers finalised two forks: at least a third of a set
	// broke the rule.
	ErrConflict = errors.New("two conflicting checkpoints have the votes to be final")
	// ErrConfig refuses a Config; the text names the field.
	ErrConfig = errors.New("finality config")
)

// Checkpoint names a block whose number is a multiple of the interval.
type Checkpoint struct {
	Number uint64
	Hash   ledger.Hash
}

// Link is a justified checkpoint with the votes that justified it. The genesis
// block has none.
type Link struct {
	Source, Target Checkpoint
	// Final and Before are the last two checkpoints that were final on the way to
	// Target: their signers judge votes whose source is Target.
	Final, Before Checkpoint
	Votes         []ledger.SignedCheckpointVote
}

// Tree is what an [Engine] asks of the chain.
type Tree interface {
	// Descends reports whether target is a block known and executed, and descends
	// from source.
	Descends(target, source Checkpoint) bool
	// Signers are the signers in the state after c, a final block; never none.
	Signers(ctx context.Context, c Checkpoint) ([]ledger.Address, error)
}

// Config makes an [Engine].
type Config struct {
	// Interval is the distance of checkpoints. Required.
	Interval uint64
	// Genesis is the hash of block 0, which is justified and final. Required.
	Genesis ledger.Hash
	// Tree is the chain. Required.
	Tree Tree
	// Links are what an earlier Engine returned, by ascending target number: all
	// whose target is at or above the last final checkpoint. Default: none.
	Links []Link
	// Evidence is what earlier engines found, by signer. Default: none.
	Evidence map[ledger.Address]ledger.CheckpointEvidence
}

// Engine counts votes. It is not safe for use by several goroutines.
type Engine struct {
	interval  uint64
	tree      Tree
	justified map[Checkpoint]Link
	highest   Checkpoint
	final     Checkpoint
	pool      pool
	sets      map[Checkpoint]map[ledger.Address]bool // of the few that judge
}

// New makes an engine.
func New(cfg Config) (*Engine, error) {
	if cfg.Interval == 0 || cfg.Genesis.IsZero() || cfg.Tree == nil {
		return nil, fmt.Errorf("%w: Interval, Genesis and Tree are required", ErrConfig)
	}
	root := Checkpoint{Hash: cfg.Genesis}
	e := &Engine{
		interval: cfg.Interval, tree: cfg.Tree, highest: root, final: root,
		justified: map[Checkpoint]Link{root: {Source: root, Target: root, Final: root, Before: root}},
		pool:      newPool(), sets: map[Checkpoint]map[ledger.Address]bool{},
	}
	maps.Copy(e.pool.evidence, cfg.Evidence)
	for _, l := range cfg.Links {
		if err := e.enter(l); err != nil && !errors.Is(err, ErrConflict) { // what it conflicts with stays final
			return nil, err
		}
	}
	return e, nil
}

// Threshold is how many of n signers justify: floor(2n/3)+1.
func Threshold(n int) int { return 2*n/3 + 1 }

// Final is the last final checkpoint.
func (e *Engine) Final() Checkpoint { return e.final }

// Justified is the highest justified checkpoint that descends from the last final
// one: what the fork choice starts from.
func (e *Engine) Justified() Checkpoint { return e.highest }

// Interval is the distance of checkpoints.
func (e *Engine) Interval() uint64 { return e.interval }

// Stale reports whether a vote is for a target that no longer matters, which costs
// nothing to find out.
func (e *Engine) Stale(v ledger.CheckpointVote) bool { return v.TargetNumber <= e.final.Number }

// Has reports whether the vote is counted already.
func (e *Engine) Has(s ledger.SignedCheckpointVote) bool { return e.pool.has(s) }

// Next is the vote to make for target, the newest checkpoint of the head's chain
// that is to be voted for. Last is the signer's last vote, zero if it made none:
// sources never fall and targets always rise, hence no vote doubles or surrounds an
// earlier one. Ok is false if there is nothing to vote for.
func (e *Engine) Next(last ledger.CheckpointVote, target Checkpoint) (v ledger.CheckpointVote, ok bool) {
	source := e.highest
	if target.Number <= source.Number || target.Number <= last.TargetNumber || source.Number < last.SourceNumber ||
		!e.tree.Descends(target, source) {
		return ledger.CheckpointVote{}, false
	}
	return ledger.CheckpointVote{
		SourceNumber: source.Number, SourceHash: source.Hash, TargetNumber: target.Number, TargetHash: target.Hash,
	}, true
}

// IsSigner reports whether the votes of a key from the highest justified checkpoint
// count.
func (e *Engine) IsSigner(ctx context.Context, who ledger.Address) (bool, error) {
	return e.judges(ctx, e.justified[e.highest], who)
}

// Sources and targets of a vote.
func source(v ledger.CheckpointVote) Checkpoint { return Checkpoint{v.SourceNumber, v.SourceHash} }
func target(v ledger.CheckpointVote) Checkpoint { return Checkpoint{v.TargetNumber, v.TargetHash} }

// enter makes l's target justified and moves what follows from that. After ErrConflict
// nothing has changed.
func (e *Engine) enter(l Link) error {
	final := l.Final
	higher := final.Number > e.final.Number
	if higher && !e.tree.Descends(final, e.final) {
		return fmt.Errorf("%w: %s and %s, block %d", ErrConflict, e.final.Hash, final.Hash, final.Number)
	}
	e.justified[l.Target] = l
	if higher {
		e.final = final
		e.prune()
	}
	if l.Target.Number > e.highest.Number && e.tree.Descends(l.Target, e.final) {
		e.highest = l.Target
	}
	return nil
}

// prune forgets what a new final checkpoint has settled.
func (e *Engine) prune() {
	if !e.tree.Descends(e.highest, e.final) {
		e.highest = e.final
	}
	keep := map[Checkpoint]bool{}
	for c, l := range e.justified {
		switch {
		case c.Number < e.final.Number:
			delete(e.justified, c)
		default:
			keep[l.Final], keep[l.Before] = true, true
			if c.Number > e.highest.Number && e.tree.Descends(c, e.final) {
				e.highest = c
			}
		}
	}
	for c := range e.sets {
		if !keep[c] {
			delete(e.sets, c)
		}
	}
	e.pool.prune(e.final.Number)
}

// signers is the set read from the state after c.
func (e *Engine) signers(ctx context.Context, c Checkpoint) (map[ledger.Address]bool, error) {
	if set, ok := e.sets[c]; ok {
		return set, nil
	}
	list, err := e.tree.Signers(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("signers at block %d: %w", c.Number, err)
	}
	set := make(map[ledger.Address]bool, len(list))
	for _, a := range list {
		set[a] = true
	}
	e.sets[c] = set
	return set, nil
}

// judges reports whether who is in a set that judges votes from the link's target.
func (e *Engine) judges(ctx context.Context, l Link, who ledger.Address) (bool, error) {
	for _, at := range []Checkpoint{l.Final, l.Before} {
		set, err := e.signers(ctx, at)
		if err != nil || set[who] {
			return err == nil, err
		}
	}
	return false, nil
}

// quorum reports whether the voters suffice in both sets that judge votes from the
// link's target.
func (e *Engine) quorum(ctx context.Context, l Link, voters map[ledger.Address]ledger.Signature) (bool, error) {
	for _, at := range []Checkpoint{l.Final, l.Before} {
		set, err := e.signers(ctx, at)
		if err != nil {
			return false, err
		}
		count := 0
		for who := range voters {
			if set[who] {
				count++
			}
		}
		if count < Threshold(len(set)) {
			return false, nil
		}
	}
	return true, nil
}
