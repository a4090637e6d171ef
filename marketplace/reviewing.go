package marketplace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
)

// reviewAhead is how long before a continuing review it waits for the committee, in seconds.
const reviewAhead = 30 * 24 * 3600

// TakeStep records what its signer did in the review of the study that has a grant document; document, unless nil, is the grant document of a Resubmit.
// It returns the entry. Submitting and approving are RequestGrant and ApproveGrant. Errors: ErrMalformed, ErrSignature,
// ErrExpired, ErrUnknownGrant (also for whom the study is none of her business), ErrStaleStep, ErrGrantExists, ErrUnknownFile,
// review.ErrNotNow, review.ErrNotYours.
func (m *Market) TakeStep(ctx context.Context, grant ledger.Hash, signed ledger.SignedDocument, document *ledger.SignedDocument) (review.Entry, error) {
	step, who, err := m.parseStep(signed)
	if err != nil {
		return review.Entry{}, err
	}
	unlock, err := m.reviewing.Take(ctx, step.Study)
	if err != nil {
		return review.Entry{}, err
	}
	defer unlock()
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return review.Entry{}, err
	}
	if r.Study != step.Study {
		return review.Entry{}, fmt.Errorf("%w: the step is of another study", ErrMalformed)
	}
	role, err := m.role(ctx, r, g, who)
	if err != nil {
		return review.Entry{}, err
	}
	next, err := review.Next(r.State, step.Action, role)
	if err != nil {
		return review.Entry{}, err
	}
	if err := m.room(ctx, r, step.Action, role); err != nil {
		return review.Entry{}, err
	}
	if step.Number != r.Steps+1 {
		return review.Entry{}, ErrStaleStep
	}
	if err := m.ended(ctx, r, g, step.Action); err != nil {
		return review.Entry{}, err
	}
	other, err := m.resubmitted(ctx, r, g, step, who, document)
	if err != nil {
		return review.Entry{}, err
	}
	if err := m.attached(ctx, step); err != nil {
		return review.Entry{}, err
	}
	e := review.Entry{Step: step, By: who, Role: role, At: m.cfg.Now().Unix(), Salt: provider.NewSalt(), Expiry: signed.Expiry, Signature: signed.Signature}
	return e, m.cfg.Store.TakeStep(ctx, r.Study, e, next, other)
}

// ended checks that the newest block says what a step says that ends the review for good: else one member could end it
// while the grant goes on.
func (m *Market) ended(ctx context.Context, r Review, g policy.Grant, a review.Action) error {
	if !a.Ends() {
		return nil
	}
	want := map[review.Action]ledger.GrantStatus{review.Revoke: ledger.GrantRevoked, review.Close: ledger.GrantClosed}[a]
	record, found, err := m.recordNow(ctx, r.Grant, g)
	if err == nil && (!found || record.Status != want) {
		err = fmt.Errorf("%w: %s, which the chain does not say yet", review.ErrNotNow, a)
	}
	return err
}

// room checks that there is room for another step of a study.
func (m *Market) room(ctx context.Context, r Review, a review.Action, by review.Role) error {
	entries, err := m.cfg.Store.Steps(ctx, r.Study)
	if err != nil {
		return err
	}
	return review.Room(entries, a, by)
}

