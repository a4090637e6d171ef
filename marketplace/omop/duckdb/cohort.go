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

// patientClass is the table of memberships. It has a column for every limit,
// whether anyone has one or not.
const patientClass = "medmarket.patient_class (person_id BIGINT, class UINTEGER, until BIGINT, limit_nano_rho BIGINT, limit_delta BIGINT)"

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
			err := e.db.exec(ctx, "replace memberships",
				"CREATE OR REPLACE TABLE "+patientClass)
			if err == nil {
				err = e.db.appendRows(ctx, "medmarket", "patient_class", len(sorted), func(i int) []sqldriver.Value {
					m := sorted[i]
					return []sqldriver.Value{m.Patient, m.Class, m.Until, m.Limit.NanoRho, m.Limit.Delta}
				})
			}
			return err
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
// the next power of two. Numbers that Refresh would refuse are left out.
func slotsOf(classes []provider.Permitted) []provider.Permitted {
	n := minSlots
	for n < len(classes) {
		n *= 2
	}
	slots := make([]provider.Permitted, 0, n)
	for _, c := range classes {
		if c.Class < firstUnused {
			slots = append(slots, c)
		}
	}
	for len(slots) < n {
		slots = append(slots, provider.Permitted{Class: firstUnused + uint32(len(slots))})
	}
	return slots
}
