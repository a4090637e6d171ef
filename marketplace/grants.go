package marketplace

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
)

// RequestGrant files a study with the committee that it names: a grant document signed by one of
// the researchers it names. It returns the hash that names it from now on. An amendment
// is filed by a researcher of the approved study that it amends, with the same committee.
func (m *Market) RequestGrant(ctx context.Context, signed ledger.SignedDocument) (ledger.Hash, error) {
	g, organisation, signer, err := m.checkRequest(ctx, signed)
	if err != nil {
		return ledger.Hash{}, err
	}
	if g.Amends != "" {
		if err := m.mayAmend(ctx, g, organisation, signer); err != nil {
			return ledger.Hash{}, err
		}
	}
	unlock, err := m.reviewing.Take(ctx, ledger.HashBytes(signer[:])) // so that she files one after another
	if err != nil {
		return ledger.Hash{}, err
	}
	defer unlock()
	if err := m.mayFile(ctx, signed.Hash(), signer); err != nil {
		return ledger.Hash{}, err
	}
	id, now := signed.Hash(), m.cfg.Now().Unix()
	first := review.Entry{
		Step: review.Step{Study: id, Number: 1, Action: review.Submit, Grant: id}, By: signer, Role: review.Applicant, At: now, Salt: provider.NewSalt(),
		Expiry: signed.Expiry, Signature: signed.Signature, Revision: signed.Revision,
	}
	return id, m.cfg.Store.Submit(ctx, Study{Request: signed, CreatedAt: now}, organisation, first)
}

// checkRequest checks a grant document that is filed, and returns what it says, the organisation
// whose committee it is addressed to, and who signed it.
func (m *Market) checkRequest(ctx context.Context, signed ledger.SignedDocument) (g policy.Grant, organisation ledger.Hash, signer ledger.Address, err error) {
	if g, err = parseGrant(signed); err != nil {
		return g, organisation, signer, err
	}
	if signer, err = signed.Signer(m.cfg.Domain, ledger.KindDataGrant); err != nil {
		return g, organisation, signer, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if signed.Expiry <= m.cfg.Now().Unix() {
		return g, organisation, signer, ErrExpired
	}
	if !slices.Contains(g.Researchers, signer.String()) {
		return g, organisation, signer, fmt.Errorf("%w: a researcher named in the grant must sign it", ErrSignature)
	}
	if _, err := m.mustHave(ctx, signer, ledger.RoleResearcher); err != nil {
		return g, organisation, signer, err
	}
	named, err := committeeOf(g)
	if err != nil {
		return g, organisation, signer, err
	}
	committee, err := m.mustHave(ctx, named, ledger.RoleCommittee)
	if err != nil {
		return g, organisation, signer, err
	}
	for _, d := range g.Datasets {
		if _, ok := m.cfg.Hospitals[d.Dataset]; !ok {
			return g, organisation, signer, fmt.Errorf("%w: %s", ErrUnknownDataset, d.Dataset)
		}
	}
	return g, committee.Organisation, signer, nil
}

// mayAmend checks that a document amends an approved study of the signer's, before the same committee.
func (m *Market) mayAmend(ctx context.Context, g policy.Grant, organisation ledger.Hash, signer ledger.Address) error {
	amended, err := ledger.ParseHash(g.Amends)
	if err != nil {
		return fmt.Errorf("%w: amends: %w", ErrMalformed, err)
	}
	r, before, err := m.review(ctx, amended)
	if err != nil {
		return err
	}
	if !slices.Contains(before.Researchers, signer.String()) {
		return ErrUnknownGrant
	}
	if r.State != review.Approved || r.Grant != amended {
		return fmt.Errorf("%w: only what is approved is amended", review.ErrNotNow)
	}
	if r.Organisation != organisation {
		return fmt.Errorf("%w: an amendment is for the committee that approved the study", ErrMalformed)
	}
	return nil
}

// ApproveGrant records a committee's approval on the chain: sig is over the
// GrantTerms of the study, by the member that the grant names or a colleague of the
// same organisation. It returns once the approval is in a block. The grant is in
// force once the member named, and as many in all as the registry wants, have approved
// and that is final.
func (m *Market) ApproveGrant(ctx context.Context, grant ledger.Hash, sig ledger.Signature) error {
	s, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return err
	}
	g, err := parseGrant(s.Request)
	if err != nil {
		return err
	}
	record, signer, err := m.approver(g, s.Request, sig)
	if err != nil {
		return err
	}
	named := signer == record.Committee
	if named && s.Approval != nil {
		return ErrGrantExists
	}
	if !named {
		if err := m.mustBeColleagues(ctx, signer, record.Committee); err != nil {
			return err
		}
	}
	under, err := m.cfg.Store.Review(ctx, grant)
	if err != nil {
		return err
	}
	unlock, err := m.reviewing.Take(ctx, under.Study)
	if err != nil {
		return err
	}
	defer unlock()
	next, r, err := m.mayApprove(ctx, grant, signer)
	if err != nil {
		return err
	}
	if err := m.cfg.Chain.ApproveGrant(ctx, record, sig); err != nil {
		return fmt.Errorf("recording the approval: %w", err)
	}
	if err := m.approved(ctx, r, next, signer, record, sig); err != nil {
		return err
	}
	if !named {
		return nil
	}
	return m.cfg.Store.SaveApproval(ctx, grant, sig)
}

