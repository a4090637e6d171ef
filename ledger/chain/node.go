package chain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethereum/go-ethereum/common/lru"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	gethnode "github.com/ethereum/go-ethereum/node"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

// ErrClosed says that the node is closed or closing.
var ErrClosed = errors.New("chain node is closed")

// Node is a running ledger node. All methods may be called from any goroutine.
type Node struct {
	genesis       genesis
	confirmations uint64
	http          bool
	now           func() time.Time
	log           *slog.Logger

	stack  *gethnode.Node
	eth    *eth.Ethereum
	store  store
	net    *network
	rpc    *rpc.Client
	client *ethclient.Client

	life   context.Context // ends when Close begins
	end    context.CancelFunc
	miners sync.WaitGroup

	pool sync.Mutex // held by syncPool, within mu or without

	mu     sync.Mutex // the one door: held while a block is imported
	closed bool
	final  *types.Header
	// justified is what the fork choice starts from: the highest justified checkpoint,
	// or final.
	justified *types.Header
	agreed    atomic.Uint64 // number of the highest checkpoint of the chain that votes justified
	ballot    *ballot
	pin       BlockID // the operator's checkpoint
	leaves    leaves
	watchers  map[chan Head]struct{}
	// Blocks known to descend from final and from justified.
	descending, anchored lru.BasicLRU[Hash, struct{}]
	reorgs               []powrpc.Reorg // the last ones
}

// maxDescending bounds Node.descending and Node.anchored.
const maxDescending = 4096

// Open starts a node in cfg.Dir, a new chain or the stored one. Close it when done.
func Open(cfg Config) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	routeGethLog(cfg.Log)
	n := &Node{
		confirmations: cfg.Confirmations,
		http:          cfg.HTTPAddr != "",
		now:           cfg.Now,
		log:           cfg.Log,
		watchers:      map[chan Head]struct{}{},
		descending:    lru.NewBasicLRU[Hash, struct{}](maxDescending),
		anchored:      lru.NewBasicLRU[Hash, struct{}](maxDescending),
		pin:           cfg.Checkpoint,
		leaves:        leaves{},
	}
	n.net = newNetwork(n, cfg)
	peers, err := n.net.configure(cfg)
	if err != nil {
		return nil, err
	}
	if n.stack, err = newStack(cfg, peers); err != nil {
		return nil, fmt.Errorf("opening the chain in %s: %w", cfg.Dir, err)
	}
	n.life, n.end = context.WithCancel(context.Background()) //nolint:forbidigo // the node outlives the call that opens it; Close ends it
	if err := n.start(cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the chain in %s: %w", cfg.Dir, err), n.Close())
	}
	return n, nil
}

// start runs with the directory locked by the stack.
func (n *Node) start(cfg Config) (err error) {
	if n.genesis, err = loadGenesis(cfg); err != nil {
		return err
	}
	if n.eth, err = newEthereum(n.stack, n.genesis); err != nil {
		return err
	}
	n.store = store{db: n.eth.ChainDb()}
	n.final = n.eth.BlockChain().Genesis().Header()
	n.justified = n.final
	n.stack.RegisterAPIs([]rpc.API{{Namespace: powrpc.Namespace, Service: newPowAPI(n)}})
	n.net.attach(n.stack.Server())
	n.rpc = n.stack.Attach()
	n.client = ethclient.NewClient(n.rpc)
	n.stack.RegisterLifecycle(recovery{n, cfg}) // after go-ethereum's own: it can be stopped if this fails
	if err := n.startStack(); err != nil {
		return err
	}
	n.eth.SetSynced() // there is no beacon client to say so
	return nil
}

// startStack keeps the door shut until the fork choice is restored: HTTP, which is up
// before that, may show an older head but waits for the rest.
func (n *Node) startStack() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stack.Start()
}

// recovery restores the fork choice as the last step of the stack's start.
type recovery struct {
	*Node
	cfg Config
}

// Start implements go-ethereum's Lifecycle.
func (r recovery) Start() error {
	if err := r.recoverHead(r.cfg); err != nil {
		return err
	}
	close(r.net.ready)
	return nil
}

// Stop implements go-ethereum's Lifecycle.
func (r recovery) Stop() error { return nil }

// Close stops the miners, waits for them, and closes the chain. Further calls do
// nothing.
func (n *Node) Close() error {
	n.end()
	n.mu.Lock()
	closed := n.closed
	n.closed = true
	for w := range n.watchers {
		close(w)
	}
	clear(n.watchers)
	n.mu.Unlock()
	if closed {
		return nil
	}
	n.miners.Wait()
	if n.rpc != nil {
		n.rpc.Close()
	}
	if err := n.stack.Close(); !errors.Is(err, gethnode.ErrNodeStopped) { // a failed start has closed it
		return err
	}
	return nil
}

// Client speaks to this node in-process, without limits on modules.
func (n *Node) Client() *ethclient.Client { return n.client }

// RPC is the connection under Client.
func (n *Node) RPC() *rpc.Client { return n.rpc }

// ChainID is the EIP-155 chain id.
func (n *Node) ChainID() uint64 { return n.genesis.ChainID }

// Rule is the difficulty rule of this chain.
func (n *Node) Rule() pow.Rule { return n.genesis.Rule }

// Registry is the contract that names the signers; zero if the genesis signers stay.
func (n *Node) Registry() Address { return n.genesis.Registry }

// Confirmations is how many blocks on top make a block final here.
func (n *Node) Confirmations() uint64 { return n.confirmations }

// GenesisHash names the chain.
func (n *Node) GenesisHash() Hash { return n.eth.BlockChain().Genesis().Hash() }

// HTTPEndpoint is the URL of the JSON-RPC server with its real port, or "".
func (n *Node) HTTPEndpoint() string {
	if !n.http {
		return ""
	}
	return n.stack.HTTPEndpoint()
}
