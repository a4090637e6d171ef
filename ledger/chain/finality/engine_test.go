package finality_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/finality"
)

// forest is a Tree in which every fork has its blocks at every number, fork 0 being
// the trunk that the others leave at a number of their own.
type forest struct {
	leaves map[byte]uint64              // the number of the trunk's block that a fork stands on
	sets   map[ledger.Hash][]int        // signers after a block; those of genesis by default
	absent map[finality.Checkpoint]bool // blocks that are not known yet
}

var genesis = finality.Checkpoint{Hash: ledger.Hash{0xff}}

// at names the block of a fork.
func at(number uint64, fork byte) finality.Checkpoint {
	if number == 0 {
		return genesis
	}
	return finality.Checkpoint{Number: number, Hash: ledger.Hash{byte(number), fork}}
}

func (f forest) Descends(target, source finality.Checkpoint) bool {
	fork := target.Hash[1]
	if f.absent[target] || target != at(target.Number, fork) {
		return false
	}
	if source.Number <= f.leaves[fork] || source.Number == 0 {
		fork = 0
	}
	return source.Number <= target.Number && source == at(source.Number, fork)
}

func (f forest) Signers(_ context.Context, c finality.Checkpoint) (out []ledger.Address, err error) {
	set := f.sets[c.Hash]
	if set == nil {
		set = []int{0, 1, 2, 3}
	}
	for _, i := range set {
		out = append(out, address(i))
	}
	return out, nil
}

// fataler is what *testing.T and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func engine(t fataler, f forest, links ...finality.Link) *finality.Engine {
	t.Helper()
	e, err := finality.New(finality.Config{Interval: interval, Genesis: genesis.Hash, Tree: f, Links: links})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func pair(source, target finality.Checkpoint) ledger.CheckpointVote {
	return ledger.CheckpointVote{SourceNumber: source.Number, SourceHash: source.Hash, TargetNumber: target.Number, TargetHash: target.Hash}
}

// cast are the votes of several signers for one pair.
func cast(source, target finality.Checkpoint, who ...int) (out []finality.Vote) {
	for _, i := range who {
		out = append(out, signed(i, pair(source, target)))
	}
	return out
}

// learn fails the test unless Learn ends with want.
func learn(t fataler, e *finality.Engine, want error, votes ...finality.Vote) finality.Progress {
	t.Helper()
	p, err := e.Learn(context.Background(), votes)
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	return p
}

func expect(t fataler, e *finality.Engine, justified, final finality.Checkpoint) {
	t.Helper()
	if e.Justified() != justified || e.Final() != final {
		t.Fatalf("justified %+v, final %+v; want %+v and %+v", e.Justified(), e.Final(), justified, final)
	}
}

func TestThreshold(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5, 10: 7, 100: 67} {
		if got := finality.Threshold(n); got != want {
			t.Errorf("%d of %d, want %d", got, n, want)
		}
	}
}

func TestTwoPhases(t *testing.T) {
	e := engine(t, forest{})
	p := learn(t, e, nil, cast(genesis, at(2, 0), 0, 1)...)
	if len(p.Fresh) != 2 || len(p.Links) != 0 {
		t.Errorf("progress %+v", p)
	}
	expect(t, e, genesis, genesis)
	learn(t, e, nil, cast(genesis, at(2, 0), 1, 1)...) // again
	expect(t, e, genesis, genesis)
	p = learn(t, e, nil, cast(genesis, at(2, 0), 3)...)
	if len(p.Links) != 1 || len(p.Links[0].Votes) != 3 {
		t.Errorf("progress %+v", p)
	}
	expect(t, e, at(2, 0), genesis)
	learn(t, e, nil, cast(at(2, 0), at(6, 0), 0, 1, 2)...) // not the next checkpoint
	expect(t, e, at(6, 0), genesis)
	learn(t, e, nil, cast(at(6, 0), at(8, 0), 0, 1, 2)...)
	expect(t, e, at(8, 0), at(6, 0))
}

