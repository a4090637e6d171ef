package policy

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/medmarket/medmarket/policy/duo"
)

// DatasetPolicy is what a provider's steward releases of one dataset. There is no switch for ethics approval: every
// query needs a committee's grant.
type DatasetPolicy struct {
	Dataset  string `json:"dataset"`
	Revision uint64 `json:"revision"` // counts the steward's signed changes, from 1
	// PermittedUse, Columns and ReleasedLabels release what they list and nothing else; Modifiers narrow it.
	PermittedUse []DataUse  `json:"permitted_use"`
	Modifiers    []Modifier `json:"modifiers,omitempty"`
	Columns      []Column   `json:"columns"`
	// LabelledConcepts says which codes tell something sensitive, in whatever column; ReleasedLabels, which of that and of
	// the labelled columns is released at all.
	LabelledConcepts []LabelledConcepts `json:"labelled_concepts,omitempty"`
	ReleasedLabels   []Label            `json:"released_labels,omitempty"`
	// RequiredVisas must each be met by a visa that the researcher shows.
	RequiredVisas []RequiredVisa `json:"required_visas,omitempty"`
	// RequiredApprovals must all be on the grant.
	RequiredApprovals []Approval `json:"required_approvals,omitempty"`
	EmbargoUntil      int64      `json:"embargo_until"` // Unix seconds, the first moment of release; 0: none
	// Jurisdiction is the country whose law the dataset is held under: ISO 3166-1 alpha-2, required with a legal basis.
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// LegalBasis is what patients who were never asked stand under, as far as the table of defaults knows it for the
	// jurisdiction ([DefaultOf]); empty: they are not counted.
	LegalBasis LegalBasis `json:"legal_basis,omitempty"`
	// Accounting says in which unit the limits are, what they are worth in epsilon, and which mechanisms may be used; it never
	// changes. Empty is zCDP, and any mechanism; GaussianOnly the exact conversion of the total, and no other mechanism; Pure is epsilon
	// itself, and Laplace noise. The last two take no TotalDelta.
	Accounting Accounting `json:"accounting,omitempty"`
	// The limits are required; there is no "unlimited": of one question, of all questions of one organisation, of all
	// that are ever asked. See [DatasetPolicy.Limits]. Units of 1e-9 rho (zCDP), absent where the accounting is Pure.
	MaxNanoRhoPerQuery        int64 `json:"max_nano_rho_per_query,omitempty"`
	MaxNanoRhoPerOrganisation int64 `json:"max_nano_rho_per_organisation,omitempty"`
	TotalNanoRho              int64 `json:"total_nano_rho,omitempty"`
	// Units of 1e-9 epsilon, where the accounting is Pure, and only there.
	MaxNanoEpsilonPerQuery        int64 `json:"max_nano_epsilon_per_query,omitempty"`
	MaxNanoEpsilonPerOrganisation int64 `json:"max_nano_epsilon_per_organisation,omitempty"`
	TotalNanoEpsilon              int64 `json:"total_nano_epsilon,omitempty"`
	// TotalDelta is in units of 2^-63. 0 means that only mechanisms without a delta may be used.
	TotalDelta int64 `json:"total_delta"`
	// Disclosure is what answers show of small numbers; the zero value, all as it is.
	Disclosure Disclosure `json:"disclosure,omitzero"`
	// Terms are what a researcher must have signed before her first question; nil: nothing.
	Terms *DatasetTerms `json:"terms,omitempty"`
}

// DatasetTerms is what the provider has researchers promise, in words.
type DatasetTerms struct {
	Revision uint64 `json:"revision"` // counts the texts, from 1: with another one, researchers sign anew
	Text     string `json:"text"`     // at most MaxTerms bytes
}

// MaxTerms is the most bytes of a text of [DatasetTerms].
const MaxTerms = 16 << 10

// Column is a column that a dataset releases. It is released in the category given here only: a query that takes it
// for another does not touch a released column.
type Column struct {
	Name     string   `json:"name"` // e.g. "person.year_of_birth"
	Category Category `json:"category"`
	Label    Label    `json:"label,omitempty"` // of all that is in it; empty: none
	Finest   int      `json:"finest"`          // finest use, LevelExists (1) to LevelExact (5)
}

// Approval is something that a study has besides its grant, as the committee states on it.
type Approval string

// The approvals.
const (
	DataAccessCommittee  Approval = "data_access_committee"
	Collaboration        Approval = "collaboration"         // with the hospital (DUO: COL)
	Publication          Approval = "publication"           // results are promised to be published (DUO: PUB)
	VulnerablePopulation Approval = "vulnerable_population" // people looked at a study of vulnerable people, and agreed
)

// Approvals lists every approval.
func Approvals() []Approval {
	return []Approval{DataAccessCommittee, Collaboration, Publication, VulnerablePopulation}
}

// LegalBasis is the law by which records may be used that nobody was asked about.
type LegalBasis string

// LegalBases lists every legal basis.
func LegalBases() []LegalBasis { return []LegalBasis{EHDS} }

// EHDS is the European Health Data Space (Regulation (EU) 2025/327), whose Article 71 lets people opt out.
const EHDS LegalBasis = "ehds"

// Accounting is how a dataset's total loss is accounted for.
type Accounting string

