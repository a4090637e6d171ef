package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// crashFile names the file that a copy of the test binary charges in, until it
// is killed.
const crashFile = "MEDMARKET_STORE_CRASH_FILE"

// crashing runs the copy's part.
func crashing() bool {
	file := os.Getenv(crashFile)
	if file == "" {
		return false
	}
	if err := chargeForever(context.Background(), file); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return true
}

const crashScope = "dataset/crash"

// chargeForever charges and finishes one request after another, and writes a line once
// each step is acknowledged.
func chargeForever(ctx context.Context, file string) error {
	p, err := store.OpenProvider(ctx, config(file))
	if err != nil {
		return err
	}
	first := 0
	for ; ; first++ { // go on where the last copy was killed
		c, _, err := p.Charged(ctx, crashRequest(first))
		if err != nil {
			return err
		}
		if c.Release == nil {
			break
		}
	}
	for i := first; ; i++ {
		c, err := p.Charge(ctx, crashRequest(i), decideCrash)
		if err != nil {
			return err
		}
		fmt.Println("charged", i)
		answer := ledger.SignedRelease{Release: ledger.Release{RequestID: crashRequest(i), NanoRho: c.Cost.NanoRho, Vector: []int64{int64(i)}}}
		if _, err := p.Finish(ctx, crashRequest(i), answer, crashRequest(i), nil, 2000); err != nil {
			return err
		}
		fmt.Println("finished", i)
	}
}

func crashRequest(i int) ledger.Hash { return ledger.HashBytes(fmt.Append(nil, "request ", i)) }

func decideCrash(s provider.Snapshot) (provider.Charge, error) {
	cost := accountant.Cost{NanoRho: 3, Delta: 1}
	after, err := accountant.Scope{
		Kind: accountant.ZCDP, Budget: accountant.Cost{NanoRho: 1 << 40, Delta: 1 << 40}, Spent: s.Scopes[crashScope].Spent,
	}.Admit(cost)
	return provider.Charge{Cost: cost, Scopes: map[string]accountant.Scope{crashScope: after}, Now: 2000}, err
}

// A process killed at any moment loses nothing it acknowledged and keeps no
// half of a transaction.
func TestKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "provider.db")
	p := openProvider(t, file)
	if err := p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000); err != nil {
		t.Fatal(err)
	}
	closeStore(t, p)
	acknowledged := map[string]int{"charged": -1, "finished": -1} // the last of each
	for range 10 {
		runAndKill(t, file, acknowledged)
		checkAfterKill(t, file, acknowledged)
	}
	if acknowledged["finished"] < 10 {
		t.Fatalf("only %d answers: the copies did not get to work", acknowledged["finished"])
	}
}

// runAndKill kills a copy after a random number of acknowledgements, somewhere
// in what it does next, and reads what it had written by then.
func runAndKill(t *testing.T, file string, acknowledged map[string]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashFile+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n, killAt := 0, 1+rand.IntN(20); lines.Scan(); n++ {
		var what string
		var i int
		if _, err := fmt.Sscan(lines.Text(), &what, &i); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		acknowledged[what] = i
		if n == killAt {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the copy ended by itself: %v", err)
	}
}

func checkAfterKill(t *testing.T, file string, acknowledged map[string]int) {
	t.Helper()
	p := openProvider(t, file)
	defer closeStore(t, p)
	var sum accountant.Cost
	charges, answers := 0, 0
	for ; ; charges++ {
		c, found, err := p.Charged(t.Context(), crashRequest(charges))
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			break
		}
		if sum, err = sum.Add(c.Cost); err != nil {
			t.Fatal(err)
		}
		if c.Release != nil {
			answers++
		}
	}
	if charges <= acknowledged["charged"] || answers <= acknowledged["finished"] {
		t.Fatalf("%d charges and %d answers on record, acknowledged up to %v", charges, answers, acknowledged)
	}
	spent, err := p.Spent(t.Context(), crashScope)
	if err != nil || spent.Spent != sum {
		t.Fatalf("spent %+v, charges sum to %+v; %v", spent.Spent, sum, err)
	}
	size, _, err := p.LogRoot(t.Context())
	if err != nil || size != uint64(64*charges) {
		t.Fatalf("%d leaves for %d charges; %v", size, charges, err)
	}
	for i := range size {
		if _, _, err := p.Inclusion(t.Context(), size, i); err != nil {
			t.Fatal(err)
		}
	}
}