// parseStep reads a step that is signed as such, and by whom.
func (m *Market) parseStep(signed ledger.SignedDocument) (s review.Step, who ledger.Address, err error) {
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return s, who, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := s.Validate(); err != nil {
		return s, who, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Action == review.Submit || s.Action == review.Approve || signed.Revision != s.Number {
		return s, who, fmt.Errorf("%w: a step under another number, or one that is not taken like this", ErrMalformed)
	}
	if who, err = signed.Signer(m.cfg.Domain, ledger.KindReviewStep); err != nil {
		return s, who, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if signed.Expiry <= m.cfg.Now().Unix() {
		return s, who, ErrExpired
	}
	return s, who, nil
}

// resubmitted checks the document of a Resubmit, and that any other step is about the present one.
func (m *Market) resubmitted(ctx context.Context, r Review, g policy.Grant, step review.Step, who ledger.Address, document *ledger.SignedDocument) (*Study, error) {
	if step.Action != review.Resubmit {
		if document != nil || step.Grant != r.Grant {
			return nil, fmt.Errorf("%w: the step is about another document than the present one", ErrMalformed)
		}
		return nil, nil
	}
	if document == nil || document.Hash() != step.Grant {
		return nil, fmt.Errorf("%w: the document is missing, or not the one that the step names", ErrMalformed)
	}
	filed, organisation, by, err := m.checkRequest(ctx, *document)
	if err != nil {
		return nil, err
	}
	if by != who || organisation != r.Organisation || filed.Amends != g.Amends {
		return nil, fmt.Errorf("%w: another signer, another committee, or an amendment of something else", ErrMalformed)
	}
	return &Study{Request: *document, CreatedAt: m.cfg.Now().Unix()}, nil
}

// attached checks that the files of a step are there.
func (m *Market) attached(ctx context.Context, step review.Step) error {
	if len(step.Attachments) == 0 {
		return nil
	}
	files, err := m.cfg.Store.Files(ctx, step.Study)
	if err != nil {
		return err
	}
	for _, a := range step.Attachments {
		if !slices.ContainsFunc(files, func(f review.Attachment) bool { return f.Hash == a.Hash && f.Size == a.Size }) {
			return ErrUnknownFile
		}
	}
	return nil
}

// review returns a study by the hash of any of its documents, and what the present one says.
func (m *Market) review(ctx context.Context, grant ledger.Hash) (Review, policy.Grant, error) {
	r, err := m.cfg.Store.Review(ctx, grant)
	if err != nil {
		return r, policy.Grant{}, err
	}
	s, err := m.cfg.Store.Study(ctx, r.Grant)
	if err != nil {
		return r, policy.Grant{}, err
	}
	g, err := parseGrant(s.Request)
	return r, g, err
}

// role is what somebody is to a study. Whoever is named in it is an applicant, though she sit on the committee. Error:
// ErrUnknownGrant for all others, whose business it is not that there is one.
func (m *Market) role(ctx context.Context, r Review, g policy.Grant, who ledger.Address) (review.Role, error) {
	p, err := m.participant(ctx, who)
	if err != nil {
		return "", err
	}
	return roleOf(r, g, p)
}

// participant is who somebody is on the chain, under the address that she shows.
func (m *Market) participant(ctx context.Context, who ledger.Address) (ledger.Participant, error) {
	p, err := m.cfg.Chain.Participant(ctx, who)
	p.Address = who
	return p, err
}

func roleOf(r Review, g policy.Grant, p ledger.Participant) (review.Role, error) {
	switch {
	case slices.Contains(g.Researchers, p.Address.String()):
		if p.Roles.Has(ledger.RoleResearcher) {
			return review.Applicant, nil
		}
	case p.Roles.Has(ledger.RoleCommittee) && p.Organisation == r.Organisation:
		return review.Committee, nil
	}
	return "", ErrUnknownGrant
}

// Review returns a study, by the hash of any of its documents, to who has to do with it; ErrUnknownGrant.
func (m *Market) Review(ctx context.Context, who ledger.Address, grant ledger.Hash) (Reviewed, error) {
	r, err := m.cfg.Store.Review(ctx, grant)
	if err != nil {
		return Reviewed{}, err
	}
	p, err := m.participant(ctx, who)
	if err != nil {
		return Reviewed{}, err
	}
	return m.reviewed(ctx, p, r)
}

// ReviewFilter is which studies are listed. What is empty narrows nothing.
type ReviewFilter struct {
	Waiting bool // only those in which something is for her to do
	State   review.State
	Status  ledger.GrantStatus // in the last final block
	Dataset string             // of the grant
}

func (f ReviewFilter) admits(r Reviewed) bool {
	_, named := r.Content.Ceiling(f.Dataset)
	return (r.Waiting || !f.Waiting) && (f.State == "" || r.State == f.State) && (f.Status == 0 || r.Status == f.Status) &&
		(f.Dataset == "" || named)
}

// Reviews lists the studies that somebody has to do with, and that f admits, oldest first. After is 0, or the next of the page before; a page has limit at most (1 to MaxPage). Next is 0 on the last
// page. Error: ErrMalformed.
func (m *Market) Reviews(ctx context.Context, who ledger.Address, f ReviewFilter, after uint64, limit int) (page []Reviewed, next uint64, err error) {
	if limit < 1 || limit > MaxPage {
		return nil, 0, fmt.Errorf("%w: a page has 1 to %d entries", ErrMalformed, MaxPage)
	}
	all, err := m.cfg.Store.Reviews(ctx)
	if err != nil {
		return nil, 0, err
	}
	p, err := m.participant(ctx, who)
	if err != nil {
		return nil, 0, err
	}
	for i := min(after, uint64(len(all))); i < uint64(len(all)); i++ {
		if len(page) == limit {
			return page, i, nil
		}
		hers, err := m.concerns(ctx, all[i], p)
		if err != nil {
			return nil, 0, err
		}
		if !hers {
			continue
		}
		one, err := m.reviewed(ctx, p, all[i])
		if err != nil {
			return nil, 0, err
		}
		if f.admits(one) {
			page = append(page, one)
		}
	}
	return page, 0, nil
}

func (m *Market) reviewed(ctx context.Context, who ledger.Participant, r Review) (out Reviewed, err error) {
	out.Review = r
	if out.Document, err = m.cfg.Store.Study(ctx, r.Grant); err != nil {
		return out, err
	}
	if out.Content, err = parseGrant(out.Document.Request); err != nil {
		return out, err
	}
	if out.Role, err = roleOf(r, out.Content, who); err != nil {
		return out, err
	}
	record, _, err := m.record(ctx, r.Grant, out.Content)
	if err != nil {
		return out, err
	}
	out.Status, out.ReviewBy, out.Suspensions = record.Status, record.ReviewBy, record.Suspensions
	out.Waiting, err = m.waits(ctx, who.Address, out)
	return out, err
}

// waits says whether something is for who to do: it is her side's move; or she sits on the committee and has not approved
// what still needs approvals, or the continuing review comes near.
func (m *Market) waits(ctx context.Context, who ledger.Address, r Reviewed) (bool, error) {
	now := m.cfg.Now().Unix()
	switch {
	case r.State != review.Approved:
		return r.State.WaitsFor() == r.Role && now < r.Content.Period.End, nil
	case r.Role != review.Committee || now >= r.Content.Period.End:
		return false, nil
	case r.Status == ledger.GrantActive:
		return r.ReviewBy != 0 && now >= r.ReviewBy-reviewAhead, nil
	case r.Status != 0:
		return false, nil
	}
	signed, err := m.hasApproved(ctx, r.Review, who)
	return !signed, err
}

// hasApproved says whether a member's approval of the present document is on record.
func (m *Market) hasApproved(ctx context.Context, r Review, who ledger.Address) (bool, error) {
	entries, err := m.cfg.Store.Steps(ctx, r.Study)
	return slices.ContainsFunc(entries, func(e review.Entry) bool {
		return e.Step.Action == review.Approve && e.By == who && e.Step.Grant == r.Grant
	}), err
}

// Steps lists the steps of a study to who has to do with it, and says how many of them are final on the chain;
// ErrUnknownGrant.
func (m *Market) Steps(ctx context.Context, who ledger.Address, grant ledger.Hash) (entries []review.Entry, recorded uint64, err error) {
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return nil, 0, err
	}
	if _, err := m.role(ctx, r, g, who); err != nil {
		return nil, 0, err
	}
	entries, err = m.cfg.Store.Steps(ctx, r.Study)
	return entries, r.Recorded, err
}

// AddFile keeps a file of a study for those who have to do with it; a step names it. Errors: ErrMalformed, ErrUnknownGrant,
// ErrTooManyFiles, review.ErrNotNow once the study is over.
func (m *Market) AddFile(ctx context.Context, who ledger.Address, grant ledger.Hash, name string, content []byte) (review.Attachment, error) {
	a := review.Attachment{Name: name, Size: int64(len(content)), Hash: ledger.HashBytes(content)}
	if err := (review.Step{
		Study: grant, Number: 1, Action: review.Attach, Grant: grant, Attachments: []review.Attachment{a},
	}).Validate(); err != nil {
		return a, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return a, err
	}
	role, err := m.role(ctx, r, g, who)
	if err != nil {
		return a, err
	}
	if _, err := review.Next(r.State, review.Attach, role); err != nil {
		return a, err
	}
	return a, m.cfg.Store.SaveFile(ctx, r.Study, role, File{a, content})
}

// File returns a file of a study to who has to do with it; ErrUnknownGrant, ErrUnknownFile.
func (m *Market) File(ctx context.Context, who ledger.Address, grant, hash ledger.Hash) (File, error) {
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return File{}, err
	}
	if _, err := m.role(ctx, r, g, who); err != nil {
		return File{}, err
	}
	return m.cfg.Store.File(ctx, r.Study, hash)
}

