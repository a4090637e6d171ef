package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

func benchOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-policy")
	}
}

// atMost reports a figure with its bar.
func atMost(t *testing.T, name string, value, most float64, how string) {
	t.Helper()
	t.Logf("bench: %s %.2f %s; want %v at most", name, value, how, most)
	if value > most {
		t.Errorf("%s %.2f, want %v at most", name, value, most)
	}
}

// writers is how many patients change their minds at the same time, each of them so often.
const (
	writers          = 64
	perWriterChanges = 200
)

// cpuTime is what this process has used so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestBenchChanges is part of make bench-policy: single preferences, each by a
// caller of its own who waits until hers is on disk.
func TestBenchChanges(t *testing.T) {
	benchOnly(t)
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, crowd)
	setPolicy(t, p)
	var best float64
	const rounds = 4
	busy := cpuTime(t)
	for round := range uint64(rounds) { // the best of several: other work on the machine takes turns
		best = max(best, changes(t, p, round+1))
		publish(t, p)
	}
	t.Logf("bench: change_cpu_us %d of all cores, a change", (cpuTime(t)-busy).Microseconds()/(rounds*writers*perWriterChanges))
	const want = 5000
	t.Logf("bench: durable_changes_per_s %.0f single preferences by %d writers among %d patients, group commit, fsync; want %d at least", best, writers, crowd, want)
	if best < want {
		t.Errorf("durable_changes_per_s %.0f, want %d at least", best, want)
	}
}

