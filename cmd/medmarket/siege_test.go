package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// siege is a serve that is killed again and again under everyone who uses it, and
// what each of them was told: it has to be true ever after.
type siege struct {
	*town
	n    network
	folk folk
	fell atomic.Bool // serve was killed: from now on errors are to be expected

	asks     []*asked
	cut      int                         // asks finished after a kill
	anchored map[ledger.Hash]ledger.Hash // request id to the hash of its anchored receipt
	proven   map[uint64]ledger.Hash      // log index to the hash of the patient's anchored proof of consent

	patient      patient
	preferences  []*pb.SignedDocument // sent, by revision; revision 0 and the town's 1 are nil
	acknowledged atomic.Uint64        // revision

	onPaper      patient       // whose preferences the hospital records
	recorded     atomic.Uint64 // revision, acknowledged
	recordUnsure bool          // whether the next one was recorded as well

	studies []*study

	claimed, escrowed int64 // acknowledged, expected hashes, with the town's
	sent              int64 // the same of escrows that were sent
	claims, escrows   int   // how many

	head block // newest that was seen
}

// folk are the users' connections to one run of serve.
type folk struct {
	researcher, committee, steward, patient *person

	ledger *eth.Transactor // the researcher's
	block  func(ctx context.Context, number uint64) (block, error)
	hangUp func() // on the chain's node
}

// asked is a question that was sent; its reply is nil until it was acknowledged.
type asked struct {
	order *pb.AskRequest
	id    ledger.Hash
	cost  int64 // nano-rho
	work  int64 // expected hashes
	reply *pb.AskResponse

	// Cut off after the hospital had stored its answer, which somebody then left:
	// the charge stands, and it is never handed over.
	void bool

	// Revisions of the patient and of the one on paper that had been acknowledged
	// before it was sent.
	own, paper uint64
}

// study is a grant that was asked for.
type study struct {
	document            *pb.SignedDocument
	id                  ledger.Hash
	requested, approved bool // acknowledged
}

type block struct {
	number uint64
	hash   ledger.Hash
	work   int64 // expected hashes
}

func newSiege(t *testing.T) *siege {
	w := newTown(t, townConfig{omop: generated(t, 60), condition: 201826, margin: 2000, asks: 300, block: 1 << 14})
	w.close(t)
	work := int64(w.result.Credit.Earned * (1 << 20)) // all of which the town escrowed
	s := &siege{
		town: w, anchored: map[ledger.Hash]ledger.Hash{}, proven: map[uint64]ledger.Hash{}, claimed: work, escrowed: work, sent: work,
		patient: w.pop.people[0], preferences: make([]*pb.SignedDocument, 2), onPaper: w.pop.paper[0],
	}
	s.acknowledged.Store(1)
	s.recorded.Store(1)
	return s
}

func (s *siege) flags() []string {
	return []string{
		"--dataset", demoDataset, "--hospital", demoHospital, "--confirmations", "1", "--interval", "1s", "--record", "300ms", "--publish", "200ms",
		"--coinbase", s.cast.researcher.address().String(),
	}
}

// enter connects everyone to a serve that has just started, which must be the one
// they know.
func (s *siege) enter(t *testing.T, d *daemon) {
	t.Helper()
	n := d.network(t)
	if known := s.n.Trust; len(known.Marketplaces) > 0 &&
		(n.Trust.Genesis != known.Genesis || n.Contracts != s.n.Contracts || n.Trust.Marketplaces[0] != known.Marketplaces[0]) {
		t.Fatalf("after the kill the network is another: %+v, want %+v", n, s.n)
	}
	s.n = n
	for key, p := range map[*ledger.Key]**person{
		s.cast.researcher.key: &s.folk.researcher, s.cast.committee.key: &s.folk.committee,
		s.cast.steward.key: &s.folk.steward, s.patient.key: &s.folk.patient,
	} {
		one, err := newPerson(key, n)
		must(t, err)
		*p = one
	}
	client, err := eth.Dial(t.Context(), n.Chain)
	must(t, err)
	c, err := eth.New(t.Context(), eth.Config{Client: client, Addresses: n.Contracts, Domain: n.Trust.Domain(), Confirmations: n.Trust.Confirmations})
	must(t, err)
	s.folk.ledger, err = eth.NewTransactor(c, s.cast.researcher.key)
	must(t, err)
	s.folk.hangUp = client.Close
	s.folk.block = func(ctx context.Context, number uint64) (block, error) {
		h, err := client.HeaderByNumber(ctx, new(big.Int).SetUint64(number))
		if err != nil {
			return block{}, err
		}
		seal, err := pow.ParseSeal(h.Extra)
		return block{number, ledger.Hash(h.Hash()), int64(seal.Difficulty)}, err
	}
}

