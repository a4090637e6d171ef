package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// maxAttempts bounds how often an answer is computed again because
// preferences changed while it ran.
const maxAttempts = 4

// Question is an ask as it reaches a hospital: the researcher's signature is
// over Ask, the plan and the grant document are named there by hash.
type Question struct {
	Ask       ledger.Ask
	Signature ledger.Signature
	Plan      []byte                // canonical dp.Statement
	Grant     ledger.SignedDocument // the grant document as the researcher signed it
	// Acceptance is a TermsAcceptance that she signed; nil if the dataset has no terms.
	Acceptance *ledger.SignedDocument
	Passport   Passport
}

// question is a Question that has been checked. Its Ask is as if it named no other hospital.
type question struct {
	Question
	admitted   time.Time // when it came, by the clock that only measures
	researcher ledger.Address
	// organisation is the researcher's as the chain has it; set with record and onChain.
	organisation ledger.Hash
	asked        ledger.Hash // the ask and who signed it
	actor        policy.Actor
	passport     ledger.Hash // what actor was read from
	plan         dp.Plan
	recheck      bool // it was charged before
	grant        policy.Grant
	record       ledger.GrantRecord
	onChain      bool
	rule         *Price                   // by which the dataset is sold; nil: at the hospital's one price
	escrow       int64                    // the researcher's, as the hospital sees the chain; set with rule
	classes      map[uint32]classDocument // read ahead, by id
}

// Release answers a question: decide, charge, count, add noise, re-check,
// store. It is idempotent by Ask.RequestID: a charge on record is used and not
// repeated. What is handed over later than it was charged is held against the
// present: a question that is not allowed any more, and an answer that includes
// someone who has since withdrawn, end in ErrFailed.
//
// Errors before the charge cost nothing: ErrMalformed, ErrSignature,
// ErrExpired, ErrPlanMismatch, ErrNoPolicy, ErrRequestReused, ErrCheckpointStale,
// ErrNotReady, ErrAllowance, ErrPrice, ErrNoCredit, *RefusedError.
// After it there is only ErrFailed.
func (n *Node) Release(ctx context.Context, q Question) (ledger.SignedRelease, error) {
	signed, err := n.release(ctx, q)
	n.heard.end(n.Now(), err)
	return signed, err
}

func (n *Node) release(ctx context.Context, q Question) (ledger.SignedRelease, error) {
	checked, err := n.check(q)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	charged, found, planErr, err := n.charged(ctx, &checked)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	switch {
	case charged.Ask != checked.asked:
		return ledger.SignedRelease{}, ErrRequestReused
	case charged.Release != nil:
		return n.handOver(ctx, q.Ask.RequestID)
	case planErr != nil: // it was charged for records that are not there any more
		return ledger.SignedRelease{}, n.failed(ctx, planErr)
	case checked.plan.Cost != charged.Cost: // the same question buys other noise than it did when it was charged
		return ledger.SignedRelease{}, n.failed(ctx, errors.New("the plan costs something else than was charged"))
	}
	if found {
		if err := n.stillAllowed(ctx, checked, charged); err != nil {
			return ledger.SignedRelease{}, n.failed(ctx, err)
		}
	}
	return n.answer(ctx, checked, charged)
}

// charged is the charge of a question, found on record or made now, and plans it; planErr is why a question that was charged cannot
// be planned any more.
func (n *Node) charged(ctx context.Context, q *question) (c Charged, found bool, planErr, err error) {
	defer n.charging.begin(q.Ask.RequestID)()
	if c, found, err = n.cfg.Store.Charged(ctx, q.Ask.RequestID); err != nil {
		return c, found, nil, err
	}
	// Also what was charged is answered and handed over only on a chain that is agreed on.
	if err := Fresh(ctx, n.cfg.Chain, n.Now(), n.cfg.StaleAfter); err != nil {
		if found && c.Ask == q.asked {
			err = n.failed(ctx, err)
		}
		return c, found, nil, err
	}
	if planErr = n.plan(q); found {
		return c, true, planErr, nil
	}
	if planErr != nil {
		return c, false, nil, planErr
	}
	c, err = n.start(ctx, *q)
	return c, false, nil, err
}

// check verifies what was signed: by the researcher, and about her.
func (n *Node) check(q Question) (question, error) {
	c, err := n.signed(q)
	if err != nil {
		return c, err
	}
	if c.passport, err = q.Passport.Hash(); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	c.actor, err = q.Passport.Actor(n.cfg.Domain, n.cfg.VisaIssuers, c.researcher, n.Now().Unix())
	return c, err
}

