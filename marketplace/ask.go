package marketplace

import (
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// Quote is what an ask would cost, before anything is spent. It is computed
// from public facts only.
type Quote struct {
	HospitalQuote                 // of the first hospital
	Also          []HospitalQuote // of the others
	Total         int64           // price in all, expected hashes
	Drawn         int64           // expected hashes drawn so far: the voucher must say Drawn + Total
	Escrow        int64           // expected hashes escrowed here, final on chain
}

// HospitalQuote is what a question would be at one hospital.
type HospitalQuote struct {
	Plan     dp.Plan
	Content  []byte // canonical dp.Statement: what the researcher signs for, by hash
	Hash     ledger.Hash
	Work     int64 // price, expected hashes
	Provider provider.Description
}

// Each are the quotes of all hospitals.
func (q Quote) Each() []HospitalQuote { return append([]HospitalQuote{q.HospitalQuote}, q.Also...) }

// Order is an ask as a researcher sends it.
type Order struct {
	Ask       ledger.Ask
	Signature ledger.Signature // over Ask
	Plan      []byte           // canonical dp.Statement
	Plans     [][]byte         // of Ask.Also, in its order
	// Partial is her signature that she takes what has been answered if hospitals are down, slow or failed
	// ([ledger.KindPartial]). Default: she does not.
	Partial   ledger.Signature
	Voucher   uint64           // cumulative expected hashes
	VoucherBy ledger.Signature // over the voucher
	Passport  provider.Passport
}

// Quote plans a query and prices it for a researcher, at the dataset that it names and at others, whose
// answers are to be added up; within, unless nil, says what the
// query's cost has to buy at each hospital, instead of the query. Errors:
// ErrUnknownDataset, ErrUnavailable, *dp.InvalidQueryError.
func (m *Market) Quote(ctx context.Context, researcher ledger.Address, q dp.Query, within *dp.Margin, also ...string) (Quote, error) {
	if len(also) >= ledger.MaxHospitals {
		return Quote{}, fmt.Errorf("%w: more than %d hospitals", ErrMalformed, ledger.MaxHospitals)
	}
	datasets := append([]string{q.Dataset}, also...)
	described := m.forQuotes(ctx, datasets)
	var out Quote
	for i, d := range described {
		if d.err != nil {
			return Quote{}, d.err
		}
		if slices.Contains(datasets[:i], datasets[i]) {
			return Quote{}, fmt.Errorf("%w: dataset %q is named twice", ErrMalformed, datasets[i])
		}
		if i == 0 && within != nil {
			var err error
			if q.NanoRho, err = dp.CostForMargin(q, d.Metadata, *within); err != nil {
				return Quote{}, err
			}
		}
		q.Dataset = datasets[i]
		one, err := quoteAt(q, d.Description)
		if err != nil {
			return Quote{}, err
		}
		out.Total += one.Work
		if i == 0 {
			out.HospitalQuote = one
			continue
		}
		if err := out.Plan.AddsUp(one.Plan); err != nil {
			return Quote{}, err
		}
		out.Also = append(out.Also, one)
	}
	account, escrow, err := m.Account(ctx, researcher)
	if err != nil {
		return Quote{}, err
	}
	out.Drawn, out.Escrow = account.Drawn, escrow
	return out, nil
}

func quoteAt(q dp.Query, d provider.Description) (out HospitalQuote, err error) {
	if out.Plan, err = dp.NewPlan(q, d.Metadata); err != nil {
		return out, err
	}
	if out.Content, err = ledger.Canonical(out.Plan.Statement()); err != nil {
		return out, err
	}
	out.Work, err = provider.Work(out.Plan.Cost, d.WorkPerNanoRho)
	out.Hash, out.Provider = ledger.HashBytes(out.Content), d
	return out, err
}

// order is an Order that has been checked.
type order struct {
	Order
	researcher ledger.Address
	asked      ledger.Hash // the ask and who signed it
	partial    bool        // she takes what has been answered
	actor      policy.Actor
	parts      []part // of each hospital, in the order of the ask
	study      Study
	operation  *operation // that it is asked in; nil: its caller waits
}

// part is an ask as it is to one hospital.
type part struct {
	ask     ledger.Ask // as if it named no other
	content []byte     // of the plan
	plan    dp.Plan
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
	return m.ask(ctx, checked, nil)
}

// ask is Ask of what was checked. The operation, unless nil, hears how it goes on.
func (m *Market) ask(ctx context.Context, checked order, op *operation) (Reply, error) {
	o := checked.Order
	checked.operation = op
	// One call at a time for a request id: a refusal of one must not give back
	// what another is being answered for.
	unlock, err := m.asking.Take(ctx, o.Ask.RequestID)
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
		op.note()
		if entry, err = m.answer(ctx, checked); err != nil {
			return Reply{}, err
		}
	}
	receipt, err := m.unproven(ctx, entry)
	return Reply{Receipt: receipt, Repeated: repeated}, err
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
	if c.partial = o.Partial != (ledger.Signature{}); c.partial {
		digest := m.cfg.Domain.DocumentDigest(ledger.Document{Kind: ledger.KindPartial, Hash: hash})
		if by, err := ledger.Recover(digest, o.Partial); err != nil || by != c.researcher {
			return c, fmt.Errorf("%w: that she takes a partial answer", ErrSignature)
		}
	}
	if c.asked, err = o.Ask.By(c.researcher); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if c.actor, err = o.Passport.Actor(m.cfg.Domain, m.cfg.VisaIssuers, c.researcher, m.cfg.Now().Unix()); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if c.parts, err = parts(o); err != nil {
		return c, err
	}
	c.study, err = m.cfg.Store.Study(ctx, o.Ask.Grant)
	return c, err
}

// parts are what an order is to each hospital: the same question, so that the answers add up.
func parts(o Order) (all []part, err error) {
	if o.Ask.RequestID.IsZero() || len(o.Plans) != len(o.Ask.Also) || len(o.Plans) >= ledger.MaxHospitals {
		return nil, fmt.Errorf("%w: the ask needs a request id and a plan for each of its hospitals, %d at most", ErrMalformed, ledger.MaxHospitals)
	}
	plans := append([][]byte{o.Plan}, o.Plans...)
	for i, ask := range o.Ask.Each() {
		p, err := partOf(ask, plans[i])
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.ask.Provider == ask.Provider || other.ask.Dataset == ask.Dataset {
				return nil, fmt.Errorf("%w: a hospital or dataset is asked twice", ErrMalformed)
			}
		}
		if i > 0 {
			if err := all[0].plan.AddsUp(p.plan); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func partOf(ask ledger.Ask, plan []byte) (p part, err error) {
	p = part{ask: ask, content: plan}
	if ledger.HashBytes(plan) != ask.PlanHash {
		return p, fmt.Errorf("%w: the ask needs the hash of its plan", ErrMalformed)
	}
	var s dp.Statement
	if err := ledger.ParseCanonical(plan, &s); err != nil {
		return p, fmt.Errorf("%w: plan: %w", ErrMalformed, err)
	}
	if s.Query.Dataset != ask.Dataset {
		return p, fmt.Errorf("%w: plan is for another dataset", ErrMalformed)
	}
	p.plan, err = dp.NewPlan(s.Query, s.Metadata)
	return p, err
}

// datasets are those of the hospitals that are asked.
func (o order) datasets() (ids []string) {
	for _, p := range o.parts {
		ids = append(ids, p.ask.Dataset)
	}
	return ids
}