// attack has everyone at work until serve is killed, and takes their leave of it.
func (s *siege) attack(t *testing.T, d *daemon) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s.fell.Store(false)
	answered := slices.DeleteFunc(slices.Clone(s.asks), func(one *asked) bool { return one.reply == nil })
	var users sync.WaitGroup
	for what, act := range map[string]func(context.Context) error{
		"asking": s.ask, "preferring": s.prefer, "claiming and escrowing": s.earn, "getting a grant": s.apply,
		"watching the head": s.watch, "recording what is on paper": s.note,
		"reading receipts":          func(ctx context.Context) error { return s.read(ctx, answered) },
		"reading proofs of consent": func(ctx context.Context) error { return s.prove(ctx, answered) },
	} {
		users.Go(func() {
			for !s.fell.Load() {
				if err := act(ctx); err != nil && !s.fell.Load() {
					t.Errorf("%s: %v", what, err)
					return
				}
			}
		})
	}
	killing := time.NewTimer(rand.N(longAttack))
	<-killing.C
	s.fell.Store(true)
	d.kill()
	users.Wait()
	s.leave()
}

// leave closes the connections; what they say of a serve that was killed does not matter.
func (s *siege) leave() {
	_ = errors.Join(s.folk.researcher.close(), s.folk.committee.close(), s.folk.steward.close(), s.folk.patient.close())
	s.folk.hangUp()
}

// ask finishes the question that was cut off, if one was, and asks a new one.
func (s *siege) ask(ctx context.Context) error {
	if n := len(s.asks); n > 0 && s.asks[n-1].open() {
		return s.send(ctx, s.asks[n-1])
	}
	q := s.query()
	q.Precision = &pb.Query_NanoRho{NanoRho: int64(500 + len(s.asks))}
	quote, err := s.folk.researcher.quote(ctx, q)
	if err != nil {
		return err
	}
	order, err := s.folk.researcher.order(terms{grant: s.grant, use: duo.Use{Permission: duo.HMB}}, quote)
	if err != nil {
		return err
	}
	var a ledger.Ask
	if err := ledger.ParseCanonical(order.GetAsk(), &a); err != nil {
		return err
	}
	one := &asked{order: order, id: a.RequestID, cost: quote.GetCost().GetNanoRho(), work: quote.GetWork(), own: s.acknowledged.Load(), paper: s.recorded.Load()}
	s.asks = append(s.asks, one)
	one.reply, err = pb.NewQueryServiceClient(s.folk.researcher.market).Ask(ctx, order)
	return err
}

// send sends a question that was cut off again.
func (s *siege) send(ctx context.Context, one *asked) (err error) {
	one.reply, err = pb.NewQueryServiceClient(s.folk.researcher.market).Ask(ctx, one.order)
	if one.void = reasonOf(err) == "QUERY_FAILED"; err == nil || one.void {
		s.cut++
		return nil
	}
	return err
}

// open reports whether a question waits for its answer.
func (one *asked) open() bool { return one.reply == nil && !one.void }

