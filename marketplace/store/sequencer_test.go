package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// sequencerFile says where the store is in which a copy of the test binary has patients
// and questions race, until it is killed.
const sequencerFile = "MEDMARKET_STORE_SEQUENCER_FILE"

const (
	sides      = 8 // writers, and deciders
	perWriter  = 4 // patients
	permitting = "permits"
	withdrawn  = "withdrawn"
)

// sequencing runs the copy's part.
func sequencing() bool {
	file := os.Getenv(sequencerFile)
	if file == "" {
		return false
	}
	if err := race(context.Background(), file); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return true
}

// race has each writer turn its patients' preferences on and off, and each decider
// ask, answer, and hand earlier answers over again. What happened is written in an
// order that agrees with time: what was acknowledged, before anything that begins later.
func race(ctx context.Context, file string) error {
	p, err := store.OpenProvider(ctx, config(file))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	failed, pace := make(chan error), make(chan struct{}, sides)
	for i := range sides {
		go func() { failed <- turnOnAndOff(ctx, p, int64(i*perWriter), pace, say) }()
		go func() {
			failed <- askForever(ctx, p, fmt.Sprintf("%d-%d-%d", os.Getpid(), time.Now().UnixNano(), i), pace, say)
		}()
	}
	return <-failed
}

// turnOnAndOff changes a preference whenever pace lets it.
func turnOnAndOff(ctx context.Context, p *store.Provider, first int64, pace <-chan struct{}, say func(string, ...any)) error {
	for {
		<-pace
		patient := first + rand.Int64N(perWriter)
		revision, class := uint64(1), permitting
		standing, err := p.Preference(ctx, keyOf(patient))
		switch {
		case errors.Is(err, provider.ErrNoPreference):
		case err != nil:
			return err
		default:
			revision = standing.Document.Revision + 1
			if strings.Contains(string(standing.Document.Content), permitting) {
				class = withdrawn
			}
		}
		if class == permitting {
			say("permits %d", patient) // from here on she may be counted
		}
		e := preferences(patient, 1, revision, class)
		e[0].Until = 0
		begin := time.Now()
		if _, err := p.Record(ctx, e); err != nil {
			return err
		}
		if class == withdrawn {
			say("withdrawn %d %d", patient, time.Since(begin).Microseconds()) // from here on she may not
		}
	}
}

// askForever asks, and for each step lets a change happen meanwhile, so that neither side starves the other.
func askForever(ctx context.Context, p *store.Provider, name string, pace chan<- struct{}, say func(string, ...any)) error {
	var answered []ledger.Hash
	for i := 0; ; i++ {
		select {
		case pace <- struct{}{}:
		default:
		}
		if len(answered) > 0 && i%2 == 1 {
			id := answered[len(answered)-1-rand.IntN(min(3, len(answered)))]
			say("begins %s again", id)
			_, err := p.HandOver(ctx, id, 2000)
			var left *provider.RedoError
			switch {
			case err == nil:
				say("over %s again", id)
			case !errors.As(err, &left):
				return err
			}
			continue
		}
		id := ledger.HashBytes(fmt.Append(nil, name, i))
		in, err := answerOne(ctx, p, id, say)
		if err != nil {
			return err
		}
		if in != nil {
			answered = append(answered, id)
			say("over %s first %s", id, strings.Trim(strings.ReplaceAll(fmt.Sprint(in), " ", ","), "[]"))
		}
	}
}

// answerOne charges for whoever permits and stores an answer, as a node does: who
// has left meanwhile is left out, nobody is added. It returns whom the answer counts, nil
// if there is none.
func answerOne(ctx context.Context, p *store.Provider, id ledger.Hash, say func(string, ...any)) ([]int64, error) {
	c, err := p.Charge(ctx, id, func(s provider.Snapshot) (c provider.Charge, err error) {
		c.Now = 2000
		c.Classes, err = permittingClass(ctx, p, s.Classes)
		return c, err
	})
	if err != nil || len(c.Classes) == 0 {
		return nil, err
	}
	in, err := charged(ctx, p, c)
	if err != nil {
		return nil, err
	}
	var excluded []int64
	for range 4 {
		say("begins %s first", id)
		_, err := p.Finish(ctx, id, ledger.SignedRelease{Release: ledger.Release{RequestID: id}}, id, excluded, 2000)
		var left *provider.RedoError
		if !errors.As(err, &left) {
			return in, err
		}
		excluded = append(excluded, left.Excluded...)
		in = slices.DeleteFunc(in, func(patient int64) bool { return slices.Contains(excluded, patient) })
	}
	return nil, nil
}

