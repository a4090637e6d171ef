package marketplace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/passport"
)

// Hospital is a provider node as the marketplace reaches it. Errors of the
// provider package pass through; anything else means that it is not known
// whether the hospital charged.
type Hospital interface {
	Describe(ctx context.Context) (provider.Description, error)
	Release(ctx context.Context, q provider.Question) (ledger.SignedRelease, error)
	// Decide has the hospital decide on a question at the query level, which costs nothing: *provider.RefusedError is its refusal,
	// which it keeps.
	Decide(ctx context.Context, q provider.Question) error
	// Charged says whether a request was charged, once no call of Release that was broken off may charge it any more.
	Charged(ctx context.Context, request ledger.Hash) (bool, error)
}

// Chain is what the marketplace reads of the chain at its latest final block,
// and what it records there. Writes return once the transaction is in a block.
type Chain interface {
	provider.Chain
	// Credit returns the expected hashes that a researcher has claimed and not escrowed.
	Credit(ctx context.Context, researcher ledger.Address) (work int64, err error)
	// Burnt returns the expected hashes of a researcher's escrow to a marketplace that are burnt under vouchers.
	Burnt(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error)
	Register(ctx context.Context, p ledger.Participant) error
	ApproveGrant(ctx context.Context, g ledger.GrantRecord, sig ledger.Signature) error
	// SuspendGrant, ResumeGrant, RenewGrant, RevokeGrant and CloseGrant carry what a member of its committee has signed of an approved grant.
	// Suspensions are those before, and of a resumption with the one that it ends; reviewBy is Unix seconds; report zero if there is none.
	SuspendGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error
	ResumeGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error
	RenewGrant(ctx context.Context, document ledger.Hash, reviewBy int64, sig ledger.Signature) error
	RevokeGrant(ctx context.Context, document ledger.Hash, sig ledger.Signature) error
	CloseGrant(ctx context.Context, document, report ledger.Hash, sig ledger.Signature) error
	// Blocks returns the newest blocks whose numbers are below before (0: of all), limit at most, the newest first.
	Blocks(ctx context.Context, before uint64, limit int) ([]ledger.Block, error)
	// GrantNow is Grant as of the newest block, which may not be final.
	GrantNow(ctx context.Context, document ledger.Hash, committee ledger.Address) (ledger.GrantRecord, bool, error)
	// StepsHead returns the head of the steps of a study's review that a marketplace has
	// recorded ([ledger.StepsHead]); zero if there are none.
	StepsHead(ctx context.Context, marketplace ledger.Address, study ledger.Hash) (ledger.Hash, error)
	// RecordSteps records steps that come after those with the head before, or as many of them as
	// go at a time. It sends none that the newest block has.
	RecordSteps(ctx context.Context, study, before ledger.Hash, steps []ledger.Hash) error
	// Settle sends nothing for what is burnt already in the newest block.
	Settle(ctx context.Context, vouchers []SignedVoucher) error
}

// Config configures a [Market]. Every field is required unless it says otherwise.
type Config struct {
	Key       *ledger.Key // signs receipts, owns the receipts log
	Domain    ledger.Domain
	Store     Store
	Chain     Chain
	Hospitals map[string]Hospital // by dataset
	// Vocabulary looks concepts up. Default: there is none, and then looking is ErrNoVocabulary.
	Vocabulary Vocabulary
	// Diseases should be those of the hospitals. Default: none is known, and then no disease specific purpose passes.
	Diseases *duo.Diseases
	// VisaIssuers should be those of the hospitals. Default: nobody is trusted, and then no dataset that requires a visa is sold.
	VisaIssuers *passport.Issuers
	// Visas signs visas of grants, for other systems. Default: none are issued.
	Visas *passport.Signer
	Now   func() time.Time // default time.Now
	// StaleAfter is the age of the last final block from which nothing is sold.
	// Default: provider.DefaultStaleAfter.
	StaleAfter time.Duration
	// AnswerWithin is how long a hospital is waited for. Default: DefaultAnswerWithin.
	AnswerWithin time.Duration
	// QuoteFor is how old what a hospital has said of its dataset may be where it is quoted. An ask has the hospital say it anew, and is refused
	// if it came to cost more. Default: 0, it is asked for every quote.
	QuoteFor time.Duration
	Log      *slog.Logger
}

// DefaultAnswerWithin leaves time for the last of a hospital's answer slots, within that of a call.
const DefaultAnswerWithin = 45 * time.Second

// describeWithin is how long a hospital is waited for to say what it has.
const describeWithin = 5 * time.Second

// Market is the marketplace. It is safe for concurrent use.
type Market struct {
	cfg        Config
	log        *provider.Log  // of receipts
	asking     provider.Turns // by request id
	reviewing  provider.Turns // by study: one step or change at a time; by researcher: one filing
	filings    filings
	listed     listed // in the register
	quotable   quotable
	operations operations
	looking    looking
	restore    restore
}

