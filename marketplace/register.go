package marketplace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// The public register: everyone may see which studies a committee approved and
// every question that was answered. Its types have no field for an answer.

// RegisteredStudy is a study in the register: one that is, or was, in force on the chain. How many were filed that never
// were it does not tell.
type RegisteredStudy struct {
	ID        ledger.Hash // of the grant document
	Grant     policy.Grant
	CreatedAt int64 // Unix seconds
}

// Datasets are those that its grant names.
func (s RegisteredStudy) Datasets() (ids []string) {
	for _, d := range s.Grant.Datasets {
		ids = append(ids, d.Dataset)
	}
	return ids
}

// Registered is an answered ask in the register.
type Registered struct {
	Request      ledger.Hash
	Researcher   ledger.Address
	Organisation ledger.Hash // the researcher's now; zero if she is no longer registered
	Grant        ledger.Hash
	Protocol     string // of the study
	Purpose      ledger.Purpose
	Question     dp.Statement
	Provider     ledger.Address
	Cost         accountant.Cost
	Work         int64  // price, expected hashes
	AsOf         uint64 // the hospital's log index of the decision
	Time         int64  // Unix seconds of the decision
	Index        uint64 // of its leaf in the receipts log
	Hospitals    []RegisteredHospital
	// Leaf is the hash of its receipt's leaf. It tells nobody the answer: the leaf has signatures that nobody else can make.
	Leaf ledger.Hash
}

// RegisteredHospital is what an ask was at one of the hospitals that it named.
type RegisteredHospital struct {
	Dataset  string
	Provider ledger.Address
	PlanHash ledger.Hash
	State    ledger.MissingState // empty: it answered
	Cost     accountant.Cost     // if it answered
	AsOf     uint64              // if it answered
}

// NewestAnchor returns the newest root of the receipts log that is final on the
// chain, false while there is none.
func (m *Market) NewestAnchor(ctx context.Context) (Anchor, bool, error) {
	return m.cfg.Store.LastAnchor(ctx)
}

// RegisteredStudies lists studies that were filed before another (zero: all), newest first, limit at most (1 to MaxPage); next is
// before of the page that follows, zero on the last. ErrMalformed; ErrUnknownGrant for a before that is not in the register.
func (m *Market) RegisteredStudies(ctx context.Context, before ledger.Hash, limit int) (page []RegisteredStudy, next ledger.Hash, err error) {
	if limit < 1 || limit > MaxPage {
		return nil, next, fmt.Errorf("%w: a page has 1 to %d entries", ErrMalformed, MaxPage)
	}
	all, err := m.cfg.Store.Studies(ctx)
	if err != nil {
		return nil, next, err
	}
	if !before.IsZero() {
		i := slices.IndexFunc(all, func(s Study) bool { return s.Request.Hash() == before })
		if i < 0 {
			return nil, next, ErrUnknownGrant
		}
		if _, listed, err := m.registered(ctx, all[i]); err != nil {
			return nil, next, err
		} else if !listed {
			return nil, next, ErrUnknownGrant
		}
		all = all[:i]
	}
	for _, study := range slices.Backward(all) {
		s, listed, err := m.registered(ctx, study)
		if err != nil {
			return nil, next, err
		}
		if !listed {
			continue
		}
		if len(page) == limit { // there is another
			return page, page[limit-1].ID, nil
		}
		page = append(page, s)
	}
	return page, next, nil
}

// RegisteredStudy returns a study in the register, and whether it is in force now; ErrUnknownGrant.
func (m *Market) RegisteredStudy(ctx context.Context, grant ledger.Hash) (RegisteredStudy, bool, error) {
	s, record, final, err := m.inRegister(ctx, grant)
	return s, final && record.Status == ledger.GrantActive, err
}

// inRegister is a study in the register, and what is final of it on the chain; ErrUnknownGrant.
func (m *Market) inRegister(ctx context.Context, grant ledger.Hash) (s RegisteredStudy, record ledger.GrantRecord, final bool, err error) {
	study, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return s, record, false, err
	}
	s, listed, err := m.registered(ctx, study)
	if err == nil && !listed {
		err = ErrUnknownGrant
	}
	if err != nil {
		return RegisteredStudy{}, record, false, err
	}
	record, final, err = m.record(ctx, grant, s.Grant)
	return s, record, final, err
}

// registered is a study as the register has it. It is listed once the chain says for good that it is, or was, in force, whoever
// carried the approvals there; and stays so.
func (m *Market) registered(ctx context.Context, study Study) (s RegisteredStudy, listed bool, err error) {
	g, err := parseGrant(study.Request)
	if err != nil {
		return s, false, err
	}
	s = RegisteredStudy{ID: study.Request.Hash(), Grant: g, CreatedAt: study.CreatedAt}
	if m.listed.has(s.ID) {
		return s, true, nil
	}
	record, final, err := m.record(ctx, s.ID, g)
	if err != nil || !final || record.Status == 0 {
		return s, false, err
	}
	m.listed.add(s.ID)
	return s, true, nil
}

// listed are the studies that were found on the chain, which is asked no more whether they are there.
type listed struct {
	mu  sync.Mutex
	ids map[ledger.Hash]bool
}

func (l *listed) has(id ledger.Hash) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ids[id]
}

func (l *listed) add(id ledger.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids == nil {
		l.ids = map[ledger.Hash]bool{}
	}
	l.ids[id] = true
}