const (
	// GaussianOnly takes Gaussian releases only, which are converted to epsilon exactly.
	GaussianOnly Accounting = "gaussian_only"
	// Pure takes releases only that have an epsilon and no delta; their epsilons add.
	Pure Accounting = "pure"
)

// Limits are those of a dataset, all in the same unit.
type Limits struct{ PerQuery, PerOrganisation, Total int64 }

// Limits are those of the policy, in the unit of its accounting: nano-epsilon where it is Pure, else nano-rho.
func (p DatasetPolicy) Limits() Limits {
	if p.Accounting == Pure {
		return Limits{p.MaxNanoEpsilonPerQuery, p.MaxNanoEpsilonPerOrganisation, p.TotalNanoEpsilon}
	}
	return Limits{p.MaxNanoRhoPerQuery, p.MaxNanoRhoPerOrganisation, p.TotalNanoRho}
}

// Validate returns every [FieldError] of the document, joined, or nil.
func (p DatasetPolicy) Validate() error {
	var c checks
	c.name("policy.dataset", p.Dataset)
	c.within("policy.revision", p.Revision >= 1 && p.Revision <= maxInteger, "at least 1")
	c.permitted("policy.permitted_use", p.PermittedUse)
	c.modifiers("policy.modifiers", p.Modifiers, duo.Modifiers())
	c.columns("policy.columns", p.Columns)
	c.labelled("policy.labelled_concepts", p.LabelledConcepts)
	words(&c, "policy.released_labels", p.ReleasedLabels, Labels())
	c.requiredVisas("policy.required_visas", p.RequiredVisas)
	words(&c, "policy.required_approvals", p.RequiredApprovals, Approvals())
	c.integer("policy.embargo_until", p.EmbargoUntil, 0)
	if p.Jurisdiction != "" || p.LegalBasis != "" {
		c.country("policy.jurisdiction", p.Jurisdiction)
	}
	c.within("policy.legal_basis", p.LegalBasis == "" || slices.Contains(LegalBases(), p.LegalBasis), "empty or ehds")
	c.within("policy.accounting", p.Accounting == "" || p.Accounting == GaussianOnly || p.Accounting == Pure, "empty, gaussian_only or pure")
	c.limit("policy.max_nano_rho_per_query", p.MaxNanoRhoPerQuery, p.Accounting != Pure)
	c.limit("policy.max_nano_rho_per_organisation", p.MaxNanoRhoPerOrganisation, p.Accounting != Pure)
	c.limit("policy.total_nano_rho", p.TotalNanoRho, p.Accounting != Pure)
	c.limit("policy.max_nano_epsilon_per_query", p.MaxNanoEpsilonPerQuery, p.Accounting == Pure)
	c.limit("policy.max_nano_epsilon_per_organisation", p.MaxNanoEpsilonPerOrganisation, p.Accounting == Pure)
	c.limit("policy.total_nano_epsilon", p.TotalNanoEpsilon, p.Accounting == Pure)
	c.integer("policy.total_delta", p.TotalDelta, 0)
	c.within("policy.total_delta", p.Accounting == "" || p.TotalDelta == 0, "0 where the accounting takes no delta")
	c.disclosure("policy.disclosure", p.Disclosure)
	if p.Terms != nil {
		c.within("policy.terms.revision", p.Terms.Revision >= 1 && p.Terms.Revision <= maxInteger, "at least 1")
		c.within("policy.terms.text", p.Terms.Text != "" && len(p.Terms.Text) <= MaxTerms && utf8.ValidString(p.Terms.Text), "text of 1 to 16384 bytes")
	}
	return c.err()
}

// limit holds a limit to be there exactly where the accounting counts in its unit.
func (c *checks) limit(field string, value int64, counts bool) {
	if counts {
		c.integer(field, value, 1)
		return
	}
	c.within(field, value == 0, "absent with this accounting")
}

func (c *checks) columns(field string, columns []Column) {
	before := map[string]Column{}
	for _, col := range columns {
		c.name(field+".name", col.Name)
		known(c, field+".category", col.Category, Categories()...)
		if col.Label != "" {
			known(c, field+".label", col.Label, Labels()...)
		}
		c.level(field+".finest", col.Finest)
		other, seen := before[col.Name]
		c.within(field, !seen || other == col, "each column once")
		before[col.Name] = col
	}
}

// Normalize returns the canonical form: lists are sorted sets, and those that may be left out are where they are empty.
// The receiver is left alone.
func (p DatasetPolicy) Normalize() DatasetPolicy {
	p.PermittedUse = duo.Normalize(p.PermittedUse)
	p.Modifiers = sortedModifiers(p.Modifiers)
	p.Columns = sortedColumns(p.Columns)
	p.LabelledConcepts = sortedLabelled(p.LabelledConcepts)
	p.ReleasedLabels = optionalSet(p.ReleasedLabels)
	p.RequiredVisas = sortedRequiredVisas(p.RequiredVisas)
	p.RequiredApprovals = optionalSet(p.RequiredApprovals)
	return p
}

func sortedColumns(columns []Column) []Column {
	set := slices.AppendSeq(make([]Column, 0, len(columns)), slices.Values(columns))
	slices.SortFunc(set, func(a, b Column) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Finest, b.Finest))
	})
	return slices.Compact(set)
}
