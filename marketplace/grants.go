package marketplace

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// RequestGrant files a study: a grant document signed by one of the
// researchers it names. It returns the hash that names it from now on.
func (m *Market) RequestGrant(ctx context.Context, signed ledger.SignedDocument) (ledger.Hash, error) {
	g, err := parseGrant(signed)
	if err != nil {
		return ledger.Hash{}, err
	}
	signer, err := signed.Signer(m.cfg.Domain, ledger.KindDataGrant)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	now := m.cfg.Now().Unix()
	if signed.Expiry <= now {
		return ledger.Hash{}, ErrExpired
	}
	if !slices.Contains(g.Researchers, signer.String()) {
		return ledger.Hash{}, fmt.Errorf("%w: a researcher named in the grant must sign it", ErrSignature)
	}
	if err := m.mustHave(ctx, signer, ledger.RoleResearcher); err != nil {
		return ledger.Hash{}, err
	}
	committee, err := ledger.ParseAddress(g.Committee)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("%w: committee: %w", ErrMalformed, err)
	}
	if err := m.mustHave(ctx, committee, ledger.RoleCommittee); err != nil {
		return ledger.Hash{}, err
	}
	for _, d := range g.Datasets {
		if _, ok := m.cfg.Hospitals[d.Dataset]; !ok {
			return ledger.Hash{}, fmt.Errorf("%w: %s", ErrUnknownDataset, d.Dataset)
		}
	}
	return signed.Hash(), m.cfg.Store.SaveStudy(ctx, Study{Request: signed, CreatedAt: now})
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
	record, err := Terms(g, s.Request)
	if err != nil {
		return err
	}
	digest, err := TermsDigest(m.cfg.Domain, record)
	if err != nil {
		return err
	}
	signer, err := ledger.Recover(digest, sig)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
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
	if err := m.cfg.Chain.ApproveGrant(ctx, record, sig); err != nil {
		return fmt.Errorf("recording the approval: %w", err)
	}
	if !named {
		return nil
	}
	return m.cfg.Store.SaveApproval(ctx, grant, sig)
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

// record is what is final on the chain of a grant.
func (m *Market) record(ctx context.Context, id ledger.Hash, g policy.Grant) (ledger.GrantRecord, bool, error) {
	committee, err := ledger.ParseAddress(g.Committee)
	if err != nil {
		return ledger.GrantRecord{}, false, fmt.Errorf("%w: committee: %w", ErrMalformed, err)
	}
	return m.cfg.Chain.Grant(ctx, id, committee)
}

// Study returns a study and what has become of it on the chain; no status while no
// approval is final.
func (m *Market) Study(ctx context.Context, grant ledger.Hash) (Study, ledger.GrantStatus, error) {
	s, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return s, 0, err
	}
	g, err := parseGrant(s.Request)
	if err != nil {
		return s, 0, err
	}
	record, _, err := m.record(ctx, grant, g)
	return s, record.Status, err
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

// Studies lists all studies, oldest first.
func (m *Market) Studies(ctx context.Context) ([]Study, error) { return m.cfg.Store.Studies(ctx) }

// Terms returns what of a grant goes on the chain: datasets in rising order of
// their ids, as the Grants contract wants them.
func Terms(g policy.Grant, signed ledger.SignedDocument) (ledger.GrantRecord, error) {
	committee, err := ledger.ParseAddress(g.Committee)
	if err != nil {
		return ledger.GrantRecord{}, fmt.Errorf("%w: committee: %w", ErrMalformed, err)
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

func (m *Market) mustHave(ctx context.Context, a ledger.Address, role ledger.Role) error {
	p, err := m.cfg.Chain.Participant(ctx, a)
	if err != nil {
		return err
	}
	if !p.Roles.Has(role) {
		return fmt.Errorf("%w: %s", ErrUnknownPerson, a)
	}
	return nil
}
