package main

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// asked is a question that was sent; answer is nil until it was acknowledged.
type asked struct {
	order  *pb.AskRequest
	cost   int64 // nano-rho
	work   int64 // expected hashes
	answer *pb.Answer
}

// siege is a researcher who asks and a patient who changes her mind, over and
// over, while serve is killed under them.
type siege struct {
	*town
	patient  *ledger.Key
	asks     []*asked
	revision uint64 // of the patient's preference: the last acknowledged
	sent     uint64 // and the last sent
}

// TestG5KilledServe kills serve (kill -9) at moments of chance under asks and
// preferences. Afterwards nothing that was acknowledged is lost: the same request
// gets the same answer, and the same chain, parties, grant and preference are
// there. The loss is the sum over the questions that were sent, each once: a
// question cut off by the kill is finished under its request id and charged
// neither twice nor not at all.
func TestG5KilledServe(t *testing.T) {
	t.Parallel()
	kills := 3
	if long {
		kills = 20
	}
	w := newTown(t, townConfig{omop: generated(t, 60), condition: 201826, margin: 2000, asks: 400, block: 1 << 14})
	w.close(t)
	s := &siege{town: w, patient: w.pop.people[0].key, revision: 1, sent: 1}
	d := &daemon{}
	defer d.kill()
	var trust network
	cut := 0
	for round := range kills + 1 {
		must(t, d.start(w.s.cfg.dir, w.s.cfg.records, "--dataset", demoDataset, "--hospital", demoHospital,
			"--confirmations", "1", "--interval", "1s"))
		n := d.network(t)
		if round == 0 {
			trust = n
		}
		if n.Trust.Genesis != trust.Trust.Genesis || n.Contracts != trust.Contracts || n.Trust.Marketplaces[0] != trust.Trust.Marketplaces[0] {
			t.Fatalf("after kill %d the network is another: %+v, want %+v", round, n, trust)
		}
		cut += s.check(t, n)
		if round < kills {
			s.attack(t, n, d)
		}
	}
	must(t, d.stop())
	t.Logf("bench: %d kills, %d questions, %d of them cut off and finished later, %d preferences", kills, len(s.asks), cut, s.sent)
}

// attack asks and signs until serve is killed, at least one answer after its start.
func (s *siege) attack(t *testing.T, n network, d *daemon) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answered, signed := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(signed)
		s.sign(ctx, t, n)
	}()
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		<-answered
		delay := time.NewTimer(rand.N(150 * time.Millisecond))
		<-delay.C
		_ = d.cmd.Process.Kill() // waited for below
	}()
	s.ask(ctx, t, n, answered)
	<-killed
	<-signed
	d.kill()
}

// ask asks one question after another until one fails.
func (s *siege) ask(ctx context.Context, t *testing.T, n network, answered chan<- struct{}) {
	defer close(answered)
	researcher, err := newPerson(s.cast.researcher.key, n)
	if err != nil {
		t.Error(err)
		return
	}
	defer researcher.close() // of a server that was killed
	for {
		q, err := researcher.quote(ctx, s.query())
		if err != nil {
			return
		}
		order, err := researcher.order(terms{dataset: demoDataset, grant: s.grant, use: duo.Use{Permission: duo.HMB}}, q)
		if err != nil {
			t.Error(err)
			return
		}
		one := &asked{order: order, cost: q.GetCost().GetNanoRho(), work: q.GetWork()}
		s.asks = append(s.asks, one)
		r, err := pb.NewQueryServiceClient(researcher.market).Ask(ctx, order)
		if err != nil {
			return
		}
		one.answer = r.GetAnswer()
		select {
		case answered <- struct{}{}:
		default:
		}
	}
}

// sign sets the patient's preference, revision after revision, until that fails.
func (s *siege) sign(ctx context.Context, t *testing.T, n network) {
	patient, err := newPerson(s.patient, n)
	if err != nil {
		t.Error(err)
		return
	}
	defer patient.close() // of a server that was killed
	for {
		next := s.revision + 1
		choice := anyHealthResearch
		if next%2 == 0 {
			choice = censusOnly
		}
		doc, err := patient.sign(ledger.KindReleasePreference,
			provider.PreferenceStatement{Provider: n.Trust.Providers[0], Grantor: provider.Self(), Preference: choice.preference()}, next)
		if err != nil {
			t.Error(err)
			return
		}
		s.sent = next
		_, err = pb.NewPreferenceServiceClient(patient.clinic).SetPreferences(ctx, &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{doc}})
		if err != nil {
			return
		}
		s.revision = next
	}
}

// check compares a running serve with what was acknowledged and finishes the
// question that was cut off, if one was; it returns how many were.
func (s *siege) check(t *testing.T, n network) (cut int) {
	t.Helper()
	researcher, err := newPerson(s.cast.researcher.key, n)
	must(t, err)
	defer func() { must(t, researcher.close()) }()
	var cost, work int64
	for i, one := range s.asks {
		r, err := pb.NewQueryServiceClient(researcher.market).Ask(t.Context(), one.order)
		if err != nil {
			t.Fatalf("question %d of %d, acknowledged %t: %v", i, len(s.asks), one.answer != nil, err)
		}
		if one.answer == nil {
			one.answer = r.GetAnswer()
			cut++
		}
		if !proto.Equal(one.answer, r.GetAnswer()) {
			t.Errorf("question %d: answered\n%v, and after the kill\n%v", i, one.answer, r.GetAnswer())
		}
		cost, work = cost+one.cost, work+one.work
	}
	account, err := researcher.account(t.Context())
	must(t, err)
	if account.GetDrawn() != work {
		t.Errorf("%d hashes drawn, want %d", account.GetDrawn(), work)
	}
	datasets, err := pb.NewDatasetServiceClient(researcher.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	if spent := datasets.GetDatasets()[0].GetSpent().GetNanoRho(); spent != cost {
		t.Errorf("%d nano-rho spent of the dataset, want %d", spent, cost)
	}
	s.checkPreference(t, n)
	return cut
}

func (s *siege) checkPreference(t *testing.T, n network) {
	t.Helper()
	patient, err := newPerson(s.patient, n)
	must(t, err)
	defer func() { must(t, patient.close()) }()
	r, err := pb.NewPreferenceServiceClient(patient.clinic).GetPreference(t.Context(), &pb.GetPreferenceRequest{})
	must(t, err)
	got := r.GetPreference().GetRevision()
	if got < s.revision || got > s.sent {
		t.Errorf("the preference is at revision %d; %d was acknowledged, %d sent", got, s.revision, s.sent)
	}
	s.revision, s.sent = got, got
}
