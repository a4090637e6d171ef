package postgres

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// patients is everyone who is in a class, with what person says of them: questions then need no join of two tables of
// all patients. A number that is there twice fails.
const patients = `INSERT INTO medmarket.patient
SELECT CAST(p.person_id AS BIGINT), CAST(p.gender_concept_id AS BIGINT), CAST(p.race_concept_id AS BIGINT), CAST(p.ethnicity_concept_id AS BIGINT),
  CAST(p.year_of_birth AS BIGINT), m.class, m.until, m.limit_nano_rho, m.limit_delta
FROM medmarket.person AS p JOIN medmarket.membership AS m ON m.person_id = p.person_id ORDER BY m.person_id`

// Refresh implements provider.Engine. omop.ErrMemberships when rows are not usable.
func (e *Engine) Refresh(ctx context.Context, asOf uint64, rows []provider.Membership) error {
	sorted, err := omop.Sorted(rows)
	if err == nil && asOf > math.MaxInt64 {
		err = provider.ErrStale
	}
	if err == nil {
		err = e.use(ctx, "READ WRITE", func() error { return e.copy(ctx, asOf, sorted) }, func() {
			e.filled = true
			e.stamp.Store(asOf)
		})
	}
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	return nil
}

// copy replaces the copy of the memberships.
func (e *Engine) copy(ctx context.Context, asOf uint64, rows []provider.Membership) error {
	if err := e.db.exec(ctx, "forget patients", "TRUNCATE medmarket.membership, medmarket.patient, medmarket.stamp"); err != nil {
		return err
	}
	columns := []string{"person_id", "class", "until", "limit_nano_rho", "limit_delta"}
	_, err := e.db.conn.CopyFrom(ctx, pgx.Identifier{"medmarket", "membership"}, columns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		m := rows[i]
		return []any{m.Patient, int64(m.Class), m.Until, m.Limit.NanoRho, m.Limit.Delta}, nil
	}))
	if err != nil {
		return opaque(ctx, "copy memberships", err)
	}
	for _, step := range []struct{ op, text string }{
		{"look at memberships", "ANALYZE medmarket.membership"},
		{"copy patients", patients},
		{"look at patients", "ANALYZE medmarket.patient"},
		{"forget memberships", "TRUNCATE medmarket.membership"},
	} {
		if err := e.db.exec(ctx, step.op, step.text); err != nil {
			return err
		}
	}
	return e.db.exec(ctx, "stamp patients", "INSERT INTO medmarket.stamp VALUES ($1, $2)", int64(asOf), e.holder)
}

// Count implements provider.Engine.
func (e *Engine) Count(ctx context.Context, p dp.Plan, a provider.Active) (dp.Exact, error) {
	statement, err := omop.CountSQL(p, omop.Postgres)
	if err != nil {
		return dp.Exact{}, err
	}
	result := omop.NewResult(p)
	if err := e.read(ctx, result, statement, a); err != nil {
		return dp.Exact{}, fmt.Errorf("count: %w", err)
	}
	exact, err := result.Exact()
	if err != nil {
		return dp.Exact{}, &omop.EngineError{Op: "count", Code: "shape"}
	}
	return exact, nil
}

// read runs a plan's statement over the patients of an active set, in the snapshot in which the copy is seen to be of its moment.
func (e *Engine) read(ctx context.Context, result *omop.Result, s omop.Statement, a provider.Active) error {
	return e.use(ctx, "READ ONLY", func() error {
		if !e.filled || e.Stamp() != a.AsOf {
			return provider.ErrStale
		}
		var held bool
		err := e.db.row(ctx, "look at stamp", "SELECT EXISTS (SELECT 1 FROM medmarket.stamp WHERE as_of = $1 AND holder = $2)", []any{int64(a.AsOf), e.holder}, &held)
		if err != nil {
			return err
		}
		if !held { // the server crashed and forgot it
			e.lost()
			return provider.ErrStale
		}
		return e.db.each(ctx, "count", s.Text, s.Bound(a), func(scan func(...any) error) (bool, error) {
			return true, result.Row(scan)
		})
	}, func() {})
}

// Persons goes through all patients in rising order of their numbers, once,
// without holding them in memory. Until it ends nobody else uses the engine,
// so its consumer must not either. An error is the last of the sequence.
func (e *Engine) Persons(ctx context.Context) iter.Seq2[provider.Person, error] {
	return func(yield func(provider.Person, error) bool) {
		stopped := false
		err := e.use(ctx, "READ ONLY", func() error {
			return e.db.each(ctx, "list persons", `SELECT CAST(person_id AS BIGINT), COALESCE(person_source_value, ''), CAST(COALESCE(year_of_birth, 0) AS BIGINT), CAST(COALESCE(gender_concept_id, 0) AS BIGINT)
				FROM medmarket.person ORDER BY person_id`, nil, func(scan func(...any) error) (bool, error) {
				var p provider.Person
				if err := scan(&p.Number, &p.SourceValue, &p.YearOfBirth, &p.Gender); err != nil {
					return false, err
				}
				stopped = !yield(p, nil)
				return !stopped, nil
			})
		}, func() {})
		if err != nil && !stopped {
			yield(provider.Person{}, fmt.Errorf("persons: %w", err))
		}
	}
}
