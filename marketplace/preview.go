package marketplace

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
)

// SizeBasis says where a number of patients in a group comes from.
type SizeBasis string

// The bases. None of them looks at a record.
const (
	SizeAsked    SizeBasis = "asked"    // the question says it
	SizeReleased SizeBasis = "released" // the smallest group in an answer that the study has
	// SizeThreshold: so many patients, by the number with noise, a group has that appears at all; of private keys.
	SizeThreshold SizeBasis = "threshold"
	SizeDeclared  SizeBasis = "declared" // all patients of the dataset, by its profile: no group has more
)

// Size is how many patients a group is taken to have.
type Size struct {
	Patients float64
	Basis    SizeBasis
	Request  ledger.Hash // of the answer, if released
}

// previewed is in how many of a study's newest answers a size is looked for.
const previewed = 20

// Size returns the number of patients for which a plan's precision is estimated before it is asked; false if there is none. In
// this order: asked, unless it is 0; the least that was shown of a group when the study of grant (zero: none) asked for the
// number of patients of the same cohort and groups in the same records; the threshold of private keys; what the dataset's profile says. Errors: ErrUnknownGrant, also if
// the researcher is not on the grant.
func (m *Market) Size(ctx context.Context, researcher ledger.Address, grant ledger.Hash, p dp.Plan, asked float64) (Size, bool, error) {
	if !grant.IsZero() {
		hers, err := m.Named(ctx, grant, researcher)
		if err != nil {
			return Size{}, false, err
		}
		if !hers {
			return Size{}, false, ErrUnknownGrant
		}
	}
	if asked > 0 {
		return Size{Patients: asked, Basis: SizeAsked}, true, nil
	}
	if !grant.IsZero() {
		if released, found, err := m.released(ctx, grant, p); err != nil || found {
			return released, found, err
		}
	}
	switch {
	case p.Threshold > 0:
		return Size{Patients: float64(p.Threshold), Basis: SizeThreshold}, true, nil
	case p.Metadata.RoundedPatients > 0:
		return Size{Patients: float64(p.Metadata.RoundedPatients), Basis: SizeDeclared}, true, nil
	default:
		return Size{}, false, nil
	}
}

// released is the least number of patients, above zero, in the newest answer of the study about the same groups.
func (m *Market) released(ctx context.Context, grant ledger.Hash, p dp.Plan) (Size, bool, error) {
	entries, err := m.cfg.Store.Answers(ctx, Page{Grant: grant, Limit: previewed})
	if err != nil {
		return Size{}, false, err
	}
	for _, e := range entries {
		s := e.Receipt.Statement
		var asked dp.Statement
		if err := ledger.ParseCanonical(s.Plan, &asked); err != nil {
			return Size{}, false, fmt.Errorf("receipt on record: plan: %w", errors.Join(ErrMalformed, err))
		}
		if !sameGroups(asked, p.Statement()) {
			continue
		}
		if n := leastPatients(asked.Query, s.Answer); n > 0 {
			return Size{Patients: n, Basis: SizeReleased, Request: s.Ask.RequestID}, true, nil
		}
	}
	return Size{}, false, nil
}

// sameGroups reports whether two plans divide the same patients of the same records alike.
func sameGroups(a, b dp.Statement) bool {
	return a.Metadata.Dataset == b.Metadata.Dataset && a.Metadata.Version == b.Metadata.Version &&
		reflect.DeepEqual(a.Query.Cohort, b.Query.Cohort) && reflect.DeepEqual(a.Query.GroupBy, b.Query.GroupBy) &&
		a.Query.MaxGroups == b.Query.MaxGroups
}

// leastPatients is the least number of patients above zero that an answer shows of a group; 0 if it shows none.
func leastPatients(q dp.Query, groups []ledger.Group) float64 {
	least := 0.0
	for _, g := range groups {
		for _, e := range g.Estimates {
			if q.Measures[e.Measure].Kind == dp.Patients && !e.Suppressed && e.Value > 0 && (least == 0 || e.Value < least) {
				least = e.Value
			}
		}
	}
	return least
}
