package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// patients is everyone who is followed, with what person says of them: questions then need no join of two tables of
// all patients. A number that is there twice fails.
const patients = `INSERT INTO medmarket.patient
SELECT CAST(p.person_id AS BIGINT), CAST(p.gender_concept_id AS BIGINT), CAST(p.race_concept_id AS BIGINT), CAST(p.ethnicity_concept_id AS BIGINT),
  CAST(p.year_of_birth AS BIGINT), s.word, s.mask
FROM medmarket.person AS p JOIN medmarket.seat AS s ON s.person_id = p.person_id ORDER BY s.person_id`

// Follow implements provider.Engine. provider.ErrPersons unless patients rise.
func (e *Engine) Follow(ctx context.Context, numbers []int64) error {
	seats, err := omop.Seats(numbers)
	if err == nil {
		err = e.use(ctx, "READ WRITE", func() error { return e.copy(ctx, seats) }, func() {
			e.patients = len(numbers)
			e.follows.Store(true)
		})
	}
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	return nil
}

// copy replaces the table of patients.
func (e *Engine) copy(ctx context.Context, seats []omop.Seat) error {
	if err := e.db.exec(ctx, "forget patients", "TRUNCATE medmarket.seat, medmarket.patient, medmarket.stamp"); err != nil {
		return err
	}
	_, err := e.db.conn.CopyFrom(ctx, pgx.Identifier{"medmarket", "seat"}, []string{"person_id", "word", "mask"}, pgx.CopyFromSlice(len(seats), func(i int) ([]any, error) {
		return []any{seats[i].Patient, seats[i].Word, seats[i].Mask}, nil
	}))
	if err != nil {
		return opaque(ctx, "copy seats", err)
	}
	for _, step := range []struct{ op, text string }{
		{"look at seats", "ANALYZE medmarket.seat"},
		{"copy patients", patients},
		{"look at patients", "ANALYZE medmarket.patient"},
		{"forget seats", "TRUNCATE medmarket.seat"},
	} {
		if err := e.db.exec(ctx, step.op, step.text); err != nil {
			return err
		}
	}
	return e.db.exec(ctx, "stamp patients", "INSERT INTO medmarket.stamp VALUES ($1)", e.holder)
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

// read runs a plan's statement over the patients of an active set, in a snapshot in which the table of patients is seen to be there.
func (e *Engine) read(ctx context.Context, result *omop.Result, s omop.Statement, a provider.Active) error {
	return e.use(ctx, "READ ONLY", func() error {
		if !e.Follows() {
			return provider.ErrStale
		}
		var held bool
		err := e.db.row(ctx, "look at stamp", "SELECT EXISTS (SELECT 1 FROM medmarket.stamp WHERE holder = $1)", []any{e.holder}, &held)
		if err != nil {
			return err
		}
		if !held { // the server crashed and forgot it
			e.lost()
			return provider.ErrStale
		}
		return e.db.each(ctx, "count", s.Text, s.Bound(omop.Words(a, e.patients)), func(scan func(...any) error) (bool, error) {
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
