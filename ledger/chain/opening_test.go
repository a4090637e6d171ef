package chain

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethdb"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

// recoveryLog is a log that calls itself while the head is recovered.
type recoveryLog func()

func (f recoveryLog) Enabled(context.Context, slog.Level) bool { return true }
func (f recoveryLog) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f recoveryLog) WithGroup(string) slog.Handler            { return f }
func (f recoveryLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "head recovered after a crash" {
		f()
	}
	return nil
}

// HTTP is up before the fork choice is restored; what depends on that waits.
func TestHTTPWaitsForRecovery(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	status := func(within time.Duration) error {
		client, err := rpc.Dial("http://" + addr)
		if err != nil {
			return err
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		var s powrpc.Status
		return client.CallContext(ctx, &s, "pow_status")
	}
	now := time.Unix(1_800_000_000, 0)
	cfg := Config{
		Dir: t.TempDir(), ChainID: 5, Now: func() time.Time { return now },
		Rule: pow.Rule{GenesisDifficulty: 64, MinDifficulty: 16, TargetSpacing: 1},
	}
	n, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	first, err := n.SealBlock(t.Context(), MineConfig{Coinbase: Address{1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.SealBlock(t.Context(), MineConfig{Coinbase: Address{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.eth.BlockChain().SetCanonical(first); err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	during := errors.New("not called")
	cfg.HTTPAddr, cfg.Log = addr, slog.New(recoveryLog(func() { during = status(200 * time.Millisecond) }))
	if n, err = Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	if !errors.Is(during, context.DeadlineExceeded) {
		t.Errorf("while the node starts: %v, want no answer", during)
	}
	if err := status(10 * time.Second); err != nil {
		t.Errorf("once it runs: %v", err)
	}
}

// syncs is a database that counts its syncs.
type syncs struct {
	ethdb.Database
	count int
}

func (s *syncs) SyncKeyValue() error {
	s.count++
	return s.Database.SyncKeyValue()
}

// What is refused costs no write to the disk.
func TestRefusedBlocksAreNotSynced(t *testing.T) {
	_, n, err := damaged(t, func(*Node, []*types.Block) {})
	if err != nil {
		t.Fatal(err)
	}
	disk := &syncs{Database: n.store.db}
	n.store.db = disk
	block, _, err := n.candidate(Address{1}, [12]byte{}, true)
	if err != nil {
		t.Fatal(err)
	}
	header := block.Header()
	header.Extra = nil
	if err := n.Import(block.WithSeal(header)); !errors.Is(err, pow.ErrSealSize) || disk.count != 0 {
		t.Errorf("a block without a seal: %v, %d syncs", err, disk.count)
	}
	if _, err := n.SealBlock(t.Context(), MineConfig{Coinbase: Address{1}}); err != nil || disk.count != 1 {
		t.Errorf("a good block: %v, %d syncs", err, disk.count)
	}
}