// prefer sets the patient's preference to another.
func (s *siege) prefer(ctx context.Context) error {
	if s.acknowledged.Load()+1 < uint64(len(s.preferences)) {
		if err := s.recall(ctx); err != nil {
			return err
		}
	}
	next := uint64(len(s.preferences))
	doc, err := s.folk.patient.sign(ledger.KindReleasePreference,
		provider.PreferenceStatement{Provider: s.n.Trust.Providers[0], Grantor: provider.Self(), Preference: wish(next).preference()}, next)
	if err != nil {
		return err
	}
	s.preferences = append(s.preferences, doc)
	_, err = pb.NewPreferenceServiceClient(s.folk.patient.clinic).SetPreferences(ctx, &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{doc}})
	if err == nil {
		s.acknowledged.Store(next)
	}
	return err
}

// recall asks which preference is on record: one that was sent, and none before
// the last that was acknowledged.
func (s *siege) recall(ctx context.Context) error {
	r, err := pb.NewPreferenceServiceClient(s.folk.patient.clinic).GetPreference(ctx, &pb.GetPreferenceRequest{})
	if err != nil {
		return err
	}
	got := r.GetPreference()
	if least := s.acknowledged.Load(); got.GetRevision() < least || got.GetRevision() >= uint64(len(s.preferences)) {
		return fmt.Errorf("the preference is at revision %d; %d was acknowledged, %d sent", got.GetRevision(), least, len(s.preferences)-1)
	}
	if sent := s.preferences[got.GetRevision()]; sent != nil && !proto.Equal(sent, got) {
		return fmt.Errorf("the preference is\n%v\nwant\n%v", got, sent)
	}
	s.acknowledged.Store(got.GetRevision())
	s.preferences = s.preferences[:got.GetRevision()+1]
	return nil
}

// note has the steward record the next preference that is on paper.
func (s *siege) note(ctx context.Context) error {
	next := s.recorded.Load() + 1
	unsure := s.recordUnsure
	s.recordUnsure = true
	err := s.recordOne(ctx, next)
	if unsure && reasonOf(err) == "STALE_REVISION" {
		err = nil // it was recorded before serve fell
	}
	if err == nil {
		s.recorded.Store(next)
		s.recordUnsure = false
	}
	return err
}

func (s *siege) recordOne(ctx context.Context, revision uint64) error {
	_, err := s.folk.steward.record(ctx, provider.Paper, []provider.RecordedPreference{
		{Patient: s.onPaper.number, Revision: revision, Preference: wish(revision).preference()},
	})
	return err
}

// wish is what somebody says at a revision: nothing is permitted when a day has had nearly all that may be.
func wish(revision uint64) choice {
	switch {
	case revision > provider.MaxDaily/2:
		return nothing
	case revision%2 == 0:
		return censusOnly
	default:
		return anyHealthResearch
	}
}

// reasonOf is the reason code of an error of the API, "" for any other error.
func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// earn claims the researcher's newest blocks and escrows a part of their work.
func (s *siege) earn(ctx context.Context) error {
	claimed, err := s.folk.ledger.Claim(ctx)
	s.claimed += int64(claimed.Work)
	if err != nil {
		return err
	}
	if claimed.Blocks == 0 {
		return pause(ctx)
	}
	s.claims++
	part := int64(claimed.Work / 2)
	s.sent += part
	if err := s.folk.ledger.AddEscrow(ctx, s.n.Trust.Marketplaces[0], part); err != nil {
		return err
	}
	s.escrowed += part
	s.escrows++
	return nil
}

// apply takes the grant that was cut off further, or asks for a new one.
func (s *siege) apply(ctx context.Context) error {
	if n := len(s.studies); n > 0 && !s.studies[n-1].approved {
		return s.pursue(ctx, s.studies[n-1])
	}
	now := time.Now()
	g := policy.Grant{
		ID: fmt.Sprint("siege-", len(s.studies)), Protocol: "Siege", Committee: s.folk.committee.address().String(),
		Researchers: []string{s.folk.researcher.address().String()}, SponsorType: policy.Academic, Countries: []string{"DE"},
		Purposes: []policy.DataUse{{Permission: duo.HMB}}, Datasets: []policy.DatasetCeiling{{Dataset: demoDataset, NanoRho: 1000}},
		Period: policy.Period{Start: now.Add(-time.Hour).Unix(), End: now.AddDate(1, 0, 0).Unix()},
	}
	doc, err := s.folk.researcher.sign(ledger.KindDataGrant, g.Normalize(), 1)
	if err != nil {
		return err
	}
	one := &study{document: doc}
	s.studies = append(s.studies, one)
	return s.pursue(ctx, one)
}