// approver returns the terms of a grant, and who signed them.
func (m *Market) approver(g policy.Grant, signed ledger.SignedDocument, sig ledger.Signature) (r ledger.GrantRecord, signer ledger.Address, err error) {
	if r, err = Terms(g, signed); err != nil {
		return r, signer, err
	}
	digest, err := TermsDigest(m.cfg.Domain, r)
	if err != nil {
		return r, signer, err
	}
	if signer, err = ledger.Recover(digest, sig); err != nil {
		return r, signer, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return r, signer, nil
}

// mayApprove checks that the document is the one before the committee, and that the signer may
// approve it.
func (m *Market) mayApprove(ctx context.Context, grant ledger.Hash, signer ledger.Address) (review.State, Review, error) {
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return "", r, err
	}
	if r.Grant != grant {
		return "", r, fmt.Errorf("%w: another document has taken its place", review.ErrNotNow)
	}
	role, err := m.role(ctx, r, g, signer)
	if err != nil {
		return "", r, err
	}
	next, err := review.Next(r.State, review.Approve, role)
	if err != nil {
		return next, r, err
	}
	return next, r, m.room(ctx, r, review.Approve, role)
}

// approved notes a member's approval, once: her signature of the record's terms.
func (m *Market) approved(ctx context.Context, r Review, next review.State, signer ledger.Address, record ledger.GrantRecord, sig ledger.Signature) error {
	if noted, err := m.hasApproved(ctx, r, signer); noted || err != nil {
		return err
	}
	terms, err := record.TermsHash()
	if err != nil {
		return err
	}
	return m.cfg.Store.TakeStep(ctx, r.Study, review.Entry{
		Step: review.Step{Study: r.Study, Number: r.Steps + 1, Action: review.Approve, Grant: r.Grant},
		By:   signer, Role: review.Committee, At: m.cfg.Now().Unix(), Salt: provider.NewSalt(), Signature: sig,
		Terms: &review.Terms{Revision: record.Revision, Expiry: record.Expiry, TermsHash: terms},
	}, next, nil)
}

// mustBeColleagues refuses a signer who is not on the committee of the one named.
func (m *Market) mustBeColleagues(ctx context.Context, signer, named ledger.Address) error {
	a, err := m.cfg.Chain.Participant(ctx, signer)
	if err != nil {
		return err
	}
	b, err := m.cfg.Chain.Participant(ctx, named)
	if err != nil {
		return err
	}
	if !a.Roles.Has(ledger.RoleCommittee) || !b.Roles.Has(ledger.RoleCommittee) || a.Organisation != b.Organisation {
		return fmt.Errorf("%w: the committee named in the grant must approve it", ErrSignature)
	}
	return nil
}

