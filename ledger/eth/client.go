package eth

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

var (
	// ErrConfig refuses a configuration; the text names the field.
	ErrConfig = errors.New("ledger client config")
	// ErrWrongChain says that the node is on another chain than the configured one.
	ErrWrongChain = errors.New("node is on another chain")
	// ErrNoContract says that the block read has no contract at the address: it is
	// wrong, or its deployment is not final yet.
	ErrNoContract = errors.New("no contract at the address in the last final block")
	// ErrRange says that a value does not fit its Go type, or the other way round.
	ErrRange = errors.New("value out of range")
)

// DefaultPoll is how often a node is asked for a receipt.
const DefaultPoll = 50 * time.Millisecond

// Addresses are where one deployment's contracts are. One chain has one
// deployment: signatures do not name the contract they are for.
type Addresses struct {
	Registry   ledger.Address `json:"registry"`
	WorkBudget ledger.Address `json:"work_budget"`
	Grants     ledger.Address `json:"grants"`
	Anchors    ledger.Address `json:"anchors"`
}

// Config makes a [Client]. Every field is required unless it says otherwise.
type Config struct {
	// Client is the connection to a node. The caller closes it.
	Client *ethclient.Client
	// Addresses of the contracts.
	Addresses Addresses
	// Domain is the chain the node must be on.
	Domain ledger.Domain
	// Confirmations is how many blocks must be on top of an anchor to prove it, as the
	// verifiers want it, and of a block to claim it, as the WorkBudget contract wants
	// it. At least 1.
	Confirmations uint64
	// Poll is the time between two questions for a receipt. Default: DefaultPoll.
	Poll time.Duration
	// FinalFor is how old the node's word may be on which block is the last final one. Default: 0, it is asked each time.
	FinalFor time.Duration
}

// Client reads the contracts. It is safe for concurrent use.
type Client struct {
	cfg Config

	registry *contracts.Registry
	budget   *contracts.WorkBudget
	grants   *contracts.Grants
	anchors  *contracts.Anchors

	last lastFinal
	seen seen // in the last final block
}

// New checks cfg, and with the node that it is on the chain of cfg.Domain.
func New(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Poll == 0 {
		cfg.Poll = DefaultPoll
	}
	a := cfg.Addresses
	switch {
	case cfg.Client == nil:
		return nil, fmt.Errorf("%w: Client is required", ErrConfig)
	case a.Registry.IsZero() || a.WorkBudget.IsZero() || a.Grants.IsZero() || a.Anchors.IsZero():
		return nil, fmt.Errorf("%w: all four Addresses are required", ErrConfig)
	case cfg.Confirmations == 0:
		return nil, fmt.Errorf("%w: Confirmations is required", ErrConfig)
	case cfg.Poll < 0 || cfg.FinalFor < 0:
		return nil, fmt.Errorf("%w: Poll or FinalFor is negative", ErrConfig)
	}
	if err := checkChain(ctx, cfg.Client, cfg.Domain); err != nil {
		return nil, err
	}
	return &Client{
		cfg:      cfg,
		registry: contracts.NewRegistry(), budget: contracts.NewWorkBudget(),
		grants: contracts.NewGrants(), anchors: contracts.NewAnchors(),
	}, nil
}

func checkChain(ctx context.Context, client *ethclient.Client, want ledger.Domain) error {
	if want.ChainID == 0 || want.Genesis.IsZero() {
		return fmt.Errorf("%w: Domain is required", ErrConfig)
	}
	id, err := client.ChainID(ctx)
	if err != nil {
		return fmt.Errorf("asking the node for its chain id: %w", err)
	}
	if !id.IsUint64() || id.Uint64() != want.ChainID {
		return fmt.Errorf("%w: chain id %s, want %d", ErrWrongChain, id, want.ChainID)
	}
	genesis, err := client.HeaderByNumber(ctx, new(big.Int))
	if err != nil {
		return fmt.Errorf("asking the node for its genesis block: %w", err)
	}
	if hash := ledger.Hash(genesis.Hash()); hash != want.Genesis {
		return fmt.Errorf("%w: genesis %s, want %s", ErrWrongChain, hash, want.Genesis)
	}
	return nil
}

// Head is the number of the newest block.
func (c *Client) Head(ctx context.Context) (uint64, error) {
	head, err := c.cfg.Client.BlockNumber(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking the node for its head: %w", err)
	}
	return head, nil
}

// noFinal is what go-ethereum says before any block is final; other nodes answer
// with nothing.
const noFinal = "finalized block not found"

// FinalBlock is the number of the last block that the node calls finalized; 0 while
// there is none.
func (c *Client) FinalBlock(ctx context.Context) (uint64, error) {
	header, err := c.finalHeader(ctx)
	if err != nil {
		return 0, err
	}
	return header.Number.Uint64(), nil
}

// FinalTime is when the last final block was sealed, Unix seconds; of the genesis
// block while there is none.
func (c *Client) FinalTime(ctx context.Context) (int64, error) {
	header, err := c.finalHeader(ctx)
	if err != nil {
		return 0, err
	}
	return int64(header.Time), nil
}

func (c *Client) finalHeader(ctx context.Context) (*types.Header, error) {
	asked := time.Now()
	if known := c.last.since(asked.Add(-c.cfg.FinalFor)); known != nil && c.cfg.FinalFor > 0 {
		return known, nil
	}
	header, err := c.cfg.Client.HeaderByNumber(ctx, big.NewInt(rpc.FinalizedBlockNumber.Int64()))
	if err != nil && (errors.Is(err, ethereum.NotFound) || err.Error() == noFinal) {
		header, err = c.cfg.Client.HeaderByNumber(ctx, new(big.Int))
	}
	if err != nil {
		return nil, fmt.Errorf("asking the node for its last final block: %w", err)
	}
	c.last.note(header, asked)
	return header, nil
}

// call asks the contract at address for a view, in the state after block.
func call[T any](ctx context.Context, c *Client, address ledger.Address, block uint64, input []byte, unpack func([]byte) (T, error)) (T, error) {
	output, err := c.view(ctx, address, new(big.Int).SetUint64(block), input)
	if err != nil {
		var zero T
		return zero, err
	}
	return unpack(output)
}
