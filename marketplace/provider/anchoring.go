package provider

import (
	"context"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// Anchor is a root of a log on the chain.
type Anchor struct {
	Size  uint64 // leaves under the root
	Root  ledger.Hash
	Block uint64
}

// LogStore keeps a log and where its roots are anchored.
type LogStore interface {
	// LogRoot returns the size and root of the log.
	LogRoot(ctx context.Context) (size uint64, root ledger.Hash, err error)
	// Inclusion proves the leaf at index under the root of the first size
	// leaves; an error unless index < size <= size of the log.
	Inclusion(ctx context.Context, size, index uint64) (path []ledger.Hash, root ledger.Hash, err error)
	// Tile returns the first width hashes of tile n of a level, as C2SP tlog-tiles
	// numbers them; ErrNoTile unless the log has all of them.
	Tile(ctx context.Context, level int, n int64, width int) ([]byte, error)
	// SaveAnchor records an anchor that is final; Size must rise, and Root be the log's.
	SaveAnchor(ctx context.Context, a Anchor) error
	// Covering returns the smallest anchor whose size is above index, false if none.
	Covering(ctx context.Context, index uint64) (Anchor, bool, error)
	// LastAnchor returns the anchor of greatest size, false if none.
	LastAnchor(ctx context.Context) (Anchor, bool, error)
}

// AnchorChain is where roots of logs are anchored. Writes return once the
// transaction is in a block.
type AnchorChain interface {
	// Anchor records a root of the log of that kind that the caller's key keeps.
	// The newest one may be recorded again.
	Anchor(ctx context.Context, kind string, size uint64, root ledger.Hash) (block uint64, err error)
	// FinalBlock is the number of the last final block; it never falls.
	FinalBlock(ctx context.Context) (uint64, error)
	// AnchorRoot returns what is anchored for a log at a size in the last final
	// block; zero if nothing is.
	AnchorRoot(ctx context.Context, log ledger.Hash, size uint64) (ledger.Hash, error)
	// NewestAnchor returns the greatest size at which a log was anchored, in the last final block; 0 if it was not.
	NewestAnchor(ctx context.Context, log ledger.Hash) (size uint64, err error)
	// AnchorProvable reports whether AnchorProof finds one, at little cost.
	AnchorProvable(ctx context.Context, log ledger.Hash, size uint64, block uint64) (bool, error)
	// AnchorProof proves an anchor that is final; false while it is not, or not
	// deep enough for those who check proofs. Its headers begin with block known, where that is not beyond what can be proven; else with the genesis block, 0.
	AnchorProof(ctx context.Context, log ledger.Hash, size, block, known uint64) (ledger.AnchorProof, bool, error)
}

// Log is a log with its place on the chain: a hospital's, or a marketplace's.
// Anchored means final: no reorganisation takes it back. A Log is safe for
// concurrent use.
type Log struct {
	Kind   string // ledger.LogProvider, ledger.LogReceipts
	Keeper ledger.Address
	Store  LogStore
	Chain  AnchorChain

	mu   sync.Mutex
	sent []Anchor // in blocks that are not final yet, by size
}

// ID names the log.
func (l *Log) ID() ledger.Hash { return ledger.LogID(l.Kind, l.Keeper) }

// maxSent bounds the anchors that wait to become final, while nothing does.
const maxSent = 64

// Anchor saves the anchors that have become final, and writes the present root
// to the chain if the log grew since the last one it wrote. It may be called
// again after any failure. What a reorganisation takes off the chain is written
// again, and so is what was not final when the process ended.
func (l *Log) Anchor(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.settle(ctx); err != nil {
		return err
	}
	size, root, err := l.Store.LogRoot(ctx)
	if err != nil {
		return err
	}
	last, _, err := l.Store.LastAnchor(ctx)
	if err != nil {
		return err
	}
	if n := len(l.sent); n > 0 {
		last = l.sent[n-1]
	}
	if size <= last.Size || len(l.sent) == maxSent {
		return nil
	}
	block, err := l.Chain.Anchor(ctx, l.Kind, size, root)
	if err != nil {
		return err
	}
	l.sent = append(l.sent, Anchor{Size: size, Root: root, Block: block})
	return nil
}

// settle saves what was sent and can be proven by now, so that what is called
// anchored has its proof, and forgets what should be final and is not there.
func (l *Log) settle(ctx context.Context) error {
	if len(l.sent) == 0 {
		return nil
	}
	final, err := l.Chain.FinalBlock(ctx)
	if err != nil {
		return err
	}
	for len(l.sent) > 0 && l.sent[0].Block <= final {
		a := l.sent[0]
		root, err := l.Chain.AnchorRoot(ctx, l.ID(), a.Size)
		if err != nil {
			return err
		}
		if root == a.Root {
			if provable, err := l.Chain.AnchorProvable(ctx, l.ID(), a.Size, a.Block); err != nil || !provable {
				return err
			}
			if err := l.Store.SaveAnchor(ctx, a); err != nil {
				return err
			}
		}
		l.sent = l.sent[1:]
	}
	return nil
}

// Prove proves the leaf at index under the first anchored root that covers it,
// or under the present root, without a proof of the anchor, while there is none. The anchor's headers begin with block known.
func (l *Log) Prove(ctx context.Context, index, known uint64) (ledger.LogProof, *ledger.AnchorProof, error) {
	p := ledger.LogProof{Log: l.ID(), Index: index}
	anchor, anchored, err := l.Store.Covering(ctx, index)
	if err != nil {
		return p, nil, err
	}
	p.Size = anchor.Size
	if !anchored {
		if p.Size, _, err = l.Store.LogRoot(ctx); err != nil {
			return p, nil, err
		}
	}
	if p.Path, p.Root, err = l.Store.Inclusion(ctx, p.Size, index); err != nil || !anchored {
		return p, nil, err
	}
	proof, final, err := l.Chain.AnchorProof(ctx, p.Log, p.Size, anchor.Block, known)
	if err != nil || !final {
		return p, nil, err
	}
	return p, &proof, nil
}

// Tile returns the first width hashes of a tile of the hospital's log. It is
// public: leaves are salted or random. A partial tile of leaves ends where an
// interval does. ErrNoTile if there is no such tile, or not yet.
func (n *Node) Tile(ctx context.Context, level int, tile int64, width int) ([]byte, error) {
	if level == 0 && width%consent.IntervalLeaves != 0 {
		return nil, ErrNoTile
	}
	return n.cfg.Store.Tile(ctx, level, tile, width)
}

// LogRoot is the size and root of the hospital's log, which are public.
func (n *Node) LogRoot(ctx context.Context) (size uint64, root ledger.Hash, err error) {
	return n.cfg.Store.LogRoot(ctx)
}

// Log is the id of the hospital's log.
func (n *Node) Log() ledger.Hash { return n.log.ID() }

// Run closes an interval of the hospital's log every publish, whether or not
// anything happened, anchors the log every record if it grew, and keeps what may be spent ahead of what is. It returns
// when ctx ends and what it began has ended. Failures are logged and tried
// again; nothing waits for them.
func (n *Node) Run(ctx context.Context, publish, record time.Duration) {
	behind := func(doing string) func(error) {
		return func(err error) {
			n.cfg.Log.WarnContext(ctx, "the hospital's log is behind", "doing", doing, "err", err)
		}
	}
	var loops sync.WaitGroup
	loops.Go(func() {
		Every(ctx, publish, n.publish, behind("closing an interval of the log"))
	})
	loops.Go(func() { n.keepAhead(ctx, record) })
	loops.Go(func() { Every(ctx, record, n.log.Anchor, behind("anchoring the log")) })
	loops.Wait()
}

// everyTimeout ends a wait for a transaction that no block takes, so that the
// next try sends it anew.
const everyTimeout = 5 * time.Minute

// Every calls do every interval until ctx ends, and tells failed of errors that
// are not the end of ctx.
func Every(ctx context.Context, interval time.Duration, do func(context.Context) error, failed func(error)) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			within, cancel := context.WithTimeout(ctx, everyTimeout)
			err := do(within)
			cancel()
			if err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}
