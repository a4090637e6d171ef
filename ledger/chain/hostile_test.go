package chain_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
	"github.com/medmarket/medmarket/ledger/pow"
)

// errStillThere is what a hostile peer says that was not dropped in time.
var errStillThere = errors.New("the node still speaks with the peer")

// stranger connects to target as a real devp2p peer whose part of mpow is play, and
// returns what the first play ended with. It leaves with the test.
func stranger(t *testing.T, target *chaintest.Chain, play func(p2p.MsgReadWriter) error) error {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	server := &p2p.Server{Config: p2p.Config{
		PrivateKey: key, MaxPeers: 1, NoDiscovery: true, Name: "stranger",
		StaticNodes: []*enode.Node{enode.MustParseV4(target.Enode())},
		Protocols: []p2p.Protocol{{Name: mpow.Name, Version: mpow.Version, Length: mpow.Codes,
			Run: func(_ *p2p.Peer, rw p2p.MsgReadWriter) error {
				err := play(rw)
				select {
				case over <- err:
				default:
				}
				return err
			}}},
	}}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	select {
	case err = <-over:
		return err
	case <-time.After(patience):
		return errStillThere
	}
}

// dropped reads until the connection ends. Whatever the node asks is answered by
// answer, if there is one.
func dropped(rw p2p.MsgReadWriter, answer func(mpow.Message) mpow.Message) error {
	for {
		msg, err := rw.ReadMsg()
		if err != nil {
			return nil // the end is what is waited for
		}
		m, err := mpow.Read(msg)
		if err != nil {
			return err
		}
		if answer == nil {
			continue
		}
		if reply := answer(m); reply != nil {
			if err := mpow.Write(rw, reply); err != nil {
				return nil // the end, too
			}
		}
	}
}

// status is an honest first message of a peer with the target's genesis block only.
func status(target *chaintest.Chain) *mpow.Status {
	return &mpow.Status{
		Genesis: target.GenesisHash(), Rule: target.Rule().Extra(), Head: target.GenesisHash(), Work: new(big.Int),
	}
}

// greet exchanges statuses.
func greet(rw p2p.MsgReadWriter, mine *mpow.Status) error {
	if err := mpow.Write(rw, mine); err != nil {
		return err
	}
	msg, err := rw.ReadMsg()
	if err != nil {
		return err
	}
	_, err = mpow.Read(msg)
	return err
}

// bad is a hostile peer: what it says after the greeting, and how it answers.
type bad struct {
	status *mpow.Status // instead of an honest one
	says   []mpow.Message
	raw    *p2p.Msg
	answer func(mpow.Message) mpow.Message
	want   error  // why it is dropped
	text   string // likewise, where there is no sentinel
}

func (b bad) play(target *chaintest.Chain) func(p2p.MsgReadWriter) error {
	return func(rw p2p.MsgReadWriter) error {
		mine := b.status
		if mine == nil {
			mine = status(target)
		}
		if err := greet(rw, mine); err != nil {
			return nil // dropped already
		}
		for _, m := range b.says {
			if err := mpow.Write(rw, m); err != nil {
				return nil // dropped already
			}
		}
		if b.raw != nil {
			if err := rw.WriteMsg(*b.raw); err != nil {
				return nil // dropped already
			}
		}
		return dropped(rw, b.answer)
	}
}

// scene is a node with two blocks, the next two blocks, which it does not have, and
// why it drops peers.
func scene(t *testing.T) (node *chaintest.Chain, next []*types.Block, drops <-chan error) {
	t.Helper()
	clock := chaintest.NewClock()
	reasons := make(dropReasons, 16)
	node = join(t, clock, func(c *chain.Config) { c.PeerTimeout, c.Log = time.Second, slog.New(reasons) })
	maker := join(t, chaintest.NewClock(), nil)
	blocks := maker.Seal(t, alice, 4)
	importAll(t, node, blocks[:2])
	clock.Advance(time.Minute)
	return node, blocks[2:], reasons
}

// dropReasons is a log that keeps why peers were dropped.
type dropReasons chan error

func (d dropReasons) Enabled(context.Context, slog.Level) bool { return true }
func (d dropReasons) WithAttrs([]slog.Attr) slog.Handler       { return d }
func (d dropReasons) WithGroup(string) slog.Handler            { return d }
func (d dropReasons) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && r.Message == "peer dropped" {
			d <- err
		}
		return true
	})
	return nil
}

const fiveBlocks = 5 * 64 // the work of five blocks of the tests' rule

func announce(b *types.Block, work int64) mpow.Message {
	return &mpow.Announce{Header: b.Header(), Work: big.NewInt(work)}
}