// permittingClass is the one class that permits.
func permittingClass(ctx context.Context, p *store.Provider, classes []provider.Class) (one []provider.Permitted, err error) {
	for _, class := range classes {
		err := p.Documents(ctx, []uint32{class.ID}, func(id uint32, document []byte) error {
			if string(document) == permitting {
				one = []provider.Permitted{{Class: id, Odometer: class.Odometer}}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return one, nil
}

// charged is the active set of a charge.
func charged(ctx context.Context, p *store.Provider, c provider.Charged) (in []int64, err error) {
	in = []int64{}
	all := make([]int64, sides*perWriter)
	for i := range all {
		all[i] = int64(i)
	}
	columns, err := provider.NewColumns(all)
	if err != nil {
		return nil, err
	}
	if _, err := p.Memberships(ctx, 0, c.LastEvent, columns.Set); err != nil {
		return nil, err
	}
	active := columns.Active(c.Classes, c.Now)
	for i, patient := range all {
		if active.Has(i) {
			in = append(in, patient)
		}
	}
	return in, nil
}

// TestG8Sequencer: however 8 writers and 8 deciders race, and wherever the process is
// killed, no answer is handed over that counts a patient whose withdrawal was
// acknowledged before the handing over began, unless she has permitted anew since. With MEDMARKET_LONG it lasts a minute, and
// of a hundred withdrawals 99 are to be in force within 50 ms; in Postgres, whose every statement is a trip to a server, that is only measured.
func TestG8Sequencer(t *testing.T) { everywhere(t, sequenced) }

func sequenced(t *testing.T, place func(testing.TB) string) {
	file := place(t)
	p := openProvider(t, file)
	enrol(t, p, sides*perWriter)
	setPolicy(t, p)
	closeStore(t, p)
	lasts := 3 * time.Second
	switch {
	case long():
		lasts = time.Minute
	case testing.Short(), config(file).Postgres != "":
		lasts = time.Second
	}
	w := watcher{t: t, out: map[int64]bool{}, begun: map[string]map[int64]bool{}, in: map[string][]int64{}}
	for end := time.Now().Add(lasts); time.Now().Before(end) || w.answers < 3 || w.withdrawals < 20; {
		w.watch(file, 50+rand.IntN(200))
	}
	slices.Sort(w.waits)
	p99 := w.waits[len(w.waits)*99/100]
	t.Logf("%d answers, %d handed over again, %d withdrawals, %d kills", w.answers, w.again, w.withdrawals, w.kills)
	t.Logf("bench: %s: sequencer_withdrawal_p99_ms %.1f of %d withdrawals, %d writers and %d deciders, killed %d times; want below 50", t.Name(), float64(p99)/1000, w.withdrawals, sides, sides, w.kills)
	if p99 >= 50_000 && long() && config(file).Postgres == "" {
		t.Errorf("of 100 withdrawals one took %d us or more, want below 50,000", p99)
	}
}

// watcher holds what a copy writes against the promise.
type watcher struct {
	t       *testing.T
	out     map[int64]bool            // whose withdrawal was acknowledged, and who has not permitted since
	begun   map[string]map[int64]bool // by "id first" or "id again": who was out when handing over began
	in      map[string][]int64        // by id: whom the answer counts
	answers int
	again   int
	kills   int

	withdrawals int
	waits       []int64 // until they were in force, in microseconds
}

// watch runs a copy and kills it after so many lines; the last one may be cut.
func (w *watcher) watch(file string, killAt int) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), sequencerFile+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(w.t, err)
	must(w.t, cmd.Start())
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		w.line(strings.Fields(line))
		if n == killAt {
			must(w.t, cmd.Process.Kill())
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		w.t.Fatalf("the copy ended by itself: %v", err)
	}
	w.kills++
	clear(w.begun)
}

func (w *watcher) line(words []string) {
	w.t.Helper()
	switch words[0] {
	case "permits", "withdrawn":
		patient, err := strconv.ParseInt(words[1], 10, 64)
		must(w.t, err)
		delete(w.out, patient)
		if words[0] == "permits" {
			for _, out := range w.begun { // she may be counted in what is under way
				delete(out, patient)
			}
			return
		}
		w.out[patient] = true
		w.withdrawals++
		wait, err := strconv.ParseInt(words[2], 10, 64)
		must(w.t, err)
		w.waits = append(w.waits, wait)
	case "begins":
		at := map[int64]bool{}
		for patient := range w.out {
			at[patient] = true
		}
		w.begun[words[1]+words[2]] = at
	case "over":
		if words[2] != "first" {
			w.again++
		} else {
			w.answers++
			w.in[words[1]] = nil
			if len(words) > 3 {
				for patient := range strings.SplitSeq(words[3], ",") {
					number, err := strconv.ParseInt(patient, 10, 64)
					must(w.t, err)
					w.in[words[1]] = append(w.in[words[1]], number)
				}
			}
		}
		for _, patient := range w.in[words[1]] {
			if w.begun[words[1]+words[2]][patient] {
				w.t.Errorf("an answer was handed over (%s) that counts patient %d, who had withdrawn", words[2], patient)
			}
		}
	}
}
