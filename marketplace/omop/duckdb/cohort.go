package duckdb

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// membership is the table of memberships, while they are copied. It has a column for every limit,
// whether anyone has one or not.
const membership = "CREATE OR REPLACE TEMP TABLE membership (person_id BIGINT, class UINTEGER, until BIGINT, limit_nano_rho BIGINT, limit_delta BIGINT)"

// patients is the table of everyone who is in a class, with what person says of them: questions then need no
// join of two tables of all patients. It is sorted, as person is.
const patients = `CREATE OR REPLACE TABLE medmarket.patient AS
SELECT p.person_id, p.gender_concept_id, p.race_concept_id, p.ethnicity_concept_id, p.year_of_birth, m.class, m.until, m.limit_nano_rho, m.limit_delta
FROM omop.person AS p JOIN membership AS m ON m.person_id = p.person_id ORDER BY p.person_id`

// Refresh implements provider.Engine. omop.ErrMemberships when rows are not usable.
func (e *Engine) Refresh(ctx context.Context, asOf uint64, rows []provider.Membership) error {
	sorted, err := omop.Sorted(rows)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	err = e.use(ctx, func() error {
		return e.transaction(ctx, "COMMIT", func() error {
			if err := e.db.exec(ctx, "replace memberships", membership); err != nil {
				return err
			}
			err := e.db.appendRows(ctx, "", "membership", len(sorted), func(i int) []sqldriver.Value {
				m := sorted[i]
				return []sqldriver.Value{m.Patient, m.Class, m.Until, m.Limit.NanoRho, m.Limit.Delta}
			})
			if err != nil {
				return err
			}
			if err := e.db.exec(ctx, "replace patients", patients); err != nil {
				return err
			}
			return e.db.exec(ctx, "forget memberships", "DROP TABLE membership")
		}, func() {
			e.filled = true
			e.stamp.Store(asOf)
		})
	})
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	return nil
}

// permit fills the tables that say who may be counted in one request.
func (e *Engine) permit(ctx context.Context, a provider.Active) error {
	for _, text := range []string{
		"CREATE OR REPLACE TABLE medmarket.permitted_class (slot UINTEGER, class UINTEGER, nano_rho BIGINT, delta BIGINT)",
		"CREATE OR REPLACE TABLE medmarket.excluded (person_id BIGINT)",
	} {
		if err := e.db.exec(ctx, "make tables", text); err != nil {
			return err
		}
	}
	slots := omop.Slots(a.Classes)
	err := e.db.appendRows(ctx, "medmarket", "permitted_class", len(slots), func(i int) []sqldriver.Value {
		k := slots[i]
		return []sqldriver.Value{uint32(i), k.Class, k.Odometer.NanoRho, k.Odometer.Delta}
	})
	if err != nil {
		return err
	}
	return e.db.appendRows(ctx, "medmarket", "excluded", len(a.Excluded), func(i int) []sqldriver.Value {
		return []sqldriver.Value{a.Excluded[i]}
	})
}