// Votes for several pairs that lead to one target do not add up.
func TestPairsDoNotAddUp(t *testing.T) {
	e := engine(t, forest{})
	learn(t, e, nil, cast(genesis, at(2, 0), 0, 1, 2)...)
	learn(t, e, nil, append(cast(genesis, at(4, 0), 0, 1), cast(at(2, 0), at(4, 0), 2, 3)...)...)
	expect(t, e, at(2, 0), genesis)
}

// Votes may come before the blocks and in any order.
func TestOrderDoesNotMatter(t *testing.T) {
	f := forest{absent: map[finality.Checkpoint]bool{at(2, 0): true, at(4, 0): true}}
	e := engine(t, f)
	p := learn(t, e, nil, append(cast(at(2, 0), at(4, 0), 0, 1, 2), cast(genesis, at(2, 0), 0, 1, 2)...)...)
	if len(p.Fresh) != 0 {
		t.Errorf("%d votes on unknown blocks are passed on", len(p.Fresh))
	}
	expect(t, e, genesis, genesis)
	clear(f.absent)
	p, err := e.Reconsider(t.Context())
	if err != nil || len(p.Links) != 2 {
		t.Fatalf("progress %+v, %v", p, err)
	}
	expect(t, e, at(4, 0), at(2, 0))
}

func TestRefusals(t *testing.T) {
	e := engine(t, forest{leaves: map[byte]uint64{1: 0}})
	for name, c := range map[string]struct {
		vote finality.Vote
		want error
	}{
		"a stranger":             {signed(9, pair(genesis, at(2, 0))), finality.ErrNotSigner},
		"target below source":    {signed(0, pair(at(4, 0), at(2, 0))), finality.ErrMalformed},
		"target is source":       {signed(0, pair(genesis, genesis)), finality.ErrMalformed},
		"target between":         {signed(0, pair(genesis, at(3, 0))), finality.ErrMalformed},
		"source between":         {signed(0, pair(at(1, 0), at(2, 0))), finality.ErrMalformed},
		"a stranger, from afar":  {signed(9, pair(at(2, 0), at(4, 0))), nil},
		"a signer, from afar":    {signed(0, pair(at(2, 1), at(4, 1))), nil},
		"not on the source's":    {signed(1, pair(at(2, 0), at(4, 1))), nil},
		"a genesis not this one": {signed(2, pair(finality.Checkpoint{}, at(2, 0))), nil},
	} {
		if p := learn(t, e, c.want, c.vote); len(p.Fresh)+len(p.Links) != 0 {
			t.Errorf("%s: progress %+v", name, p)
		}
	}
	learn(t, e, nil, cast(genesis, at(2, 0), 0, 1, 2)...)
	learn(t, e, nil, cast(at(2, 0), at(4, 0), 0, 1, 2)...)
	if p := learn(t, e, nil, signed(9, pair(genesis, at(2, 1)))); len(p.Fresh) != 0 {
		t.Error("a stale vote is looked at")
	}
}

// TestAccountable: two final forks need a third of the signers to break the rule; each
// of those is convicted, nobody else is, and the engine keeps what it had.
func TestAccountable(t *testing.T) {
	both := func(source, middle, target finality.Checkpoint, who ...int) []finality.Vote {
		return append(cast(source, middle, who...), cast(middle, target, who...)...)
	}
	for name, c := range map[string]struct {
		before, after []finality.Vote
		want          error
	}{
		"double":    {after: both(genesis, at(2, 1), at(4, 1), 1, 2, 3)}, // from a source that is settled
		"surround":  {before: cast(genesis, at(6, 1), 1, 2, 3), after: cast(at(6, 1), at(8, 1), 1, 2, 3), want: finality.ErrConflict},
		"surround,": {after: both(genesis, at(6, 1), at(8, 1), 1, 2, 3)},
	} {
		e := engine(t, forest{leaves: map[byte]uint64{1: 0}})
		learn(t, e, nil, c.before...)
		learn(t, e, nil, both(genesis, at(2, 0), at(4, 0), 0, 1, 2)...)
		expect(t, e, at(4, 0), at(2, 0))
		learn(t, e, c.want, c.after...)
		if e.Final() != at(2, 0) {
			t.Errorf("%s: final is %+v", name, e.Final())
		}
		var convicted []byte
		for _, evidence := range e.Evidence() {
			convicted = append(convicted, evidence.First.Signature[0]-1)
		}
		if !slices.Equal(convicted, []byte{1, 2}) {
			t.Errorf("%s: convicted %v, want 1 and 2", name, convicted)
		}
	}
}

