package main

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
	"github.com/medmarket/medmarket/marketplace/server"
)

// town is a running system with a demo's people in it: enrolled, granted, and
// the researcher with credit.
type town struct {
	*story
	closed bool
}

type townConfig struct {
	omop      string      // folder of OMOP tables
	records   recordsName // which are there already; default: the folder is imported
	state     stateName   // of marketplace and hospital; default: in files
	condition int64
	margin    float64
	asks      int64  // how many questions at that margin the researcher's credit pays for
	block     uint64 // expected hashes of each block, one a second at most
	log       *slog.Logger
	limits    server.Limits // default: the server's
}

// newTown plays the demo's chapters up to the question. All blocks are sealed
// for the researcher from the first on, so that little time goes by.
func newTown(t *testing.T, c townConfig) *town {
	t.Helper()
	e, dir := quietEnv(t), t.TempDir()
	if c.log != nil {
		e.log = c.log
	}
	cmd := &demoCommand{Seed: 1, Condition: c.condition, Margin: c.margin, Market: "127.0.0.1:0", Clinic: "127.0.0.1:0", MarketHTTP: "127.0.0.1:0", ClinicHTTP: "127.0.0.1:0", Chain: "127.0.0.1:0"}
	cfg := cmd.config(e, dir)
	cfg.vocabulary = "" // the demo makes it beside the records
	cfg.confirmations = 1
	cfg.metricsAddr = "127.0.0.1:0"
	cfg.limits = c.limits
	cfg.state, cfg.marketState = c.state, c.state
	cfg.slots = nil         // answers leave when they are counted
	cfg.publish = time.Hour // the hospital's log grows by questions only
	// A busy machine earns as much a block.
	cfg.rule = pow.Rule{GenesisDifficulty: c.block, MinDifficulty: c.block, TargetSpacing: 1}
	must(t, os.MkdirAll(filepath.Join(dir, "keys"), 0o700))
	researcher, err := openKey(filepath.Join(dir, "keys", "researcher.key"))
	must(t, err)
	cfg.coinbase = researcher.Address()
	var report duckdb.Report
	if cfg.records = cmp.Or(c.records, cfg.records); c.records == "" {
		report, err = importRecords(e, c.omop, string(cfg.records))
		must(t, err)
	}
	s, err := openSystem(e.ctx, cfg, func(string) {})
	must(t, err)
	w := &town{story: &story{demoCommand: cmd, t: newTeller(e, false), s: s, report: report}}
	w.cast, err = newCast(s)
	must(t, err)
	t.Cleanup(func() { w.close(t) })
	must(t, w.register(t.Context()))
	must(t, w.patients(t.Context()))
	must(t, w.study(t.Context()))
	q, err := w.cast.researcher.quote(t.Context(), w.query()) // the demo's first question is what towns ask
	must(t, err)
	w.work = q.GetWork() * c.asks
	must(t, w.credit(t.Context()))
	return w
}

func (w *town) close(t *testing.T) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	must(t, w.cast.close())
	must(t, w.s.close())
}

// generated returns a folder with a synthetic hospital.
func generated(t testing.TB, patients int) string {
	t.Helper()
	dir := t.TempDir()
	_, err := synth.Generate(t.Context(), synth.Config{Patients: patients, Seed: 3, Dir: dir})
	must(t, err)
	return dir
}

// imported loads a folder of OMOP tables.
func imported(t testing.TB, folder string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "records.duckdb")
	_, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder, File: file, Key: []byte("secret")})
	must(t, err)
	return file
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plain connects to the marketplace without signing anything.
func (w *town) plain(t *testing.T) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(w.cast.researcher.net.Marketplace, grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	return conn
}
