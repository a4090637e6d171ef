package marketplace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// IncompleteError says that not all hospitals of an ask have answered yet: it stays open, and what was answered is kept.
// It is [ErrUnavailable].
type IncompleteError struct{ Hospitals []HospitalState }

// HospitalState is what became of an ask at one hospital so far.
type HospitalState struct {
	Dataset string
	State   ledger.MissingState // empty: it has answered
}

func (e *IncompleteError) Error() string {
	states := make([]string, len(e.Hospitals))
	for i, h := range e.Hospitals {
		states[i] = h.Dataset + " " + cmp.Or(string(h.State), "answered")
	}
	return ErrUnavailable.Error() + ": " + strings.Join(states, ", ")
}

// Is reports whether target is ErrUnavailable.
func (e *IncompleteError) Is(target error) bool { return target == ErrUnavailable }

// outcome is what came of asking one hospital: its release, or why there is none.
type outcome struct {
	release *ledger.SignedRelease
	state   ledger.MissingState // if there is none
	reasons []string
	err     error
}

// answer has the hospitals answer a reserved ask and completes it. Those who have answered before are not asked again.
func (m *Market) answer(ctx context.Context, o order) (Entry, error) {
	kept, err := m.cfg.Store.Kept(ctx, o.Ask.RequestID)
	if err != nil {
		return Entry{}, err
	}
	if len(kept) != len(o.parts) {
		return Entry{}, fmt.Errorf("%d hospitals on record, %d in the ask", len(kept), len(o.parts))
	}
	outcomes := make([]outcome, len(o.parts))
	var asking sync.WaitGroup
	for i := range o.parts {
		if outcomes[i].release = kept[i].Release; outcomes[i].release != nil {
			o.operation.hear(i, "")
			continue
		}
		o.operation.hear(i, HospitalAsked)
		asking.Go(func() {
			outcomes[i] = m.askAt(ctx, o, i)
			o.operation.hear(i, outcomes[i].state)
		})
	}
	asking.Wait()
	if err := m.unanswered(ctx, o, outcomes); err != nil {
		return Entry{}, err
	}
	return m.complete(ctx, o, kept, outcomes)
}

