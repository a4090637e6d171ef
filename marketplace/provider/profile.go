package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
)

// DatasetProfile is what a steward says of a dataset in public, beside its policy. All of it is declared from
// what is known without the records (from annual reports, laboratories' ranges and the like), but for a size that was
// released: nothing else in it may be looked up in them, since nobody is charged for it.
type DatasetProfile struct {
	Dataset  string `json:"dataset"`
	Revision uint64 `json:"revision"` // counts the steward's signed changes, from 1
	Title    string `json:"title"`    // required, a line of at most 200 bytes
	Summary  string `json:"summary"`  // at most 8,000 bytes
	Contact  string `json:"contact"`  // a line of at most 200 bytes
	// CDMVersion is that of the OMOP common data model: "5.4".
	CDMVersion string `json:"cdm_version"` // a line of at most 20 bytes
	// Domains are the kinds of record that there are; empty: not said.
	Domains []cohort.Domain `json:"domains"`
	// Patients is about how many there are, of at most two digits that are not zero, so that no single patient
	// can be seen in it; 0: not said.
	Patients int64 `json:"patients"`
	// Size is there if Patients was released under charge instead of declared.
	Size *ReleasedSize `json:"size,omitempty"`
	// Bounds stand in for those that questions leave out, at most dp.MaxBounds.
	Bounds []dp.Bound `json:"bounds"`
	// Price is the rule by which questions are sold. Nil: at the hospital's one price.
	Price *Price `json:"price,omitempty"`
	// Recipients are the organisations whose researchers ask, with their addresses, for accountings of disclosures.
	Recipients []Recipient `json:"recipients,omitempty"` // at most 256
}

// Recipient is an organisation to which answers go.
type Recipient struct {
	Organisation string `json:"organisation"` // its name, as registered; a line of at most 200 bytes
	Address      string `json:"address"`      // a line of at most 400 bytes
}

// Validate returns every fault of the document, joined, or nil.
func (p DatasetProfile) Validate() error {
	var faults []error
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("profile."+format, args...))
		}
	}
	line := func(s string, most int) bool {
		return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
	}
	fault(p.Dataset != "" && line(p.Dataset, 256), "dataset: must be a line of 1 to 256 bytes")
	fault(p.Revision >= 1 && p.Revision <= 1<<53-1, "revision: must be at least 1")
	fault(p.Title != "" && line(p.Title, 200), "title: must be a line of 1 to 200 bytes")
	fault(line(strings.ReplaceAll(p.Summary, "\n", " "), 8000), "summary: must be text of at most 8000 bytes")
	fault(line(p.Contact, 200), "contact: must be a line of at most 200 bytes")
	fault(line(p.CDMVersion, 20), "cdm_version: must be a line of at most 20 bytes")
	for _, d := range p.Domains {
		fault(slices.Contains(cohort.Domains(), d), "domains: there is no %q", string(d))
	}
	fault(p.Patients >= 0 && p.Patients <= 1e12 && p.Patients == RoundSize(p.Patients), "patients: must be rounded to two digits, such as %d", RoundSize(max(p.Patients, 0)))
	if err := dp.CheckBounds(p.Bounds); err != nil {
		faults = append(faults, fmt.Errorf("profile.%w", err))
	}
	fault(len(p.Recipients) <= 256, "recipients: at most 256")
	for i, r := range p.Recipients {
		fault(line(r.Organisation, 200) && line(r.Address, 400) && min(len(r.Organisation), len(r.Address)) > 0, "recipients[%d]: needs the name of an organisation and its address, a line each", i)
	}
	if err := p.Price.Validate(); err != nil {
		faults = append(faults, fmt.Errorf("profile.%w", err))
	}
	return errors.Join(faults...)
}

// RoundSize rounds n, 0 or more, to two digits.
func RoundSize(n int64) int64 { return twoDigits(float64(n), math.Round) }

// Normalize returns the canonical form: lists are sorted and not null. The receiver is left alone.
func (p DatasetProfile) Normalize() DatasetProfile {
	p.Domains = slices.Compact(slices.AppendSeq([]cohort.Domain{}, slices.Values(slices.Sorted(slices.Values(p.Domains)))))
	p.Bounds = append([]dp.Bound{}, dp.SortBounds(p.Bounds)...)
	if p.Price != nil {
		p.Price = &Price{p.Price.WorkPerNanoRho, append([]PriceRise{}, p.Price.Rises...)}
	}
	return p
}

// Describe adds to m what the profile says.
func (p DatasetProfile) Describe(m dp.Metadata) dp.Metadata {
	m.RoundedPatients, m.Bounds = p.Patients, nil
	if len(p.Bounds) > 0 {
		m.Bounds = p.Bounds
	}
	return m
}

// ParseProfile reads a signed profile; ErrMalformed.
func ParseProfile(signed ledger.SignedDocument) (DatasetProfile, error) {
	var p DatasetProfile
	if err := ledger.ParseCanonical(signed.Content, &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := p.Validate(); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return p, nil
}

// SetProfile records the next revision of the dataset's profile, signed by a steward of this hospital. Questions
// that were quoted before stay what they were. Errors: ErrMalformed, ErrSignature, ErrExpired, ErrStaleRevision.
func (n *Node) SetProfile(ctx context.Context, signed ledger.SignedDocument) error {
	p, err := ParseProfile(signed)
	if err != nil {
		return err
	}
	if p.Dataset != n.cfg.Metadata.Dataset || p.Revision != signed.Revision {
		return fmt.Errorf("%w: names another dataset or revision", ErrMalformed)
	}
	if _, err := n.bySteward(ctx, signed, ledger.KindDatasetProfile); err != nil {
		return err
	}
	if err := n.checkSize(ctx, p); err != nil {
		return err
	}
	hash := signed.Hash() // public, as a policy is
	return n.cfg.Store.SetProfile(ctx, signed, ledger.LeafHash(hash[:]), n.cfg.Now().Unix())
}

// profiled adds the profile, if there is one, to a description.
func (n *Node) profiled(ctx context.Context, d Description) (Description, error) {
	signed, found, err := n.cfg.Store.Profile(ctx)
	if err != nil || !found {
		return d, err
	}
	if d, err = d.WithProfile(signed); err != nil {
		return d, fmt.Errorf("profile on record: %w", err)
	}
	return d, nil
}

// WithProfile adds to d, which has its Budget and what is Spent of it, a profile and what it says; ErrMalformed. The
// price is then what the steward signed, whoever says it.
func (d Description) WithProfile(signed ledger.SignedDocument) (Description, error) {
	p, err := ParseProfile(signed)
	if err != nil {
		return d, err
	}
	d.Profile, d.Metadata = &signed, p.Describe(d.Metadata)
	if p.Price != nil {
		d.WorkPerNanoRho, d.NextRise = p.Price.At(d.Spent, d.Budget)
	}
	return d, nil
}