func TestHostilePeersAreDropped(t *testing.T) {
	node, next, drops := scene(t)
	head := node.Head()
	clean := func(work int64) *mpow.Status {
		s := status(node)
		s.Head, s.Work = next[1].Hash(), big.NewInt(work)
		return s
	}
	stray := sealed(t, next[1], func(h *types.Header) { h.ParentHash = chain.Hash{1}; h.MixDigest = h.ParentHash })
	for name, peer := range map[string]bad{
		"no seal":          {want: pow.ErrSealSize, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Extra = nil }), fiveBlocks)}},
		"no work":          {want: pow.ErrWork, says: []mpow.Message{announce(unworked(t, next[0]), fiveBlocks)}},
		"wrong difficulty": {want: pow.ErrWrongDifficulty, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Extra[11]-- }), 3*64-1)}},
		"too easy": {want: pow.ErrWrongDifficulty, says: []mpow.Message{announce(sealed(t, next[1], func(h *types.Header) {
			h.ParentHash, h.Extra[11] = chain.Hash{1}, 1
		}), fiveBlocks)}},
		"future":            {want: pow.ErrTimeFuture, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Time += 90 }), 3*64)}},
		"future and stray":  {want: pow.ErrTimeFuture, says: []mpow.Message{announce(sealed(t, stray, func(h *types.Header) { h.Time += 90 }), 3*64)}},
		"false work":        {text: "not the work it claims", says: []mpow.Message{announce(next[0], 3*64+1)}},
		"block 0":           {want: pow.ErrNumber, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Number = new(big.Int) }), fiveBlocks)}},
		"block 2^64":        {want: pow.ErrNumber, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Number = new(big.Int).Lsh(big.NewInt(1), 64) }), fiveBlocks)}},
		"second status":     {text: "out of turn", says: []mpow.Message{status(node)}},
		"unasked headers":   {text: "not asked for", says: []mpow.Message{&mpow.Headers{ID: 1}}},
		"unasked bodies":    {text: "not asked for", says: []mpow.Message{&mpow.Bodies{ID: 1}}},
		"other chain":       {text: "is on chain", status: &mpow.Status{Genesis: chain.Hash{1}, Rule: node.Rule().Extra(), Work: new(big.Int)}},
		"other rule":        {text: "another difficulty rule", status: &mpow.Status{Genesis: node.GenesisHash(), Rule: make([]byte, 32), Work: new(big.Int)}},
		"garbage":           {want: mpow.ErrMessage, raw: &p2p.Msg{Code: mpow.AnnounceCode, Size: 3, Payload: zeros(3)}},
		"large":             {want: mpow.ErrMessage, raw: &p2p.Msg{Code: mpow.AnnounceCode, Size: 1 << 12, Payload: zeros(1 << 12)}},
		"very large":        {want: mpow.ErrMessage, raw: &p2p.Msg{Code: mpow.BodiesCode, Size: 12 << 20, Payload: zeros(12 << 20)}},
		"silent to headers": {text: "no answer 3", status: clean(fiveBlocks)},
		"silent to bodies":  {text: "no answer 5", says: []mpow.Message{announce(next[0], 3*64)}},
		"empty work": {text: "do not follow the locator", status: clean(1 << 40), answer: func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetHeaders); ok {
				return &mpow.Headers{ID: m.ID, Headers: []*types.Header{stray.Header()}}
			}
			return nil
		}},
		"bad header on the way": {want: pow.ErrWork, status: clean(1 << 40), answer: func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetHeaders); ok {
				return &mpow.Headers{ID: m.ID, Headers: []*types.Header{next[0].Header(), unworked(t, next[1]).Header()}}
			}
			return nil
		}},
		"another id": {text: "not asked for", status: clean(1 << 40), answer: func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetHeaders); ok {
				return &mpow.Headers{ID: m.ID + 1}
			}
			return nil
		}},
		"no body": {text: "0 bodies of 1", says: []mpow.Message{announce(next[0], 3*64)}, answer: func(m mpow.Message) mpow.Message {
			if m, ok := m.(*mpow.GetBodies); ok {
				return &mpow.Bodies{ID: m.ID}
			}
			return nil
		}},
		"another body":       {text: "another one's", says: []mpow.Message{announce(next[0], 3*64)}, answer: bodyOf(next[1])},
		"two bodies":         {text: "2 bodies for 1", says: []mpow.Message{announce(next[0], 3*64)}, answer: bodyOf(next[0], next[1])},
		"invalid state root": {want: chain.ErrInvalid, says: []mpow.Message{announce(sealed(t, next[0], func(h *types.Header) { h.Root[0] ^= 1 }), 3*64)}, answer: bodyOf(next[0])},
		"rich reward": {want: chain.ErrReward,
			says:   []mpow.Message{announce(paying(t, next[0], &types.Withdrawal{Index: 3, Address: alice, Amount: 2 * chain.RewardGwei}), 3*64)},
			answer: bodyOf(paying(t, next[0], &types.Withdrawal{Index: 3, Address: alice, Amount: 2 * chain.RewardGwei})),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := stranger(t, node, peer.play(node)); err != nil {
				t.Error(err)
			}
			if now := node.Head(); now != head {
				t.Errorf("the head is %+v", now)
			}
			why := <-drops
			if peer.want != nil && !errors.Is(why, peer.want) || !strings.Contains(why.Error(), peer.text) {
				t.Errorf("dropped because of %q, want %v%s", why, peer.want, peer.text)
			}
			await(t, "the peer is gone", func() bool { return len(node.Peers()) == 0 })
		})
	}
}

