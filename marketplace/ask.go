package marketplace

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// Quote is what an ask would cost, before anything is spent. It is computed
// from public facts only.
type Quote struct {
	Plan     dp.Plan
	Content  []byte // canonical dp.Statement: what the researcher signs for, by hash
	Hash     ledger.Hash
	Work     int64 // price, expected hashes
	Drawn    int64 // expected hashes drawn so far: the voucher must say Drawn + Work
	Escrow   int64 // expected hashes escrowed here, final on chain
	Provider provider.Description
}

// Order is an ask as a researcher sends it.
type Order struct {
	Ask       ledger.Ask
	Signature ledger.Signature // over Ask
	Plan      []byte           // canonical dp.Statement
	Voucher   uint64           // cumulative expected hashes
	VoucherBy ledger.Signature // over the voucher
	Passport  provider.Passport
}

// Quote plans a query and prices it for a researcher; within, unless nil, says what the
// query's cost has to buy, instead of the query. Errors:
// ErrUnknownDataset, *dp.InvalidQueryError.
func (m *Market) Quote(ctx context.Context, researcher ledger.Address, q dp.Query, within *dp.Margin) (Quote, error) {
	d, err := m.Dataset(ctx, q.Dataset)
	if err != nil {
		return Quote{}, err
	}
	if within != nil {
		if q.NanoRho, err = dp.CostForMargin(q, d.Metadata, *within); err != nil {
			return Quote{}, err
		}
	}
	plan, err := dp.NewPlan(q, d.Metadata)
	if err != nil {
		return Quote{}, err
	}
	content, err := ledger.Canonical(plan.Statement())
	if err != nil {
		return Quote{}, err
	}
	work, err := price(plan, d)
	if err != nil {
		return Quote{}, err
	}
	account, escrow, err := m.Account(ctx, researcher)
	if err != nil {
		return Quote{}, err
	}
	return Quote{
		Plan: plan, Content: content, Hash: ledger.HashBytes(content),
		Work: work, Drawn: account.Drawn, Escrow: escrow, Provider: d,
	}, nil
}

// order is an Order that has been checked.
type order struct {
	Order
	researcher ledger.Address
	asked      ledger.Hash // the ask and who signed it
	actor      policy.Actor
	plan       dp.Plan
	study      Study
}

// Ask answers an ask signed by the researcher who sends it. It is idempotent by
// Ask.RequestID; a question that is answered already is not asked again, see
// [Reply]. Before the hospital charges every error costs nothing; after it the
// charge and the price stand (provider.ErrFailed), and asking again under the
// same request id finishes what was started.
func (m *Market) Ask(ctx context.Context, researcher ledger.Address, o Order) (Reply, error) {
	checked, err := m.check(ctx, o)
	if err != nil {
		return Reply{}, err
	}
	if checked.researcher != researcher {
		return Reply{}, fmt.Errorf("%w: the ask", ErrSignature)
	}
	// One call at a time for a request id: a refusal of one must not give back
	// what another is being answered for.
	unlock, err := m.asking.lock(ctx, o.Ask.RequestID)
	if err != nil {
		return Reply{}, err
	}
	defer unlock()
	entry, found, err := m.cfg.Store.Entry(ctx, o.Ask.RequestID)
	if err != nil {
		return Reply{}, err
	}
	if found && entry.AskHash != checked.asked {
		return Reply{}, ErrRequestReused
	}
	var repeated bool
	if !found {
		if entry, repeated, err = m.admit(ctx, checked); err != nil {
			return Reply{}, err
		}
	}
	if entry.Receipt == nil {
		if entry, err = m.answer(ctx, checked, entry.Work); err != nil {
			return Reply{}, err
		}
	}
	receipt, err := m.withProof(ctx, entry)
	return Reply{Receipt: receipt, Repeated: repeated}, err
}

// answer has the hospital answer a reserved ask and completes it.
func (m *Market) answer(ctx context.Context, o order, work int64) (Entry, error) {
	release, err := m.release(ctx, o)
	if err != nil {
		return Entry{}, err
	}
	return m.complete(ctx, o, work, release)
}

func (m *Market) check(ctx context.Context, o Order) (order, error) {
	c := order{Order: o}
	hash, err := ledger.HashOf(o.Ask)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	digest := m.cfg.Domain.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: hash, Expiry: o.Ask.Expiry})
	if c.researcher, err = ledger.Recover(digest, o.Signature); err != nil {
		return c, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if c.asked, err = o.Ask.By(c.researcher); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if o.Ask.RequestID.IsZero() || ledger.HashBytes(o.Plan) != o.Ask.PlanHash {
		return c, fmt.Errorf("%w: the ask needs a request id and the hash of its plan", ErrMalformed)
	}
	if c.actor, err = o.Passport.Actor(m.cfg.Domain, m.cfg.VisaIssuers, c.researcher, m.cfg.Now().Unix()); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var s dp.Statement
	if err := ledger.ParseCanonical(o.Plan, &s); err != nil {
		return c, fmt.Errorf("%w: plan: %w", ErrMalformed, err)
	}
	if s.Query.Dataset != o.Ask.Dataset {
		return c, fmt.Errorf("%w: plan is for another dataset", ErrMalformed)
	}
	if c.plan, err = dp.NewPlan(s.Query, s.Metadata); err != nil {
		return c, err
	}
	c.study, err = m.cfg.Store.Study(ctx, o.Ask.Grant)
	return c, err
}

