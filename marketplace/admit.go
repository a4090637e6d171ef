package marketplace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// admit decides on an ask that is not on record: it is shown the answer that
// its question has got before, or it takes its cost and price. One that takes what answers there are goes on
// without the hospitals that cannot be reached, or would refuse.
func (m *Market) admit(ctx context.Context, o order) (e Entry, repeated bool, err error) {
	now := m.cfg.Now().Unix()
	if o.Ask.Expiry <= now {
		return Entry{}, false, ErrExpired
	}
	r := Reservation{Ask: o.Ask, AskHash: o.asked, Researcher: o.researcher, Signature: o.VoucherBy, At: now}
	refused, against := make([]error, len(o.parts)), 0
	repeatable, overpriced := true, false
	for i, d := range m.describe(ctx, o.datasets()) {
		v, err := m.admitAt(ctx, o, o.parts[i], d, now)
		if err != nil {
			return Entry{}, false, err
		}
		repeatable, overpriced = repeatable && v.repeatable, overpriced || v.overpriced
		if refused[i] = v.refused; v.refused != nil {
			against++
		}
		r.Takings, r.Study = append(r.Takings, v.taking), v.study
	}
	if repeatable {
		if e, repeated, err = m.repeat(ctx, o); err != nil || repeated {
			return e, repeated, err
		}
	}
	if err := provider.Fresh(ctx, m.cfg.Chain, m.cfg.Now(), m.cfg.StaleAfter); err != nil {
		return Entry{}, false, err
	}
	if overpriced {
		return Entry{}, false, ErrPrice
	}
	if against > 0 && (!o.partial || against == len(o.parts)) {
		return Entry{}, false, m.refuse(ctx, o, refused)
	}
	e, err = m.reserve(ctx, o, r)
	return e, false, err
}

// refuse is why nothing is asked of anybody. What would be refused by policy is put to each hospital that would refuse it, so that its
// refusal is on its record; and its word is what the researcher gets. Of a hospital that cannot be reached, or would not refuse, what was
// found here stands.
func (m *Market) refuse(ctx context.Context, o order, refused []error) error {
	within, cancel := context.WithTimeout(ctx, m.cfg.AnswerWithin)
	defer cancel()
	var telling sync.WaitGroup
	for i, found := range refused {
		if !errors.As(found, new(*provider.RefusedError)) {
			continue
		}
		telling.Go(func() {
			hospital, q, err := m.question(within, o, o.parts[i])
			if err == nil {
				err = hospital.Decide(within, q)
			}
			var word *provider.RefusedError
			if errors.As(err, &word) {
				refused[i] = word
				return
			}
			m.cfg.Log.WarnContext(ctx, "a question is refused here, and not by its hospital", "dataset", o.parts[i].ask.Dataset, "err", err)
		})
	}
	telling.Wait()
	return cmp.Or(ctx.Err(), cmp.Or(refused...))
}

// verdict is what is known of a hospital before it is asked.
type verdict struct {
	refused    error // why it would not answer; nil if nothing is known against it
	repeatable bool  // nothing but budgets is against it
	overpriced bool  // above what the researcher signed
	taking     Taking
	study      ledger.Hash // whose allocation is taken from
}

// admitAt decides, on what is public, as the hospital will. An error ends the ask.
func (m *Market) admitAt(ctx context.Context, o order, p part, d described, now int64) (v verdict, err error) {
	if errors.Is(d.err, ErrUnknownDataset) {
		return v, d.err
	}
	if err := ctx.Err(); err != nil {
		return v, err
	}
	if d.err == nil && (!d.Metadata.Stated().Same(p.plan.Metadata) || d.Provider != p.ask.Provider) {
		return v, ErrPlanMismatch
	}
	facts, err := m.facts(ctx, o, p, d.Description, now)
	if err != nil {
		return v, err
	}
	ceiling, _ := facts.Record.Ceiling(p.ask.Dataset) // 0 for what the grant does not name, which is refused
	v.study, v.taking = facts.Record.Study, Taking{Dataset: p.ask.Dataset, Allocation: ceiling, Work: p.ask.MaxWork}
	if d.err != nil { // neither its price nor its policy is known: it is reserved for at her word
		v.refused, v.taking.NanoRho = d.err, min(p.plan.Cost.NanoRho, ceiling)
		return v, nil
	}
	if v.taking.Work, err = provider.Work(p.plan.Cost, d.WorkPerNanoRho); err != nil {
		return v, err
	}
	v.overpriced = v.taking.Work > p.ask.MaxWork || p.plan.Cost.NanoRho > o.Ask.MaxNanoRho
	in := facts.Input()
	decision := policy.Decide(in)
	v.repeatable = decision.Allowed() || onlyBudgets(decision)
	if !decision.Allowed() {
		v.refused = provider.Refusal(in, decision)
		return v, nil
	}
	v.taking.NanoRho = p.plan.Cost.NanoRho
	return v, nil
}

// reserve takes the ask's cost and price, if she signed for them and they fit.
func (m *Market) reserve(ctx context.Context, o order, r Reservation) (Entry, error) {
	r.Voucher = ledger.Voucher{Researcher: o.researcher, Marketplace: m.Address(), Cumulative: o.Voucher}
	if by, err := ledger.Recover(m.cfg.Domain.VoucherDigest(r.Voucher), o.VoucherBy); err != nil || by != o.researcher {
		return Entry{}, fmt.Errorf("%w: the voucher", ErrSignature)
	}
	var err error
	if r.Burnt, err = m.lost(ctx, o.researcher); err != nil {
		return Entry{}, err
	}
	if r.Escrow, err = m.cfg.Chain.Escrow(ctx, o.researcher, m.Address()); err != nil {
		return Entry{}, fmt.Errorf("reading the escrow: %w", err)
	}
	return m.cfg.Store.Reserve(ctx, r)
}

// facts gathers what is public about the ask, for the decision that the hospital
// will take as well.
func (m *Market) facts(ctx context.Context, o order, p part, d provider.Description, now int64) (provider.Facts, error) {
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
		Ask: p.ask, Researcher: o.researcher, Organisation: who.Organisation, Actor: o.actor, Plan: p.plan, Record: record, DatasetSpent: d.Spent, Now: now,
		AsOf:     p.ask.AtLeastAsOf, // whether its log has reached that is the hospital's to say
		Diseases: m.cfg.Diseases,
	}
	if onChain {
		f.Grant = &g
	}
	if d.Policy.Content == nil { // the hospital cannot be reached
		return f, nil
	}
	if err := ledger.ParseCanonical(d.Policy.Content, &f.Policy); err != nil {
		return f, fmt.Errorf("policy of %s: %w", p.ask.Dataset, err)
	}
	accepted, err := m.cfg.Store.Acceptance(ctx, p.ask.Dataset, o.researcher)
	f.TermsAccepted = provider.AcceptedRevision(m.cfg.Domain, f.Policy, o.researcher, accepted, now)
	return f, err
}
