package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// five are five hospitals as processes: the four folders of shared/data, or generated ones where there are none, and one more that
// is generated, on Postgres; their marketplace, and a study at all of them.
type five struct {
	market     *system
	card       string // of the marketplace
	hospitals  []*elsewhere
	gates      map[int]*gate      // before the fourth and the fifth
	numbers    map[string][]int64 // of some of their patients, by dataset
	researcher *person
	grant      ledger.Hash
}

// fiveRecords imports what the hospitals have.
func fiveRecords(t *testing.T) (files []string) {
	t.Helper()
	folders := []string{generated(t, 500)}
	if shared := omoptest.SharedData(); shared != "" {
		for _, name := range []string{"gibleed", "nafld_omop", "synthea1k_uon", "synthea27nj"} {
			folders = append(folders, filepath.Join(shared, name))
		}
	} else {
		t.Log("SKIP: no shared/data beside the repository: all five hospitals are generated")
		for range 4 {
			folders = append(folders, generated(t, 200))
		}
	}
	for _, folder := range folders {
		files = append(files, imported(t, folder))
	}
	if !omoptest.HasPostgres() {
		t.Log("SKIP: no Postgres on this machine: all hospitals have DuckDB files")
		return files
	}
	files[0] = inDatabase(t, files[0])
	return files
}

// inDatabase loads a hospital's records into a Postgres of its own, and makes them ready.
func inDatabase(t *testing.T, file string) (records string) {
	t.Helper()
	d, err := startDatabase(t.Context(), file, t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, d.stop()) })
	connection := filepath.Join(t.TempDir(), "db.conn")
	must(t, os.WriteFile(connection, []byte(d.role), 0o600))
	must(t, (&prepareCommand{Postgres: connection, Schema: "cdm"}).Run(quietEnv(t)))
	return inPostgres + connection
}

func newFive(t *testing.T) *five {
	t.Helper()
	key, err := openKey(filepath.Join(t.TempDir(), "researcher.key"))
	must(t, err)
	f := &five{numbers: map[string][]int64{}, gates: map[int]*gate{}}
	var cards []string
	for i, file := range fiveRecords(t) {
		h := newElsewhere(t, fmt.Sprint("hospital-", i+1), file)
		f.hospitals, cards = append(f.hospitals, h), append(cards, h.card)
		engine, err := recordsName(file).open(t.Context(), quietEnv(t).log)
		must(t, err)
		numbers, err := patientNumbers(t.Context(), engine)
		must(t, err)
		must(t, engine.Close())
		f.numbers[filepath.Base(h.dir)] = numbers[:min(len(numbers), 200)]
	}
	f.market = marketOnly(t, cards...)
	f.market.miner.SetCoinbase(chain.Address(key.Address()))
	f.card = marketCardOf(t, f.market.cfg.dir)
	for _, i := range []int{3, 4} {
		f.gates[i] = newGate(t, f.hospitals[i], f.market.cfg.dir)
	}
	f.researcher, err = newPerson(key, f.market.network)
	must(t, err)
	t.Cleanup(func() { must(t, f.researcher.close()) })
	operator, err := newPerson(f.market.keys.operator, f.market.network)
	must(t, err)
	t.Cleanup(func() { must(t, operator.close()) })
	committee := stranger(t, f.market.network)
	must(t, operator.register(t.Context(), committee.address(), "Ethics Committee", pb.Role_ROLE_COMMITTEE))
	must(t, operator.register(t.Context(), key.Address(), "University", pb.Role_ROLE_RESEARCHER))
	study := studyFlags{
		Protocol: "Patients by sex", Committee: committee.address(), Epsilon: 1, Purpose: []string{"HMB"}, Sponsor: "academic", Country: []string{"US"}, Days: 365,
	}
	for _, h := range f.hospitals {
		f.open(t, h)
		f.settle(t, operator, h)
		study.Dataset = append(study.Dataset, filepath.Base(h.dir))
	}
	g, err := study.grant(key.Address())
	must(t, err)
	awaitNodes(t, "the grant is filed", func() bool {
		f.grant, err = f.researcher.requestGrant(t.Context(), g)
		return err == nil
	})
	must(t, committee.approveGrant(t.Context(), f.grant))
	f.earn(t)
	return f
}

