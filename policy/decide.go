package policy

import (
	"github.com/medmarket/medmarket/policy/duo"
)

// Request is what a researcher asks of one dataset, as the policy sees it.
type Request struct {
	Dataset      string      `json:"dataset"`
	Researcher   string      `json:"researcher"`      // address of whoever signed the request
	Organisation string      `json:"organisation"`    // hers, as registered: "0x" and 64 lower-case hex digits
	Grant        string      `json:"grant,omitempty"` // hash of the grant's document, "0x" and 64 lower-case hex digits; empty: unknown
	Purpose      DataUse     `json:"purpose"`
	Columns      []ColumnUse `json:"columns"`                // every column touched anywhere, filters included; one or more
	Concepts     []int64     `json:"concepts"`               // every OMOP concept named anywhere
	Roots        []int64     `json:"roots,omitempty"`        // those of them that are named with all that the vocabulary places below
	AnyConcept   bool        `json:"any_concept,omitempty"`  // the answer itself names concepts: it may be any of them
	NanoRho      int64       `json:"nano_rho"`               // cost, units of 1e-9 rho, at least 1
	Delta        int64       `json:"delta"`                  // cost, units of 2^-63, 0 for a mechanism without delta
	NanoEpsilon  int64       `json:"nano_epsilon,omitempty"` // cost, units of 1e-9 epsilon, 0 for a mechanism that has none
	Now          int64       `json:"now"`                    // Unix seconds
	// AsOf is the log index the decision must stand on, Head the last one the caller has applied. A replay of an old
	// decision has AsOf below Head, with the documents that were in force at AsOf.
	AsOf uint64 `json:"as_of"`
	Head uint64 `json:"head"`
}

// ColumnUse is a column that a query touches, with the part of the record it belongs to.
type ColumnUse struct {
	Name     string   `json:"name"` // e.g. "person.year_of_birth"
	Category Category `json:"category"`
	Level    int      `json:"level"` // of the finest use made of it, LevelExists (1) to LevelExact (5)
	Data     Period   `json:"data"`  // what is read happened in it; the zero Period: whenever
}

// Validate returns every [FieldError] of the request, joined, or nil.
func (r Request) Validate() error {
	var c checks
	c.name("request.dataset", r.Dataset)
	c.address("request.researcher", r.Researcher)
	c.hex("request.organisation", r.Organisation, 64)
	if r.Grant != "" {
		c.hex("request.grant", r.Grant, 64)
	}
	c.uses("request.purpose", []DataUse{r.Purpose})
	c.within("request.columns", len(r.Columns) > 0, "one or more")
	for _, col := range r.Columns {
		c.name("request.columns.name", col.Name)
		known(&c, "request.columns.category", col.Category, Categories()...)
		c.level("request.columns.level", col.Level)
		c.period("request.columns.data", col.Data)
	}
	for _, id := range r.Concepts {
		c.integer("request.concepts", id, 1)
	}
	for _, id := range r.Roots {
		c.integer("request.roots", id, 1)
	}
	c.integer("request.nano_rho", r.NanoRho, 1)
	c.integer("request.delta", r.Delta, 0)
	c.integer("request.nano_epsilon", r.NanoEpsilon, 0)
	c.integer("request.now", r.Now, 1)
	return c.err()
}

// Spent is what was charged before this request, never less than the truth. Units as in [Request].
type Spent struct {
	GrantNanoRho        int64 // by the grant, at the request's dataset
	OrganisationNanoRho int64 // by the researcher's organisation, at the request's dataset
	DatasetNanoRho      int64 // by everybody, at the request's dataset
	DatasetDelta        int64
	// OrganisationNanoEpsilon and DatasetNanoEpsilon are as those above, where the dataset's accounting is Pure.
	OrganisationNanoEpsilon int64
	DatasetNanoEpsilon      int64
}