// bodyOf answers every GetBodies with the bodies of blocks.
func bodyOf(blocks ...*types.Block) func(mpow.Message) mpow.Message {
	return func(m mpow.Message) mpow.Message {
		asked, ok := m.(*mpow.GetBodies)
		if !ok {
			return nil
		}
		answer := &mpow.Bodies{ID: asked.ID}
		for _, b := range blocks {
			answer.Bodies = append(answer.Bodies, mpow.Body{Transactions: b.Transactions(), Withdrawals: b.Withdrawals()})
		}
		return answer
	}
}

// zeros reads as n zeros, which is not valid for any message.
func zeros(n int) io.Reader { return bytes.NewReader(make([]byte, n)) }

// Unknown parents without end: each announced block is well sealed, and each claims
// more work than the one before. Nothing of it is kept.
func TestUnknownParentsWithoutEnd(t *testing.T) {
	node, next, _ := scene(t)
	head := node.Head()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err := stranger(t, node, func(rw p2p.MsgReadWriter) error {
		if err := greet(rw, status(node)); err != nil {
			return err
		}
		go func() {
			for i := byte(0); ; i++ {
				stray := sealed(t, next[0], func(h *types.Header) { h.ParentHash = chain.Hash{1, i} })
				if mpow.Write(rw, announce(stray, 1<<50+int64(i))) != nil {
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
	})
	if err != nil {
		t.Error(err)
	}
	if now := node.Head(); now != head {
		t.Errorf("the head is %+v", now)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
}

// Who asks for everything and reads nothing is dropped, and so is who says nothing.
func TestSlowPeersAreDropped(t *testing.T) {
	node, _, _ := scene(t)
	for name, play := range map[string]func(p2p.MsgReadWriter) error{
		"says nothing": func(rw p2p.MsgReadWriter) error { return dropped(rw, nil) },
		"never reads": func(rw p2p.MsgReadWriter) error {
			if err := greet(rw, status(node)); err != nil {
				return err
			}
			for id := uint64(1); ; id++ {
				if err := mpow.Write(rw, &mpow.GetHeaders{ID: id, Locator: []chain.Hash{node.GenesisHash()}}); err != nil {
					return nil // dropped
				}
			}
		},
	} {
		if err := stranger(t, node, play); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		await(t, name+" is gone", func() bool { return len(node.Peers()) == 0 })
	}
}

// Connections that never finish the handshake do not keep others out for long.
func TestHalfOpenConnections(t *testing.T) {
	node, next, _ := scene(t)
	addr := addrOf(t, node.Enode())
	for range 60 { // more than go-ethereum lets wait
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	friend := join(t, node.Clock, nil)
	importAll(t, friend, []*types.Block{blockOf(t, node, 1), blockOf(t, node, 2), next[0]})
	connect(t, friend, node)
	await(t, "the friend's block has come", func() bool { return agree(node, friend) })
}

func blockOf(t *testing.T, c *chaintest.Chain, number int64) *types.Block {
	t.Helper()
	block, err := c.Client().BlockByNumber(t.Context(), big.NewInt(number))
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// A banned peer is not spoken with again, although it calls.
func TestBannedPeersStayOut(t *testing.T) {
	node, next, _ := scene(t)
	friend := join(t, node.Clock, nil)
	importAll(t, friend, []*types.Block{blockOf(t, node, 1), blockOf(t, node, 2)})
	connect(t, friend, node)
	await(t, "connected", func() bool { return len(node.Peers()) == 1 })
	if err := stranger(t, node, bad{says: []mpow.Message{announce(unworked(t, next[0]), fiveBlocks)}}.play(node)); err != nil {
		t.Fatal(err)
	}
	friend.Seal(t, alice, 1)
	await(t, "the friend is followed", func() bool { return agree(node, friend) })
	if peers := node.Peers(); len(peers) != 1 || peers[0].ID != friend.ID() {
		t.Errorf("peers %+v", peers)
	}
}
