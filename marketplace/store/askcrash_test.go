package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/marketplace/store"
)

// crashAsks says where the stores are in which a copy of the test binary asks, at a marketplace and at a hospital, until it is killed: a folder,
// or a database.
const crashAsks = "MEDMARKET_STORE_CRASH_ASKS"

// long says whether tests take their full counts.
func long() bool { return os.Getenv("MEDMARKET_LONG") != "" }

// asking runs the copy's part.
func asking() bool {
	dir := os.Getenv(crashAsks)
	if dir == "" {
		return false
	}
	if err := askUntilKilled(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return true
}

var (
	asker      = ledger.Address{1}
	askedStudy = ledger.SignedDocument{Content: []byte(`"study"`), Revision: 1, Expiry: 1 << 40}
)

// What an ask costs, and what there is.
const (
	askCost   = 3
	askPrice  = 10
	askEscrow = 1 << 40
)

func askReservation(i int) marketplace.Reservation {
	a := ledger.Ask{
		RequestID: crashRequest(i), Grant: askedStudy.Hash(), Dataset: "crash", Purpose: ledger.Purpose{Permission: "DUO:0000006"},
		MaxNanoRho: askCost, MaxWork: askPrice, Expiry: 2000,
	}
	return marketplace.Reservation{
		Ask: a, AskHash: crashRequest(i), Researcher: asker, Escrow: askEscrow, At: 1500,
		Takings: []marketplace.Taking{{Dataset: "crash", NanoRho: askCost, Allocation: askEscrow, Work: askPrice}},
		Voucher: ledger.Voucher{Researcher: asker, Cumulative: uint64(i+1) * askPrice},
	}
}

// storeIn is where a store is in a folder, or in a database that each has a schema of.
func storeIn(dir, name string) string {
	if config(dir).Postgres != "" {
		return dir
	}
	return filepath.Join(dir, name)
}

// askUntilKilled asks one question after another, each through every step from reserve to complete, and writes a line once one is
// acknowledged. Every attempt at an answer is another one, as with noise.
func askUntilKilled(ctx context.Context, dir string) error {
	m, err := store.OpenMarket(ctx, config(storeIn(dir, "market.db")))
	if err != nil {
		return err
	}
	p, err := store.OpenProvider(ctx, config(storeIn(dir, "hospital.db")))
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		e, _, err := m.Entry(ctx, crashRequest(i))
		if err != nil {
			return err
		}
		if e.Receipt != nil { // go on where the last copy was killed
			continue
		}
		if err := askOnce(ctx, m, p, i); err != nil {
			return err
		}
	}
}

func askOnce(ctx context.Context, m *store.Market, p *store.Provider, i int) error {
	r := askReservation(i)
	if _, err := m.Reserve(ctx, r); err != nil {
		return err
	}
	fmt.Println("reserved", i)
	c, err := p.Charge(ctx, r.Ask.RequestID, decideCrash)
	if err != nil {
		return err
	}
	fmt.Println("charged", i)
	answer := ledger.SignedRelease{Release: ledger.Release{RequestID: r.Ask.RequestID, NanoRho: c.Cost.NanoRho, Vector: []int64{rand.Int64N(1 << 50)}}}
	if answer, err = p.Finish(ctx, r.Ask.RequestID, answer, r.Ask.RequestID, nil, 2000); err != nil {
		return err
	}
	fmt.Println("finished", i)
	if err := m.Keep(ctx, r.Ask.RequestID, 0, answer); err != nil {
		return err
	}
	fmt.Println("kept", i)
	receipt := ledger.Receipt{Statement: ledger.Statement{
		Researcher: asker, Ask: r.Ask, Plan: []byte(`{}`), Releases: []ledger.SignedRelease{answer}, NanoRho: askCost, Work: askPrice, Time: 1600,
	}}
	leaf, err := receipt.Leaf()
	if err != nil {
		return err
	}
	if _, err := m.Complete(ctx, r.Ask.RequestID, receipt, leaf); err != nil {
		return err
	}
	fmt.Println("completed", i)
	return nil
}

