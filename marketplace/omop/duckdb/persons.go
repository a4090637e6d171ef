package duckdb

import (
	"context"
	"fmt"
	"iter"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// Persons goes through all patients in rising order of their numbers, once,
// without holding them in memory. Until it ends nobody else uses the engine,
// so its consumer must not either. An error is the last of the sequence.
func (e *Engine) Persons(ctx context.Context) iter.Seq2[provider.Person, error] {
	return func(yield func(provider.Person, error) bool) {
		err := e.use(ctx, func() error { return e.persons(ctx, func(p provider.Person) bool { return yield(p, nil) }) })
		if err != nil {
			yield(provider.Person{}, fmt.Errorf("persons: %w", err))
		}
	}
}

func (e *Engine) persons(ctx context.Context, yield func(provider.Person) bool) error {
	const op = "list persons"
	rows, err := e.db.conn.QueryContext(ctx, `
		SELECT person_id, COALESCE(person_source_value, ''), COALESCE(year_of_birth, 0), COALESCE(gender_concept_id, 0)
		FROM omop.person ORDER BY person_id`)
	if err != nil {
		return opaque(ctx, op, err)
	}
	defer rows.Close() // rows.Err says what went wrong
	for rows.Next() {
		var p provider.Person
		if err := rows.Scan(&p.Number, &p.SourceValue, &p.YearOfBirth, &p.Gender); err != nil {
			return opaque(ctx, op, err)
		}
		if !yield(p) {
			return nil
		}
	}
	return opaque(ctx, op, rows.Err())
}
