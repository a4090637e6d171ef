package chain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strconv"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
)

// Names for go-ethereum's types, so that callers need not import it.
type (
	// Address is an account, 20 bytes.
	Address = common.Address
	// Hash is a block or transaction hash, 32 bytes.
	Hash = common.Hash
	// PeerID is a node's identity: keccak256 of its public key.
	PeerID = enode.ID
)

// DefaultConfirmations is how many blocks on top make a block final.
const DefaultConfirmations = 6

// DefaultCheckpointInterval is the distance of checkpoints in blocks.
const DefaultCheckpointInterval = 8

// MaxSigners bounds a set of signers, as Signers.sol does.
const MaxSigners = 64

// BlockID names a block.
type BlockID struct {
	Number uint64
	Hash   Hash
}

// Defaults of the network.
const (
	DefaultMaxInbound  = 16
	DefaultPeerTimeout = 10 * time.Second
)

// ErrConfig refuses a Config; the text names the field.
var ErrConfig = errors.New("chain config")

// Config opens a [Node]. ChainID, Alloc, Rule and GenesisTime describe the genesis
// block, GenesisSigners, CheckpointInterval and Registry who makes it final. They are
// written to genesis.json in Dir when it is new; later each may be left zero to take the
// stored value, and must equal it otherwise.
type Config struct {
	// Dir keeps everything the node stores. Required; made if missing.
	Dir string
	// ChainID is the EIP-155 chain id. Required in a new Dir.
	ChainID uint64
	// Rule is the difficulty rule. Required in a new Dir.
	Rule pow.Rule
	// Alloc is what accounts own in the genesis block, in wei. Default: nothing.
	Alloc map[Address]*big.Int
	// GenesisTime is the genesis block's time, Unix seconds. Default: now. Nodes of
	// one network must share it.
	GenesisTime uint64
	// Confirmations is how many blocks on top make a block final where there are no
	// signers. Default: DefaultConfirmations.
	Confirmations uint64
	// GenesisSigners are whose votes make checkpoints final until Registry names
	// others, at most MaxSigners. They are written to genesis.json, and all nodes of one
	// network must share them. Default: none, and Confirmations decide.
	GenesisSigners []Address
	// CheckpointInterval is the distance of checkpoints, like GenesisSigners.
	// Default: DefaultCheckpointInterval if there are signers.
	CheckpointInterval uint64
	// Registry is the contract that names the signers once it is there and names any,
	// like GenesisSigners. Default: the genesis signers for ever.
	Registry Address
	// ReadSigners reads the signers that a registry names in the state after a final
	// block; none if it is not there. It is called while blocks wait, with the node's
	// own client: it must not call methods of the node. Required where there is a Registry.
	ReadSigners func(ctx context.Context, client *ethclient.Client, registry Address, final Hash) ([]Address, error)
	// Voter is a signer's key: the node votes with it. Dir then remembers the last vote,
	// and a copy of Dir must never vote beside it or in its place. Default: no votes.
	Voter *ledger.Key
	// Checkpoint is a block that the operator trusts: chains without it are refused.
	// Give one, from a trusted source, to each new node. Default: none.
	Checkpoint BlockID
	// HTTPAddr is the host:port of the JSON-RPC server; port 0 picks a free one.
	// Default: no server. There is no authentication: keep it on a loopback host.
	HTTPAddr string
	// ListenAddr is the host:port at which peers may connect; port 0 picks a free one.
	// Default: nobody can.
	ListenAddr string
	// Peers are enode URLs of nodes to stay connected to. Default: none.
	Peers []string
	// Discover also looks for nodes of this chain that nobody named, by go-ethereum's
	// discovery (version 4, UDP at the port of ListenAddr), beginning with Bootnodes,
	// enode URLs. It needs ListenAddr and AllowPeer. Default: no.
	Discover  bool
	Bootnodes []string
	// AllowPeer says whether to speak with a node. It is called when a connection
	// begins, from several goroutines. Default: with everybody.
	AllowPeer func(PeerID) bool
	// MaxInbound is the most connections from nodes that are not in Peers; it is
	// raised to the number of Peers. Default: DefaultMaxInbound.
	MaxInbound int
	// PeerTimeout is how long a peer may take for one answer.
	// Default: DefaultPeerTimeout.
	PeerTimeout time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Log receives this node's records and go-ethereum's warnings. Default: none.
	Log *slog.Logger
}

// withDefaults checks what can be checked without the directory.
func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, fmt.Errorf("%w: Dir is required", ErrConfig)
	}
	if err := c.checkGenesis(); err != nil {
		return c, err
	}
	if err := c.checkAddresses(); err != nil {
		return c, err
	}
	if c.MaxInbound <= 0 {
		c.MaxInbound = DefaultMaxInbound
	}
	if c.PeerTimeout <= 0 {
		c.PeerTimeout = DefaultPeerTimeout
	}
	if c.Confirmations == 0 {
		c.Confirmations = DefaultConfirmations
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func (c Config) checkAddresses() error {
	if c.HTTPAddr != "" {
		if _, _, err := splitHostPort(c.HTTPAddr); err != nil {
			return fmt.Errorf("%w: HTTPAddr: %w", ErrConfig, err)
		}
	}
	if c.ListenAddr != "" {
		if _, _, err := splitHostPort(c.ListenAddr); err != nil {
			return fmt.Errorf("%w: ListenAddr: %w", ErrConfig, err)
		}
	}
	if c.Discover && (c.ListenAddr == "" || c.AllowPeer == nil) {
		return fmt.Errorf("%w: Discover needs ListenAddr and AllowPeer", ErrConfig)
	}
	return nil
}

func (c Config) checkGenesis() error {
	for account, wei := range c.Alloc {
		if wei == nil || wei.Sign() < 0 || wei.BitLen() > 256 {
			return fmt.Errorf("%w: Alloc of %s is not an amount", ErrConfig, account)
		}
	}
	if len(c.GenesisSigners) > MaxSigners {
		return fmt.Errorf("%w: %d GenesisSigners, the most is %d", ErrConfig, len(c.GenesisSigners), MaxSigners)
	}
	return nil
}

func splitHostPort(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	if host == "" {
		return "", 0, fmt.Errorf("%q names no host", addr)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("port of %q: %w", addr, err)
	}
	return host, int(n), nil
}