// recordSteps has the chain hold the hash of every step: what is final there is noted, what is not is sent.
func (m *Market) recordSteps(ctx context.Context) error {
	all, err := m.cfg.Store.Unrecorded(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range all {
		errs = append(errs, m.recordStepsOf(ctx, r))
	}
	return errors.Join(errs...)
}

func (m *Market) recordStepsOf(ctx context.Context, r Review) error {
	entries, err := m.cfg.Store.Steps(ctx, r.Study)
	if err != nil {
		return err
	}
	heads, err := review.Heads(entries)
	if err != nil {
		return err
	}
	final, err := m.cfg.Chain.StepsHead(ctx, m.Address(), r.Study)
	if err != nil {
		return err
	}
	i := slices.Index(heads, final)
	if i < 0 {
		return fmt.Errorf("steps of %s: the chain has others than are on record here", r.Study)
	}
	if uint64(i) > r.Recorded {
		if err := m.cfg.Store.SaveRecorded(ctx, r.Study, uint64(i)); err != nil {
			return err
		}
	}
	if i == len(entries) {
		return nil
	}
	hashes := make([]ledger.Hash, 0, len(entries)-i)
	for _, e := range entries[i:] {
		h, err := e.Hash()
		if err != nil {
			return err
		}
		hashes = append(hashes, h)
	}
	return m.cfg.Chain.RecordSteps(ctx, r.Study, final, hashes)
}
