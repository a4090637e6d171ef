package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common/lru"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
	"github.com/medmarket/medmarket/ledger/pow"
)

const (
	// maxSessions is how many peers that we did not choose may be synced with at once.
	maxSessions = 3
	// maxBans bounds the table of banned peers.
	maxBans = 1024
	// redialPause is the time between two attempts to reach a peer.
	redialPause = time.Second
)

// PeerInfo describes a connected peer.
type PeerInfo struct {
	ID      PeerID
	Addr    string // of the other end of the connection
	Inbound bool   // it called us
	Head    Hash   // it claims
	Work    *big.Int
}

// network is the node's part in mpow.
type network struct {
	node    *Node
	allow   func(PeerID) bool
	timeout time.Duration
	ready   chan struct{} // closed once the fork choice is restored
	slots   chan struct{} // sessions with peers we did not choose
	leases  leases
	bans    *lru.Cache[PeerID, time.Time] // until when

	mu    sync.Mutex
	peers map[PeerID]*peer
}

func newNetwork(n *Node, cfg Config) *network {
	return &network{
		node:    n,
		allow:   cfg.AllowPeer,
		timeout: cfg.PeerTimeout,
		ready:   make(chan struct{}),
		slots:   make(chan struct{}, maxSessions),
		leases:  leases{held: map[Hash]*lease{}},
		bans:    lru.NewCache[PeerID, time.Time](maxBans),
		peers:   map[PeerID]*peer{},
	}
}

// configure describes the devp2p server. Peers of the configuration are trusted in
// its sense: strangers who fill the server do not keep them out.
func (w *network) configure(cfg Config) (p2p.Config, error) {
	if cfg.ListenAddr == "" && len(cfg.Peers) == 0 {
		return p2p.Config{NoDiscovery: true}, nil // no peers at all: MaxPeers is 0
	}
	static, err := parseNodes("Peers", cfg.Peers)
	if err != nil {
		return p2p.Config{}, err
	}
	boot, err := parseNodes("Bootnodes", cfg.Bootnodes)
	if err != nil {
		return p2p.Config{}, err
	}
	return p2p.Config{
		NoDiscovery:    !cfg.Discover,
		DiscoveryV4:    cfg.Discover,
		BootstrapNodes: boot,
		ListenAddr:     cfg.ListenAddr,
		MaxPeers:       2 * max(cfg.MaxInbound, len(static)), // halved by DialRatio
		DialRatio:      2,
		StaticNodes:    static,
		TrustedNodes:   static,
		Dialer:         redialer{w},
	}, nil
}

// CheckPeers says whether [Config.Peers] and Bootnodes can be read. Error: ErrConfig.
func CheckPeers(urls []string) error {
	_, err := parseNodes("Peers", urls)
	return err
}