// TestConflictIsRefusedOnce: the link that conflicts with what is final is not handed out,
// stops no other, and one that an earlier engine stored is passed over.
func TestConflictIsRefusedOnce(t *testing.T) {
	f := forest{leaves: map[byte]uint64{1: 0}}
	e := engine(t, f)
	learn(t, e, nil, cast(genesis, at(6, 1), 1, 2, 3)...)
	links := learn(t, e, nil, append(cast(genesis, at(2, 0), 0, 1, 2), cast(at(2, 0), at(4, 0), 0, 1, 2)...)...).Links
	if p := learn(t, e, finality.ErrConflict, cast(at(6, 1), at(8, 1), 1, 2, 3)...); len(p.Links) != 0 {
		t.Errorf("links %+v", p.Links)
	}
	p := learn(t, e, nil, cast(at(4, 0), at(10, 0), 0, 1, 2)...)
	if len(p.Links) != 1 {
		t.Fatalf("links %+v", p.Links)
	}
	expect(t, e, at(10, 0), at(2, 0))

	bad := finality.Link{Source: at(6, 1), Target: at(8, 1), Final: at(6, 1), Before: genesis}
	expect(t, engine(t, f, append(links, bad, p.Links[0])...), at(10, 0), at(2, 0))
}

// TestEvidenceTakesNoVoteAway: who has seen a double vote counts it as others do.
func TestEvidenceTakesNoVoteAway(t *testing.T) {
	f := forest{leaves: map[byte]uint64{1: 0, 2: 0, 3: 0}}
	e := engine(t, f)
	for fork := byte(1); fork <= 3; fork++ { // the third is not even kept
		learn(t, e, nil, cast(genesis, at(2, fork), 0)...)
	}
	if len(e.Evidence()) != 1 {
		t.Fatalf("evidence %+v", e.Evidence())
	}
	learn(t, e, nil, cast(genesis, at(2, 0), 0, 1, 2)...) // a link, as a peer shows it
	expect(t, e, at(2, 0), genesis)
}

// TestEveryoneReplaced: a checkpoint final on one fork only brings in new signers, who
// alone can make nothing final there: the old ones, who finalised the other fork,
// must have broken the rule.
func TestEveryoneReplaced(t *testing.T) {
	f := forest{leaves: map[byte]uint64{1: 2}, sets: map[ledger.Hash][]int{at(2, 0).Hash: {4, 5, 6, 7}, at(4, 0).Hash: {4, 5, 6, 7}}}
	e := engine(t, f)
	learn(t, e, nil, cast(genesis, at(2, 0), 0, 1, 2)...)
	learn(t, e, nil, cast(at(2, 0), at(4, 0), 0, 1, 2)...) // block 2 is final, its signers are new
	expect(t, e, at(4, 0), at(2, 0))
	learn(t, e, nil, cast(at(4, 0), at(6, 0), 4, 5, 6, 7)...)
	expect(t, e, at(4, 0), at(2, 0))
	learn(t, e, nil, cast(at(4, 0), at(6, 0), 0, 1, 2)...) // the old ones hand over
	expect(t, e, at(6, 0), at(4, 0))
	learn(t, e, finality.ErrNotSigner, cast(at(6, 0), at(8, 0), 0)...)
	learn(t, e, nil, cast(at(6, 0), at(8, 0), 4, 5, 6)...)
	expect(t, e, at(8, 0), at(6, 0))
}

