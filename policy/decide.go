package policy

import (
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// Request is what a researcher asks of one dataset, as the policy sees it.
type Request struct {
	Dataset    string   `json:"dataset"`
	Researcher string   `json:"researcher"` // address of whoever signed the request
	Purpose    DataUse  `json:"purpose"`
	Columns    []Column `json:"columns"`  // every column touched anywhere, filters included; one or more
	NanoRho    int64    `json:"nano_rho"` // cost, units of 1e-9 rho, at least 1
	Delta      int64    `json:"delta"`    // cost, units of 2^-63, 0 for a mechanism without delta
	Now        int64    `json:"now"`      // Unix seconds
	// AsOf is the log index the decision must stand on, Head the last one the caller has applied. A replay of an old
	// decision has AsOf below Head, with the documents that were in force at AsOf.
	AsOf uint64 `json:"as_of"`
	Head uint64 `json:"head"`
}

// Validate returns every [FieldError] of the request, joined, or nil.
func (r Request) Validate() error {
	var c checks
	c.name("request.dataset", r.Dataset)
	c.address("request.researcher", r.Researcher)
	c.uses("request.purpose", []DataUse{r.Purpose})
	c.within("request.columns", len(r.Columns) > 0, "one or more")
	c.columns("request.columns", r.Columns)
	c.integer("request.nano_rho", r.NanoRho, 1)
	c.integer("request.delta", r.Delta, 0)
	c.integer("request.now", r.Now, 1)
	return c.err()
}

// Spent is what was charged before this request, never less than the truth. Units as in [Request].
type Spent struct {
	GrantNanoRho   int64 // by the grant, at the request's dataset
	DatasetNanoRho int64 // by everybody, at the request's dataset
	DatasetDelta   int64
}

// Input is everything a decision rests on.
type Input struct {
	Request     Request
	Policy      DatasetPolicy // of the request's dataset
	Grant       *Grant        // nil: the request names none, or none that exists
	GrantStatus GrantStatus   // required with a grant
	Spent       Spent
	Diseases    *duo.Diseases // nil: no disease is known, so that no disease specific purpose passes
}

func (in Input) validate() error {
	var c checks
	c = append(c, in.Request.Validate(), in.Policy.Validate())
	c.within("policy.dataset", in.Policy.Dataset == in.Request.Dataset, "must be the request's")
	if in.Grant != nil {
		c = append(c, in.Grant.Validate())
		known(&c, "grant_status", in.GrantStatus, GrantActive, GrantSuspended, GrantRevoked)
	}
	c.integer("spent.grant_nano_rho", in.Spent.GrantNanoRho, 0)
	c.integer("spent.dataset_nano_rho", in.Spent.DatasetNanoRho, 0)
	c.integer("spent.dataset_delta", in.Spent.DatasetDelta, 0)
	for _, d := range in.Request.Purpose.Diseases {
		if !in.Diseases.Known(d) {
			c = append(c, &FieldError{"request.purpose.diseases", "not in the disease hierarchy in use", ErrUnknownTerm})
		}
	}
	return c.err()
}

// Outcome is yes or no. Compare with OutcomeAllow only: the zero value is not it.
type Outcome string

// The outcomes.
const (
	OutcomeAllow Outcome = "allow"
	OutcomeDeny  Outcome = "deny"
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
	d := Decision{Outcome: OutcomeAllow, Reasons: []ReasonCode{}, Vocabulary: vocabulary(in.Diseases)}
	for _, rule := range queryRules {
		if rule.applies(f) {
			d.Outcome, d.Reasons = OutcomeDeny, append(d.Reasons, rule.code)
		}
	}
	return d
}

func vocabulary(d *duo.Diseases) string {
	v := "DUO " + duo.Release
	if r := d.Release(); r != "" {
		v += "; " + r
	}
	return v
}

// Terms are what a patient's preference is held against: the same for every patient of a query.
type Terms struct {
	Purpose    DataUse
	Recipient  RecipientType
	Categories []Category // of all columns touched; each must be permitted
	Now        int64      // Unix seconds
	Cost       Loss
	Diseases   *duo.Diseases
}

// Terms derives them. The recipient is the sponsor named on the grant, not what the researcher says of herself;
// without a grant there is none, and no preference permits it.
func (in Input) Terms() Terms {
	t := Terms{
		Purpose: in.Request.Purpose, Now: in.Request.Now, Cost: Loss{in.Request.NanoRho, in.Request.Delta}, Diseases: in.Diseases,
	}
	for _, c := range in.Request.Columns {
		t.Categories = append(t.Categories, c.Category)
	}
	t.Categories = sortedSet(t.Categories)
	if in.Grant != nil {
		t.Recipient = in.Grant.SponsorType
	}
	return t
}

// PatientReason returns the first reason, in the order of [PatientReasons], why the patient with this preference, who
// has lost at most lost before, is not counted, or PatientEligible. nil is a patient who was never asked. A word that no
// vocabulary has, in whatever field, permits nothing.
func (t Terms) PatientReason(p *ReleasePreference, lost Loss) ReasonCode {
	for _, rule := range patientRules {
		if rule.applies(t, patient{p, lost}) {
			return rule.code
		}
	}
	return PatientEligible
}

// ClassReasons answers [Terms.PatientReason] for many classes, by position, as though no patient's period ended and
// none had a cap: a patient of an eligible class counts iff, besides, her own end is 0 or later than Now and her own cap,
// if any, admits the cost.
func (t Terms) ClassReasons(classes []ClassDocument) []ReasonCode {
	reasons := make([]ReasonCode, len(classes))
	for i, class := range classes {
		p := class.Preference(0, nil)
		reasons[i] = t.PatientReason(&p, Loss{})
	}
	return reasons
}

func (t Terms) within(permitted []DataUse) duo.Match {
	return duo.Within(permitted, t.Purpose, t.Diseases)
}

func (t Terms) allPermitted(categories []Category) bool {
	return !slices.ContainsFunc(t.Categories, func(c Category) bool { return !slices.Contains(categories, c) })
}
