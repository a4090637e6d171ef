package eth

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
)

// headerBatch is how many headers one request asks for; nodes limit batches to
// 1,000 calls.
const headerBatch = 256

// ErrMissingBlock says that the node has no block where there must be one.
var ErrMissingBlock = errors.New("node has no such block")

// Blocks returns the newest blocks whose numbers are below before (0: of all), limit at most, the newest first. The node may
// change its mind about those that are not final.
func (c *Client) Blocks(ctx context.Context, before uint64, limit int) (all []ledger.Block, err error) {
	newest, err := c.Head(ctx)
	if err != nil {
		return nil, err
	}
	end := newest + 1 // not included
	if before > 0 {
		end = min(end, before)
	}
	first := end - min(end, uint64(max(0, limit)))
	if first == end {
		return nil, nil
	}
	err = c.headers(ctx, first, end-1, func(h *types.Header) error {
		seal, err := pow.ParseSeal(h.Extra) // the genesis block may have none
		if h.Time > math.MaxInt64 {
			err = ErrRange
		}
		if err != nil && h.Number.Sign() > 0 {
			return fmt.Errorf("block %d: %w", h.Number, err)
		}
		all = append(all, ledger.Block{
			Number: h.Number.Uint64(), Time: int64(h.Time), Difficulty: seal.Difficulty, Sealer: ledger.Address(h.Coinbase),
		})
		return nil
	})
	slices.Reverse(all)
	return all, err
}

// headers calls f with each header from first to last, in order.
func (c *Client) headers(ctx context.Context, first, last uint64, f func(*types.Header) error) error {
	for ; first <= last; first += headerBatch {
		n := min(headerBatch, last-first+1)
		found := make([]*types.Header, n)
		batch := make([]rpc.BatchElem, n)
		for i := range batch {
			batch[i] = rpc.BatchElem{
				Method: "eth_getBlockByNumber",
				Args:   []any{hexutil.EncodeUint64(first + uint64(i)), false},
				Result: &found[i],
			}
		}
		if err := c.cfg.Client.Client().BatchCallContext(ctx, batch); err != nil {
			return fmt.Errorf("asking the node for blocks from %d: %w", first, err)
		}
		for i, elem := range batch {
			if elem.Error == nil && found[i] == nil {
				elem.Error = ErrMissingBlock
			}
			if elem.Error != nil {
				return fmt.Errorf("asking the node for block %d: %w", first+uint64(i), elem.Error)
			}
			if err := f(found[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