// changes has writers record a round of single preferences, and returns how many a second.
func changes(t *testing.T, p *store.Provider, revision uint64) float64 {
	t.Helper()
	const each = perWriterChanges
	events := preferences(0, writers*each, revision, fmt.Sprint("class ", revision))
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	begin := time.Now()
	for w := range writers {
		group.Go(func() {
			for i := range each {
				at := w*each + i
				if _, err := p.Record(t.Context(), events[at:at+1]); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	return writers * each / took.Seconds()
}

// TestBenchWithdrawals is part of make bench-policy: how long a patient waits
// until her withdrawal is in force, while 7 others withdraw and 8 questions are charged. It is
// in force when Record returns: TestG8Sequencer.
func TestBenchWithdrawals(t *testing.T) {
	benchOnly(t)
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, crowd)
	setPolicy(t, p)
	record(t, p, preferences(0, 1000, 1, "class"))
	const each = 100
	var mu sync.Mutex
	var waits []time.Duration
	var writing, asking sync.WaitGroup
	stop := make(chan struct{})
	for w := range sides {
		writing.Go(func() {
			for i := range each {
				e := preferences(int64(1000+w*each+i), 1, 1, "withdrawn")
				begin := time.Now()
				if _, err := p.Record(t.Context(), e); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				waits = append(waits, time.Since(begin))
				mu.Unlock()
			}
		})
		asking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					if err := chargeNothing(t, p, fmt.Sprint("question ", w, " ", i)); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	asking.Wait()
	slices.Sort(waits)
	t.Logf("bench: withdrawal_p50_ms %.1f 8 writers and 8 deciders at once, %d patients", milliseconds(waits[len(waits)/2]), crowd)
	atMost(t, "withdrawal_p99_ms", milliseconds(waits[len(waits)*99/100]), 50, "the same")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// chargeNothing is a decision with its interval of the log.
func chargeNothing(t testing.TB, p *store.Provider, request string) error {
	t.Helper()
	_, err := p.Charge(t.Context(), ledger.HashBytes([]byte(request)), func(provider.Snapshot) (provider.Charge, error) {
		return provider.Charge{Cost: accountant.Cost{NanoRho: 1}, Now: 2000}, nil
	})
	return err
}

// TestBenchMap is part of make bench-policy: what a patient with one preference
// takes of the disk when a thousand sign an interval, and what her proof costs.
// Map and columns are the map, the registers of who is in it and who has which key, and what answers who
// may be counted; the documents with their salts, signatures and odometers, and the public log, are apart.
func TestBenchMap(t *testing.T) {
	benchOnly(t)
	file := filepath.Join(t.TempDir(), "provider.db")
	p := openProvider(t, file)
	signed(t, p, crowd, 1000)
	size := publish(t, p)
	const proofs = 1000
	var making, checking time.Duration
	bytes := 0
	for i := range int64(proofs) {
		begin := time.Now()
		proof, err := p.Consent(t.Context(), i*97%crowd, size)
		must(t, err)
		making += time.Since(begin)
		_, root, err := p.LogRoot(t.Context())
		must(t, err)
		proof.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, proof.Provider), Index: size - 1, Size: size, Root: root}
		proof.Inclusion.Path, _, err = p.Inclusion(t.Context(), size, size-1)
		must(t, err)
		content, err := ledger.Canonical(proof)
		must(t, err)
		bytes += len(content)
		begin = time.Now()
		must(t, proof.Check())
		checking += time.Since(begin)
	}
	must(t, p.Close())
	var all, columns int64
	for name, n := range sizes(t, file) {
		all += n
		switch name {
		case "map_nodes", "patients", "enrolments", "sqlite_autoindex_enrolments_1", "events_by_patient", "events_by_until":
			columns += n
		}
		t.Logf("%s: %d B/patient", name, n/crowd)
	}
	atMost(t, "bytes_per_patient", float64(columns)/crowd, 400, fmt.Sprintf("map and columns, one preference each among %d patients", crowd))
	t.Logf("bench: disk_b_patient %d all of the file, a document of 600 bytes and the public log included", all/crowd)
	t.Logf("bench: proof_bytes %d JSON, document included", bytes/proofs)
	t.Logf("bench: proof_make_us %d", making.Microseconds()/proofs)
	atMost(t, "proof_verify_us", float64(checking.Microseconds())/proofs, 100, "offline, of presence")
}

// signed enrols n patients who all sign a preference, so many an interval.
func signed(t testing.TB, p *store.Provider, n, interval int64) {
	t.Helper()
	for first := int64(0); first < n; first += 50_000 {
		all := make([]provider.Enrolment, min(50_000, n-first))
		for i := range all {
			all[i] = provider.Enrolment{Patient: first + int64(i), Key: keyOf(first + int64(i))}
		}
		must(t, p.Enrol(t.Context(), all, 1))
	}
	setPolicy(t, p)
	for first := int64(0); first < n; first += interval {
		record(t, p, preferences(first, min(interval, n-first), 1, fmt.Sprint("class ", first/interval%5000)))
		publish(t, p)
	}
}

// onPaper is what the hospital recorded of patients from the first on: they need no keys.
func onPaper(events []provider.Event, first int64) []provider.Event {
	for i := range events {
		events[i].Recorded = &provider.Recorded{Patient: first + int64(i)}
	}
	return events
}

// TestBenchRestart is part of make bench-policy: a large hospital, from opening its
// file to the first decision with who may be counted. BENCH_PATIENTS says how large.
func TestBenchRestart(t *testing.T) {
	benchOnly(t)
	patients := int64(1_000_000)
	if n, err := strconv.ParseInt(os.Getenv("BENCH_PATIENTS"), 10, 64); err == nil {
		patients = n
	}
	file := filepath.Join(t.TempDir(), "provider.db")
	p := openProvider(t, file)
	begin := time.Now()
	setPolicy(t, p)
	const interval = 10_000
	for first := int64(0); first < patients; first += interval {
		record(t, p, onPaper(preferences(first, min(interval, patients-first), 1, fmt.Sprint("class ", first/interval%5000)), first))
		publish(t, p)
	}
	t.Logf("bench: sign_s %.0f of %d patients, on paper, in batches", time.Since(begin).Seconds(), patients)
	must(t, p.Close())
	runtime.GC()

	begin = time.Now()
	p = openProvider(t, file)
	opened := time.Since(begin)
	must(t, chargeNothing(t, p, "first"))
	charged := time.Since(begin)
	all := make([]int64, patients)
	for i := range all {
		all[i] = int64(i)
	}
	columns, err := provider.NewColumns(all)
	must(t, err)
	_, err = p.Memberships(t.Context(), 0, uint64(patients), columns.Set)
	must(t, err)
	took := time.Since(begin)
	how := fmt.Sprintf("of %d patients: opened after %.2f s, charged after %.2f s, who is in which class read then", patients, opened.Seconds(), charged.Seconds())
	if patients == 1_000_000 {
		atMost(t, "restart_1m_s", took.Seconds(), 5, how)
	} else {
		t.Logf("bench: restart_s %.1f %s", took.Seconds(), how)
	}

	begin = time.Now()
	const changed = 200
	for i := range int64(changed) {
		patient := i * 4999 % patients
		record(t, p, onPaper(preferences(patient, 1, 2, "withdrawn"), patient))
	}
	t.Logf("bench: change_us %d one preference by one writer among %d patients, fsync each", time.Since(begin).Microseconds()/changed, patients)
	info, err := os.Stat(file)
	must(t, err)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("bench: map_file_mb %d of %d patients on disk", info.Size()>>20, patients)
	t.Logf("bench: map_memory_mb %d that the program took from the system", m.Sys>>20)
}
