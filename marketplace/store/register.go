package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Answers implements [marketplace.Store]. It reads the entries of the page
// and no others.
func (m *Market) Answers(ctx context.Context, p marketplace.Page) (page []marketplace.Entry, err error) {
	if p.Limit < 1 || p.Limit > marketplace.MaxPage {
		return nil, fmt.Errorf("%w: a page has 1 to %d entries", marketplace.ErrMalformed, marketplace.MaxPage)
	}
	before := uint64(math.MaxInt64)
	if p.Before > 0 {
		before = p.Before
	}
	where, args := `r.log_index < ?`, []any{clamp(before)}
	if p.Grant != (ledger.Hash{}) {
		where, args = where+` AND r.study = (SELECT number FROM studies WHERE document = ?)`, append(args, p.Grant[:])
	}
	err = m.read(ctx, "listing answers", func(tx *sql.Tx) error {
		page, err = collect(ctx, tx, scanEntry, `
			SELECT `+entryColumns+`
			FROM receipts AS r JOIN asks AS a ON a.request = r.request
			WHERE `+where+` ORDER BY r.log_index DESC LIMIT ?`, append(args, p.Limit)...)
		return err
	})
	return page, err
}

// Answered implements [marketplace.Store].
func (m *Market) Answered(ctx context.Context, question ledger.Hash, asOf uint64) (e marketplace.Entry, found bool, err error) {
	err = m.read(ctx, "looking for an answer", func(tx *sql.Tx) error {
		e, err = scanEntry(tx.QueryRowContext(ctx, `
			SELECT `+entryColumns+`
			FROM receipts AS r JOIN asks AS a ON a.request = r.request
			WHERE r.question = ? AND r.as_of >= ? ORDER BY r.log_index LIMIT 1`, question[:], clamp(asOf)))
		found = err == nil
		return absent(err)
	})
	return e, found, err
}

// Taken implements [marketplace.Store].
func (m *Market) Taken(ctx context.Context, study ledger.Hash) (map[string]int64, error) {
	all := map[string]int64{}
	err := m.read(ctx, "reading what a study has taken", func(tx *sql.Tx) error {
		return each(ctx, tx, func(r row) error {
			var dataset string
			var taken int64
			err := r.Scan(&dataset, &taken)
			all[dataset] = taken
			return err
		}, `SELECT a.dataset, a.taken FROM allocations AS a JOIN studies AS s ON s.number = a.study WHERE s.document = ?`, study[:])
	})
	return all, err
}
