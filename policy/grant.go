package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/policy/duo"
)

// Grant is a committee's permission for one study. The document never changes; suspending or revoking it changes its
// [GrantStatus], which is kept beside it.
type Grant struct {
	ID          string        `json:"id"`
	Protocol    string        `json:"protocol"`    // the study protocol the committee read: its number or title
	Committee   string        `json:"committee"`   // address, "0x" and 40 lower-case hex digits
	Researchers []string      `json:"researchers"` // addresses, one or more
	SponsorType RecipientType `json:"sponsor_type"`
	// CommercialUse says that products or profit are meant to come of it, whoever pays.
	CommercialUse bool `json:"commercial_use,omitempty"`
	// Genetic says that the study is on genotypes, alone or with what else is known of people.
	Genetic bool `json:"genetic,omitempty"`
	// Countries are all where the study works and where it computes, one or more: ISO 3166-1 alpha-2. Whoever permits
	// only some must permit them all.
	Countries []string `json:"countries"`
	// Vulnerable says whom the study is about who needs special care; then people look at it before it asks anything, and
	// VulnerablePopulation is among the Approvals.
	Vulnerable []Population `json:"vulnerable,omitempty"`
	Approvals  []Approval   `json:"approvals,omitempty"`
	// Purposes and Datasets grant what they list and nothing else; one or more of each.
	Purposes []DataUse        `json:"purposes"`
	Datasets []DatasetCeiling `json:"datasets"`
	Period   Period           `json:"period"` // must have an end: a study ends
	// ReviewBy is when the committee looks at the running study again, Unix seconds within the period: the grant does not
	// hold from then on, until the committee puts it off (Input.ReviewBy). 0: never.
	ReviewBy int64 `json:"review_by,omitempty"`
	// Amends is the hash of the grant document of the same study that this one takes the place of, "0x" and 64
	// lower-case hex digits; empty: none. What was spent under that one counts for this.
	Amends string `json:"amends,omitempty"`
}

// DatasetCeiling is the most privacy loss that a study may cause at one dataset.
type DatasetCeiling struct {
	Dataset string `json:"dataset"`
	NanoRho int64  `json:"nano_rho"` // units of 1e-9 rho (zCDP), at least 1
}

// Population is of people who need special care.
type Population string

// The populations.
const (
	Children  Population = "children"
	Pregnant  Population = "pregnant"
	Prisoners Population = "prisoners"
	Incapable Population = "incapable" // who cannot consent for themselves
)

// Populations lists every population.
func Populations() []Population { return []Population{Children, Pregnant, Prisoners, Incapable} }

// GrantStatus is where a grant stands with its committee now.
type GrantStatus string

// The states of a grant. Only GrantActive lets a query through.
const (
	GrantActive    GrantStatus = "active"
	GrantSuspended GrantStatus = "suspended"
	GrantRevoked   GrantStatus = "revoked"
	// GrantSuperseded has an amendment in its place, GrantClosed is of a study that is over.
	GrantSuperseded GrantStatus = "superseded"
	GrantClosed     GrantStatus = "closed"
)

// Validate returns every [FieldError] of the document, joined, or nil. Addresses must be in lower case, as
// [Grant.Normalize] leaves them.
func (g Grant) Validate() error {
	var c checks
	c.name("grant.id", g.ID)
	c.name("grant.protocol", g.Protocol)
	c.address("grant.committee", g.Committee)
	c.within("grant.researchers", len(g.Researchers) > 0, "one or more")
	for _, r := range g.Researchers {
		c.address("grant.researchers", r)
	}
	known(&c, "grant.sponsor_type", g.SponsorType, RecipientTypes()...)
	c.within("grant.countries", len(g.Countries) > 0, "one or more")
	for _, code := range g.Countries {
		c.country("grant.countries", code)
	}
	words(&c, "grant.vulnerable", g.Vulnerable, Populations())
	words(&c, "grant.approvals", g.Approvals, Approvals())
	c.within("grant.purposes", len(g.Purposes) > 0, "one or more")
	c.uses("grant.purposes", g.Purposes)
	c.within("grant.datasets", len(g.Datasets) > 0, "one or more")
	seen := map[string]bool{}
	for _, d := range g.Datasets {
		c.name("grant.datasets.dataset", d.Dataset)
		c.integer("grant.datasets.nano_rho", d.NanoRho, 1)
		c.within("grant.datasets", !seen[d.Dataset], "each dataset once")
		seen[d.Dataset] = true
	}
	c.period("grant.period", g.Period)
	c.within("grant.period", g.Period.End != 0, "must have an end")
	within := g.ReviewBy > g.Period.Start && g.ReviewBy <= g.Period.End
	c.within("grant.review_by", g.ReviewBy == 0 || within, "within the period")
	if g.Amends != "" {
		c.hex("grant.amends", g.Amends, 64)
	}
	return c.err()
}

// Normalize returns the canonical form: lists are sorted sets, addresses in lower case. The receiver is left alone.
func (g Grant) Normalize() Grant {
	g.Committee = strings.ToLower(g.Committee)
	researchers := make([]string, 0, len(g.Researchers))
	for _, r := range g.Researchers {
		researchers = append(researchers, strings.ToLower(r))
	}
	g.Researchers = sortedSet(researchers)
	g.Countries = sortedSet(g.Countries)
	g.Vulnerable, g.Approvals = optionalSet(g.Vulnerable), optionalSet(g.Approvals)
	g.Purposes = duo.Normalize(g.Purposes)
	datasets := slices.AppendSeq(make([]DatasetCeiling, 0, len(g.Datasets)), slices.Values(g.Datasets))
	slices.SortFunc(datasets, func(a, b DatasetCeiling) int {
		return cmp.Or(cmp.Compare(a.Dataset, b.Dataset), cmp.Compare(a.NanoRho, b.NanoRho))
	})
	g.Datasets = slices.Compact(datasets)
	return g
}

// Ceiling is the grant's ceiling at a dataset in nano-rho; ok is false where the grant does not reach the dataset.
func (g Grant) Ceiling(dataset string) (nanoRho int64, ok bool) {
	for _, d := range g.Datasets {
		if d.Dataset == dataset {
			return d.NanoRho, true
		}
	}
	return 0, false
}