// admit decides on an ask that is not on record: it is shown the answer that
// its question has got before, or it takes its cost and price.
func (m *Market) admit(ctx context.Context, o order) (e Entry, repeated bool, err error) {
	now := m.cfg.Now().Unix()
	if o.Ask.Expiry <= now {
		return Entry{}, false, ErrExpired
	}
	d, err := m.Dataset(ctx, o.Ask.Dataset)
	if err != nil {
		return Entry{}, false, err
	}
	if !d.Metadata.Stated().Same(o.plan.Metadata) || d.Provider != o.Ask.Provider {
		return Entry{}, false, ErrPlanMismatch
	}
	facts, err := m.facts(ctx, o, d, now)
	if err != nil {
		return Entry{}, false, err
	}
	in := facts.Input()
	decision := policy.Decide(in)
	if decision.Allowed() || onlyBudgets(decision) {
		if e, repeated, err = m.repeat(ctx, o); err != nil || repeated {
			return e, repeated, err
		}
	}
	if !decision.Allowed() {
		return Entry{}, false, provider.Refusal(in, decision)
	}
	if err := provider.Fresh(ctx, m.cfg.Chain, m.cfg.Now(), m.cfg.StaleAfter); err != nil {
		return Entry{}, false, err
	}
	allocation, _ := facts.Record.Ceiling(o.Ask.Dataset) // the decision has found it
	e, err = m.reserve(ctx, o, d, allocation, facts.Record.Study, now)
	return e, false, err
}

// reserve takes the ask's cost and price, if she signed for them and they fit.
func (m *Market) reserve(ctx context.Context, o order, d provider.Description, allocation int64, study ledger.Hash, now int64) (Entry, error) {
	work, err := price(o.plan, d)
	if err != nil {
		return Entry{}, err
	}
	if work > o.Ask.MaxWork || o.plan.Cost.NanoRho > o.Ask.MaxNanoRho {
		return Entry{}, ErrPrice
	}
	voucher := ledger.Voucher{Researcher: o.researcher, Marketplace: m.Address(), Cumulative: o.Voucher}
	if by, err := ledger.Recover(m.cfg.Domain.VoucherDigest(voucher), o.VoucherBy); err != nil || by != o.researcher {
		return Entry{}, fmt.Errorf("%w: the voucher", ErrSignature)
	}
	escrow, err := m.cfg.Chain.Escrow(ctx, o.researcher, m.Address())
	if err != nil {
		return Entry{}, fmt.Errorf("reading the escrow: %w", err)
	}
	return m.cfg.Store.Reserve(ctx, Reservation{
		Ask: o.Ask, AskHash: o.asked, Researcher: o.researcher, NanoRho: o.plan.Cost.NanoRho, Allocation: allocation,
		Study: study, Work: work, Escrow: escrow, Voucher: voucher, Signature: o.VoucherBy, At: now,
	})
}

// facts gathers what is public about the ask, for the decision that the hospital
// will take as well.
func (m *Market) facts(ctx context.Context, o order, d provider.Description, now int64) (provider.Facts, error) {
	g, err := parseGrant(o.study.Request)
	if err != nil {
		return provider.Facts{}, err
	}
	record, onChain, err := m.record(ctx, o.Ask.Grant, g)
	if err != nil {
		return provider.Facts{}, fmt.Errorf("reading the grant: %w", err)
	}
	who, err := m.cfg.Chain.Participant(ctx, o.researcher)
	if err != nil {
		return provider.Facts{}, fmt.Errorf("reading the researcher: %w", err)
	}
	f := provider.Facts{
		Ask: o.Ask, Researcher: o.researcher, Organisation: who.Organisation, Actor: o.actor, Plan: o.plan, Record: record, DatasetSpent: d.Spent, Now: now,
		AsOf:     o.Ask.AtLeastAsOf, // whether its log has reached that is the hospital's to say
		Diseases: m.cfg.Diseases,
	}
	if err := ledger.ParseCanonical(d.Policy.Content, &f.Policy); err != nil {
		return f, fmt.Errorf("policy of %s: %w", o.Ask.Dataset, err)
	}
	if onChain {
		f.Grant = &g
	}
	accepted, err := m.cfg.Store.Acceptance(ctx, o.Ask.Dataset, o.researcher)
	f.TermsAccepted = provider.AcceptedRevision(m.cfg.Domain, f.Policy, o.researcher, accepted, now)
	return f, err
}

