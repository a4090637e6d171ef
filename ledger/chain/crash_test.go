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

// victimDir, when set, turns the test binary into a miner that waits to be killed.
const victimDir = "MEDMARKET_CHAIN_VICTIM"

// victim seals blocks as fast as it can and prints each hash once Import has
// accepted the block.
func victim(dir string) int {
	clock := chaintest.NewClock()
	node, err := chain.Open(chain.Config{Dir: dir, ChainID: chaintest.ChainID, Rule: chaintest.Rule, Now: clock.Now})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	clock.Advance(time.Unix(int64(node.Head().Time), 0).Sub(clock.Now()))
	for {
		clock.Advance(time.Second)
		block, err := node.SealBlock(context.Background(), chain.MineConfig{Coinbase: alice})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(block.Hash())
	}
}

// killAfter runs a victim, kills it with SIGKILL after it printed count hashes,
// and returns every hash it printed before it died.
func killAfter(t *testing.T, dir string, count int) []common.Hash {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
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
