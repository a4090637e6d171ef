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
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// crashFile says where the store is that a copy of the test binary charges in, until it
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
		if err := enterCrash(ctx, p, i); err != nil {
			return err
		}
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
		size, err := p.Publish(ctx, 2000)
		if err != nil {
			return err
		}
		fmt.Println("published", size)
	}
}

// enterCrash enters a patient and her preference, as far as the last copy had not.
func enterCrash(ctx context.Context, p *store.Provider, i int) error {
	err := p.Enrol(ctx, []provider.Enrolment{{Patient: int64(i), Key: keyOf(int64(i))}}, 1)
	if err != nil && !errors.Is(err, provider.ErrAlreadyEnrolled) {
		return err
	}
	fmt.Println("enrolled", i)
	if _, err = p.Record(ctx, preferences(int64(i), 1, 1, "class")); err != nil && !errors.Is(err, provider.ErrStaleRevision) {
		return err
	}
	fmt.Println("recorded", i)
	return nil
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
func TestKill(t *testing.T) { everywhere(t, killed) }

func killed(t *testing.T, place func(testing.TB) string) {
	file := place(t)
	p := openProvider(t, file)
	if err := p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000); err != nil {
		t.Fatal(err)
	}
	closeStore(t, p)
	acknowledged := map[string]int{"enrolled": -1, "recorded": -1, "charged": -1, "finished": -1} // the last of each
	kills := 10
	if config(file).Postgres != "" && !long() {
		kills = 4
	}
	for range kills {
		runAndKill(t, crashFile, file, acknowledged)
		checkAfterKill(t, file, acknowledged)
	}
	if acknowledged["finished"] < kills {
		t.Fatalf("only %d answers: the copies did not get to work", acknowledged["finished"])
	}
}

// runAndKill kills a copy after a random number of acknowledgements, somewhere
// in what it does next, and reads what it had written by then.
func runAndKill(t *testing.T, variable, value string, acknowledged map[string]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+value)
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
	checkLogAfterKill(t, p, charges, answers, acknowledged)
}

// checkLogAfterKill: the log has whole intervals, one a charge and one after
// each answer unless that was cut off; every leaf is published or waits; and every
// patient proves what is on record of her under the last root.
func checkLogAfterKill(t *testing.T, p *store.Provider, charges, answers int, acknowledged map[string]int) {
	t.Helper()
	size, root, err := p.LogRoot(t.Context())
	must(t, err)
	if size%64 != 0 || int(size) < max(64*charges, acknowledged["published"]) || int(size) > 64*(charges+answers) {
		t.Fatalf("%d leaves for %d charges and %d answers, acknowledged up to %v", size, charges, answers, acknowledged)
	}
	count := func(query string, args ...any) int {
		n, err := p.Count(t.Context(), query, args...)
		must(t, err)
		return n
	}
	if n := count(`SELECT count(*) FROM intervals`); n != int(size/64) {
		t.Errorf("%d intervals in %d leaves", n, size)
	}
	events := count(`SELECT count(*) FROM events`)
	if enrolled := count(`SELECT count(*) FROM enrolments`); events <= acknowledged["recorded"] || enrolled <= acknowledged["enrolled"] {
		t.Errorf("%d enrolled, %d events, acknowledged up to %v", enrolled, events, acknowledged)
	}
	once := func(what string, leaf ledger.Hash) {
		if count(`SELECT (SELECT count(*) FROM unpublished WHERE leaf = ?1) + (SELECT count(*) FROM log_hashes WHERE hash = ?1)`, leaf[:]) != 1 {
			t.Errorf("the leaf of %s is not there once", what)
		}
	}
	once("the policy", ledger.Hash{1})
	for i := range answers {
		once(fmt.Sprint("answer ", i), crashRequest(i))
	}
	for i := range events {
		once(fmt.Sprint("event ", i), preferences(int64(i), 1, 1, "class")[0].Leaf)
		if size == 0 { // killed before the first interval
			continue
		}
		proof, err := p.Consent(t.Context(), int64(i), size)
		must(t, err)
		proof.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, proof.Provider), Index: size - 1, Size: size, Root: root}
		proof.Inclusion.Path, _, err = p.Inclusion(t.Context(), size, size-1)
		must(t, err)
		must(t, proof.Check())
		if in := count(`SELECT as_of FROM events WHERE patient = ?`, i) <= int(size); (proof.Present != nil && proof.Present.Preference != nil) != in {
			t.Errorf("patient %d: preference in the map %v", i, in)
		}
	}
}
