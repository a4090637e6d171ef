package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
)

// Submit implements [marketplace.ReviewStore].
func (m *Market) Submit(ctx context.Context, s marketplace.Study, organisation ledger.Hash, first review.Entry) error {
	return m.write(ctx, "filing a study", func(tx *sql.Tx) error {
		number, err := insertStudy(ctx, tx, s, nil)
		if errors.Is(err, marketplace.ErrGrantExists) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO reviews (study, document, organisation, state, steps) VALUES (?1, ?1, ?2, ?3, 1)`,
			number, organisation[:], review.Submitted)
		if err != nil {
			return err
		}
		return insertStep(ctx, tx, number, first)
	})
}

// insertStudy adds a grant document, in the place of those whose first is given; ErrGrantExists.
func insertStudy(ctx context.Context, tx *sql.Tx, s marketplace.Study, first *int64) (number int64, err error) {
	h := s.Request.Hash()
	err = tx.QueryRowContext(ctx, `
		INSERT INTO studies (document, content, revision, expiry, signature, approval, first, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (document) DO NOTHING RETURNING number`,
		h[:], s.Request.Content, int64(s.Request.Revision), s.Request.Expiry, s.Request.Signature[:], optional(s.Approval), first, s.CreatedAt).
		Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = marketplace.ErrGrantExists
	}
	return number, err
}

func insertStep(ctx context.Context, tx *sql.Tx, study int64, e review.Entry) error {
	entry, err := ledger.Canonical(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO review_steps (study, number, entry) VALUES (?, ?, ?)`, study, int64(e.Step.Number), entry)
	return err
}

const reviewColumns = `f.document, d.document, r.organisation, r.state, r.steps, r.recorded, f.created_at
	FROM reviews AS r JOIN studies AS f ON f.number = r.study JOIN studies AS d ON d.number = r.document`

func scanReview(row row) (r marketplace.Review, err error) {
	err = row.Scan(fixed(r.Study[:]), fixed(r.Grant[:]), fixed(r.Organisation[:]), &r.State, &r.Steps, &r.Recorded, &r.CreatedAt)
	return r, err
}

// Review implements [marketplace.ReviewStore].
func (m *Market) Review(ctx context.Context, grant ledger.Hash) (r marketplace.Review, err error) {
	err = m.read(ctx, "reading a study", func(tx *sql.Tx) error {
		r, err = scanReview(tx.QueryRowContext(ctx, `SELECT `+reviewColumns+`
			WHERE r.study = (SELECT COALESCE(first, number) FROM studies WHERE document = ?)`, grant[:]))
		if errors.Is(err, sql.ErrNoRows) {
			return marketplace.ErrUnknownGrant
		}
		return err
	})
	return r, err
}

// Reviews implements [marketplace.ReviewStore].
func (m *Market) Reviews(ctx context.Context) (all []marketplace.Review, err error) {
	err = m.read(ctx, "listing reviews", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanReview, `SELECT `+reviewColumns+` ORDER BY f.created_at, r.study`)
		return err
	})
	return all, err
}

// Unrecorded implements [marketplace.ReviewStore].
func (m *Market) Unrecorded(ctx context.Context) (all []marketplace.Review, err error) {
	err = m.read(ctx, "listing unrecorded steps", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanReview, `SELECT `+reviewColumns+` WHERE r.recorded < r.steps ORDER BY r.study`)
		return err
	})
	return all, err
}

// TakeStep implements [marketplace.ReviewStore].
func (m *Market) TakeStep(ctx context.Context, study ledger.Hash, e review.Entry, next review.State, s *marketplace.Study) error {
	return m.write(ctx, "taking a step", func(tx *sql.Tx) error {
		number, err := reviewNumber(ctx, tx, study)
		if err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `UPDATE reviews SET steps = steps + 1, state = ? WHERE study = ? AND steps + 1 = ?`,
			next, number, int64(e.Step.Number))
		if err := changed(r, err, marketplace.ErrStaleStep); err != nil {
			return err
		}
		if err := insertStep(ctx, tx, number, e); err != nil || s == nil {
			return err
		}
		document, err := insertStudy(ctx, tx, *s, &number)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE reviews SET document = ? WHERE study = ?`, document, number)
		return err
	})
}

// reviewNumber is the number of a study by its first document; ErrUnknownGrant.
func reviewNumber(ctx context.Context, tx *sql.Tx, study ledger.Hash) (number int64, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT r.study FROM reviews AS r JOIN studies AS f ON f.number = r.study WHERE f.document = ?`, study[:]).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = marketplace.ErrUnknownGrant
	}
	return number, err
}