// All links at once, and one vote more: each is judged by the signers of its time.
func TestManyLinksAtOnce(t *testing.T) {
	f := forest{sets: map[ledger.Hash][]int{}}
	for number := uint64(4); number < 20; number += 2 {
		f.sets[at(number, 0).Hash] = []int{4, 5, 6}
	}
	var votes []finality.Vote
	for number := uint64(2); number <= 12; number += 2 {
		who := []int{0, 1, 2}
		switch {
		case number == 8:
			who = []int{0, 1, 2, 4, 5, 6}
		case number > 8:
			who = []int{4, 5, 6}
		}
		votes = append(votes, cast(at(number-2, 0), at(number, 0), who...)...)
	}
	e := engine(t, f)
	learn(t, e, nil, votes...)
	expect(t, e, at(12, 0), at(10, 0))
}

// An engine made from links goes on where the first one was.
func TestRestore(t *testing.T) {
	e := engine(t, forest{})
	var links []finality.Link
	for number := uint64(2); number <= 12; number += 2 {
		links = append(links, learn(t, e, nil, cast(at(number-2, 0), at(number, 0), 0, 1, 3)...).Links...)
	}
	again := engine(t, forest{}, links[len(links)-2:]...)
	expect(t, again, e.Justified(), e.Final())
	learn(t, again, nil, cast(at(12, 0), at(14, 0), 0, 1, 3)...)
	expect(t, again, at(14, 0), at(12, 0))
}

// TestNextNeverConvicts: whatever checkpoints a signer is offered, and whatever
// becomes justified meanwhile, no two of its votes conflict.
func TestNextNeverConvicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := engine(t, forest{leaves: map[byte]uint64{1: 0, 2: 4}})
		var votes []ledger.CheckpointVote
		last := ledger.CheckpointVote{}
		for range 30 {
			target := at(2*rapid.Uint64Range(1, 12).Draw(t, "number"), rapid.ByteRange(0, 2).Draw(t, "fork"))
			if rapid.Bool().Draw(t, "others justify") {
				source := e.Justified()
				if target.Number > source.Number {
					if _, err := e.Learn(context.Background(), cast(source, target, 1, 2, 3)); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			if v, ok := e.Next(last, target); ok {
				last, votes = v, append(votes, v)
			}
		}
		for i, v := range votes {
			for _, w := range votes[i+1:] {
				if v.Conflicts(w) {
					t.Fatalf("%+v and %+v", v, w)
				}
			}
		}
	})
}

// TestEndlessVotes: a signer who votes without end is not remembered without end, and
// does not keep the others from making progress.
func TestEndlessVotes(t *testing.T) {
	e := engine(t, forest{})
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range uint64(20_000) {
		v := pair(genesis, finality.Checkpoint{Number: 2 * (1 + i%1000), Hash: ledger.Hash{byte(i), byte(i >> 8), 1}})
		learn(t, e, nil, signed(3, v))
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
	if pending := e.Pending(1000); len(pending) != 0 {
		t.Errorf("%d votes on unknown blocks are passed on", len(pending))
	}
	learn(t, e, nil, cast(genesis, at(2, 0), 0, 1, 2)...)
	expect(t, e, at(2, 0), genesis)
}

// FuzzLearn: votes of anything leave the engine with what holds always.
func FuzzLearn(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 1, 0, 1, 0, 2, 0, 1, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		e := engine(t, forest{leaves: map[byte]uint64{1: 0, 2: 4}})
		seen := map[finality.Checkpoint]bool{genesis: true}
		for ; len(script) >= 6; script = script[6:] {
			who, from, to := int(script[0]%5), at(uint64(script[1]%16), script[2]%3), at(uint64(script[3]%16), script[4]%3)
			p, err := e.Learn(t.Context(), []finality.Vote{signed(who, pair(from, to))})
			if err != nil && !errors.Is(err, finality.ErrMalformed) && !errors.Is(err, finality.ErrNotSigner) && !errors.Is(err, finality.ErrConflict) {
				t.Fatal(err)
			}
			for _, l := range p.Links {
				if !seen[l.Source] || seen[l.Target] || len(l.Votes) < finality.Threshold(4) {
					t.Fatalf("link %+v after %v", l, slices.Collect(maps.Keys(seen)))
				}
				seen[l.Target] = true
			}
			if !seen[e.Final()] || e.Justified().Number < e.Final().Number {
				t.Fatalf("justified %+v, final %+v", e.Justified(), e.Final())
			}
		}
	})
}
