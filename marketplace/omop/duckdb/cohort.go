package duckdb

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// seats is the table of where patients are found in active sets, while patients is made.
const seats = "CREATE OR REPLACE TEMP TABLE seat (person_id BIGINT, word BIGINT, mask BIGINT)"

// patients is the table of everyone who is followed, with what person says of them: questions then need no
// join of two tables of all patients. It is sorted, as person is.
const patients = `CREATE OR REPLACE TABLE medmarket.patient AS
SELECT p.person_id, p.gender_concept_id, p.race_concept_id, p.ethnicity_concept_id, p.year_of_birth, s.word, s.mask
FROM omop.person AS p JOIN seat AS s ON s.person_id = p.person_id ORDER BY p.person_id`

// Follow implements provider.Engine. provider.ErrPersons unless patients rise.
func (e *Engine) Follow(ctx context.Context, numbers []int64) error {
	all, err := omop.Seats(numbers)
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	err = e.use(ctx, func() error {
		return e.transaction(ctx, "COMMIT", func() error {
			if err := e.db.exec(ctx, "replace seats", seats); err != nil {
				return err
			}
			err := e.db.appendRows(ctx, "", "seat", len(all), func(i int) []sqldriver.Value {
				s := all[i]
				return []sqldriver.Value{s.Patient, s.Word, s.Mask}
			})
			if err != nil {
				return err
			}
			if err := e.db.exec(ctx, "replace patients", patients); err != nil {
				return err
			}
			return e.db.exec(ctx, "forget seats", "DROP TABLE seat")
		}, func() {
			e.patients = len(numbers)
			e.follows.Store(true)
		})
	})
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	return nil
}

// permit fills the table that says who may be counted in one request, until that is rolled back.
func (e *Engine) permit(ctx context.Context, a provider.Active) error {
	words := omop.Words(a, e.patients)
	return e.db.appendRows(ctx, "medmarket", "active", len(words), func(i int) []sqldriver.Value {
		return []sqldriver.Value{int64(i + 1), words[i]}
	})
}
