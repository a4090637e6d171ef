package chain

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/p2p"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
	"github.com/medmarket/medmarket/ledger/pow"
)

const (
	// longBan is for what no honest node does.
	longBan = 10 * time.Minute
	// shortBan is for what a wrong clock or a slow line can explain.
	shortBan = 30 * time.Second
	// strike is what a claim that came to nothing costs. A peer is dropped at
	// maxStrikes; one point is forgiven a second.
	strike, maxStrikes = 25, 100
	// maxAnswers is how many answers may wait to be sent. An honest peer asks for
	// one thing at a time.
	maxAnswers = 4
	// Effort a peer may cause: burst units at once, refill units a second.
	burst, refill = 400, 200
)

// effort is what a message costs its receiver, in units of about 10 µs. Answers
// cost nothing: they were asked for.
var effort = [mpow.Codes]float64{mpow.AnnounceCode: 1, mpow.GetHeadersCode: 8, mpow.GetBodiesCode: 16, mpow.VotesCode: 2, mpow.GetLinksCode: 40}

// offence is why a peer is dropped and banned.
type offence struct {
	err error
	ban time.Duration
}

// Error implements error.
func (o *offence) Error() string { return o.err.Error() }

// Unwrap returns the reason.
func (o *offence) Unwrap() error { return o.err }

func offend(ban time.Duration, format string, args ...any) error {
	return &offence{fmt.Errorf(format, args...), ban}
}

// failure is a fault of this node, met while it spoke with a peer.
type failure struct{ error }

// Unwrap returns the reason.
func (f *failure) Unwrap() error { return f.error }

// claim is what a peer says of its head. It is all that is kept of blocks whose
// parents are unknown: one claim a peer.
type claim struct {
	head      Hash
	work      *big.Int
	justified uint64        // number of its highest justified checkpoint
	header    *types.Header // of the head, if it was announced
}

// peer is one connection. Its goroutines: talk reads, write writes, follow syncs.
type peer struct {
	net     *network
	id      PeerID
	conn    *p2p.Peer
	rw      p2p.MsgReadWriter
	out     chan mpow.Message // answers and requests to send
	news    chan struct{}     // our head changed
	claims  chan struct{}     // its head changed
	ballots chan struct{}     // there is something in unsent
	tokens  float64           // effort left, of the reader alone
	filled  time.Time

	mu      sync.Mutex
	claim   claim
	strikes float64
	struck  time.Time
	asked   uint64            // id of the last request
	waiting chan mpow.Message // for its answer; nil if none is due
	answer  uint64            // code of that answer
	unsent  []ledger.SignedCheckpointVote
}

func newPeer(w *network, conn *p2p.Peer, rw p2p.MsgReadWriter) *peer {
	return &peer{
		net: w, id: conn.ID(), conn: conn, rw: rw,
		out: make(chan mpow.Message, maxAnswers+1), news: make(chan struct{}, 1), claims: make(chan struct{}, 1), ballots: make(chan struct{}, 1),
		tokens: burst, filled: time.Now(), claim: claim{work: new(big.Int)},
	}
}

