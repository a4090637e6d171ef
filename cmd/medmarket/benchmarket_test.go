package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// market is a town whose researchers ask as fast as they can: no question twice unless it says so, and over gRPC, signed, as they
// always do. They are in the same process and on the same cores as marketplace, hospital and chain.
type market struct {
	*town
	asked atomic.Int64 // different questions so far
}

// different is a question that nobody asked before: how many have a condition that has no record, by sex.
func (m *market) different() *pb.Query {
	q := m.query()
	q.GroupBy = []*pb.GroupBy{{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}, hasEvent(pb.Domain_DOMAIN_CONDITION, 1<<30+m.asked.Add(1))}
	return q
}

// buy quotes and asks, and says how long the ask took.
func (m *market) buy(t *testing.T, q *pb.Query) (quoted *pb.QuoteResponse, took time.Duration) {
	t.Helper()
	quoted, took, err := buyAs(t.Context(), m.cast.researcher, m.grant, q)
	must(t, err)
	return quoted, took
}

func buyAs(ctx context.Context, who *person, grant ledger.Hash, q *pb.Query) (quoted *pb.QuoteResponse, took time.Duration, err error) {
	if quoted, err = who.quote(ctx, q); err != nil {
		return nil, 0, err
	}
	order, err := who.order(terms{grant: grant, use: duo.Use{Permission: duo.HMB}}, quoted)
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	_, err = pb.NewQueryServiceClient(who.market).Ask(ctx, order)
	return quoted, time.Since(began), err
}

// colleagues are researchers on a study of their own, each with credit for so much work: the vouchers of one follow one another, and so
// do her asks.
func (m *market) colleagues(t *testing.T, n int, work int64) (all []*person, grant ledger.Hash) {
	t.Helper()
	g := policy.Grant{
		ID: "study-of-many", Protocol: "Conditions by sex", Committee: m.cast.committee.address().String(), SponsorType: policy.Academic,
		Countries: []string{"US"}, Purposes: []policy.DataUse{{Permission: duo.HMB}},
		Datasets: []policy.DatasetCeiling{{Dataset: demoDataset, NanoRho: 50_000_000}},
		Period:   policy.Period{Start: time.Now().Add(-time.Hour).Unix(), End: time.Now().AddDate(1, 0, 0).Unix()},
	}
	for range n {
		p := stranger(t, m.s.network)
		must(t, m.cast.operator.register(t.Context(), p.address(), "University", pb.Role_ROLE_RESEARCHER))
		all, g.Researchers = append(all, p), append(g.Researchers, p.address().String())
	}
	awaitNodes(t, "the grant is filed", func() (filed bool) {
		var err error
		grant, err = all[0].requestGrant(t.Context(), g)
		return err == nil
	})
	must(t, m.cast.committee.approveGrant(t.Context(), grant))
	market := m.s.network.Trust.Marketplaces[0]
	for _, p := range all {
		m.s.miner.SetCoinbase(chain.Address(p.address()))
		mine, err := eth.NewTransactor(m.s.reader, p.key)
		must(t, err)
		awaitNodes(t, "her credit is final", func() bool {
			if claimed, err := mine.Claim(t.Context()); err == nil && claimed.Work > 0 {
				must(t, mine.AddEscrow(t.Context(), market, int64(claimed.Work)))
			}
			escrow, err := m.s.reader.Escrow(t.Context(), p.address(), market)
			must(t, err)
			return escrow >= work
		})
	}
	awaitNodes(t, "the grant is final", func() bool {
		final, err := all[0].grantFinal(t.Context(), grant)
		return err == nil && final
	})
	return all, grant
}

// TestBenchMarket measures the marketplace with a hospital of 20,000 patients; see make bench-market. Bars are those of a
// machine whose two cores have nothing else to do; on any other look at the processors' time.
func TestBenchMarket(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("SKIP: a benchmark; make bench-market runs it")
	}
	patients, asks := orOf("BENCH_PATIENTS", 20_000), orOf("BENCH_ASKS", 2_000)
	m := &market{town: newTown(t, townConfig{
		omop: generated(t, patients), condition: 201826, margin: 5000, asks: 200, block: uint64(max(1, asks/10_000)) * lightBlock, limits: server.Limits{PerKey: 1e6, PerAddress: 1e6},
	})}
	t.Logf("bench: patients %d", patients)
	before := cpu(t)
	perSecond := m.quotes(t, 4*time.Second)
	t.Logf("bench: quote_cpu_ms %.2f", ms(cpu(t)-before)/(4*perSecond)) // of client, marketplace, hospital and sealer together
	figure(t, "quotes_per_s", perSecond, 1500, 0)
	m.overhead(t, patients)
	m.sticky(t)
	m.asks(t, asks)
}

// lightBlock is the expected hashes of a block, one a second at most: whoever seals for credit does that on other machines.
const lightBlock = 1 << 14

// caches are how many MB asks fill, once: the pages of two stores take 128 of whom writes and 16 of those who read, twice their size, since
// SQLite's allocator deals in powers of two and a page is a little more than one; and the chain's node has 128 for its state.
const caches = 2*(128+16) + 128

