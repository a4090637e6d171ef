package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// demoResult is what demo --json prints.
type demoResult struct {
	Answer struct {
		Groups []demoGroup `json:"groups"`
	} `json:"answer"`
	Measured []demoEstimate `json:"measured"`
	Cost     struct {       // of both questions
		Epsilon float64 `json:"epsilon"`
		Delta   float64 `json:"delta"`
		NanoRho int64   `json:"nano_rho"`
	} `json:"cost"`
	Credit struct {
		Blocks int     `json:"blocks"`
		Earned float64 `json:"earned"` // credits
		Spent  float64 `json:"spent"`  // credits
	} `json:"credit"`
	Refusal struct {
		Reasons []string `json:"reasons"`
	} `json:"refusal"`
	Receipt struct {
		ID       string `json:"id"`
		Anchored bool   `json:"anchored"`
		Block    uint64 `json:"block"`
		Verified bool   `json:"verified"`
	} `json:"receipt"`
	Consent struct {
		AsOf     uint64 `json:"as_of"`
		Status   string `json:"status"`
		Verified bool   `json:"verified"`
	} `json:"consent"`
}

// demoGroup is one group of the answer. True is the exact count over the
// patients who were eligible, which the demo computes itself from the records
// it loaded; it is there only for synthetic data or the owner's.
type demoGroup struct {
	Key   string `json:"key"`
	Value int64  `json:"value"`
	Low   int64  `json:"low"`
	High  int64  `json:"high"`
	True  *int64 `json:"true,omitempty"`
}

// displayDelta is the delta at which the demo says what a cost is in epsilon.
const displayDelta = 1e-6

// cast is who plays in the demo.
type cast struct{ operator, steward, committee, researcher *person }

func (c cast) close() error {
	return errors.Join(c.operator.close(), c.steward.close(), c.committee.close(), c.researcher.close())
}

// story is the demo under way.
type story struct {
	*demoCommand
	t      *teller
	s      *system
	cast   cast
	report duckdb.Report
	result demoResult
	pop    *population
	grant  ledger.Hash
	work   int64  // price of the questions, expected hashes
	asOf   uint64 // log index of the answer
}

func (c *demoCommand) tell(ctx context.Context, t *teller, s *system, report duckdb.Report) (r demoResult, err error) {
	st := &story{demoCommand: c, t: t, s: s, report: report}
	if st.cast, err = newCast(s); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, st.cast.close()) }()
	for _, chapter := range []func(context.Context) error{
		st.register, st.patients, st.study, st.credit, st.question, st.measured, st.refused, st.verified, st.consented, st.tour,
	} {
		if err := chapter(ctx); err != nil {
			return st.result, err
		}
	}
	return st.result, nil
}

