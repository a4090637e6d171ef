package eth

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/ethclient"
)

// Dial connects to a node's JSON-RPC endpoint, for Config.Client. The caller
// closes what it returns.
func Dial(ctx context.Context, url string) (*ethclient.Client, error) {
	c, err := ethclient.DialContext(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connecting to the chain at %s: %w", url, err)
	}
	return c, nil
}
