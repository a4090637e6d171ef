package eth

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
)

// headerBatch is how many headers one request asks for; nodes limit batches to
// 1,000 calls.
const headerBatch = 256

// ErrMissingBlock says that the node has no block where there must be one.
var ErrMissingBlock = errors.New("node has no such block")

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
