package marketplace

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// AcceptTerms keeps a researcher's acceptance of a dataset's present terms, a TermsAcceptance that she
// signed; it goes to the hospital with each of her asks. Errors: ErrUnknownDataset, ErrMalformed
// unless it is of the present terms and good, ErrSignature, ErrUnknownPerson.
func (m *Market) AcceptTerms(ctx context.Context, signed ledger.SignedDocument) error {
	var a provider.TermsAcceptance
	if err := ledger.ParseCanonical(signed.Content, &a); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	by, err := signed.Signer(m.cfg.Domain, ledger.KindTermsAcceptance)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if _, err := m.mustHave(ctx, by, ledger.RoleResearcher); err != nil {
		return err
	}
	d, err := m.Dataset(ctx, a.Dataset)
	if err != nil {
		return err
	}
	p, err := provider.ParsePolicy(d.Policy)
	if err != nil {
		return fmt.Errorf("policy of %s: %w", a.Dataset, err)
	}
	if provider.AcceptedRevision(m.cfg.Domain, p, by, &signed, m.cfg.Now().Unix()) == 0 {
		return fmt.Errorf("%w: not the dataset's present terms", ErrMalformed)
	}
	return m.cfg.Store.SaveAcceptance(ctx, a.Dataset, by, signed)
}