// Spending is what the asks of a study, and of those that it amends, have taken of its ceiling at a dataset by now, in
// nano-rho.
type Spending struct {
	Dataset        string
	Ceiling, Taken int64
}

// StudySpending is what a study in the register has spent, at each dataset of its grant; ErrUnknownGrant.
func (m *Market) StudySpending(ctx context.Context, grant ledger.Hash) ([]Spending, error) {
	study, record, onChain, err := m.inRegister(ctx, grant)
	if err != nil {
		return nil, err
	}
	g := study.Grant
	taken := map[string]int64{}
	if onChain {
		if taken, err = m.cfg.Store.Taken(ctx, record.Study); err != nil {
			return nil, err
		}
	}
	all := make([]Spending, len(g.Datasets))
	for i, d := range g.Datasets {
		all[i] = Spending{Dataset: d.Dataset, Ceiling: d.NanoRho, Taken: taken[d.Dataset]}
	}
	return all, nil
}

// RegisteredQueries lists answered asks, newest first; ErrMalformed. An unknown
// study has none.
func (m *Market) RegisteredQueries(ctx context.Context, p Page) ([]Registered, error) {
	entries, err := m.cfg.Store.Answers(ctx, p)
	if err != nil {
		return nil, err
	}
	l := lookup{market: m, organisations: map[ledger.Address]ledger.Hash{}, protocols: map[ledger.Hash]string{}}
	page := make([]Registered, len(entries))
	for i, e := range entries {
		if page[i], err = l.registered(ctx, e); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// RegisteredQuery returns an answered ask; ErrUnknownReceipt.
func (m *Market) RegisteredQuery(ctx context.Context, request ledger.Hash) (Registered, error) {
	e, found, err := m.cfg.Store.Entry(ctx, request)
	if err != nil {
		return Registered{}, err
	}
	if !found || e.Receipt == nil {
		return Registered{}, ErrUnknownReceipt
	}
	l := lookup{market: m, organisations: map[ledger.Address]ledger.Hash{}, protocols: map[ledger.Hash]string{}}
	return l.registered(ctx, e)
}

// lookup remembers what the entries of a page have in common.
type lookup struct {
	market        *Market
	organisations map[ledger.Address]ledger.Hash
	protocols     map[ledger.Hash]string
}

// registered looks up what a receipt does not say.
func (l lookup) registered(ctx context.Context, e Entry) (Registered, error) {
	r, err := RegisteredOf(e.Receipt.Statement, e.Index)
	if err != nil {
		return r, fmt.Errorf("receipt on record: %w", err)
	}
	if r.Leaf, err = e.Receipt.Leaf(); err != nil {
		return r, err
	}
	if r.Organisation, err = l.organisation(ctx, r.Researcher); err != nil {
		return r, err
	}
	r.Protocol, err = l.protocol(ctx, r.Grant)
	return r, err
}

// RegisteredOf is what a statement, a leaf of the receipts log at index, says in
// public: no answer. Organisation, Protocol and Leaf, which it does not say, are left empty.
func RegisteredOf(s ledger.Statement, index uint64) (Registered, error) {
	if len(s.Releases) == 0 {
		return Registered{}, errors.New("a statement without a release")
	}
	r := Registered{
		Request: s.Ask.RequestID, Researcher: s.Researcher, Grant: s.Ask.Grant, Purpose: s.Ask.Purpose,
		Provider: s.Ask.Provider, Cost: accountant.Cost{NanoRho: s.NanoRho, Delta: s.Delta, NanoEpsilon: s.NanoEpsilon}, Work: s.Work,
		AsOf: s.Releases[0].Release.AsOf, Time: s.Time, Index: index, Hospitals: hospitalsOf(s),
	}
	if err := ledger.ParseCanonical(s.Plan, &r.Question); err != nil {
		return r, fmt.Errorf("plan: %w", err)
	}
	return r, nil
}

// hospitalsOf are those that a statement's ask named, in its order.
func hospitalsOf(s ledger.Statement) []RegisteredHospital {
	each := s.Ask.Each()
	out := make([]RegisteredHospital, len(each))
	for i, asked := range each {
		h := RegisteredHospital{Dataset: asked.Dataset, Provider: asked.Provider, PlanHash: asked.PlanHash}
		for _, m := range s.Missing {
			if m.Provider == asked.Provider {
				h.State = m.State
			}
		}
		for _, r := range s.Releases {
			if r.Provider == asked.Provider {
				h.Cost, h.AsOf = Cost(r.Release), r.Release.AsOf
			}
		}
		out[i] = h
	}
	return out
}

func (l lookup) organisation(ctx context.Context, a ledger.Address) (ledger.Hash, error) {
	if org, known := l.organisations[a]; known {
		return org, nil
	}
	p, err := l.market.cfg.Chain.Participant(ctx, a)
	if err == nil {
		l.organisations[a] = p.Organisation
	}
	return p.Organisation, err
}

func (l lookup) protocol(ctx context.Context, grant ledger.Hash) (string, error) {
	if protocol, known := l.protocols[grant]; known {
		return protocol, nil
	}
	s, err := l.market.cfg.Store.Study(ctx, grant)
	if err != nil {
		return "", err
	}
	g, err := parseGrant(s.Request)
	if err == nil {
		l.protocols[grant] = g.Protocol
	}
	return g.Protocol, err
}