// open starts a hospital's node, again if need be.
func (f *five) open(t *testing.T, h *elsewhere) {
	t.Helper()
	h.open(t, f.market.network, f.card, "--reference-year", "2020", "--answer-slots", "0", "--record", "1s")
}

// settle has a hospital's steward release the sex of its patients, some of whom permit everything.
func (f *five) settle(t *testing.T, operator *person, h *elsewhere) {
	t.Helper()
	name := filepath.Base(h.dir)
	steward := stranger(t, h.network(t))
	must(t, operator.register(t.Context(), steward.address(), name, pb.Role_ROLE_STEWARD))
	document := policy.DatasetPolicy{
		Dataset: name, Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.HMB}},
		Columns:            []policy.Column{{Name: "person.gender_concept_id", Category: policy.Demographics, Finest: policy.LevelGroups}},
		MaxNanoRhoPerQuery: 10_000_000, MaxNanoRhoPerOrganisation: 100_000_000, TotalNanoRho: 100_000_000,
	}
	awaitNodes(t, "the steward is final", func() bool { return steward.setPolicy(t.Context(), document) == nil })
	people, err := newPopulation(1, f.numbers[name], h.network(t))
	must(t, err)
	quiet := func(int, int) {}
	must(t, people.enrol(t.Context(), steward, quiet))
	must(t, people.choose(t.Context(), steward, quiet))
}

// earn has the researcher escrow what she has sealed, and waits for the grant.
func (f *five) earn(t *testing.T) {
	t.Helper()
	s := f.market
	mine, err := eth.NewTransactor(s.reader, f.researcher.key)
	must(t, err)
	market := s.network.Trust.Marketplaces[0]
	awaitNodes(t, "credit and grant are final", func() bool {
		if claimed, err := mine.Claim(t.Context()); err == nil && claimed.Work > 0 {
			must(t, mine.AddEscrow(t.Context(), market, int64(claimed.Work)))
		}
		escrow, err := s.reader.Escrow(t.Context(), f.researcher.address(), market)
		must(t, err)
		final, err := f.researcher.grantFinal(t.Context(), f.grant)
		return err == nil && final && escrow >= 1<<16
	})
}

// quote prices a question to all five; the margin makes it another one.
func (f *five) quote(t *testing.T, margin float64) *pb.QuoteResponse {
	t.Helper()
	q := &pb.Query{
		Dataset: "hospital-1", Precision: &pb.Query_Margin{Margin: margin}, GroupBy: []*pb.GroupBy{{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}},
	}
	for i := range f.hospitals[1:] {
		q.Also = append(q.Also, fmt.Sprint("hospital-", i+2))
	}
	out, err := f.researcher.quote(t.Context(), q)
	must(t, err)
	return out
}

const (
	hasAnswered = pb.HospitalState_HOSPITAL_STATE_ANSWERED
	isDown      = pb.HospitalState_HOSPITAL_STATE_DOWN
	isLate      = pb.HospitalState_HOSPITAL_STATE_SLOW
	isNoAnswer  = pb.HospitalState_HOSPITAL_STATE_INVALID
)

// states are what became of an answer's hospitals.
func states(a *pb.Answer) (out []pb.HospitalState) {
	for _, h := range a.GetHospitals() {
		out = append(out, h.GetState())
	}
	return out
}

