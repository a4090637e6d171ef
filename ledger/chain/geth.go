package chain

import (
	"math/big"
	"net"

	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/eth/filters"
	"github.com/ethereum/go-ethereum/miner"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rpc"

	gethlog "github.com/ethereum/go-ethereum/log"
	gethnode "github.com/ethereum/go-ethereum/node"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

// httpModules are all that HTTP serves. Never add debug or admin: debug_setHead
// rewinds the chain.
var httpModules = []string{"eth", "net", "web3", powrpc.Namespace}

// newStack makes the container that owns directory, lock and RPC servers.
func newStack(cfg Config, peers p2p.Config) (*gethnode.Node, error) {
	nc := gethnode.DefaultConfig
	nc.Name = "medmarket"
	nc.DataDir = cfg.Dir
	nc.IPCPath = ""
	nc.WSHost = ""
	nc.HTTPHost = ""
	nc.HTTPModules = httpModules
	nc.P2P = peers
	nc.Logger = gethlog.Root()
	if cfg.HTTPAddr != "" {
		var err error
		if nc.HTTPHost, nc.HTTPPort, err = splitHostPort(cfg.HTTPAddr); err != nil {
			return nil, err
		}
		if err := probe(cfg.HTTPAddr); err != nil {
			return nil, err
		}
	}
	if cfg.ListenAddr != "" {
		if err := probe(cfg.ListenAddr); err != nil {
			return nil, err
		}
	}
	return gethnode.New(&nc)
}

// probe fails if addr cannot be listened on. go-ethereum finds out when half of it
// runs, and does not stop that half.
func probe(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// newEthereum sets go-ethereum up as an archive on the hash scheme: the one
// combination that re-executes at most one block after a crash, and that proves
// the state of any block. One wei is a fee, so that accounts need next to nothing.
func newEthereum(stack *gethnode.Node, g genesis) (*eth.Ethereum, error) {
	ec := ethconfig.Defaults
	ec.Genesis = g.block()
	ec.SyncMode = ethconfig.FullSync
	ec.StateScheme = rawdb.HashScheme
	ec.NoPruning = true
	ec.DatabaseCache = 64 // MiB, like the three below
	ec.DatabaseHandles = 256
	ec.TrieCleanCache = 32
	ec.TrieDirtyCache = 32
	ec.SnapshotCache = 0
	ec.LogNoHistory = true // eth_getLogs walks the header blooms: the index cost seconds at every start
	ec.Miner.GasCeil = gasLimit
	ec.Miner.GasPrice = big.NewInt(1)
	ec.TxPool.PriceLimit = 1
	e, err := eth.New(stack, &ec)
	if err != nil {
		return nil, err
	}
	logs := filters.NewFilterSystem(e.APIBackend, filters.Config{})
	stack.RegisterAPIs([]rpc.API{{Namespace: "eth", Service: filters.NewFilterAPI(logs)}})
	return e, nil
}

// syncPool waits until the pool of transactions has seen the head. go-ethereum's Sync
// forgets a caller when another one comes: one at a time.
func (n *Node) syncPool() error {
	n.pool.Lock()
	defer n.pool.Unlock()
	return n.eth.TxPool().Sync()
}

// build executes a block on parent, to be sealed: transactions of the pool unless
// empty, and the seal without its nonce. It is the only user of BuildTestingPayload,
// which go-ethereum means for test APIs: look here first when its version changes.
func (n *Node) build(parent *types.Header, coinbase Address, time uint64, seal pow.Seal, empty bool) (*types.Block, error) {
	if !empty {
		if err := n.syncPool(); err != nil { // else it may still work on the last head
			return nil, err
		}
	}
	args := &miner.BuildPayloadArgs{
		Parent:       parent.Hash(),
		Timestamp:    time,
		FeeRecipient: coinbase,
		Random:       parent.Hash(),
		Withdrawals:  types.Withdrawals{reward(parent.Number.Uint64()+1, coinbase)},
		BeaconRoot:   &Hash{},
	}
	block, _, err := n.eth.Miner().BuildTestingPayload(args, nil, empty, seal.Bytes())
	return block, err
}
