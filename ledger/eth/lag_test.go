package eth_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// laggard is a node in front of a real one: as go-ethereum does for a moment, it
// shows a receipt while its head is still the block before. It does so for the
// next lag questions for the head.
type laggard struct {
	real *rpc.Client

	mu   sync.Mutex
	lag  int
	head hexutil.Uint64 // as shown last
}

func (l *laggard) forward(ctx context.Context, method string, args ...any) (answer json.RawMessage, err error) {
	err = l.real.CallContext(ctx, &answer, method, args...)
	return answer, err
}

func (l *laggard) ChainId(ctx context.Context) (json.RawMessage, error) { //nolint:revive // becomes eth_chainId
	return l.forward(ctx, "eth_chainId")
}

func (l *laggard) GetBlockByNumber(ctx context.Context, number string, full bool) (json.RawMessage, error) {
	return l.forward(ctx, "eth_getBlockByNumber", number, full)
}

func (l *laggard) MaxPriorityFeePerGas(ctx context.Context) (json.RawMessage, error) {
	return l.forward(ctx, "eth_maxPriorityFeePerGas")
}

func (l *laggard) EstimateGas(ctx context.Context, call json.RawMessage) (json.RawMessage, error) {
	return l.forward(ctx, "eth_estimateGas", call)
}

func (l *laggard) GetTransactionCount(ctx context.Context, account, block string) (json.RawMessage, error) {
	return l.forward(ctx, "eth_getTransactionCount", account, block)
}

func (l *laggard) SendRawTransaction(ctx context.Context, raw string) (json.RawMessage, error) {
	return l.forward(ctx, "eth_sendRawTransaction", raw)
}

func (l *laggard) GetTransactionReceipt(ctx context.Context, hash string) (json.RawMessage, error) {
	return l.forward(ctx, "eth_getTransactionReceipt", hash)
}

func (l *laggard) BlockNumber(ctx context.Context) (hexutil.Uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.real.CallContext(ctx, &l.head, "eth_blockNumber"); err != nil {
		return 0, err
	}
	if l.lag > 0 {
		l.lag--
		l.head--
	}
	return l.head, nil
}

func (l *laggard) shown() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(l.head)
}

// TestWriteWaitsForHead: a write returns when whoever reads next sees it.
func TestWriteWaitsForHead(t *testing.T) {
	w := newWorld(t)
	node := &laggard{real: w.chain.RPC(), lag: 3}
	server := rpc.NewServer()
	t.Cleanup(server.Stop)
	must(t, server.RegisterName("eth", node))
	client := rpc.DialInProc(server)
	t.Cleanup(client.Close)

	cfg := w.config()
	cfg.Client = ethclient.NewClient(client)
	c, err := eth.New(t.Context(), cfg)
	must(t, err)
	tr, err := eth.NewTransactor(c, keyOf(t, "hospital"))
	must(t, err)
	block, err := tr.Anchor(t.Context(), ledger.LogProvider, 1, ledger.HashBytes([]byte("root")))
	must(t, err)
	if node.shown() < block {
		t.Errorf("Anchor returned while the head was %d, before its block %d", node.shown(), block)
	}
	if node.lag != 0 {
		t.Errorf("the head was asked for only %d times", 3-node.lag)
	}
}
