package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// TestBenchTimeline is part of make bench-records: `records timeline` of a doctor as it is run, a process that asks five hospitals at once, which are
// processes too. Each pointer is opened and checked against its hospital's log, and the log's root against the chain: each hospital makes
// the proof that its root is anchored, and the doctor's process checks it, within the time measured, by the headers of a real chain from the genesis
// block on. The chain is mined meanwhile, on the same machine.
func TestBenchTimeline(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("SKIP: a benchmark; make bench-records runs it")
	}
	const hospitals, each, runs = 5, 200, 9
	tables := make([]map[string]string, hospitals)
	for h := range tables {
		var events strings.Builder
		for i := range each {
			fmt.Fprintf(&events, "%d,7,201826,%s\n", i+1, time.Date(2010, 1, 1+h+i*10, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
		}
		tables[h] = map[string]string{"condition_occurrence": events.String()}
	}
	w := newWard(t, tables...)
	w.visits(t, hospitals)
	access := filepath.Join(w.dir, "access")
	w.share(t, hospitals, access)
	timeline := func() (anchored int, took time.Duration) {
		start := time.Now()
		out, stderr, code := ran(t, "records", "timeline", "--network", w.network(0), "--key", w.doctor, "--json", access)
		took = time.Since(start)
		var seen struct {
			Pointers []historyLine `json:"pointers"`
		}
		must(t, json.Unmarshal([]byte(out), &seen))
		if code != 0 || len(seen.Pointers) != hospitals*each {
			t.Fatalf("%d pointers: %d %s", len(seen.Pointers), code, stderr)
		}
		for _, l := range seen.Pointers {
			if l.Anchored {
				anchored++
			}
		}
		return anchored, took
	}
	awaitNodes(t, "all pointers are on the chain", func() bool {
		anchored, _ := timeline()
		return anchored == hospitals*each
	})
	var all []time.Duration
	for range runs {
		anchored, took := timeline()
		if anchored != hospitals*each {
			t.Fatalf("%d pointers are under an anchored root", anchored)
		}
		all = append(all, took)
	}
	slices.Sort(all)
	one := w.charts(t, access)[0]
	page, err := one.conn.ListPointers(t.Context(), &pb.ListPointersRequest{Access: one.document})
	must(t, err)
	anchor, err := anchorFrom(page.GetAnchor())
	must(t, err)
	const bar = 500
	median := ms(all[runs/2])
	t.Logf("bench: timeline_1000_ms %.1f %d pointers over %d hospitals at once, processes: opened, and checked against roots anchored on a chain (%d headers each); median of %d, %.1f at most; want %d at most",
		median, hospitals*each, hospitals, len(anchor.Headers), runs, ms(all[runs-1]), bar)
	if median > bar {
		t.Errorf("timeline_1000_ms %.1f, want %d at most", median, bar)
	}
}