// committeeOf is the member of a committee that a grant names; ErrMalformed.
func committeeOf(g policy.Grant) (ledger.Address, error) {
	a, err := ledger.ParseAddress(g.Committee)
	if err != nil {
		err = fmt.Errorf("%w: committee: %w", ErrMalformed, err)
	}
	return a, err
}

// record is what is final on the chain of a grant.
func (m *Market) record(ctx context.Context, id ledger.Hash, g policy.Grant) (ledger.GrantRecord, bool, error) {
	committee, err := committeeOf(g)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return m.cfg.Chain.Grant(ctx, id, committee)
}

// recordNow is record as of the newest block, which may not be final.
func (m *Market) recordNow(ctx context.Context, id ledger.Hash, g policy.Grant) (ledger.GrantRecord, bool, error) {
	committee, err := committeeOf(g)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return m.cfg.Chain.GrantNow(ctx, id, committee)
}

// Named reports whether a study's grant names a as one of its researchers, live
// or not; ErrUnknownGrant.
func (m *Market) Named(ctx context.Context, grant ledger.Hash, a ledger.Address) (bool, error) {
	s, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return false, err
	}
	g, err := parseGrant(s.Request)
	return slices.Contains(g.Researchers, a.String()), err
}

// Terms returns what of a grant goes on the chain: datasets in rising order of
// their ids, as the Grants contract wants them.
func Terms(g policy.Grant, signed ledger.SignedDocument) (ledger.GrantRecord, error) {
	committee, err := committeeOf(g)
	if err != nil {
		return ledger.GrantRecord{}, err
	}
	r := ledger.GrantRecord{
		Document: signed.Hash(), Revision: signed.Revision, Committee: committee,
		NotBefore: g.Period.Start, Expiry: g.Period.End, ReviewBy: g.ReviewBy, Study: signed.Hash(),
	}
	if g.Amends != "" {
		if r.Amends, err = ledger.ParseHash(g.Amends); err != nil {
			return ledger.GrantRecord{}, fmt.Errorf("%w: amends: %w", ErrMalformed, err)
		}
		r.Study = r.Amends // or what that one amends: the chain knows
	}
	datasets := slices.SortedFunc(slices.Values(g.Datasets), func(a, b policy.DatasetCeiling) int {
		x, y := ledger.DatasetID(a.Dataset), ledger.DatasetID(b.Dataset)
		return bytes.Compare(x[:], y[:])
	})
	for _, d := range datasets {
		r.Datasets = append(r.Datasets, ledger.DatasetID(d.Dataset))
		r.Ceilings = append(r.Ceilings, uint64(d.NanoRho))
	}
	return r, nil
}

// TermsDigest is the EIP-712 digest that a committee signs to approve r.
func TermsDigest(d ledger.Domain, r ledger.GrantRecord) (ledger.Hash, error) {
	terms, err := r.TermsHash()
	if err != nil {
		return ledger.Hash{}, err
	}
	return d.GrantTermsDigest(ledger.GrantTerms{
		Document: r.Document, Revision: r.Revision, Expiry: r.Expiry, TermsHash: terms,
	}), nil
}

func parseGrant(signed ledger.SignedDocument) (policy.Grant, error) {
	var g policy.Grant
	if err := ledger.ParseCanonical(signed.Content, &g); err != nil {
		return g, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := g.Validate(); err != nil {
		return g, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return g, nil
}

func (m *Market) mustHave(ctx context.Context, a ledger.Address, role ledger.Role) (ledger.Participant, error) {
	p, err := m.cfg.Chain.Participant(ctx, a)
	if err == nil && !p.Roles.Has(role) {
		err = fmt.Errorf("%w: %s", ErrUnknownPerson, a)
	}
	return p, err
}