func parseNodes(field string, urls []string) ([]*enode.Node, error) {
	nodes := make([]*enode.Node, 0, len(urls))
	for _, url := range urls {
		node, err := enode.ParseV4(url)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %q: %w", ErrConfig, field, url, err)
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// attach adds mpow to the server and guards go-ethereum's own protocols, which then
// speak only to peers that mpow may speak to.
func (w *network) attach(server *p2p.Server) {
	for i := range server.Protocols {
		inner := server.Protocols[i].Run
		server.Protocols[i].Run = func(p *p2p.Peer, rw p2p.MsgReadWriter) error {
			if !w.admits(p.ID()) || !p.RunningCap(mpow.Name, []uint{mpow.Version}) || !w.await() {
				return p2p.DiscUselessPeer
			}
			return inner(p, rw)
		}
	}
	server.Protocols = append(server.Protocols, p2p.Protocol{
		Name: mpow.Name, Version: mpow.Version, Length: mpow.Codes, Run: w.run,
	})
}

// admits says whether to speak to a peer at all.
func (w *network) admits(id PeerID) bool {
	if until, banned := w.bans.Get(id); banned && time.Now().Before(until) {
		return false
	}
	return w.allow == nil || w.allow(id)
}

// await waits until the node is ready for peers.
func (w *network) await() bool {
	timer := time.NewTimer(w.timeout)
	defer timer.Stop()
	select {
	case <-w.ready:
		return true
	case <-timer.C:
	case <-w.node.life.Done():
	}
	return false
}

// run speaks with one peer until one of the two has enough. It is called by the
// server, which waits for it when it stops.
func (w *network) run(conn *p2p.Peer, rw p2p.MsgReadWriter) error {
	if !w.admits(conn.ID()) || !w.await() {
		return p2p.DiscUselessPeer
	}
	p := newPeer(w, conn, rw)
	err := p.talk()
	if w.node.life.Err() != nil {
		return p2p.DiscQuitting
	}
	w.judge(p, err)
	return err
}

// judge bans who misbehaved, for as long as the offence says.
func (w *network) judge(p *peer, err error) {
	var fault *offence
	var own *failure
	switch {
	case errors.As(err, &own):
		w.node.log.Error("peer let go for a fault of this node", "peer", p.id, "err", err)
		return
	case !errors.As(err, &fault):
		w.node.log.Debug("peer left", "peer", p.id, "err", err)
		return
	}
	w.bans.Add(p.id, time.Now().Add(fault.ban))
	w.node.log.Warn("peer dropped", "peer", p.id, "addr", p.conn.RemoteAddr(), "err", err)
}

// announce tells every peer that the head changed. It never waits.
func (w *network) announce() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.peers {
		signal(p.news)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *network) join(p *peer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.peers[p.id] = p
}

func (w *network) leave(p *peer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.peers, p.id)
}

// redialer reaches for a peer until it answers. go-ethereum would wait 35 s after
// each failure; that pause is left for peers which answer and then hang up.
type redialer struct{ *network }

// Dial implements p2p.NodeDialer.
func (r redialer) Dial(ctx context.Context, node *enode.Node) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	defer context.AfterFunc(r.node.life, cancel)()
	endpoint, ok := node.TCPEndpoint()
	if !ok {
		return nil, fmt.Errorf("peer %s has no address", node.ID())
	}
	for {
		dialer := net.Dialer{Timeout: r.timeout}
		conn, err := dialer.DialContext(ctx, "tcp", endpoint.String())
		if err == nil {
			return conn, nil
		}
		pause := time.NewTimer(redialPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, err
		}
	}
}

// Enode is the URL by which others reach this node, with its real port, or "" if
// it does not listen.
func (n *Node) Enode() string {
	if server := n.stack.Server(); server.ListenAddr != "" {
		return server.Self().URLv4()
	}
	return ""
}

// ID is this node's identity among its peers.
func (n *Node) ID() PeerID { return n.stack.Server().Self().ID() }

// AddPeer connects to the node at an enode URL, now and again whenever the
// connection is lost.
func (n *Node) AddPeer(url string) error {
	peer, err := enode.ParseV4(url)
	if err != nil {
		return fmt.Errorf("peer %q: %w", url, err)
	}
	n.stack.Server().AddTrustedPeer(peer)
	n.stack.Server().AddPeer(peer)
	return nil
}

// RemovePeer disconnects from a peer and no longer calls it.
func (n *Node) RemovePeer(url string) error {
	peer, err := enode.ParseV4(url)
	if err != nil {
		return fmt.Errorf("peer %q: %w", url, err)
	}
	n.stack.Server().RemoveTrustedPeer(peer)
	n.stack.Server().RemovePeer(peer)
	return nil
}

// Peers lists the peers that this node speaks with, by id.
func (n *Node) Peers() []PeerInfo {
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	infos := make([]PeerInfo, 0, len(n.net.peers))
	for _, p := range n.net.peers {
		claim := p.claimed()
		infos = append(infos, PeerInfo{p.id, p.conn.RemoteAddr().String(), p.conn.Inbound(), claim.head, claim.work})
	}
	slices.SortFunc(infos, func(a, b PeerInfo) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return infos
}

// errHeader marks a header that breaks the rules.
var errHeader = errors.New("header breaks the rules")

// faulty says whether err proves that the peer which sent a header or a block
// should have known better, and for how long not to speak to it again.
func faulty(err error) (ban time.Duration, yes bool) {
	var fault *offence
	switch {
	case errors.As(err, &fault):
		return fault.ban, true
	case errors.Is(err, pow.ErrTimeFuture): // its clock, or ours
		return shortBan, true
	case errors.Is(err, ErrStorage):
		return 0, false
	case errors.Is(err, errHeader), errors.Is(err, ErrReward), errors.Is(err, ErrInvalid), errors.Is(err, ErrCheckpoint):
		return longBan, true
	}
	return 0, false
}