func newCast(s *system) (c cast, err error) {
	if c.operator, err = newPerson(s.keys.operator, s.network); err != nil {
		return c, err
	}
	for name, p := range map[string]**person{"steward": &c.steward, "committee": &c.committee, "researcher": &c.researcher} {
		key, err := openKey(filepath.Join(s.cfg.dir, "keys", name+".key"))
		if err != nil {
			return c, err
		}
		if *p, err = newPerson(key, s.network); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (st *story) register(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range []struct {
		who  *person
		org  string
		role pb.Role
	}{
		{st.cast.steward, demoHospital, pb.Role_ROLE_STEWARD},
		{st.cast.committee, demoCommittee, pb.Role_ROLE_COMMITTEE},
		{st.cast.researcher, demoUniversity, pb.Role_ROLE_RESEARCHER},
	} {
		g.Go(func() error { return st.cast.operator.register(gctx, x.who.address(), x.org, x.role) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	err := st.s.await(ctx, func() (bool, error) {
		for _, p := range []*person{st.cast.steward, st.cast.committee, st.cast.researcher} {
			known, err := st.s.reader.Participant(ctx, p.address())
			if err != nil || known.Roles == 0 {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	st.t.step("The operator registered a steward, an ethics committee and a researcher on the chain. Patients are never on it.")
	err = st.cast.steward.setPolicy(ctx, policy.DatasetPolicy{
		Dataset: demoDataset, Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.HMB}},
		Columns: []policy.Column{
			{Name: "person.gender_concept_id", Category: policy.Demographics, Finest: policy.LevelGroups},
			{Name: "person.year_of_birth", Category: policy.Demographics, Finest: policy.LevelExact},
			{Name: "condition_occurrence.condition_concept_id", Category: policy.Conditions, Finest: policy.LevelCodes},
		},
		MaxNanoRhoPerQuery: 10_000_000, MaxNanoRhoPerOrganisation: 100_000_000, TotalNanoRho: 100_000_000, TotalDelta: 1 << 43, // 2^-20
	})
	if err != nil {
		return err
	}
	if err := st.cast.steward.setProfile(ctx, st.profile()); err != nil {
		return err
	}
	st.t.step("The steward released sex, age and conditions for health research: at most %.2f epsilon a question, %.2f in all, for ever.",
		epsilon(10_000_000), epsilon(100_000_000))
	return st.quoted(ctx)
}

func (st *story) patients(ctx context.Context) error {
	numbers, err := patientNumbers(ctx, st.s.engine)
	if err != nil {
		return err
	}
	if st.pop, err = newPopulation(st.Seed, numbers, st.s.network); err != nil {
		return err
	}
	p := newProgress(st.t.env, "patients")
	defer p.end()
	if err := st.pop.enrol(ctx, st.cast.steward, p.update); err != nil {
		return err
	}
	if err := st.pop.choose(ctx, st.cast.steward, p.update); err != nil {
		return err
	}
	p.end()
	n := st.pop.counts
	st.t.step("%d patients enrolled with their own keys and signed: %d any health research, %d census only, %d nothing.",
		len(st.pop.people), n[anyHealthResearch]+n[withdrew], n[censusOnly], n[nothing])
	if err := st.pop.record(ctx, st.cast.steward); err != nil {
		return err
	}
	st.t.step("The steward recorded %d patients without a key: any health research, on paper. %d were never asked and are not counted.",
		n[onPaper], n[neverAsked])
	if err := st.pop.withdraw(ctx, st.cast.steward, p.update); err != nil {
		return err
	}
	st.t.step("%d patients withdrew. No answer from now on includes them.", n[withdrew])
	return nil
}

func (st *story) study(ctx context.Context) (err error) {
	now := time.Now()
	st.grant, err = st.cast.researcher.requestGrant(ctx, policy.Grant{
		ID: "study-1", Protocol: "Diabetes by age and sex", Committee: st.cast.committee.address().String(),
		Researchers: []string{st.cast.researcher.address().String()}, SponsorType: policy.Academic, Countries: []string{"US"},
		Purposes: []policy.DataUse{{Permission: duo.HMB}},
		Datasets: []policy.DatasetCeiling{{Dataset: demoDataset, NanoRho: 50_000_000}},
		Period:   policy.Period{Start: now.Add(-time.Hour).Unix(), End: now.AddDate(1, 0, 0).Unix()},
	})
	if err != nil {
		return err
	}
	if err := st.cast.committee.approveGrant(ctx, st.grant); err != nil {
		return err
	}
	st.t.step("The researcher asked for a grant; the committee signed it: health research, %.2f epsilon at most, for a year.", epsilon(50_000_000))
	return nil
}

// What the researcher seals beyond the demo's questions: for small ones of whoever tries the demo's folder, and for those of
// whoever tries its pages.
const (
	spareWork = 1 << 16
	tourWork  = 1 << 20
)

// quoted tells the price and has the researcher start to seal for it.
func (st *story) quoted(ctx context.Context) error {
	q, err := st.cast.researcher.quote(ctx, st.query())
	if err != nil {
		return err
	}
	second, err := st.cast.researcher.quote(ctx, st.measures())
	if err != nil {
		return err
	}
	st.work = q.GetWork() + second.GetWork()
	st.t.step("Quote: %d groups, each within ±%.0f patients at 95%%, and a mean and a median cost %.3f epsilon and %s credits. Nothing is spent yet.",
		len(q.GetKeys()), q.GetMargin(), epsilon(q.GetCost().GetNanoRho()+second.GetCost().GetNanoRho()), credits(st.work))
	st.work += spareWork
	if !st.Once {
		st.work += tourWork
	}
	st.s.miner.SetCoinbase(chain.Address(st.cast.researcher.address()))
	st.t.detail("the researcher starts to seal blocks for it, by proof of work")
	return nil
}

// credit waits until the researcher's work pays for the question, and has her
// claim it.
func (st *story) credit(ctx context.Context) error {
	last, err := st.sealed(ctx)
	if err != nil {
		return err
	}
	st.s.miner.SetCoinbase(chain.Address(st.s.keys.provider.Address()))
	st.t.step("The researcher has sealed %d blocks, %.2f million hashes a second.", st.result.Credit.Blocks, st.s.miner.Stats().HashRate/1e6)
	return st.claim(ctx, last)
}

// sealed waits for enough work of the researcher and returns the number of her
// last block.
func (st *story) sealed(ctx context.Context) (last uint64, err error) {
	p := newProgress(st.t.env, "sealing: thousand hashes of work")
	defer p.end()
	mine := chain.Address(st.cast.researcher.address())
	for work := int64(0); work < st.work; {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case err := <-st.s.failed:
			return 0, err
		case h := <-st.s.blocks:
			if h.Coinbase != mine {
				continue
			}
			work += int64(h.Difficulty)
			last = h.Number
			st.result.Credit.Blocks++
			p.update(int(min(work, st.work)/1000), int(st.work/1000))
		}
	}
	return last, nil
}

// claim turns the sealed work into credit and escrows the price.
func (st *story) claim(ctx context.Context, last uint64) error {
	t, err := eth.NewTransactor(st.s.reader, st.cast.researcher.key)
	if err != nil {
		return err
	}
	err = st.s.await(ctx, func() (bool, error) { return st.s.node.Head().Number > last+st.s.cfg.confirmations, nil })
	if err != nil {
		return err
	}
	claimed, err := t.Claim(ctx)
	if err != nil {
		return err
	}
	st.result.Credit.Blocks = claimed.Blocks
	st.result.Credit.Earned = float64(claimed.Work) / (1 << 20)
	market := st.s.network.Trust.Marketplaces[0]
	if err := t.AddEscrow(ctx, market, int64(claimed.Work)); err != nil {
		return err
	}
	err = st.s.await(ctx, func() (bool, error) {
		escrow, err := st.s.reader.Escrow(ctx, st.cast.researcher.address(), market)
		if err != nil || escrow < st.work {
			return false, err
		}
		return st.cast.researcher.grantFinal(ctx, st.grant)
	})
	if err != nil {
		return err
	}
	st.t.step("She claimed %d final blocks on the chain: %s credits, escrowed to this marketplace. Escrow and grant are final.",
		claimed.Blocks, credits(int64(claimed.Work)))
	return nil
}

// query is the question of the demo: patients by sex, age band and condition.
func (st *story) query() *pb.Query {
	return &pb.Query{
		Dataset:   demoDataset,
		Precision: &pb.Query_Margin{Margin: st.Margin},
		GroupBy: []*pb.GroupBy{
			{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}},
			{Kind: &pb.GroupBy_AgeBand_{AgeBand: &pb.GroupBy_AgeBand{Edges: demoAges}}},
			hasEvent(pb.Domain_DOMAIN_CONDITION, st.Condition),
		},
	}
}

var demoAges = []int32{0, 18, 40, 60, 80}

func hasEvent(d pb.Domain, concept int64) *pb.GroupBy {
	return &pb.GroupBy{Kind: &pb.GroupBy_HasEvent_{HasEvent: &pb.GroupBy_HasEvent{
		Domain: d, ConceptIds: []int64{concept}, IncludeDescendants: true,
	}}}
}

func (st *story) question(ctx context.Context) error {
	r := st.cast.researcher
	q, err := r.quote(ctx, st.query())
	if err != nil {
		return err
	}
	reply, err := r.ask(ctx, terms{grant: st.grant, use: duo.Use{Permission: duo.HMB}}, q)
	if err != nil {
		return err
	}
	a := reply.GetAnswer()
	st.asOf = a.GetAsOf()
	st.spent(a)
	exact, err := st.exact(ctx)
	if err != nil {
		return err
	}
	for i, g := range a.GetGroups() {
		count := g.GetEstimates()[0]
		group := demoGroup{Key: strings.Join(g.GetKey(), " / "), Value: int64(count.GetValue()), Low: int64(count.GetLow()), High: int64(count.GetHigh())}
		if exact != nil {
			group.True = &exact[i]
		}
		st.result.Answer.Groups = append(st.result.Answer.Groups, group)
	}
	var receipt ledger.Receipt
	if err := ledger.ParseCanonical(reply.GetReceipt(), &receipt); err != nil {
		return err
	}
	st.result.Receipt.ID = receipt.Statement.Ask.RequestID.String()
	st.t.step("Asked: patients by sex, age and condition %d. Charged before a row was read; answered with noise:", st.Condition)
	st.t.table(st.result.Answer.Groups)
	st.t.detail("It left a quarter of a second after the question came, or at the next of a few fixed ages, whatever was counted (--answer-slots).")
	return nil
}

// exact counts what the answer should be about, for data that is marked
// synthetic or that the user says is hers; else it returns nil.
func (st *story) exact(ctx context.Context) ([]int64, error) {
	if !st.report.Synthetic && !st.OwnData {
		st.t.detail("(exact counts are not shown: the data is not marked synthetic; --i-own-this-data shows them)")
		return nil, nil
	}
	return exactCounts(ctx, string(st.s.cfg.records), st.pop, st.s.year, st.Condition)
}

func (st *story) refused(ctx context.Context) error {
	r := st.cast.researcher
	query := st.query()
	query.GroupBy[2] = hasEvent(pb.Domain_DOMAIN_DRUG, 1503297)
	q, err := r.quote(ctx, query)
	if err != nil {
		return err
	}
	_, err = r.ask(ctx, terms{grant: st.grant, use: duo.Use{Permission: duo.POA}}, q)
	st.result.Refusal.Reasons = refusalReasons(err)
	if len(st.result.Refusal.Reasons) == 0 {
		return fmt.Errorf("a question that must be refused was not: %w", err)
	}
	st.t.step("Asked about ancestry and medication, which nobody granted or released. Refused, at no cost:")
	for _, code := range st.result.Refusal.Reasons {
		st.t.detail(code + ": " + policy.Explain(policy.ReasonCode(code)))
	}
	return nil
}

// verified waits until the receipt is anchored and checks it offline.
func (st *story) verified(ctx context.Context) error {
	id, err := ledger.ParseHash(st.result.Receipt.ID)
	if err != nil {
		return err
	}
	var content []byte
	err = st.s.await(ctx, func() (done bool, err error) {
		content, done, err = st.cast.researcher.receipt(ctx, id, 0)
		return done, err
	})
	if err != nil {
		return err
	}
	if err := writeFile(st.receiptFile(), content, 0o644); err != nil {
		return err
	}
	v, err := (&verifyCommand{Receipt: st.receiptFile(), Trust: st.trustFile()}).check()
	if err != nil {
		return err
	}
	r := v.receipt
	st.result.Receipt.Anchored, st.result.Receipt.Verified, st.result.Receipt.Block = true, true, r.Anchor.Block
	st.t.step("Receipt anchored in block %d and verified offline: signatures, log, state, %d headers' proof of work, %d confirmations.",
		r.Anchor.Block, len(r.Anchor.Headers), v.trust.Confirmations)
	if st.kept() {
		st.t.detail("medmarket verify --trust " + st.trustFile() + " " + st.receiptFile())
	}
	return nil
}

func (st *story) receiptFile() string { return filepath.Join(st.s.cfg.dir, "receipt.json") }

func (st *story) trustFile() string { return filepath.Join(st.s.cfg.dir, "trust.json") }

// kept reports whether the demo's files are still there when it ends or serves on.
func (st *story) kept() bool { return st.Dir != "" || !st.Once }

// table prints an answer.
func (t *teller) table(groups []demoGroup) {
	fmt.Fprintf(t.out, "    %-24s %8s  %-18s %8s\n", "group", "answer", "95% interval", "true")
	for _, g := range groups {
		exact := "-"
		if g.True != nil {
			exact = fmt.Sprint(*g.True)
		}
		fmt.Fprintf(t.out, "    %-24s %8d  %-18s %8s\n", g.Key, g.Value, fmt.Sprintf("%d to %d", g.Low, g.High), exact)
	}
}

// epsilon says what a cost is at displayDelta.
func epsilon(nanoRho int64) float64 {
	e, err := accountant.Epsilon(nanoRho, displayDelta)
	if err != nil {
		return 0
	}
	return e
}