// askAt asks one hospital, and keeps what it answers if others are asked as well: until all have answered, nothing is lost.
func (m *Market) askAt(ctx context.Context, o order, i int) outcome {
	within, cancel := context.WithTimeout(ctx, m.cfg.AnswerWithin)
	defer cancel()
	r, err := m.release(within, o, o.parts[i])
	if err == nil && len(o.parts) > 1 {
		// Also when the researcher has hung up: the hospital has charged for it.
		err = m.cfg.Store.Keep(context.WithoutCancel(ctx), o.Ask.RequestID, i, r)
	}
	if err == nil {
		return outcome{release: &r}
	}
	out := outcome{err: err, state: ledger.MissingDown}
	var refused *provider.RefusedError
	switch {
	case errors.As(err, &refused):
		out.state = ledger.MissingRefused
		for _, code := range refused.Reasons {
			out.reasons = append(out.reasons, string(code))
		}
	case costsNothing(err):
		out.state = ledger.MissingRefused
	case errors.Is(err, provider.ErrFailed):
		out.state = ledger.MissingFailed
	case errors.Is(err, ErrNoAnswer):
		out.state = ledger.MissingInvalid
	case within.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		out.state = ledger.MissingSlow
		if ctx.Err() == nil {
			out.err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return out
}

// unanswered is why there is no answer yet, or none at all. If all hospitals have refused, the reservation is given back.
func (m *Market) unanswered(ctx context.Context, o order, outcomes []outcome) error {
	var answered, refused int
	var open error // of the first hospital that may answer yet
	states := make([]HospitalState, len(outcomes))
	for i, out := range outcomes {
		states[i] = HospitalState{o.parts[i].ask.Dataset, out.state}
		switch out.state {
		case "":
			answered++
		case ledger.MissingRefused:
			refused++
		default:
			open = cmp.Or(open, out.err)
		}
	}
	switch {
	case refused == len(outcomes):
		// Also when the researcher has hung up: what she asked was refused.
		if err := m.cfg.Store.Cancel(context.WithoutCancel(ctx), o.Ask.RequestID); err != nil {
			m.cfg.Log.ErrorContext(ctx, "giving a reservation back; asking again under the same request id does it", "err", err)
		} else {
			o.operation.returned()
		}
		return outcomes[0].err
	case len(outcomes) == 1, open == nil:
		return open
	case ctx.Err() != nil:
		return ctx.Err()
	case o.partial && answered > 0:
		return nil
	default:
		return &IncompleteError{states}
	}
}

// question is an order as it goes to a hospital.
func (m *Market) question(ctx context.Context, o order, p part) (to Hospital, q provider.Question, err error) {
	to, ok := m.cfg.Hospitals[p.ask.Dataset]
	if !ok {
		return nil, q, ErrUnknownDataset
	}
	accepted, err := m.cfg.Store.Acceptance(ctx, p.ask.Dataset, o.researcher)
	return to, provider.Question{
		Ask: o.Ask, Signature: o.Signature, Plan: p.content, Grant: o.study.Request, Acceptance: accepted, Passport: o.Passport,
	}, err
}

// release asks a hospital.
func (m *Market) release(ctx context.Context, o order, p part) (ledger.SignedRelease, error) {
	hospital, q, err := m.question(ctx, o, p)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	r, err := hospital.Release(ctx, q)
	if err == nil {
		err = m.answers(o, p, r)
	}
	return r, err
}

// answers checks that r is the answer to a part of o, signed by the hospital that was
// asked, at the plan's cost. If not the hospital has to mend it: the ask stays
// open.
func (m *Market) answers(o order, p part, r ledger.SignedRelease) error {
	if err := r.Check(m.cfg.Domain, o.Ask, o.researcher); err != nil {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	switch {
	case r.Provider != p.ask.Provider:
		return fmt.Errorf("%w: it is signed by another hospital", ErrNoAnswer)
	case r.Release.DatasetVersion != p.plan.Metadata.Version:
		return fmt.Errorf("%w: it is of another version of the dataset", ErrNoAnswer)
	case Cost(r.Release) != p.plan.Cost:
		return fmt.Errorf("%w: the hospital charged another cost than the plan's", ErrNoAnswer)
	}
	if err := p.plan.Fits(r.Release.Vector); err != nil {
		return fmt.Errorf("%w: it is none to the plan: %w", ErrNoAnswer, err)
	}
	return nil
}

// costsNothing reports whether err is one that a hospital, besides a refusal by policy, returns only
// when it has not charged this ask.
func costsNothing(err error) bool {
	for _, e := range []error{
		provider.ErrMalformed, provider.ErrSignature, provider.ErrExpired, provider.ErrPlanMismatch, provider.ErrNoPolicy,
		provider.ErrRequestReused, provider.ErrCheckpointStale, provider.ErrNotReady, provider.ErrAllowance, provider.ErrPrice, provider.ErrNoCredit,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// complete adds up what was answered, at the hospitals' prices: what was reserved beyond them is given back, and all that was for those who did not answer.
func (m *Market) complete(ctx context.Context, o order, kept []Kept, outcomes []outcome) (Entry, error) {
	s := ledger.Statement{
		Genesis: m.cfg.Domain.Genesis, Researcher: o.researcher, Ask: o.Ask, AskSignature: o.Signature, Plan: o.parts[0].content,
	}
	for _, p := range o.parts[1:] {
		s.Plans = append(s.Plans, p.content)
	}
	var vectors [][]int64
	for i, out := range outcomes {
		if out.release == nil {
			s.Missing = append(s.Missing, ledger.Missing{Provider: o.parts[i].ask.Provider, State: out.state, Reasons: out.reasons})
			continue
		}
		r := out.release.Release
		s.Releases, vectors = append(s.Releases, *out.release), append(vectors, r.Vector)
		s.NanoRho, s.Delta, s.NanoEpsilon = max(s.NanoRho, r.NanoRho), max(s.Delta, r.Delta), max(s.NanoEpsilon, r.NanoEpsilon)
		s.Time, s.Work = max(s.Time, r.Time), s.Work+min(kept[i].Work, r.Work)
	}
	if len(s.Missing) > 0 {
		s.Partial = o.Partial
	}
	s.CountedAtEach = len(s.Releases) > 1
	var err error
	if s.Answer, err = Groups(o.parts[0].plan, vectors...); err != nil {
		return Entry{}, err
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

// Groups is the answer that noised vectors give, one of each hospital, whose plans ask the same as p.
func Groups(p dp.Plan, vectors ...[]int64) ([]ledger.Group, error) {
	rows, err := p.Estimate(vectors...)
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