// TestG5KilledAtEveryStep: killed (kill -9) at any step from reserve to complete, nothing that was acknowledged is lost, what is spent is the sum
// of what was charged and never beyond what there is, a request has one answer for ever, and every release comes to its receipt.
// With MEDMARKET_LONG it is killed 500 times.
func TestG5KilledAtEveryStep(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killedAtEveryStep(t, t.TempDir()) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("SKIP: sqlite finds the races")
		}
		needPostgres(t)
		killedAtEveryStep(t, newDatabase(t))
	})
}

func killedAtEveryStep(t *testing.T, dir string) {
	m, p := openMarket(t, storeIn(dir, "market.db")), openProvider(t, storeIn(dir, "hospital.db"))
	must(t, p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000))
	must(t, m.Submit(t.Context(), marketplace.Study{Request: askedStudy, CreatedAt: 1000}, ledger.Hash{2},
		review.Entry{Step: review.Step{Study: askedStudy.Hash(), Number: 1, Action: review.Submit, Grant: askedStudy.Hash()}}))
	closeStore(t, m)
	closeStore(t, p)
	kills := 10
	switch {
	case long():
		kills = 500
	case testing.Short(), config(dir).Postgres != "":
		kills = 4
	}
	acknowledged := map[string]int{"reserved": -1, "charged": -1, "finished": -1, "kept": -1, "completed": -1}
	answers := map[int][]int64{} // as they were seen first
	for range kills {
		runAndKill(t, crashAsks, dir, acknowledged)
		checkAsks(t, dir, acknowledged, answers)
	}
	if len(answers) < kills/2 { // a kill may come before the first
		t.Fatalf("only %d answers: the copies did not get to work", len(answers))
	}
	t.Logf("bench: %s: %d kills between reserve and complete: %d requests, %d answers, nothing lost, charged twice or answered twice", t.Name(), kills, acknowledged["reserved"]+1, len(answers))
}

func checkAsks(t *testing.T, dir string, acknowledged map[string]int, answers map[int][]int64) {
	t.Helper()
	m, p := openMarket(t, storeIn(dir, "market.db")), openProvider(t, storeIn(dir, "hospital.db"))
	defer closeStore(t, m)
	defer closeStore(t, p)
	there := map[string]int{}
	for i := 0; ; i++ {
		e, reserved, err := m.Entry(t.Context(), crashRequest(i))
		must(t, err)
		c, charged, err := p.Charged(t.Context(), crashRequest(i))
		must(t, err)
		if !reserved {
			if charged {
				t.Fatalf("request %d was charged and is not reserved", i)
			}
			break
		}
		there["reserved"]++
		if charged {
			there["charged"]++
		}
		if c.Release != nil {
			there["finished"]++
			if answers[i] == nil {
				answers[i] = c.Release.Release.Vector
			}
		}
		switch {
		case e.Receipt != nil:
			there["completed"]++
			if c.Release == nil || !slices.Equal(e.Receipt.Statement.Releases[0].Release.Vector, answers[i]) || !slices.Equal(c.Release.Release.Vector, answers[i]) {
				t.Fatalf("request %d has an answer that is not the first: %v, %v, first %v", i, e.Receipt.Statement.Releases, c.Release, answers[i])
			}
		case there["completed"] != i: // only the last one may be on its way
			t.Fatalf("request %d has no receipt, and others came after it", i-1)
		}
	}
	for what, last := range acknowledged {
		if what != "kept" && there[what] <= last {
			t.Fatalf("%d %s on record, acknowledged up to %d", there[what], what, last)
		}
	}
	checkSums(t, m, p, there)
}

// checkSums: what is spent is the sum of what is on record, in each of the books.
func checkSums(t *testing.T, m *store.Market, p *store.Provider, there map[string]int) {
	t.Helper()
	a, err := m.Account(t.Context(), asker)
	must(t, err)
	taken, err := m.Taken(t.Context(), askedStudy.Hash())
	must(t, err)
	spent, err := p.Spent(t.Context(), crashScope)
	must(t, err)
	extent, err := p.Extent(t.Context())
	must(t, err)
	got := []int64{a.Drawn, taken["crash"], spent.Spent.NanoRho, extent.Used.NanoRho}
	reserved, charged := int64(there["reserved"]), int64(there["charged"])
	if want := []int64{reserved * askPrice, reserved * askCost, charged * askCost, charged * askCost}; !slices.Equal(got, want) {
		t.Fatalf("drawn, taken, spent and used are %v, and %v by what is on record", got, want)
	}
}
