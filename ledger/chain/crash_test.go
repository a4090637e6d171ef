package chain_test

import (
	"bufio"
	"context"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

// victimDir, when set, turns the test binary into a miner that waits to be killed,
// or, if victimPeer is the URL of a node, into one that syncs from there.
const (
	victimDir  = "MEDMARKET_CHAIN_VICTIM"
	victimPeer = "MEDMARKET_CHAIN_VICTIM_PEER"
)

// victim seals blocks as fast as it can and prints each hash once Import has
// accepted the block.
func victim(dir string) int {
	clock := chaintest.NewClock()
	peer := os.Getenv(victimPeer)
	voter, err := voterOf()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if peer != "" && voter == nil {
		clock.Advance(time.Hour)
		return syncing(chain.Config{Dir: dir, Now: clock.Now, Peers: []string{peer}, Confirmations: deep})
	}
	cfg := chain.Config{Dir: dir, ChainID: chaintest.ChainID, Rule: chaintest.Rule, Now: clock.Now, Voter: voter}
	if peer != "" {
		cfg.Peers = []string{peer}
	}
	node, err := chain.Open(cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for tick := time.Tick(time.Millisecond); peer != "" && len(node.Peers()) == 0; {
		<-tick
	}
	clock.Advance(time.Unix(int64(node.Head().Time), 0).Sub(clock.Now()))
	pace := time.Second
	if voter != nil {
		pace = 30 * time.Second // late blocks are light: a short fork outweighs them
	}
	for {
		clock.Advance(pace)
		block, err := node.SealBlock(context.Background(), chain.MineConfig{Coinbase: alice})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(block.Hash())
	}
}

// syncing prints each head that the node reports while it syncs.
func syncing(cfg chain.Config) int {
	node, err := chain.Open(cfg)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	heads, _ := node.Heads()
	for head := range heads {
		fmt.Println(head.Hash)
	}
	return 1
}

// killAfter runs a victim, kills it with SIGKILL after it printed count hashes,
// and returns every hash it printed before it died.
func killAfter(t *testing.T, dir string, count int, env ...string) []common.Hash {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), victimDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var printed []common.Hash
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		printed = append(printed, common.HexToHash(strings.TrimSpace(lines.Text())))
		if len(printed) == count {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(printed) < count {
		t.Fatalf("the victim ended by itself after %d blocks: %v", len(printed), err)
	}
	return printed
}

// Killed at any moment while sealing, the node comes back with every block it
// had reported, and goes on.
func TestKillLosesNothing(t *testing.T) {
	notUnderRace(t)
	dir := t.TempDir()
	var reported []common.Hash
	for round, count := range []int{1, 40, 7, 95, 23} {
		reported = append(reported, killAfter(t, dir, count)...)

		clock := chaintest.NewClock()
		node := open(t, chain.Config{Dir: dir, Now: clock.Now})
		head := node.Head()
		if head.Number < uint64(len(reported)) {
			t.Fatalf("round %d: the head is block %d, %d were reported", round, head.Number, len(reported))
		}
		for i, want := range reported {
			got, err := node.Client().HeaderByNumber(t.Context(), big.NewInt(int64(i+1)))
			if err != nil || got.Hash() != want {
				t.Fatalf("round %d: block %d is lost: %v", round, i+1, err)
			}
		}
		balance, err := node.Client().BalanceAt(t.Context(), alice, nil)
		if want := new(big.Int).Mul(new(big.Int).SetUint64(head.Number), big.NewInt(params.Ether)); err != nil || balance.Cmp(want) != 0 {
			t.Fatalf("round %d: alice owns %s wei, %v; want %s", round, balance, err, want)
		}
		// A block may be on disk that the victim had no time to report.
		for number := uint64(len(reported)) + 1; number <= head.Number; number++ {
			extra, err := node.Client().HeaderByNumber(t.Context(), new(big.Int).SetUint64(number))
			if err != nil {
				t.Fatal(err)
			}
			reported = append(reported, extra.Hash())
		}
		shut(t, node)
	}
}

// Killed while it syncs, a node has every head it reported, and syncs on.
func TestKillWhileSyncing(t *testing.T) {
	notUnderRace(t)
	clock := chaintest.NewClock()
	old := join(t, clock, nil)
	old.Seal(t, alice, 900)
	clock.Advance(time.Hour)
	cfg := member(t, clock)
	shut(t, open(t, cfg)) // writes the genesis
	for round, count := range []int{1, 2, 1} {
		reported := killAfter(t, cfg.Dir, count, victimPeer+"="+old.Enode())
		node := open(t, cfg)
		for _, hash := range reported {
			if _, err := node.Client().BlockByHash(t.Context(), hash); err != nil {
				t.Errorf("round %d: block %s is lost: %v", round, hash, err)
			}
		}
		last, err := node.Client().HeaderByHash(t.Context(), reported[len(reported)-1])
		if err != nil || node.Head().Number < last.Number.Uint64() {
			t.Errorf("round %d: head %+v is behind the reported %v, %v", round, node.Head(), last, err)
		}
		shut(t, node)
	}
	cfg.Peers = []string{old.Enode()}
	again := chaintest.Open(t, cfg, clock)
	await(t, "synced", func() bool { return agree(old, again) })
	sameState(t, old, again)
}
