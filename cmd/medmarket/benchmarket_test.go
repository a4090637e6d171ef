package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// market is a town whose researcher asks as fast as she can: no question twice unless it says so, and over gRPC, signed, as she
// always does. She is in the same process and on the same cores as marketplace, hospital and chain.
type market struct {
	*town
	asked int64 // different questions so far
}

// different is a question that nobody asked before: how many have a condition that has no record, by sex.
func (m *market) different() *pb.Query {
	m.asked++
	q := m.query()
	q.GroupBy = []*pb.GroupBy{{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}, hasEvent(pb.Domain_DOMAIN_CONDITION, 1<<30+m.asked)}
	return q
}

// buy quotes and asks, and says how long the ask took.
func (m *market) buy(t *testing.T, q *pb.Query) (quoted *pb.QuoteResponse, took time.Duration) {
	t.Helper()
	quoted, err := m.cast.researcher.quote(t.Context(), q)
	must(t, err)
	order, err := m.cast.researcher.order(terms{grant: m.grant, use: duo.Use{Permission: duo.HMB}}, quoted)
	must(t, err)
	began := time.Now()
	_, err = pb.NewQueryServiceClient(m.cast.researcher.market).Ask(t.Context(), order)
	must(t, err)
	return quoted, time.Since(began)
}

// TestBenchMarket measures the marketplace with a hospital of 20,000 patients; see make bench-market. Bars are those of a
// machine whose two cores have nothing else to do; on any other look at the processors' time.
func TestBenchMarket(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("SKIP: a benchmark; make bench-market runs it")
	}
	patients, asks := orOf("BENCH_PATIENTS", 20_000), orOf("BENCH_ASKS", 2_000)
	m := &market{town: newTown(t, townConfig{
		omop: generated(t, patients), condition: 201826, margin: 5000, asks: int64(asks + 2000), block: 1 << 18, limits: server.Limits{PerKey: 1e6, PerAddress: 1e6},
	})}
	t.Logf("bench: patients %d", patients)
	before := cpu(t)
	perSecond := m.quotes(t, 4*time.Second)
	t.Logf("bench: quote_cpu_ms %.2f", ms(cpu(t)-before)/(4*perSecond)) // of client, marketplace, hospital and sealer together
	figure(t, "quotes_per_s", perSecond, 1500, 0)
	m.overhead(t, patients)
	first := resident(t)
	before = cpu(t)
	began := time.Now()
	quarters := []string{}
	for i := range asks {
		m.buy(t, m.different())
		if (i+1)%max(1, asks/4) == 0 {
			quarters = append(quarters, fmt.Sprint(resident(t)))
		}
	}
	figure(t, "asks_per_s", float64(asks)/time.Since(began).Seconds(), 100, 0)
	t.Logf("bench: ask_cpu_ms %.2f", ms(cpu(t)-before)/float64(asks))
	last := resident(t)
	t.Logf("bench: rss_mb %d before, %v in %d asks", first, quarters, asks)
	if last > first+first/2 {
		t.Errorf("rss_mb grew from %d to %d, want it flat", first, last)
	}
	m.sticky(t)
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