// spent is what each hospital has charged, in nano-rho.
func (f *five) spent(t *testing.T) (out []int64) {
	t.Helper()
	list, err := pb.NewDatasetServiceClient(f.researcher.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	for _, d := range list.GetDatasets() {
		out = append(out, d.GetSpent().GetNanoRho())
	}
	return out
}

// Five hospitals as processes of their own: one question over all is answered and its receipt verifies; when one is killed, one
// stands still, one is asked and answers twice and one answers garbage, the answer says so, nothing is charged twice, and nothing
// is lost. One that is slow by five seconds is waited for.
func TestG5FiveHospitals(t *testing.T) {
	if !long {
		t.Skip("five processes, and people at each: make test-long")
	}
	t.Parallel()
	f := newFive(t)
	f.whole(t, 900)
	before := f.spent(t)
	q := f.quote(t, 800)
	cost := q.GetCost().GetNanoRho()
	order, err := f.researcher.order(terms{grant: f.grant, use: duo.Use{Permission: duo.HMB}, partial: true}, q)
	must(t, err)
	f.hospitals[1].kill()
	must(t, f.hospitals[2].cmd.Process.Signal(syscall.SIGSTOP)) // it stands still for longer than it is waited for
	f.gates[3].trouble.Store(doubles)
	f.gates[4].trouble.Store(garbles)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var again errgroup.Group
	var second *pb.AskResponse
	again.Go(func() (err error) {
		second, err = pb.NewQueryServiceClient(f.researcher.market).Ask(ctx, order)
		return err
	})
	first, err := pb.NewQueryServiceClient(f.researcher.market).Ask(ctx, order)
	must(t, err)
	must(t, again.Wait())
	got := states(first.GetAnswer())
	if got[2] == isDown { // its connection may have been found dead sooner
		got[2] = isLate
	}
	if !slices.Equal(got, []pb.HospitalState{hasAnswered, isDown, isLate, hasAnswered, isNoAnswer}) || !first.GetAnswer().GetPartial() {
		t.Errorf("partial answer: %v", first.GetAnswer())
	}
	var receipts [2]ledger.Receipt
	for i, r := range []*pb.AskResponse{first, second} {
		must(t, ledger.ParseCanonical(r.GetReceipt(), &receipts[i]))
	}
	if receipts[0].Signature != receipts[1].Signature {
		t.Error("one ask has two answers")
	}
	f.verified(t, first)

	must(t, f.hospitals[2].cmd.Process.Signal(syscall.SIGCONT))
	f.open(t, f.hospitals[1])
	awaitNodes(t, "all are there again", func() bool { return len(f.spent(t)) == len(before) })
	for i, spent := range f.spent(t) {
		charged := spent - before[i]
		if want := []int64{cost, 0, -1, cost, cost}[i]; charged != want && (want >= 0 || charged != 0 && charged != cost) {
			t.Errorf("hospital %d charged %d for one ask at %d", i+1, charged, cost)
		}
	}
	f.gates[3].trouble.Store(isSlow)
	f.gates[4].trouble.Store(noTrouble)
	f.whole(t, 700)
}

// whole asks all five, which must answer.
func (f *five) whole(t *testing.T, margin float64) {
	t.Helper()
	reply, err := f.researcher.ask(t.Context(), terms{grant: f.grant, use: duo.Use{Permission: duo.HMB}}, f.quote(t, margin))
	must(t, err)
	if got := states(reply.GetAnswer()); !slices.Equal(got, []pb.HospitalState{hasAnswered, hasAnswered, hasAnswered, hasAnswered, hasAnswered}) ||
		reply.GetAnswer().GetPartial() || !reply.GetAnswer().GetCountedAtEach() {
		t.Fatalf("whole answer: %v", reply.GetAnswer())
	}
	f.verified(t, reply)
}

// verified checks an answer's receipt, but for its anchor.
func (f *five) verified(t *testing.T, reply *pb.AskResponse) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(f.market.cfg.dir, "trust.json"))
	must(t, err)
	trust, err := verifier.ParseTrust(content)
	must(t, err)
	if _, err := verifier.Receipt(reply.GetReceipt(), trust, time.Now().Unix()); err != nil && err.Error() != verifier.ErrPending.Error() {
		t.Errorf("receipt: %v", err)
	}
}
