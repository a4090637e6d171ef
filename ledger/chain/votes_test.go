package chain_test

import (
	"context"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/p2p"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/finality"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

func domainOf(c *chaintest.Chain) ledger.Domain {
	return ledger.Domain{ChainID: c.ChainID(), Genesis: ledger.Hash(c.GenesisHash())}
}

// voteFor is a vote from the genesis block to a block of c.
func voteFor(t *testing.T, c *chaintest.Chain, number int64) ledger.CheckpointVote {
	t.Helper()
	return ledger.CheckpointVote{
		SourceHash: ledger.Hash(c.GenesisHash()), TargetNumber: uint64(number), TargetHash: ledger.Hash(blockOf(t, c, number).Hash()),
	}
}

// twin answers a node's status with one that differs in what change changes.
func twin(rw p2p.MsgReadWriter, change func(*mpow.Status)) error {
	msg, err := rw.ReadMsg()
	if err != nil {
		return err
	}
	m, err := mpow.Read(msg)
	if err != nil {
		return err
	}
	status := m.(*mpow.Status)
	status.Work, status.Justified = new(big.Int), 0
	if change != nil {
		change(status)
	}
	return mpow.Write(rw, status)
}

// says is a peer that says messages and then reads until it is dropped.
func says(change func(*mpow.Status), answer func(mpow.Message) mpow.Message, messages ...mpow.Message) func(p2p.MsgReadWriter) error {
	return func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, change); err != nil {
			return nil // dropped already
		}
		for _, m := range messages {
			if mpow.Write(rw, m) != nil {
				return nil // dropped already
			}
		}
		return dropped(rw, answer)
	}
}

// TestHostileVotes: forged votes, and votes claimed and not shown, get a peer dropped.
func TestHostileVotes(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 5)
	cfg := voting(t, clock, keys[:4], keys[0])
	reasons := make(dropReasons, 16)
	cfg.PeerTimeout, cfg.Log = time.Second, slog.New(reasons)
	node := chaintest.Open(t, cfg, clock)
	node.Seal(t, alice, 2*every)
	own := chaintest.NewClock()
	fork := chaintest.Open(t, voting(t, own, keys[:4], nil), own).Seal(t, bob, every)
	d := domainOf(node)
	votes := func(v ...ledger.SignedCheckpointVote) mpow.Message { return &mpow.Votes{Votes: v} }
	honest := ledger.NewSignedCheckpointVote(keys[1], d, voteFor(t, node, every))
	forged, bent, crooked := honest, honest, voteFor(t, node, every)
	forged.Vote = voteFor(t, node, 2*every) // the signature now names some other key
	bent.Signature[64] = 9
	crooked.TargetNumber--
	headers := func(m mpow.Message) mpow.Message {
		switch m := m.(type) {
		case *mpow.GetHeaders:
			var out []*types.Header
			for _, b := range fork {
				out = append(out, b.Header())
			}
			return &mpow.Headers{ID: m.ID, Headers: out}
		case *mpow.GetLinks:
			return &mpow.Links{ID: m.ID}
		case *mpow.GetBodies:
			t.Error("the node executes a fork that no signer stands behind")
		}
		return nil
	}
	promise := func(s *mpow.Status) { s.Justified = 1 << 40 }
	heavy := func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return nil // dropped already
		}
		go func() {
			for i := range time.Tick(20 * time.Millisecond) {
				stray := sealed(t, fork[1], func(h *types.Header) { h.ParentHash = chain.Hash{1, byte(i.UnixMilli())} })
				if mpow.Write(rw, announce(stray, 1<<40)) != nil {
					return
				}
			}
		}()
		return dropped(rw, func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetHeaders); ok {
				return &mpow.Headers{ID: m.ID}
			}
			return nil
		})
	}
	tall := &mpow.Announce{Header: fork[every-1].Header(), Work: big.NewInt(every * 64), Justified: every}
	// There is always another promise.
	promises := func(links func(after uint64) []ledger.SignedCheckpointVote) func(p2p.MsgReadWriter) error {
		return func(rw p2p.MsgReadWriter) error {
			if err := twin(rw, promise); err != nil {
				return nil // dropped already
			}
			go func() {
				for range time.Tick(20 * time.Millisecond) { // faster ones take each other's place
					if mpow.Write(rw, tall) != nil {
						return
					}
				}
			}()
			return dropped(rw, func(m mpow.Message) mpow.Message {
				if m, ok := m.(*mpow.GetLinks); ok {
					return &mpow.Links{ID: m.ID, Votes: links(m.After)}
				}
				return headers(m)
			})
		}
	}
	// A stranger's vote from a source that is unknown: it may yet count.
	endless := func(after uint64) []ledger.SignedCheckpointVote {
		v := voteFor(t, node, every)
		v.SourceHash[0] ^= 1
		v.TargetNumber = after/every*every + every
		return []ledger.SignedCheckpointVote{ledger.NewSignedCheckpointVote(keys[4], d, v)}
	}
	boast := *tall
	boast.Justified++
	for name, c := range map[string]struct {
		play func(p2p.MsgReadWriter) error
		want error
		text string
	}{
		"a stranger's":   {play: says(nil, nil, votes(ledger.NewSignedCheckpointVote(keys[4], d, voteFor(t, node, every)))), want: finality.ErrNotSigner},
		"forged":         {play: says(nil, nil, votes(honest, forged)), want: finality.ErrNotSigner},
		"no signature":   {play: says(nil, nil, votes(bent)), want: ledger.ErrBadSignature},
		"no checkpoint":  {play: says(nil, nil, votes(ledger.NewSignedCheckpointVote(keys[1], d, crooked))), want: finality.ErrMalformed},
		"other signers":  {play: says(func(s *mpow.Status) { s.Finality[0] ^= 1 }, nil), text: "other signers"},
		"unasked links":  {play: says(nil, nil, &mpow.Links{ID: 1}), text: "not asked for"},
		"empty promises": {play: promises(func(uint64) []ledger.SignedCheckpointVote { return nil }), text: "too many strikes"},
		"endless links":  {play: promises(endless), text: "too many strikes"},
		"boast":          {play: says(nil, headers, &boast), text: "checkpoint 5 is justified on a chain of 4 blocks"},
		"heavy nothing":  {play: heavy, text: "too many strikes"},
		"other links": {play: says(promise, func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetLinks); ok {
				low := voteFor(t, node, every)
				low.TargetNumber = 0
				return &mpow.Links{ID: m.ID, Votes: []ledger.SignedCheckpointVote{ledger.NewSignedCheckpointVote(keys[1], d, low)}}
			}
			return headers(m)
		}), text: "asked for those above"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := stranger(t, node, c.play); err != nil {
				t.Fatal(err)
			}
			why := <-reasons
			if c.want != nil && !errors.Is(why, c.want) || !strings.Contains(why.Error(), c.text) {
				t.Errorf("dropped because of %q, want %v%s", why, c.want, c.text)
			}
			await(t, "the peer is gone", func() bool { return len(node.Peers()) == 0 })
		})
	}
	if status := node.Checkpoint(); status.Justified.Number != 0 || node.Head().Number != 2*every || len(node.Evidence()) != 0 {
		t.Errorf("status %+v, head %+v, evidence %+v", status, node.Head(), node.Evidence())
	}
}