// Steps implements [marketplace.ReviewStore].
func (m *Market) Steps(ctx context.Context, study ledger.Hash) (all []review.Entry, err error) {
	err = m.read(ctx, "listing steps", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (e review.Entry, err error) {
			var content []byte
			if err := r.Scan(&content); err != nil {
				return e, err
			}
			if err := ledger.ParseCanonical(content, &e); err != nil {
				return e, fmt.Errorf("step on record: %w", err)
			}
			return e, nil
		}, `
			SELECT s.entry FROM review_steps AS s JOIN studies AS f ON f.number = s.study
			WHERE f.document = ? ORDER BY s.number`, study[:])
		return err
	})
	return all, err
}

// SaveRecorded implements [marketplace.ReviewStore].
func (m *Market) SaveRecorded(ctx context.Context, study ledger.Hash, steps uint64) error {
	return m.write(ctx, "noting recorded steps", func(tx *sql.Tx) error {
		number, err := reviewNumber(ctx, tx, study)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE reviews SET recorded = ?1 WHERE study = ?2 AND recorded < ?1`, clamp(steps), number)
		return err
	})
}

// SaveFile implements [marketplace.ReviewStore].
func (m *Market) SaveFile(ctx context.Context, study ledger.Hash, by review.Role, f marketplace.File) error {
	return m.write(ctx, "saving a file", func(tx *sql.Tx) error {
		number, err := reviewNumber(ctx, tx, study)
		if err != nil {
			return err
		}
		var files int
		var there bool
		err = tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE role = ?), count(*) FILTER (WHERE hash = ?) > 0 FROM review_files WHERE study = ?`, by, f.Hash[:], number).
			Scan(&files, &there)
		switch {
		case err != nil || there:
			return err
		case files >= review.MaxFiles:
			return marketplace.ErrTooManyFiles
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO review_files (study, role, hash, name, content) VALUES (?, ?, ?, ?, ?)`,
			number, by, f.Hash[:], f.Name, f.Content)
		return err
	})
}

// File implements [marketplace.ReviewStore].
func (m *Market) File(ctx context.Context, study, hash ledger.Hash) (f marketplace.File, err error) {
	err = m.read(ctx, "reading a file", func(tx *sql.Tx) error {
		f.Hash = hash
		err := tx.QueryRowContext(ctx, `
			SELECT a.name, a.content FROM review_files AS a JOIN studies AS f ON f.number = a.study
			WHERE f.document = ? AND a.hash = ?`, study[:], hash[:]).Scan(&f.Name, &f.Content)
		if errors.Is(err, sql.ErrNoRows) {
			return marketplace.ErrUnknownFile
		}
		f.Size = int64(len(f.Content))
		return err
	})
	return f, err
}

// Files implements [marketplace.ReviewStore].
func (m *Market) Files(ctx context.Context, study ledger.Hash) (all []review.Attachment, err error) {
	err = m.read(ctx, "listing files", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (a review.Attachment, err error) {
			return a, r.Scan(&a.Name, fixed(a.Hash[:]), &a.Size)
		}, `
			SELECT a.name, a.hash, length(a.content) FROM review_files AS a JOIN studies AS f ON f.number = a.study
			WHERE f.document = ? ORDER BY a.number`, study[:])
		return err
	})
	return all, err
}

// SaveAcceptance implements [marketplace.ReviewStore].
func (m *Market) SaveAcceptance(ctx context.Context, dataset string, researcher ledger.Address, s ledger.SignedDocument) error {
	return m.write(ctx, "saving an acceptance", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO acceptances (dataset, researcher, content, revision, expiry, signature) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (dataset, researcher) DO UPDATE SET
				content = excluded.content, revision = excluded.revision, expiry = excluded.expiry, signature = excluded.signature`,
			dataset, researcher[:], s.Content, int64(s.Revision), s.Expiry, s.Signature[:])
		return err
	})
}

// Acceptance implements [marketplace.ReviewStore].
func (m *Market) Acceptance(ctx context.Context, dataset string, researcher ledger.Address) (signed *ledger.SignedDocument, err error) {
	err = m.read(ctx, "reading an acceptance", func(tx *sql.Tx) error {
		s, err := scanSigned(tx.QueryRowContext(ctx, `
			SELECT `+signedColumns+` FROM acceptances WHERE dataset = ? AND researcher = ?`, dataset, researcher[:]))
		if err == nil {
			signed = &s
		}
		return absent(err)
	})
	return signed, err
}