// New checks cfg and returns a marketplace.
func New(cfg Config) (*Market, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.StaleAfter <= 0 {
		cfg.StaleAfter = provider.DefaultStaleAfter
	}
	if cfg.AnswerWithin <= 0 {
		cfg.AnswerWithin = DefaultAnswerWithin
	}
	if cfg.Key == nil || cfg.Store == nil || cfg.Chain == nil || cfg.Log == nil || cfg.Domain.Genesis.IsZero() {
		return nil, errors.New("marketplace: Key, Domain, Store, Chain and Log are required")
	}
	if len(cfg.Hospitals) == 0 {
		return nil, errors.New("marketplace: at least one hospital is required")
	}
	receipts := &provider.Log{Kind: ledger.LogReceipts, Keeper: cfg.Key.Address(), Store: cfg.Store, Chain: cfg.Chain}
	return &Market{cfg: cfg, log: receipts, restore: restore{turn: make(chan struct{}, 1)}, looking: looking{turn: make(chan struct{}, 1)}}, nil
}

// Address is the marketplace's address: the key that signs receipts.
func (m *Market) Address() ledger.Address { return m.cfg.Key.Address() }

// Log is the id of the receipts log.
func (m *Market) Log() ledger.Hash { return m.log.ID() }

// Register records a participant on the chain. The caller has checked that an
// operator asks for it.
func (m *Market) Register(ctx context.Context, p ledger.Participant) error {
	const known = ledger.RoleResearcher | ledger.RoleCommittee | ledger.RoleProvider | ledger.RoleMarketplace | ledger.RoleSteward | ledger.RoleOperator
	if p.Address.IsZero() || p.Roles == 0 || p.Roles&^known != 0 || p.Organisation.IsZero() {
		return fmt.Errorf("%w: a participant has an address, known roles and an organisation", ErrMalformed)
	}
	return m.cfg.Chain.Register(ctx, p)
}

// Participant returns who is registered under an address; no roles if nobody.
func (m *Market) Participant(ctx context.Context, a ledger.Address) (ledger.Participant, error) {
	return m.cfg.Chain.Participant(ctx, a)
}

// Account returns a researcher's standing and her final escrow, in expected hashes.
func (m *Market) Account(ctx context.Context, researcher ledger.Address) (a Account, escrow int64, err error) {
	if a, err = m.cfg.Store.Account(ctx, researcher); err != nil {
		return a, 0, err
	}
	if a == (Account{}) {
		if a.Drawn, err = m.lost(ctx, researcher); err != nil {
			return a, 0, err
		}
		a.Settled = a.Drawn
	}
	escrow, err = m.cfg.Chain.Escrow(ctx, researcher, m.Address())
	return a, escrow, err
}

// Drawings lists what of a researcher's escrow her asks have drawn, by request id, those above after: [MaxPage] at most.
func (m *Market) Drawings(ctx context.Context, researcher ledger.Address, after ledger.Hash) ([]Drawing, error) {
	return m.cfg.Store.Drawings(ctx, researcher, after)
}

// Free is what a researcher has claimed and escrowed nowhere, final on the chain, in expected hashes.
func (m *Market) Free(ctx context.Context, researcher ledger.Address) (work int64, err error) {
	return m.cfg.Chain.Credit(ctx, researcher)
}

// Datasets lists the hospitals' descriptions by dataset id, without those that offer nothing yet. One that cannot be
// reached is left out; ErrUnavailable if that are all.
func (m *Market) Datasets(ctx context.Context) (out []provider.Description, err error) {
	for _, d := range m.describe(ctx, slices.Sorted(maps.Keys(m.cfg.Hospitals))) {
		switch {
		case d.err == nil:
			out = append(out, d.Description)
		case errors.Is(d.err, provider.ErrNoPolicy): // not on offer yet
		case errors.Is(d.err, ErrUnavailable):
			m.cfg.Log.WarnContext(ctx, "a hospital cannot be reached, and is not listed", "err", d.err)
			err = d.err
		default:
			return nil, d.err
		}
	}
	if len(out) > 0 {
		err = nil
	}
	return out, err
}

// Dataset describes one dataset; ErrUnknownDataset.
func (m *Market) Dataset(ctx context.Context, dataset string) (provider.Description, error) {
	d := m.describe(ctx, []string{dataset})[0]
	return d.Description, d.err
}

// described is what a hospital says of its dataset, or why nothing is known.
type described struct {
	provider.Description
	err error
}

// describe asks the hospitals of datasets, all at once.
func (m *Market) describe(ctx context.Context, datasets []string) []described {
	out := make([]described, len(datasets))
	within, cancel := context.WithTimeout(ctx, describeWithin)
	defer cancel()
	var asking sync.WaitGroup
	for i, dataset := range datasets {
		h, ok := m.cfg.Hospitals[dataset]
		if !ok {
			out[i].err = ErrUnknownDataset
			continue
		}
		asking.Go(func() {
			at := time.Now()
			out[i].Description, out[i].err = h.Describe(within)
			switch {
			case out[i].err == nil:
				m.quotable.note(dataset, out[i].Description, at)
			case within.Err() != nil && ctx.Err() == nil:
				out[i].err = fmt.Errorf("%w: %w", ErrUnavailable, out[i].err)
			}
		})
	}
	asking.Wait()
	return out
}