// pursue files a grant's document and has it approved, as far as that was not done.
func (s *siege) pursue(ctx context.Context, one *study) error {
	if !one.requested {
		r, err := pb.NewGrantServiceClient(s.folk.researcher.market).RequestGrant(ctx, &pb.RequestGrantRequest{Document: one.document})
		if err != nil {
			return err
		}
		one.id, one.requested = ledger.Hash(r.GetId()), true
	}
	r, err := pb.NewGrantServiceClient(s.folk.committee.market).GetGrant(ctx, &pb.GetGrantRequest{Id: one.id[:]})
	if err != nil {
		return err
	}
	if !r.GetGrant().GetApproved() { // it may be, without having said so
		if err := s.folk.committee.approveGrant(ctx, one.id); err != nil {
			return err
		}
	}
	one.approved = true
	return nil
}

// watch notes the newest block there is.
func (s *siege) watch(ctx context.Context) error {
	number, err := s.folk.ledger.Head(ctx)
	if err != nil {
		return err
	}
	head, err := s.folk.block(ctx, number)
	if err != nil {
		return err
	}
	s.head = head
	return pause(ctx)
}

// read fetches one of the receipts and notes it if it is anchored.
func (s *siege) read(ctx context.Context, answered []*asked) error {
	if len(answered) == 0 {
		return pause(ctx)
	}
	one := answered[rand.N(len(answered))]
	content, anchored, err := s.folk.researcher.receipt(ctx, one.id, 0)
	if err != nil || !anchored {
		return err
	}
	if _, err := verifier.Receipt(content, s.n.Trust, time.Now().Unix()); err != nil {
		return err
	}
	s.anchored[one.id] = ledger.HashBytes(content)
	return pause(ctx)
}

// prove fetches the patient's proof of what she was committed to at one of the
// answers, and notes it if it is anchored.
func (s *siege) prove(ctx context.Context, answered []*asked) error {
	if len(answered) == 0 {
		return pause(ctx)
	}
	one := answered[rand.N(len(answered))]
	content, proof, err := s.folk.patient.consentProof(ctx, &pb.GetConsentProofRequest{AsOf: one.reply.GetAnswer().GetAsOf()})
	if err != nil || proof.Anchor == nil {
		return errors.Join(err, pause(ctx))
	}
	if err := s.holds(content, one, one.own); err != nil {
		return err
	}
	s.proven[proof.Checkpoint.Size] = ledger.HashBytes(content)
	return pause(ctx)
}

// holds verifies that a proof is of the hospital's commitment at an answer, to a
// preference at least as new as had been acknowledged when the question was sent.
func (s *siege) holds(content []byte, one *asked, least uint64) error {
	c, err := verifier.Consent(content, s.n.Trust, time.Now().Unix())
	if err != nil {
		return err
	}
	var receipt ledger.Receipt
	if err := ledger.ParseCanonical(one.reply.GetReceipt(), &receipt); err != nil {
		return err
	}
	if err := verifier.ConsentAt(c.Proof, receipt); err != nil {
		return err
	}
	if c.Proof.Present == nil || c.Proof.Present.Entry.Revision < least {
		return fmt.Errorf("the hospital was committed to %+v at log index %d; revision %d had been acknowledged", c.Proof.Present, c.Proof.Checkpoint.Size, least)
	}
	return nil
}

// pause waits a little before the same is tried again.
func pause(ctx context.Context) error {
	again := time.NewTimer(100 * time.Millisecond)
	defer again.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-again.C:
		return nil
	}
}

// eventually waits until done says so.
func eventually(t *testing.T, what string, done func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		ok, err := done()
		must(t, err)
		if ok {
			return
		}
		if err := pause(ctx); err != nil {
			t.Fatalf("waiting until %s: %v", what, err)
		}
	}
}