// asks is how many different questions are answered a second, of four researchers who ask at once, and how the memory goes meanwhile.
func (m *market) asks(t *testing.T, n int) {
	const askers = 4
	parts := max(8, n/5000) // a plateau is seen as it comes
	quoted, err := m.cast.researcher.quote(t.Context(), m.different())
	must(t, err)
	each := n/askers/parts + 1
	people, grant := m.colleagues(t, askers, quoted.GetWork()*int64(each*parts))
	first := resident(t)
	var shown []int
	var took, used time.Duration
	for range parts {
		before, began := cpu(t), time.Now()
		asking, ctx := errgroup.WithContext(t.Context())
		for _, p := range people {
			asking.Go(func() error {
				for range each {
					if _, _, err := buyAs(ctx, p, grant, m.different()); err != nil {
						return err
					}
				}
				return nil
			})
		}
		must(t, asking.Wait())
		took, used = took+time.Since(began), used+cpu(t)-before
		shown = append(shown, resident(t))
		t.Logf("rss_mb %d after %d asks", shown[len(shown)-1], len(shown)*each*askers)
	}
	n = each * parts * askers
	figure(t, "asks_per_s", float64(n)/took.Seconds(), 100, 0)
	t.Logf("bench: ask_cpu_ms %.2f", ms(used)/float64(n))
	t.Logf("bench: rss_mb %d before, %v in %d asks", first, shown, n)
	if most := first + first/10 + caches; shown[parts-1] > most {
		t.Errorf("rss_mb grew from %d to %d, want %d at most", first, shown[parts-1], most)
	}
	// By how they fill, caches should be full after some 12,000 asks (docs/bench/market-memory.txt). Flat is that the second half of many more adds a
	// twentieth at most: half a kilobyte for each of 50,000.
	const filled = 50_000
	half := shown[parts/2-1]
	t.Logf("bench: rss_growth_mb %d in the second half of the asks", shown[parts-1]-half)
	if n >= filled && shown[parts-1] > half+half/20 {
		t.Errorf("rss_mb grew from %d to %d in the second half of %d asks, want it flat", half, shown[parts-1], n)
	}
}

// figure records a figure, and fails beyond its bar: at least, or at most.
func figure(t *testing.T, name string, got, least, most float64) {
	t.Helper()
	t.Logf("bench: %s %.1f", name, got)
	if got < least || most > 0 && got > most {
		t.Errorf("%s %.1f, want %v at least, %v at most", name, got, least, most)
	}
}

// quotes is how many questions are priced a second, by four connections at once.
func (m *market) quotes(t *testing.T, during time.Duration) float64 {
	var all sync.WaitGroup
	var total atomic.Int64
	end := time.Now().Add(during)
	for range 4 {
		p, err := newPerson(m.cast.researcher.key, m.cast.researcher.net)
		must(t, err)
		t.Cleanup(func() { must(t, p.close()) })
		for range 4 {
			var mine []*pb.Query
			for range 50 {
				mine = append(mine, m.different())
			}
			all.Go(func() {
				for n := 0; time.Now().Before(end); n++ {
					if _, err := p.quote(t.Context(), mine[n%len(mine)]); err != nil {
						t.Error(err)
						return
					}
					total.Add(1)
				}
			})
		}
	}
	all.Wait()
	return float64(total.Load()) / during.Seconds()
}

// overhead is how much longer an ask takes than counting its plan by itself.
func (m *market) overhead(t *testing.T, patients int) {
	e := m.s.engine
	everyone := provider.NewActive(patients)
	for i := range patients {
		everyone.Add(i)
	}
	var took, counting []time.Duration
	for range 50 {
		quoted, ask := m.buy(t, m.different())
		took = append(took, ask)
		var s dp.Statement
		must(t, ledger.ParseCanonical(quoted.GetHospitals()[0].GetPlan(), &s))
		plan, err := dp.NewPlan(s.Query, s.Metadata)
		must(t, err)
		began := time.Now()
		_, err = e.Count(t.Context(), plan, everyone)
		must(t, err)
		counting = append(counting, time.Since(began))
	}
	ask, count := median(took), median(counting)
	t.Logf("bench: ask_ms %.1f", ms(ask))
	t.Logf("bench: aggregate_ms %.1f", ms(count))
	figure(t, "overhead_ms", ms(ask-count), 0, 25)
}

// sticky is how long the slowest hundredth of questions takes that the study has asked before.
func (m *market) sticky(t *testing.T) {
	again := m.different()
	m.buy(t, again)
	var took []time.Duration
	for range 500 {
		_, one := m.buy(t, again)
		took = append(took, one)
	}
	slices.Sort(took)
	t.Logf("bench: sticky_p50_ms %.1f", ms(took[len(took)/2]))
	figure(t, "sticky_p99_ms", ms(took[len(took)*99/100]), 0, 20)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// orOf is a number out of the environment, or otherwise if it has none.
func orOf(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// cpu is the processors' time that this process has had: a figure that a busy machine does not spoil.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is the memory that this process has in use, in MB, once garbage is gone.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC()
	b, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	pages, err := strconv.Atoi(string(bytes.Fields(b)[1]))
	must(t, err)
	return pages * os.Getpagesize() >> 20
}
