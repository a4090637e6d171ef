package policy

import (
	"cmp"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// DatasetPolicy is what a provider's steward releases of one dataset. There is no switch for ethics approval: every
// query needs a committee's grant.
type DatasetPolicy struct {
	Dataset  string `json:"dataset"`
	Revision uint64 `json:"revision"` // counts the steward's signed changes, from 1
	// PermittedUse and Columns release what they list and nothing else. A column is released in the category given
	// here only: a query that takes it for another does not touch a released column.
	PermittedUse []DataUse `json:"permitted_use"`
	Columns      []Column  `json:"columns"`
	EmbargoUntil int64     `json:"embargo_until"` // Unix seconds, the first moment of release; 0: none
	// MaxNanoRhoPerQuery and TotalNanoRho are required; there is no "unlimited". Units of 1e-9 rho (zCDP).
	MaxNanoRhoPerQuery int64 `json:"max_nano_rho_per_query"`
	TotalNanoRho       int64 `json:"total_nano_rho"`
	// Accounting says what TotalNanoRho is worth in epsilon, and which mechanisms may be used; it never changes. Empty
	// is zCDP, and any mechanism; GaussianOnly is the exact conversion, and no other mechanism, so no TotalDelta.
	Accounting Accounting `json:"accounting,omitempty"`
	// TotalDelta is in units of 2^-63. 0 means that only mechanisms without a delta may be used.
	TotalDelta int64 `json:"total_delta"`
	// Disclosure is what answers show of small numbers; the zero value, all as it is.
	Disclosure Disclosure `json:"disclosure,omitzero"`
}

// Accounting is how a dataset's total loss is accounted for.
type Accounting string

// GaussianOnly takes Gaussian releases only, which are converted to epsilon exactly.
const GaussianOnly Accounting = "gaussian_only"

// Validate returns every [FieldError] of the document, joined, or nil.
func (p DatasetPolicy) Validate() error {
	var c checks
	c.name("policy.dataset", p.Dataset)
	c.within("policy.revision", p.Revision >= 1 && p.Revision <= maxInteger, "at least 1")
	c.uses("policy.permitted_use", p.PermittedUse)
	c.columns("policy.columns", p.Columns)
	c.integer("policy.embargo_until", p.EmbargoUntil, 0)
	c.integer("policy.max_nano_rho_per_query", p.MaxNanoRhoPerQuery, 1)
	c.integer("policy.total_nano_rho", p.TotalNanoRho, 1)
	c.integer("policy.total_delta", p.TotalDelta, 0)
	c.within("policy.accounting", p.Accounting == "" || p.Accounting == GaussianOnly, "empty or gaussian_only")
	c.within("policy.total_delta", p.Accounting != GaussianOnly || p.TotalDelta == 0, "0 where only Gaussian releases are taken")
	c.disclosure("policy.disclosure", p.Disclosure)
	return c.err()
}

// Normalize returns the canonical form: lists are sorted sets. The receiver is left alone.
func (p DatasetPolicy) Normalize() DatasetPolicy {
	p.PermittedUse = duo.Normalize(p.PermittedUse)
	p.Columns = sortedColumns(p.Columns)
	return p
}

func sortedColumns(columns []Column) []Column {
	set := slices.AppendSeq(make([]Column, 0, len(columns)), slices.Values(columns))
	slices.SortFunc(set, func(a, b Column) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Category, b.Category))
	})
	return slices.Compact(set)
}
