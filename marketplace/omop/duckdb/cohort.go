package duckdb

import (
	"cmp"
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// minSlots is the least number of rows of medmarket.permitted_class, so that how many
// classes are permitted shows only when they are more, and then as a power of two.
const minSlots = 4096

// membership is the table of memberships, while they are copied. It has a column for every limit,
// whether anyone has one or not.
const membership = "CREATE OR REPLACE TEMP TABLE membership (person_id BIGINT, class UINTEGER, until BIGINT, limit_nano_rho BIGINT, limit_delta BIGINT)"

// patients is the table of everyone who is in a class, with what person says of them: questions then need no
// join of two tables of all patients. It is sorted, as person is.
const patients = `CREATE OR REPLACE TABLE medmarket.patient AS
SELECT p.person_id, p.gender_concept_id, p.race_concept_id, p.ethnicity_concept_id, p.year_of_birth, m.class, m.until, m.limit_nano_rho, m.limit_delta
FROM omop.person AS p JOIN membership AS m ON m.person_id = p.person_id ORDER BY p.person_id`

// firstUnused is the least class number that no patient may have; the slots
// that are left over get numbers from here.
const firstUnused uint32 = 1 << 31

// Refresh implements provider.Engine. ErrMemberships when rows are not usable.
func (e *Engine) Refresh(ctx context.Context, asOf uint64, rows []provider.Membership) error {
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b provider.Membership) int {
		return cmp.Compare(a.Patient, b.Patient)
	})
	for i, m := range sorted {
		if m.Class >= firstUnused || i > 0 && m.Patient == sorted[i-1].Patient {
			return fmt.Errorf("refresh: %w", ErrMemberships)
		}
	}
	err := e.use(ctx, func() error {
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
	slots := slotsOf(a.Classes)
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

// slotsOf pads the classes with numbers that no patient has, up to minSlots or
// the next power of two. Numbers that Refresh would refuse are left out; of a class that
// is there twice, which would count its patients twice, the greater odometers stay.
func slotsOf(classes []provider.Permitted) []provider.Permitted {
	n := minSlots
	for n < len(classes) {
		n *= 2
	}
	slots := make([]provider.Permitted, 0, n)
	at := make(map[uint32]int, len(classes))
	for _, c := range classes {
		i, twice := at[c.Class]
		switch {
		case twice:
			o := &slots[i].Odometer
			o.NanoRho, o.Delta = max(o.NanoRho, c.Odometer.NanoRho), max(o.Delta, c.Odometer.Delta)
		case c.Class < firstUnused:
			at[c.Class] = len(slots)
			slots = append(slots, c)
		}
	}
	for len(slots) < n {
		slots = append(slots, provider.Permitted{Class: firstUnused + uint32(len(slots))})
	}
	return slots
}