// talk runs the connection and returns why it ended.
func (p *peer) talk() error {
	if err := p.greet(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(p.net.node.life)
	defer cancel(nil)
	p.net.join(p)
	defer p.net.leave(p)
	var group sync.WaitGroup
	for _, work := range []func(context.Context) error{p.write, p.follow} {
		group.Go(func() {
			if err := work(ctx); err != nil {
				cancel(err)
				p.conn.Disconnect(p2p.DiscSubprotocolError) // ends read
			}
		})
	}
	signal(p.news) // the head may have changed since our status
	p.enqueue(p.net.node.pending())
	err := p.read()
	cancel(err)
	p.conn.Disconnect(p2p.DiscSubprotocolError) // ends write
	group.Wait()
	return context.Cause(ctx)
}

// receive reads one message that is within bounds.
func (p *peer) receive() (mpow.Message, error) {
	msg, err := p.rw.ReadMsg()
	if err != nil {
		return nil, err
	}
	m, err := mpow.Read(msg)
	if err != nil {
		return nil, offend(longBan, "%w", err)
	}
	return m, nil
}

func (p *peer) read() error {
	for {
		m, err := p.receive()
		if err != nil {
			return err
		}
		p.pace(effort[m.Code()])
		if err := p.handle(m); err != nil {
			return err
		}
	}
}

func (p *peer) handle(m mpow.Message) error {
	switch m := m.(type) {
	case *mpow.Announce:
		return p.announced(m)
	case *mpow.GetHeaders:
		return p.reply(&mpow.Headers{ID: m.ID, Headers: p.net.node.headersAfter(m.Locator)})
	case *mpow.GetBodies:
		return p.reply(&mpow.Bodies{ID: m.ID, Bodies: p.net.node.bodies(m.Hashes)})
	case *mpow.Headers:
		return p.deliver(m, m.ID)
	case *mpow.Bodies:
		return p.deliver(m, m.ID)
	case *mpow.Votes:
		return p.voted(m.Votes)
	case *mpow.GetLinks:
		votes, err := p.net.node.linksAfter(m.After)
		if err != nil {
			return &failure{err}
		}
		return p.reply(&mpow.Links{ID: m.ID, Votes: votes})
	case *mpow.Links:
		return p.deliver(m, m.ID)
	}
	return offend(longBan, "message %d out of turn", m.Code())
}

// announced checks a new head of the peer as far as it can and notes it.
func (p *peer) announced(m *mpow.Announce) error {
	if m.Header.Number.IsUint64() && m.Justified > m.Header.Number.Uint64() {
		return offend(longBan, "checkpoint %d is justified on a chain of %d blocks", m.Justified, m.Header.Number)
	}
	if err := p.net.node.checkAnnounced(m.Header, m.Work); err != nil {
		if ban, fault := faulty(err); fault {
			return offend(ban, "announced block %d: %w", m.Header.Number, err)
		}
		return err
	}
	p.note(claim{m.Header.Hash(), m.Work, m.Justified, m.Header})
	return nil
}

// checkAnnounced checks a new head of a peer; a fault of the peer's wraps errHeader.
func (n *Node) checkAnnounced(header *types.Header, claimed *big.Int) error {
	if !header.Number.IsUint64() || header.Number.Sign() == 0 {
		return fmt.Errorf("%w: %w", errHeader, pow.ErrNumber)
	}
	parent := n.eth.BlockChain().GetHeader(header.ParentHash, header.Number.Uint64()-1)
	if parent == nil {
		if err := pow.VerifyUnlinked(n.genesis.Rule, header, n.unix()); err != nil {
			return fmt.Errorf("%w: %w", errHeader, err)
		}
		return nil
	}
	if err := pow.VerifySeal(n.genesis.Rule, parent, header, n.unix()); err != nil {
		return fmt.Errorf("%w: %w", errHeader, err)
	}
	work, err := n.work(parent)
	if err != nil {
		return err
	}
	if work.Add(work, difficulty(header)).Cmp(claimed) != 0 {
		return fmt.Errorf("%w: not the work it claims", errHeader)
	}
	return nil
}

// difficulty of a header whose seal was verified.
func difficulty(h *types.Header) *big.Int { return new(big.Int).SetUint64(describe(h).Difficulty) }

// claimed is the peer's present claim.
func (p *peer) claimed() claim {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.claim
}

// note keeps a new claim and wakes follow.
func (p *peer) note(c claim) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net.node.genesis.Interval == 0 {
		c.justified = 0
	}
	p.claim = c
	signal(p.claims)
}

// forget drops the claim c, and reports whether it did: not if the peer claims another
// head by now, and more than it did.
func (p *peer) forget(c claim) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.claim.head != c.head && (p.claim.work.Cmp(c.work) > 0 || p.claim.justified > c.justified) {
		return false
	}
	p.claim = claim{work: new(big.Int)}
	return true
}

// write sends answers and requests, and our newest head when there is nothing else.
func (p *peer) write(ctx context.Context) error {
	for {
		var m mpow.Message
		select {
		case m = <-p.out:
		case <-p.ballots:
			m = p.newVotes()
		case <-p.news:
			var err error
			if m, err = p.newHead(); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
		if m == nil {
			continue
		}
		if err := mpow.Write(p.rw, m); err != nil {
			return err
		}
	}
}

// newHead is the announcement of our head, or nil if the peer has as much.
func (p *peer) newHead() (mpow.Message, error) {
	head := p.net.node.eth.BlockChain().CurrentBlock()
	work, err := p.net.node.work(head)
	if err != nil {
		return nil, err
	}
	// The chain may have grown, or moved to a shorter one, since head was read.
	justified, theirs := min(p.net.node.agreed.Load(), head.Number.Uint64()), p.claimed()
	if work.Cmp(theirs.work) <= 0 && justified <= theirs.justified {
		return nil, nil // nothing to say is no error
	}
	return &mpow.Announce{Header: head, Work: work, Justified: justified}, nil
}