// Input is everything a decision rests on.
type Input struct {
	Request     Request
	Policy      DatasetPolicy // of the request's dataset
	Grant       *Grant        // nil: the request names none, or none that exists
	GrantStatus GrantStatus   // required with a grant
	// ReviewBy is to when the committee has put off the review of a grant that has one, Unix seconds; 0: it has not.
	ReviewBy int64
	// Since is when the first grant of the study began that this one amends, Unix seconds; 0, or later: with this grant.
	Since int64
	// TermsAccepted is the revision of the dataset's terms that the researcher has signed, text and all; 0: none.
	TermsAccepted uint64
	Actor         Actor // the zero value: nothing is known of her
	Spent         Spent
	Diseases      *duo.Diseases // nil: no disease is known, so that no disease specific purpose passes
}

func (in Input) validate() error {
	var c checks
	c = append(c, in.Request.Validate(), in.Policy.Validate())
	c.within("policy.dataset", in.Policy.Dataset == in.Request.Dataset, "must be the request's")
	if in.Grant != nil {
		c = append(c, in.Grant.Validate())
		known(&c, "grant_status", in.GrantStatus, GrantActive, GrantSuspended, GrantRevoked, GrantSuperseded, GrantClosed)
		c.integer("review_by", in.ReviewBy, 0)
		c.integer("since", in.Since, 0)
	}
	c.integer("spent.grant_nano_rho", in.Spent.GrantNanoRho, 0)
	c.integer("spent.organisation_nano_rho", in.Spent.OrganisationNanoRho, 0)
	c.integer("spent.dataset_nano_rho", in.Spent.DatasetNanoRho, 0)
	c.integer("spent.dataset_delta", in.Spent.DatasetDelta, 0)
	c.integer("spent.organisation_nano_epsilon", in.Spent.OrganisationNanoEpsilon, 0)
	c.integer("spent.dataset_nano_epsilon", in.Spent.DatasetNanoEpsilon, 0)
	c.within("request.nano_epsilon", in.Policy.Accounting != Pure || in.Request.NanoEpsilon > 0, "at least 1 where the accounting is pure")
	c.within("request.nano_epsilon", in.Policy.Accounting != GaussianOnly || in.Request.NanoEpsilon == 0, "0 where only Gaussian releases are taken")
	for _, d := range in.Request.Purpose.Diseases {
		if !in.Diseases.Known(d) {
			c = append(c, &FieldError{"request.purpose.diseases", "not in the disease hierarchy in use", ErrUnknownTerm})
		}
	}
	return c.err()
}

// Outcome is yes, no or not yet. Compare with OutcomeAllow only: the zero value is not it.
type Outcome string

// The outcomes.
const (
	OutcomeAllow  Outcome = "allow"
	OutcomeReview Outcome = "review" // nothing denies, but people must look at the study first
	OutcomeDeny   Outcome = "deny"
)

// Decision is the answer at the query level.
type Decision struct {
	Outcome    Outcome      `json:"outcome"`
	Reasons    []ReasonCode `json:"reasons"`    // all that apply, in the order of [QueryReasons]; empty iff allowed
	Vocabulary string       `json:"vocabulary"` // releases of the vocabularies it was decided with
}

// Allowed says whether the query may be asked. The zero Decision is not allowed.
func (d Decision) Allowed() bool { return d.Outcome == OutcomeAllow }

// Decide answers whether the query may be asked at all. Every rule is tried, so that whoever is refused learns
// everything that stands in the way at once. Which patients then count is a question to [Input.Terms].
func Decide(in Input) Decision {
	f := facts{Input: in, err: in.validate()}
	d := Decision{Outcome: OutcomeAllow, Reasons: []ReasonCode{}, Vocabulary: in.vocabulary()}
	for _, rule := range queryRules {
		if rule.applies(f) {
			d.Outcome, d.Reasons = OutcomeDeny, append(d.Reasons, rule.code)
		}
	}
	if d.Outcome == OutcomeAllow && reviewRule.applies(f) {
		d.Outcome, d.Reasons = OutcomeReview, append(d.Reasons, reviewRule.code)
	}
	return d
}

func (in Input) vocabulary() string {
	v := "DUO " + duo.Release
	if r := in.Diseases.Release(); r != "" {
		v += "; " + r
	}
	if in.Policy.LegalBasis != "" { // else no table says more than that nobody is counted unasked
		v += "; defaults " + DefaultsRelease
	}
	return v
}
