package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Market is a marketplace's store. Where the contract is silent: a study that
// is filed again keeps its first signature; a new approval replaces the old;
// an anchor must be of a root of this log.
type Market struct{ *database }

var _ marketplace.Store = (*Market)(nil)

// OpenMarket opens the store of a marketplace, makes it if there is none, and
// brings its schema up to date. Errors: ErrForeignFile, ErrExposed,
// ErrNewerFile, ErrOtherSchema; in Postgres ErrInUse, ErrVolatile and ErrPlain too.
func OpenMarket(ctx context.Context, cfg Config) (*Market, error) {
	d, err := open(ctx, market, cfg)
	if err != nil {
		return nil, err
	}
	return &Market{d}, nil
}

const studyColumns = `content, revision, expiry, signature, approval, created_at`

// Study implements [marketplace.Store].
func (m *Market) Study(ctx context.Context, grant ledger.Hash) (s marketplace.Study, err error) {
	err = m.read(ctx, "reading a study", func(tx *sql.Tx) error {
		s, err = scanStudy(tx.QueryRowContext(ctx, `SELECT `+studyColumns+` FROM studies WHERE document = ?`, grant[:]))
		if errors.Is(err, sql.ErrNoRows) {
			return marketplace.ErrUnknownGrant
		}
		return err
	})
	return s, err
}

// Studies implements [marketplace.Store]; of the same second, the one saved
// first comes first.
func (m *Market) Studies(ctx context.Context) (all []marketplace.Study, err error) {
	err = m.read(ctx, "listing studies", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanStudy, `SELECT `+studyColumns+` FROM studies ORDER BY created_at, number`)
		return err
	})
	return all, err
}

// SaveApproval implements [marketplace.Store].
func (m *Market) SaveApproval(ctx context.Context, grant ledger.Hash, sig ledger.Signature) error {
	return m.write(ctx, "saving an approval", func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE studies SET approval = ? WHERE document = ?`, sig[:], grant[:])
		return changed(r, err, marketplace.ErrUnknownGrant)
	})
}

func scanStudy(r row) (s marketplace.Study, err error) {
	var approval []byte
	err = r.Scan(&s.Request.Content, &s.Request.Revision, &s.Request.Expiry, fixed(s.Request.Signature[:]), &approval, &s.CreatedAt)
	if err != nil || approval == nil {
		return s, err
	}
	sig, err := ledger.ParseSignature(approval)
	s.Approval = &sig
	return s, err
}

// optional is NULL for no signature.
func optional(s *ledger.Signature) any {
	if s == nil {
		return nil
	}
	return s[:]
}