// Stale votes and a signer's votes for blocks that do not exist, without end: the node
// keeps its head, its memory, and goes on.
func TestVotesWithoutEnd(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	nodes := signers(t, clock, 4)
	line(t, nodes...)
	grow(t, 2*every+1, nodes...)
	await(t, "a checkpoint is final", finalAt(every, nodes...))
	d := domainOf(nodes[0])
	stale := ledger.NewSignedCheckpointVote(keys[3], d, voteFor(t, nodes[0], every))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err := stranger(t, nodes[0], func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		go func() { _ = dropped(rw, nil) }()
		for i := range 300 {
			m := &mpow.Votes{Votes: slices.Repeat([]ledger.SignedCheckpointVote{stale}, mpow.MaxVotes)}
			if i%100 == 0 {
				for j := range m.Votes {
					v := stale.Vote
					v.TargetNumber, v.TargetHash = uint64(every*(100+j)), ledger.Hash{byte(i), byte(j)}
					m.Votes[j] = ledger.NewSignedCheckpointVote(keys[3], d, v)
				}
			}
			if err := mpow.Write(rw, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("the node hung up: %v", err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
	grow(t, every, nodes...)
	await(t, "the next checkpoint is final", finalAt(2*every, nodes...))
}

// Votes for a block that the node has come with the announcement of a head that it has,
// too, and who shows them is not struck.
func TestVotesForTheSameHead(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	node := chaintest.Open(t, voting(t, clock, keys, nil), clock)
	blocks := node.Seal(t, alice, every+2)
	var votes []ledger.SignedCheckpointVote
	for _, k := range keys[1:] {
		votes = append(votes, ledger.NewSignedCheckpointVote(k, domainOf(node), voteFor(t, node, every)))
	}
	asked := make(chan uint64, 1)
	over := errors.New("asked")
	err := stranger(t, node, func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		same := &mpow.Announce{Header: blocks[every+1].Header(), Work: big.NewInt((every + 2) * 64), Justified: every}
		if err := mpow.Write(rw, same); err != nil {
			return err
		}
		for {
			msg, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			m, err := mpow.Read(msg)
			if err != nil {
				return err
			}
			if m, ok := m.(*mpow.GetLinks); ok {
				asked <- m.After
				if err := mpow.Write(rw, &mpow.Links{ID: m.ID, Votes: votes}); err != nil {
					return err
				}
				await(t, "the checkpoint is justified", func() bool { return node.Checkpoint().Justified.Number == every })
				return over
			}
		}
	})
	if !errors.Is(err, over) {
		t.Error(err)
	}
	if after := <-asked; after != 0 {
		t.Errorf("asked for votes above %d", after)
	}
}

// A double vote is evidence that outlives the process; both votes count on.
func TestEvidenceIsKept(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	cfg := voting(t, clock, keys, keys[0])
	node := open(t, cfg)
	c := &chaintest.Chain{Node: node, Clock: clock}
	c.Seal(t, alice, every+1)
	d := domainOf(c)
	first := voteFor(t, c, every)
	second := first
	second.TargetHash[0] ^= 1
	err := stranger(t, c, func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		for _, v := range []ledger.CheckpointVote{first, second} {
			if err := mpow.Write(rw, &mpow.Votes{Votes: []ledger.SignedCheckpointVote{ledger.NewSignedCheckpointVote(keys[2], d, v)}}); err != nil {
				return err
			}
		}
		await(t, "there is evidence", func() bool { return len(node.Evidence()) == 1 })
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	shut(t, node)
	again := chaintest.Open(t, cfg, clock)
	evidence := again.Evidence()
	if len(evidence) != 1 {
		t.Fatalf("after the restart: %+v", evidence)
	}
	if who, err := d.Offender(evidence[0]); err != nil || who != keys[2].Address() {
		t.Errorf("convicts %s, %v", who, err)
	}
}

// Signers are read from the state of final blocks: the first one hands over to the
// second, who goes on alone.
func TestSignersChange(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 2)
	var nodes []*chaintest.Chain
	for _, k := range keys {
		cfg := voting(t, clock, keys[:1], k)
		cfg.Registry = bob
		cfg.ReadSigners = func(ctx context.Context, client *ethclient.Client, _ chain.Address, final chain.Hash) ([]chain.Address, error) {
			header, err := client.HeaderByHash(ctx, final)
			if err != nil || header.Number.Uint64() < 2*every {
				return nil, err
			}
			return addresses(keys[1:]), nil
		}
		nodes = append(nodes, chaintest.Open(t, cfg, clock))
	}
	line(t, nodes...)
	for range 6 * every {
		grow(t, 1, nodes...)
		number := nodes[0].Head().Number
		if number > every && number%every == 1 {
			await(t, "final", finalAt(number-1-every, nodes...))
		}
	}
	fresh := chaintest.Open(t, func() chain.Config {
		cfg := voting(t, clock, keys[:1], nil)
		cfg.Registry = bob
		cfg.ReadSigners = func(context.Context, *ethclient.Client, chain.Address, chain.Hash) ([]chain.Address, error) {
			return addresses(keys[:1]), nil // reads what is not there
		}
		return cfg
	}(), clock)
	connect(t, fresh, nodes[0])
	await(t, "the misled one is stuck where the signers changed", finalAt(2*every, fresh))
}

// pinned is a fresh node's configuration with a checkpoint of c.
func pinned(t *testing.T, clock *chaintest.Clock, keys []*ledger.Key, number uint64, hash chain.Hash) chain.Config {
	t.Helper()
	cfg := voting(t, clock, keys, nil)
	cfg.Checkpoint = chain.BlockID{Number: number, Hash: hash}
	return cfg
}

// A fresh node learns from the votes what is final, and refuses a chain without the
// operator's checkpoint, however heavy.
func TestOperatorsCheckpoint(t *testing.T) {
	clock, own := chaintest.NewClock(), chaintest.NewClock()
	keys := signerKeys(t, 1)
	real := chaintest.Open(t, voting(t, clock, keys, keys[0]), clock)
	blocks := real.Seal(t, alice, 5*every)
	// The signer's key of old has got into somebody's hands.
	fake := chaintest.Open(t, voting(t, own, keys, keys[0]), own)
	fake.Seal(t, bob, 9*every)
	clock.Advance(time.Hour)

	cfg := pinned(t, clock, keys, 2*every+1, blocks[2*every].Hash())
	fresh := open(t, cfg)
	f := &chaintest.Chain{Node: fresh, Clock: clock}
	connect(t, f, fake)
	connect(t, f, real)
	await(t, "synced", func() bool { return agree(real, f) && f.Finalized() == real.Finalized() })
	if f.Finalized().Number != 3*every {
		t.Errorf("final %+v", f.Finalized())
	}
	shut(t, fresh)

	cfg.Checkpoint.Hash[0] ^= 1
	if _, err := chain.Open(cfg); !errors.Is(err, chain.ErrCheckpoint) {
		t.Errorf("opened with another checkpoint: %v", err)
	}
}

// The operator's checkpoint may be above all that votes decided. Whoever opens the node
// again with it finds the votes again, and goes on.
func TestCheckpointAboveVotesOutlivesRestart(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 1)
	cfg := voting(t, clock, keys, keys[0])
	node := open(t, cfg)
	blocks := (&chaintest.Chain{Node: node, Clock: clock}).Seal(t, alice, 3*every+3)
	shut(t, node)
	last := blocks[len(blocks)-1]
	cfg.Checkpoint = chain.BlockID{Number: last.NumberU64(), Hash: last.Hash()}
	node = open(t, cfg)
	shut(t, node)
	c := chaintest.Open(t, cfg, clock)
	if final := c.Finalized(); final.Hash != last.Hash() {
		t.Errorf("final %+v, want the operator's", final)
	}
	c.Seal(t, alice, 3*every)
	if status := c.Checkpoint(); status.Final.Number != 5*every || status.Justified.Number != 6*every {
		t.Errorf("status %+v", status)
	}
}

// victimVoter makes the victim vote with a signer's key, by number.
const victimVoter = "MEDMARKET_CHAIN_VICTIM_VOTER"

// voterOf is the key the victim was told to vote with, or nil.
func voterOf() (*ledger.Key, error) {
	text := os.Getenv(victimVoter)
	if text == "" {
		return nil, nil // votes are optional
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return nil, err
	}
	return ledger.KeyFromBytes(append(make([]byte, 31), byte(n)))
}

// heard are the votes that a new peer of c is told of.
func heard(t *testing.T, c *chaintest.Chain, atLeast int) (votes []ledger.SignedCheckpointVote) {
	t.Helper()
	err := stranger(t, c, func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		for len(votes) < atLeast {
			msg, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			m, err := mpow.Read(msg)
			if err != nil {
				return err
			}
			if m, ok := m.(*mpow.Votes); ok {
				votes = append(votes, m.Votes...)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return votes
}

// TestKillNeverVotesTwice: a signer killed at any moment, whose chain then changes
// below what it voted for, gives no vote that conflicts with an earlier one.
func TestKillNeverVotesTwice(t *testing.T) {
	notUnderRace(t)
	clock := chaintest.NewClock()
	clock.Advance(24 * time.Hour)
	keys := signerKeys(t, 4)
	witness := chaintest.Open(t, voting(t, clock, keys, nil), clock)
	victimClock := chaintest.NewClock()
	cfg := voting(t, victimClock, keys, nil)
	shut(t, open(t, cfg)) // writes the genesis
	var votes []ledger.CheckpointVote
	for round, count := range []int{3*every + 1, 5 * every, 7*every + 2} {
		killAfter(t, cfg.Dir, count, victimPeer+"="+witness.Enode(), victimVoter+"=1")
		await(t, "the witness is alone", func() bool { return len(witness.Peers()) == 0 })
		for _, v := range heard(t, witness, 1) {
			if !slices.Contains(votes, v.Vote) {
				votes = append(votes, v.Vote)
			}
		}
		if len(votes) <= round {
			t.Fatalf("round %d: %d votes", round, len(votes))
		}
		// A shorter and heavier fork from the genesis block takes over while the victim is
		// down: it comes to the numbers again that it voted for.
		forkClock := chaintest.NewClock()
		fork := chaintest.Open(t, voting(t, forkClock, keys, nil), forkClock)
		node := open(t, chain.Config{Dir: cfg.Dir, Now: clock.Now})
		for before := node.Head().Number; node.Head().Coinbase != (chain.Address{byte(round + 9)}); {
			importAll(t, &chaintest.Chain{Node: node}, fork.Seal(t, chain.Address{byte(round + 9)}, 1))
			if fork.Head().Number >= before {
				t.Fatalf("round %d: the fork is no shorter", round)
			}
		}
		shut(t, node)
	}
	for i, v := range votes {
		for _, w := range votes[i+1:] {
			if v.Conflicts(w) {
				t.Errorf("%+v and %+v", v, w)
			}
		}
	}
	if evidence := witness.Evidence(); len(evidence) != 0 {
		t.Errorf("evidence %+v", evidence)
	}
}