// signed verifies what the researcher signed, which is the same whenever q comes.
func (n *Node) signed(q Question) (question, error) {
	c := question{Question: q, admitted: time.Now()}
	hash, err := ledger.HashOf(q.Ask)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	digest := n.cfg.Domain.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: hash, Expiry: q.Ask.Expiry})
	if c.researcher, err = ledger.Recover(digest, q.Signature); err != nil {
		return c, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if c.asked, err = q.Ask.By(c.researcher); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if own, named := q.Ask.To(n.Address()); named { // else the plan is not for this hospital
		c.Ask = own
	}
	if c.Ask.RequestID.IsZero() || ledger.HashBytes(c.Plan) != c.Ask.PlanHash || c.Grant.Hash() != c.Ask.Grant {
		return c, fmt.Errorf("%w: no request id, or plan or grant is not the one the researcher signed for", ErrMalformed)
	}
	if err := ledger.ParseCanonical(q.Grant.Content, &c.grant); err != nil {
		return c, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return c, nil
}

// plan makes the plan again, for the dataset as it is now.
func (n *Node) plan(c *question) error {
	var s dp.Statement
	if err := ledger.ParseCanonical(c.Plan, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	own := n.cfg.Metadata.Stated()
	own.Disclosure, own.Accounting = s.Metadata.Disclosure, s.Metadata.Accounting // held against the policy where that cannot change meanwhile
	if !s.Metadata.Same(own) || c.Ask.Provider != n.Address() || c.Ask.Dataset != n.cfg.Metadata.Dataset {
		return ErrPlanMismatch
	}
	var err error
	if c.plan, err = dp.NewPlan(s.Query, s.Metadata); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if c.plan.Cost.NanoRho > c.Ask.MaxNanoRho {
		return fmt.Errorf("%w: the plan costs more than the researcher signed", ErrMalformed)
	}
	return nil
}

// start decides and charges. What nobody could count is not charged.
func (n *Node) start(ctx context.Context, q question) (Charged, error) {
	if err := n.readChain(ctx, &q); err != nil {
		return Charged{}, err
	}
	if err := n.readPrice(ctx, &q); err != nil {
		return Charged{}, err
	}
	if err := n.cfg.Engine.Ready(ctx, q.plan); err != nil {
		// The cause may name the hospital's machines, and is nobody's business but its own.
		n.cfg.Log.WarnContext(ctx, "question was not charged: the records are not ready for it", "err", err)
		return Charged{}, ErrNotReady
	}
	err := n.admit(ctx, q)
	var c Charged
	if err == nil {
		c, err = n.chargeAdmitted(ctx, q)
	}
	if err == nil {
		return c, nil
	}
	var no *refused
	if errors.As(err, &no) {
		err = n.refuse(ctx, q, no.judged)
	}
	// To be kept it waited for whoever wrote; or something changed since it was admitted, and reading classes and waiting for who
	// charged others took its time.
	if late := n.slot(ctx, q.admitted); late != nil {
		err = late
	}
	return Charged{}, err
}

// admit refuses what the query level refuses, and what is not paid for, before any class is read: how long a refusal takes tells nothing of how
// many there are.
func (n *Node) admit(ctx context.Context, q question) error {
	s, drawn, err := n.cfg.Store.Look(ctx, q.researcher, n.cfg.Marketplace)
	if err != nil {
		return err
	}
	j, _, err := n.judgeQuery(q, s, n.Now().Unix())
	if err != nil {
		return err
	}
	refused := n.refuses(q, j, s, drawn)
	if refused == nil {
		return nil
	}
	// Another call may have charged the same ask meanwhile, which is why there is not enough for it now.
	if _, found, err := n.cfg.Store.Charged(ctx, q.Ask.RequestID); err != nil || found {
		return err
	}
	return refused
}

// refuses is why a question may not be charged after so much was drawn, by what was decided of it at the query level.
func (n *Node) refuses(q question, j judged, s Snapshot, drawn int64) error {
	if q.Ask.Expiry <= j.Asked.Now {
		return ErrExpired
	}
	if !j.Decision.Allowed() {
		return &refused{j}
	}
	d, err := n.drawing(q, j.input.Policy, s)
	if err == nil && d.Work > d.Escrow-drawn {
		err = ErrNoCredit
	}
	return err
}

// chargeAdmitted decides on a question that may be admitted yet, and charges it.
func (n *Node) chargeAdmitted(ctx context.Context, q question) (Charged, error) {
	// All but those that come meanwhile are read here, where nobody who wants to write waits for it.
	live, err := n.cfg.Store.AllClasses(ctx)
	if err != nil {
		return Charged{}, err
	}
	if q.classes, err = n.classes.read(ctx, live); err != nil {
		return Charged{}, err
	}
	if err := n.known(ctx); err != nil {
		return Charged{}, err
	}
	charge := func() (Charged, error) {
		return n.cfg.Store.Charge(ctx, q.Ask.RequestID, func(s Snapshot) (Charge, error) { return n.decide(ctx, q, s) })
	}
	c, err := charge()
	if errors.Is(err, ErrAllowance) {
		if err = n.reach(ctx, q.plan.Cost); err == nil {
			c, err = charge()
		}
	}
	return c, err
}

// readChain reads what the chain says of the grant and of the researcher. A
// grant is none for someone who is not a registered researcher.
func (n *Node) readChain(ctx context.Context, q *question) (err error) {
	committee, err := ledger.ParseAddress(q.grant.Committee)
	if err != nil {
		return fmt.Errorf("%w: committee: %w", ErrMalformed, err)
	}
	if q.record, q.onChain, err = n.cfg.Chain.Grant(ctx, q.Ask.Grant, committee); err != nil {
		return fmt.Errorf("reading the grant: %w", err)
	}
	who, err := n.cfg.Chain.Participant(ctx, q.researcher)
	if err != nil {
		return fmt.Errorf("reading the researcher: %w", err)
	}
	if !who.Roles.Has(ledger.RoleResearcher) {
		return &RefusedError{Reasons: []policy.ReasonCode{policy.ReasonGrantResearcher}}
	}
	q.organisation = who.Organisation
	return nil
}

// stillAllowed is the re-check of a question that was charged before: it is decided anew, but for its cost, which is paid.
func (n *Node) stillAllowed(ctx context.Context, q question, c Charged) error {
	signed, err := n.cfg.Store.Policy(ctx)
	if err != nil {
		return err
	}
	q.recheck = true
	return n.decideQuery(ctx, q, unspent(c.AsOf, c.LastEvent, signed))
}

// unspent is what the re-check of a charge sees: no budget.
func unspent(asOf, lastEvent uint64, p ledger.SignedDocument) Snapshot {
	return Snapshot{AsOf: asOf, LastEvent: lastEvent, Policy: p}
}

// decideQuery decides at the query level alone, as of s, and keeps what it refuses.
func (n *Node) decideQuery(ctx context.Context, q question, s Snapshot) error {
	if err := n.readChain(ctx, &q); err != nil {
		return err
	}
	j, _, err := n.judgeQuery(q, s, n.Now().Unix())
	if err != nil || j.Decision.Allowed() {
		return err
	}
	err = n.refuse(ctx, q, j)
	if late := n.slot(ctx, q.admitted); late != nil { // to be kept it waited for whoever wrote
		err = late
	}
	return err
}

// handOver returns a stored answer again, if all who are in it still permit it.
func (n *Node) handOver(ctx context.Context, request ledger.Hash) (ledger.SignedRelease, error) {
	signed, err := n.cfg.Store.HandOver(ctx, request, n.Now().Unix())
	if err != nil {
		return ledger.SignedRelease{}, n.failed(ctx, err)
	}
	return signed, nil
}

// decide makes the one decision and what is charged by it. It runs inside the
// transaction that charges.
func (n *Node) decide(ctx context.Context, q question, s Snapshot) (Charge, error) {
	now := n.Now().Unix()
	if q.Ask.Expiry <= now { // here, where no other call can have charged the same ask meanwhile
		return Charge{}, ErrExpired
	}
	j, err := n.judge(ctx, q, s, now)
	if err != nil {
		return Charge{}, err
	}
	if !j.Decision.Allowed() {
		return Charge{}, &refused{j}
	}
	if err := n.fits(s, j.Cost); err != nil {
		return Charge{}, err
	}
	c := Charge{Ask: q.asked, Cost: j.Cost, Scopes: j.Scopes, Classes: j.permitted, Policy: j.Policy, Now: now, Salt: NewSalt()}
	if c.Drawing, err = n.drawing(q, j.input.Policy, s); err != nil {
		return Charge{}, err
	}
	if c.Grounds, err = q.grounds(j.Decision); err != nil {
		return Charge{}, err
	}
	j.Grounds = ledger.HashBytes(c.Grounds)
	c.Decision, err = j.Digest(c.Salt)
	return c, err
}

// input gathers what the decision is made from.
func (n *Node) input(q question, p policy.DatasetPolicy, s Snapshot, now int64) policy.Input {
	f := Facts{
		Ask: q.Ask, Researcher: q.researcher, Organisation: q.organisation, Actor: q.actor, Plan: q.plan, Policy: p, Now: now, AsOf: s.AsOf,
		Diseases:      n.cfg.Diseases,
		TermsAccepted: AcceptedRevision(n.cfg.Domain, p, q.researcher, q.Acceptance, now),
	}
	if q.onChain {
		f.Grant, f.Record = &q.grant, q.record
	}
	scopes := q.scopes(p, s)
	f.DatasetSpent, f.GrantSpent = scopes[datasetScope(p.Dataset)].Spent, scopes[grantScope(q.record, p.Dataset)].Spent
	f.OrganisationSpent = scopes[organisationScope(q.organisation, p.Dataset)].Spent
	return f.Input()
}

// charge adds the cost to every scope. The decision has said that it fits; a
// scope that does not admit it all the same is an error, not a refusal.
func (n *Node) charge(q question, p policy.DatasetPolicy, s Snapshot) (map[string]accountant.Scope, error) {
	scopes := q.scopes(p, s)
	for name, scope := range scopes {
		after, err := scope.Admit(q.plan.Cost)
		if err != nil {
			return nil, fmt.Errorf("charging %s: %w", name, err)
		}
		scopes[name] = after
	}
	return scopes, nil
}

// scopes are those that a question is charged to, before it is. One that is not on record may have spent what was lost with a
// store, as far as its budget reached; but not that of a study that began later.
func (q question) scopes(p policy.DatasetPolicy, s Snapshot) map[string]accountant.Scope {
	ceiling, _ := q.record.Ceiling(p.Dataset) // 0, which admits nothing, for another dataset
	organisation, grant := organisationScope(q.organisation, p.Dataset), grantScope(q.record, p.Dataset)
	scopes := map[string]accountant.Scope{
		organisation:            {Kind: Accounting(p), Budget: budget(p, p.Limits().PerOrganisation)},
		datasetScope(p.Dataset): {Kind: Accounting(p), Budget: budget(p, p.Limits().Total)},
		// A committee's ceiling is in zCDP, which counts whatever noise each of a study's datasets answers with.
		grant: {Kind: accountant.ZCDP, Budget: accountant.Cost{NanoRho: ceiling, Delta: p.TotalDelta}},
	}
	for name, scope := range scopes {
		if known, charged := s.Scopes[name]; charged {
			scope.Spent = known.Spent
		} else if name != grant || q.record.Since <= s.LostAt {
			scope = scope.Lose(s.Lost)
		}
		scopes[name] = scope
	}
	return scopes
}

// answer computes, signs and stores the answer of a charged question. Patients
// who are no longer permitted when it is stored are left out and it is
// computed again; nobody is ever added.
func (n *Node) answer(ctx context.Context, q question, charged Charged) (ledger.SignedRelease, error) {
	through, err := n.answering.Take(ctx, q.Ask.RequestID)
	if err != nil {
		return ledger.SignedRelease{}, n.failed(ctx, err)
	}
	defer through()
	// Another call may have answered while this one waited: noise is not drawn twice.
	again, _, err := n.cfg.Store.Charged(ctx, q.Ask.RequestID)
	if err != nil {
		return ledger.SignedRelease{}, n.failed(ctx, err)
	}
	if again.Release != nil {
		return n.handOver(ctx, q.Ask.RequestID)
	}
	active, err := n.active(ctx, charged)
	if err != nil {
		return ledger.SignedRelease{}, n.failed(ctx, err)
	}
	var excluded []int64
	for range maxAttempts {
		signed, err := n.attempt(ctx, q, charged, active)
		if err = errors.Join(err, n.slot(ctx, q.admitted)); err != nil {
			return ledger.SignedRelease{}, n.failed(ctx, err)
		}
		h, err := ledger.HashOf(signed)
		if err != nil {
			return ledger.SignedRelease{}, n.failed(ctx, err)
		}
		stored, err := n.cfg.Store.Finish(ctx, q.Ask.RequestID, signed, ledger.LeafHash(h[:]), excluded, n.Now().Unix())
		var redo *RedoError
		if errors.As(err, &redo) {
			excluded = n.exclude(active, excluded, redo.Excluded)
			continue
		}
		if err != nil {
			return ledger.SignedRelease{}, n.failed(ctx, err)
		}
		n.heard.departs(lastSlot(n.cfg.Slots, time.Since(q.admitted)))
		return stored, nil
	}
	return ledger.SignedRelease{}, ErrFailed
}

// count has the engine count, and tells it first of the patients where it does not know them, or finds that it has lost them. Of
// the time that counting may take nothing goes by while another question is counted.
func (n *Node) count(ctx context.Context, plan dp.Plan, active Active) (exact dp.Exact, err error) {
	through, err := n.counting.take(ctx)
	if err != nil {
		return dp.Exact{}, err
	}
	defer through()
	for range 2 {
		if !n.cfg.Engine.Follows() {
			if err := n.cfg.Engine.Follow(ctx, n.patients); err != nil {
				return dp.Exact{}, fmt.Errorf("telling the engine of the patients: %w", err)
			}
		}
		counting, cancel := context.WithTimeout(ctx, n.cfg.CountFor)
		exact, err = n.cfg.Engine.Count(counting, plan, active)
		cancel()
		if !errors.Is(err, ErrStale) {
			break
		}
	}
	if err != nil {
		return dp.Exact{}, fmt.Errorf("counting: %w", err)
	}
	return exact, nil
}

func (n *Node) attempt(ctx context.Context, q question, charged Charged, active Active) (ledger.SignedRelease, error) {
	exact, err := n.count(ctx, q.plan, active)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	vector, err := dp.Release(q.plan, exact, n.cfg.Noise)
	if err != nil {
		return ledger.SignedRelease{}, fmt.Errorf("adding noise: %w", err)
	}
	r := ledger.Release{
		RequestID: q.Ask.RequestID, Ask: q.asked, Dataset: n.cfg.Metadata.Dataset, DatasetVersion: n.cfg.Metadata.Version,
		PlanHash: q.Ask.PlanHash, Grant: q.Ask.Grant, Policy: charged.Policy, Passport: q.passport, Decision: charged.Decision,
		AsOf: charged.AsOf, LogRoot: charged.Root, MapRoot: charged.MapRoot, NanoRho: charged.Cost.NanoRho, Delta: charged.Cost.Delta, NanoEpsilon: charged.Cost.NanoEpsilon,
		Work: charged.Drawing.Work, Vector: vector, Time: charged.Now,
	}
	sig, err := ledger.SignDocument(n.cfg.Key, n.cfg.Domain, ledger.KindRelease, r, 0, 0)
	if err != nil {
		return ledger.SignedRelease{}, fmt.Errorf("signing: %w", err)
	}
	return ledger.SignedRelease{Release: r, Provider: n.Address(), Signature: sig}, nil
}

// failed logs that a charged query failed, without its cause where that could
// depend on the data, and returns the one error there is after a charge.
func (n *Node) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		n.cfg.Log.WarnContext(ctx, "charged query was interrupted; it can be asked again under its request id")
		return ErrFailed
	}
	n.cfg.Log.ErrorContext(ctx, "charged query failed", "class", kindOf(err))
	return ErrFailed
}

// kindOf is the type of the innermost error, of the first where several are joined.
func kindOf(err error) string {
	for {
		inner := errors.Unwrap(err)
		if joined, several := err.(interface{ Unwrap() []error }); several && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

func datasetScope(dataset string) string { return "dataset/" + dataset }

func organisationScope(organisation ledger.Hash, dataset string) string {
	return "organisation/" + organisation.String() + "/" + dataset
}

// grantPrefix begins the name of every scope of a study's grants.
const grantPrefix = "grant/"

// grantScope is named by the first grant of a study: what was spent before an amendment counts after it; and by the organisation
// of its committee: an amendment that another's committee approved spends nothing of it.
func grantScope(r ledger.GrantRecord, dataset string) string {
	return grantPrefix + r.Study.String() + "/" + r.Organisation.String() + "/" + dataset
}
