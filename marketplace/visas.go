package marketplace

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// visaLife is how long a visa of a grant is good at most. It cannot be taken back: a grant that is suspended
// or revoked meanwhile is so here at once, and for whoever believes the visa at its end.
const visaLife = time.Hour

// GrantVisa says to other systems that a grant gives a researcher access to a dataset: a ControlledAccessGrants visa of GA4GH
// Passport v1.2. Its subject is her address; its value and source are what the dataset and the committee's member are over
// REST. expires is in Unix seconds. Errors: ErrNoVisas; ErrUnknownGrant, also for one that does not name her;
// ErrUnknownDataset for one that the grant does not name; ErrNotInForce, also where the chain has other terms than the document, of
// which hospitals answer nothing; passport.ErrMalformed for a dataset whose name is too long for a visa.
func (m *Market) GrantVisa(ctx context.Context, researcher ledger.Address, grant ledger.Hash, dataset string) (visa string, expires int64, err error) {
	if m.cfg.Visas == nil {
		return "", 0, ErrNoVisas
	}
	study, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return "", 0, err
	}
	g, err := parseGrant(study.Request)
	if err != nil {
		return "", 0, err
	}
	record, final, err := m.record(ctx, grant, g)
	if err != nil {
		return "", 0, err
	}
	now := m.cfg.Now().Unix()
	_, reached := record.Ceiling(dataset)
	switch {
	case !slices.Contains(g.Researchers, researcher.String()):
		return "", 0, ErrUnknownGrant
	case !final || !provider.SameTerms(g, record) || record.Status != ledger.GrantActive || now < record.NotBefore:
		return "", 0, ErrNotInForce
	case !reached:
		return "", 0, ErrUnknownDataset
	}
	if expires = min(now+int64(visaLife/time.Second), record.Expiry); record.ReviewBy != 0 {
		expires = min(expires, record.ReviewBy)
	}
	if expires <= now {
		return "", 0, ErrNotInForce
	}
	base := m.cfg.Visas.Issuer()
	visa, err = m.cfg.Visas.Sign(policy.Visa{
		Identity: policy.Identity{Subject: researcher.String()}, Type: policy.ControlledAccessGrants,
		Value: base + "/v1/datasets/" + url.PathEscape(dataset), Source: base + "/v1/participants/" + g.Committee, By: policy.ByCommittee,
		Asserted: max(1, record.NotBefore), Expires: expires,
	}, now, rand.Text())
	return visa, expires, err
}

// VisaKeys is the JWK set by which visas of this marketplace are checked; nil if it issues none.
func (m *Market) VisaKeys() []byte {
	if m.cfg.Visas == nil {
		return nil
	}
	return m.cfg.Visas.Keys()
}
