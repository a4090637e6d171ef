package powrpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger/pow"
)

// callTimeout bounds one call: a node answers in milliseconds.
const callTimeout = 10 * time.Second

// Client calls one node. It is safe for concurrent use.
type Client struct{ rpc *rpc.Client }

// Dial prepares to call the node at an HTTP URL; nothing is sent yet. Close it when done.
func Dial(ctx context.Context, url string) (*Client, error) {
	c, err := rpc.DialOptions(ctx, url, rpc.WithHTTPClient(&http.Client{Timeout: callTimeout}))
	if err != nil {
		return nil, fmt.Errorf("connecting to the node at %s: %w", url, err)
	}
	return &Client{c}, nil
}

// Close ends the connection.
func (c *Client) Close() { c.rpc.Close() }

// GetWork asks for work on the head that pays coinbase: [ErrNotDue] if there is
// none at this moment.
func (c *Client) GetWork(ctx context.Context, coinbase common.Address) (Work, error) {
	return call[Work](ctx, c, "getWork", coinbase)
}

// SubmitWork hands in the seal found for a work and returns the hash of the block
// it made: [ErrStale] if the head has changed, [ErrSeal] if the seal is not good.
func (c *Client) SubmitWork(ctx context.Context, id common.Hash, seal pow.Seal) (common.Hash, error) {
	return call[common.Hash](ctx, c, "submitWork", id, hexutil.Bytes(seal.Bytes()))
}

// Status asks how the node is.
func (c *Client) Status(ctx context.Context) (Status, error) { return call[Status](ctx, c, "status") }

// Checkpoints asks how far the network agrees.
func (c *Client) Checkpoints(ctx context.Context) (Checkpoints, error) {
	return call[Checkpoints](ctx, c, "checkpoints")
}

// Difficulty asks for the present difficulty.
func (c *Client) Difficulty(ctx context.Context) (Difficulty, error) {
	return call[Difficulty](ctx, c, "difficulty")
}

// HashRate asks for the network's estimated hash rate.
func (c *Client) HashRate(ctx context.Context) (HashRate, error) {
	return call[HashRate](ctx, c, "hashRate")
}

// Reorgs asks for the last reorganisations, oldest first.
func (c *Client) Reorgs(ctx context.Context) ([]Reorg, error) { return call[[]Reorg](ctx, c, "reorgs") }

func call[T any](ctx context.Context, c *Client, method string, args ...any) (result T, err error) {
	if err = c.rpc.CallContext(ctx, &result, Namespace+"_"+method, args...); err != nil {
		return result, fmt.Errorf("%s_%s: %w", Namespace, method, decode(err))
	}
	return result, nil
}

// decode gives an error of the node its value back.
func decode(err error) error {
	var coded rpc.Error
	if !errors.As(err, &coded) {
		return err
	}
	for _, known := range []*Error{ErrStale, ErrNotDue, ErrSeal} {
		if coded.ErrorCode() == known.code {
			return known
		}
	}
	return err
}