// release asks the hospital. A refusal gives the reservation back; after
// anything else it is kept, since the hospital may have charged.
func (m *Market) release(ctx context.Context, o order) (ledger.SignedRelease, error) {
	hospital, ok := m.cfg.Hospitals[o.Ask.Dataset]
	if !ok {
		return ledger.SignedRelease{}, ErrUnknownDataset
	}
	accepted, err := m.cfg.Store.Acceptance(ctx, o.Ask.Dataset, o.researcher)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	r, err := hospital.Release(ctx, provider.Question{
		Ask: o.Ask, Signature: o.Signature, Plan: o.Plan, Grant: o.study.Request, Acceptance: accepted, Passport: o.Passport,
	})
	if err == nil {
		return r, m.answers(ctx, o, r)
	}
	if !costsNothing(err) {
		return r, err
	}
	// Also when the researcher has hung up: what she asked was refused.
	if cancelErr := m.cfg.Store.Cancel(context.WithoutCancel(ctx), o.Ask.RequestID); cancelErr != nil {
		m.cfg.Log.ErrorContext(ctx, "giving a reservation back; asking again under the same request id does it", "err", cancelErr)
	}
	return r, err
}

// answers checks that r is the answer to o, signed by the hospital that was
// asked, at the plan's cost. If not the hospital has to mend it: the ask stays
// open.
func (m *Market) answers(ctx context.Context, o order, r ledger.SignedRelease) error {
	d, err := m.Dataset(ctx, o.Ask.Dataset)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := r.Check(m.cfg.Domain, o.Ask, o.researcher); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	switch {
	case r.Provider != d.Provider:
		return fmt.Errorf("%w: the answer is signed by another hospital", ErrUnavailable)
	case r.Release.DatasetVersion != o.plan.Metadata.Version:
		return fmt.Errorf("%w: the answer is of another version of the dataset", ErrUnavailable)
	case Cost(r.Release) != o.plan.Cost:
		return fmt.Errorf("%w: the hospital charged another cost than the plan's", ErrUnavailable)
	}
	if err := o.plan.Fits(r.Release.Vector); err != nil {
		return fmt.Errorf("%w: the answer is none to the plan: %w", ErrUnavailable, err)
	}
	return nil
}

// costsNothing reports whether err is one a hospital returns only when it has
// not charged this ask.
func costsNothing(err error) bool {
	var refused *provider.RefusedError
	if errors.As(err, &refused) {
		return true
	}
	for _, e := range []error{
		provider.ErrMalformed, provider.ErrSignature, provider.ErrExpired, provider.ErrPlanMismatch, provider.ErrNoPolicy,
		provider.ErrRequestReused, provider.ErrCheckpointStale, provider.ErrNotReady,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (m *Market) complete(ctx context.Context, o order, work int64, release ledger.SignedRelease) (Entry, error) {
	groups, err := Groups(o.plan, release.Release.Vector)
	if err != nil {
		return Entry{}, err
	}
	s := ledger.Statement{
		Genesis: m.cfg.Domain.Genesis, Researcher: o.researcher, Ask: o.Ask, AskSignature: o.Signature, Plan: o.Plan,
		Releases: []ledger.SignedRelease{release}, Answer: groups,
		NanoRho: release.Release.NanoRho, Delta: release.Release.Delta, NanoEpsilon: release.Release.NanoEpsilon, Work: work, Time: release.Release.Time,
	}
	sig, err := ledger.SignDocument(m.cfg.Key, m.cfg.Domain, ledger.KindReceipt, s, 0, 0)
	if err != nil {
		return Entry{}, err
	}
	receipt := ledger.Receipt{Statement: s, Marketplace: m.Address(), Signature: sig}
	leaf, err := receipt.Leaf()
	if err != nil {
		return Entry{}, err
	}
	return m.cfg.Store.Complete(ctx, o.Ask.RequestID, receipt, leaf)
}

// Cost is what a release says that was charged for it.
func Cost(r ledger.Release) accountant.Cost {
	return accountant.Cost{NanoRho: r.NanoRho, Delta: r.Delta, NanoEpsilon: r.NanoEpsilon}
}

// Groups is the answer that a noised vector gives to a plan.
func Groups(p dp.Plan, vector []int64) ([]ledger.Group, error) {
	rows, err := p.Estimate(vector)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	groups := make([]ledger.Group, len(rows))
	for i, r := range rows {
		groups[i] = ledger.Group{Key: r.Key, Estimates: make([]ledger.Estimate, len(r.Estimates))}
		for j, e := range r.Estimates {
			groups[i].Estimates[j] = ledger.Estimate(e)
		}
	}
	return groups, nil
}

// price is cost times the dataset's price, in expected hashes.
func price(p dp.Plan, d provider.Description) (int64, error) {
	const most = 1 << 53 // what a document can hold
	if d.WorkPerNanoRho < 1 || p.Cost.NanoRho > most/d.WorkPerNanoRho {
		return 0, fmt.Errorf("%w: the price is out of range", ErrMalformed)
	}
	return p.Cost.NanoRho * d.WorkPerNanoRho, nil
}
