package chain_test

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

// bench skips what only make bench-ledger runs.
func bench(t *testing.T) {
	t.Helper()
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-ledger")
	}
}

// TestBenchBlocks: empty blocks sealed at a low difficulty, each synced to disk.
func TestBenchBlocks(t *testing.T) {
	bench(t)
	c := chaintest.New(t)
	c.Seal(t, alice, 50)
	start := time.Now()
	c.Seal(t, alice, 500)
	t.Logf("bench: blocks_per_s %.0f 1/s", 500/time.Since(start).Seconds())
}

// TestBenchTransactions: signed transfers of many accounts, from the moment the pool
// gets them, signatures unchecked, until the block that holds them is on disk.
func TestBenchTransactions(t *testing.T) {
	bench(t)
	const accounts, rounds, each = 100, 8, 20 // a block of 2,000
	keys, funded := make([]*ecdsa.PrivateKey, accounts), make([]common.Address, accounts)
	for i := range keys {
		keys[i], funded[i] = chaintest.Key(t, fmt.Sprintf("spender %d", i))
	}
	c := chaintest.New(t, funded...)
	c.Seal(t, alice, 5)
	batches := make([][]*types.Transaction, rounds+1) // the first warms up
	for round := range batches {
		for i, key := range keys {
			for k := range uint64(each) {
				batches[round] = append(batches[round], transfer(t, key, funded[(i+1)%accounts], uint64(round)*each+k))
			}
		}
	}
	mine := func(txs []*types.Transaction) {
		t.Helper()
		var peers errgroup.Group // as from two peers
		peers.Go(func() error { return c.Pool(txs[:len(txs)/2]) })
		peers.Go(func() error { return c.Pool(txs[len(txs)/2:]) })
		if err := peers.Wait(); err != nil {
			t.Fatal(err)
		}
		for left := len(txs); left > 0; {
			left -= len(c.Seal(t, alice, 1)[0].Transactions())
		}
	}
	mine(batches[0])
	start := time.Now()
	for _, txs := range batches[1:] {
		mine(txs)
	}
	rate := rounds * accounts * each / time.Since(start).Seconds()
	t.Logf("bench: tx_per_s %.0f 1/s", rate)
	t.Logf("bench: rss_mb %s MB", resident(t))
	if rate < 3000 {
		t.Errorf("%.0f transfers a second, want at least 3000", rate)
	}
}

func transfer(t *testing.T, key *ecdsa.PrivateKey, to common.Address, nonce uint64) *types.Transaction {
	t.Helper()
	tx, err := types.SignNewTx(key, types.LatestSignerForChainID(big.NewInt(chaintest.ChainID)), &types.DynamicFeeTx{
		ChainID: big.NewInt(chaintest.ChainID), Nonce: nonce, To: &to, Value: common.Big1, Gas: params.TxGas,
		GasTipCap: common.Big1, GasFeeCap: big.NewInt(params.GWei),
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := tx.MarshalBinary() // as it came from the wire: nobody has recovered its sender
	if err != nil {
		t.Fatal(err)
	}
	fresh := new(types.Transaction)
	if err := fresh.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	return fresh
}

// resident is the most memory this process ever had, from Linux.
func resident(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+)\d{3} kB`).FindSubmatch(status)
	if match == nil {
		t.Fatal("no VmHWM in /proc/self/status")
	}
	return string(match[1])
}

// TestBenchSync: a fresh node gets 2,000 blocks of 5 transfers from a peer; then the
// old one is opened again.
func TestBenchSync(t *testing.T) {
	bench(t)
	const count = 2000
	clock := chaintest.NewClock()
	_, historian := chaintest.Key(t, chaintest.Historian)
	wealthy := func(c *chain.Config) { c.Alloc = chaintest.Wealth(historian) }
	cfg := member(t, clock)
	wealthy(&cfg)
	old := chaintest.Open(t, cfg, clock)
	old.History(t, count, 5)
	fresh := join(t, clock, wealthy)
	start := time.Now()
	connect(t, fresh, old)
	await(t, "synced", func() bool { return agree(old, fresh) })
	rate := float64(old.Head().Number) / time.Since(start).Seconds()
	t.Logf("bench: sync_blocks_per_s %.0f 1/s", rate)
	if rate < 200 {
		t.Errorf("%.0f blocks a second, want at least 200", rate)
	}
	head := old.Head()
	shut(t, old.Node)
	start = time.Now()
	again := open(t, cfg)
	defer shut(t, again)
	t.Logf("bench: restart_s %.2f s", time.Since(start).Seconds())
	if again.Head() != head {
		t.Errorf("head %+v after the restart, want %+v", again.Head(), head)
	}
}

// TestBenchReorg: a node gives up 300 blocks for 301 of a peer's.
func TestBenchReorg(t *testing.T) {
	bench(t)
	clock := chaintest.NewClock()
	one, other := join(t, clock, nil), join(t, clock, nil)
	other.Seal(t, bob, 301)
	one.Seal(t, alice, 300) // a little lighter each: they come late
	start := time.Now()
	connect(t, one, other)
	await(t, "reorganised", func() bool { return agree(one, other) })
	t.Logf("bench: reorg_300_s %.2f s", time.Since(start).Seconds())
	if one.Head().Coinbase != bob {
		t.Errorf("head %+v, want one of bob's", one.Head())
	}
}
