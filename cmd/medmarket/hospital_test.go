package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// medmarket runs a command to its end and returns what it printed.
func medmarket(t *testing.T, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("medmarket")
	must(t, err)
	out, err := exec.CommandContext(t.Context(), program, args...).Output()
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}

// elsewhere is a hospital whose node is a process of its own.
type elsewhere struct {
	daemon
	dir, card, records string
	listen             string // for the marketplace; default: where its card says
	args               []string
}

// newElsewhere makes the node's folder and card, over records.
func newElsewhere(t *testing.T, name, records string) *elsewhere {
	t.Helper()
	h := &elsewhere{dir: filepath.Join(t.TempDir(), name), records: records}
	medmarket(t, "provider", "init", "--dir", h.dir, "--hospital", name, "--dataset", name, "--endpoint", freeAddress(t))
	h.card = filepath.Join(h.dir, cardFile)
	return h
}

// open starts the node, by the card of a marketplace whose ledger node it uses.
func (h *elsewhere) open(t *testing.T, market network, card string, flags ...string) {
	t.Helper()
	h.args = append([]string{
		"provider", "run", "--dir", h.dir, "--records", h.records, "--market", card, "--node", market.Chain,
		"--patients", "127.0.0.1:0", "--patients-http", "127.0.0.1:0",
	}, flags...)
	if h.listen != "" {
		h.args = append(h.args, "--listen", h.listen)
	}
	must(t, h.run(h.dir, h.args...))
	t.Cleanup(h.kill)
	must(t, h.ready())
}

// marketCardOf writes the card of a marketplace that has run in dir.
func marketCardOf(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "market.json")
	must(t, os.WriteFile(file, []byte(medmarket(t, "market", "card", "--dir", dir)), 0o600))
	return file
}

// stranger connects to a system as somebody who has a new key.
func stranger(t *testing.T, n network) *person {
	t.Helper()
	key, err := openKey(filepath.Join(t.TempDir(), "person.key"))
	must(t, err)
	p, err := newPerson(key, n)
	must(t, err)
	t.Cleanup(func() { must(t, p.close()) })
	return p
}

// A marketplace without a hospital of its own, and one whose node is a process of its own: they know one another by
// their cards, the hospital is registered and gets coins, and what its steward says is on offer.
func TestHospitalElsewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: a process and a chain; make test does it")
	}
	t.Parallel()
	h := newElsewhere(t, "st-bo", imported(t, generated(t, 20)))
	market := marketOnly(t, h.card)
	unregistered(t, market, h.records)
	h.open(t, market.network, marketCardOf(t, market.cfg.dir), "--record", "50ms", "--publish", "50ms")
	operator, err := newPerson(market.keys.operator, market.network)
	must(t, err)
	t.Cleanup(func() { must(t, operator.close()) })
	steward := stranger(t, h.network(t))
	must(t, operator.register(t.Context(), steward.address(), "st-bo", pb.Role_ROLE_STEWARD))
	document := policy.DatasetPolicy{
		Dataset: "st-bo", Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.HMB}},
		MaxNanoRhoPerQuery: 1000, MaxNanoRhoPerOrganisation: 1000, TotalNanoRho: 1000,
	}
	awaitNodes(t, "the steward is final", func() bool { return steward.setPolicy(t.Context(), document) == nil })
	list, err := pb.NewDatasetServiceClient(operator.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	if len(list.GetDatasets()) != 1 || list.GetDatasets()[0].GetId() != "st-bo" {
		t.Errorf("on offer: %v", list)
	}
	if err := operator.setPolicy(t.Context(), document); err == nil || !strings.Contains(err.Error(), errElsewhere.Error()) {
		t.Errorf("a hospital by the marketplace's network.json: %v", err)
	}
	must(t, h.stop())
	if h.stderr.Len() > 0 {
		t.Errorf("logged: %s", &h.stderr)
	}
}

// unregistered runs a hospital's node whose card the marketplace was not given, over a copy of records: it waits, and serves
// nobody meanwhile.
func unregistered(t *testing.T, market *system, records string) {
	t.Helper()
	content, err := os.ReadFile(records)
	must(t, err)
	h := newElsewhere(t, "unregistered", filepath.Join(t.TempDir(), filepath.Base(records)))
	must(t, os.WriteFile(h.records, content, 0o600))
	cards, err := readHospitalCards([]string{h.card})
	must(t, err)
	patients, web := freeAddress(t), freeAddress(t)
	must(t, h.run(h.dir, "provider", "run", "--dir", h.dir, "--records", h.records, "--market", marketCardOf(t, market.cfg.dir),
		"--node", market.network.Chain, "--patients", patients, "--patients-http", web))
	t.Cleanup(h.kill)
	if line, err := h.stdout.ReadString('\n'); err != nil || !strings.HasPrefix(line, "waiting until") {
		t.Fatalf("it printed %q, %v; logged: %s", line, err, &h.stderr)
	}
	for _, address := range []string{patients, web, cards[0].Endpoint} {
		if c, err := net.Dial("tcp", address); err == nil {
			t.Errorf("%s takes connections before the hospital is registered", address)
			must(t, c.Close())
		}
	}
}

// marketOnly is a marketplace in this process without a hospital, on a chain of its own with light blocks.
func marketOnly(t *testing.T, cards ...string) *system {
	t.Helper()
	c := serveCommand{
		Dir: t.TempDir(), Provider: cards, Hospital: "operator", Threads: 1, Confirmations: 1, Interval: time.Second, Market: "127.0.0.1:0",
		MarketHTTP: "127.0.0.1:0", Chain: "127.0.0.1:0", AnswerWithin: 10 * time.Second,
	}
	c.Record, c.Publish = 50*time.Millisecond, time.Hour
	cfg, err := c.config(quietEnv(t))
	must(t, err)
	cfg.rule = pow.Rule{GenesisDifficulty: 1 << 12, MinDifficulty: 1 << 12, TargetSpacing: 1}
	s, err := openSystem(t.Context(), cfg, func(string) {})
	must(t, err)
	t.Cleanup(func() { must(t, s.close()) })
	return s
}
