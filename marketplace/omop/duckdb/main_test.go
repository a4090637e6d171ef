package duckdb_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

// hospital is a small synthetic folder that the tests share and only read.
var hospital string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hospital-*")
	if err != nil {
		panic(err)
	}
	hospital = dir
	if _, err := synth.Generate(context.Background(), synth.Config{Patients: 400, Seed: 7, Dir: dir}); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m,
		// Started by the init of a dependency of dp/noise; it cannot be stopped.
		goleak.IgnoreAnyFunction("github.com/golang/glog.(*fileSink).flushDaemon"),
		goleak.Cleanup(func(code int) {
			_ = os.RemoveAll(dir) // the test has its result
			os.Exit(code)
		}))
}

func load(t testing.TB, folder string) (duckdb.Report, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "records.duckdb")
	r, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder, File: file, Key: []byte("secret")})
	if err != nil {
		t.Fatal(err)
	}
	return r, file
}

func open(t testing.TB, file string) *duckdb.Engine {
	t.Helper()
	e, err := duckdb.Open(t.Context(), duckdb.Config{File: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// failer is what a rapid check and a test have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func plan(t failer, e *duckdb.Engine, groups ...dp.Group) dp.Plan {
	t.Helper()
	year := e.Dataset().ReferenceYear
	if year == 0 {
		year = 2026
	}
	p, err := dp.NewPlan(dp.Query{Dataset: "hospital", GroupBy: groups, NanoRho: 1_000_000_000},
		dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: year})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// exact reads counts the only way there is: a release without noise.
func exact(t failer, tb testing.TB, p dp.Plan, e dp.Exact) []int64 {
	t.Helper()
	values, err := dp.Release(p, e, noisetest.None(tb))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

var (
	bySex = dp.Group{Kind: dp.Sex}
	byAge = dp.Group{Kind: dp.AgeBand, Edges: []int{0, 18, 40, 65}}
)

func has(domain cohort.Domain, descendants bool, concepts ...int64) dp.Group {
	return dp.Group{Kind: dp.HasEvent, Matches: cohort.Recorded(domain, descendants, concepts...)}
}
