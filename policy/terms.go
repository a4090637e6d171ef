package policy

import (
	"cmp"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// Terms are what a patient's preference is held against: the same for every patient of a query.
type Terms struct {
	Purpose    DataUse // the request's, with methods as granted
	Recipient  Recipient
	Categories []CategoryUse // of all columns touched, each category once, sorted; each must be permitted
	Labels     []Label       // of all that is touched, sorted; each must be permitted
	Now        int64         // Unix seconds
	Cost       Loss
	Default    Default // of the dataset, for patients who were never asked
	Diseases   *duo.Diseases
}

// Recipient is who asks, as the grant and the registry say, not as the researcher does.
type Recipient struct {
	Type          RecipientType // empty without a grant, and then nobody permits it
	CommercialUse bool
	Countries     []string
	Organisation  string
	Since         int64  // start of the study: of its first grant, Unix seconds
	Researcher    string // address of whoever asks
	Project       string // hash of the grant's document; empty without one
	Genetic       bool   // the study has genotypes in it
}

// CategoryUse is what a query does with a part of the record.
type CategoryUse struct {
	Category Category
	Level    int    // of the finest use
	Data     Period // what is read happened in it; the zero Period: whenever
}

// Terms derives them. The recipient is the sponsor named on the grant, not what the researcher says of herself;
// without a grant there is none, and no preference permits it.
func (in Input) Terms() Terms {
	return Terms{
		Purpose: in.purpose(), Recipient: in.recipient(), Categories: in.Request.categories(), Labels: in.labels(),
		Now: in.Request.Now, Cost: Loss{in.Request.NanoRho, in.Request.Delta}, Default: in.Policy.Default(), Diseases: in.Diseases,
	}
}

func (in Input) recipient() Recipient {
	if in.Grant == nil {
		return Recipient{Organisation: in.Request.Organisation, Researcher: in.Request.Researcher}
	}
	since := in.Grant.Period.Start
	if in.Since > 0 {
		since = min(since, in.Since)
	}
	return Recipient{
		in.Grant.SponsorType, in.Grant.CommercialUse, sortedSet(in.Grant.Countries), in.Request.Organisation, since,
		in.Request.Researcher, in.Request.Grant, in.Grant.Genetic,
	}
}

// categories takes for each the finest use of any of its columns, and the whole time that any of them is read for.
func (r Request) categories() []CategoryUse {
	var all []CategoryUse
	for _, c := range r.Columns {
		i := slices.IndexFunc(all, func(u CategoryUse) bool { return u.Category == c.Category })
		if i < 0 {
			all = append(all, CategoryUse{c.Category, c.Level, c.Data})
			continue
		}
		all[i].Level, all[i].Data = max(all[i].Level, c.Level), all[i].Data.hull(c.Data)
	}
	slices.SortFunc(all, func(a, b CategoryUse) int { return cmp.Compare(a.Category, b.Category) })
	return all
}

// labels are those of the columns touched and of the concepts named, or placed below those that are named with what is
// below them; of all concepts if the answer names them.
func (in Input) labels() []Label {
	var all []Label
	for _, use := range in.Request.Columns {
		for _, c := range in.Policy.Columns {
			if c.Name == use.Name && c.Label != "" {
				all = append(all, c.Label)
			}
		}
	}
	named, roots := among(in.Request.Concepts), among(in.Request.Roots)
	for _, l := range in.Policy.LabelledConcepts {
		fromAbove := len(in.Request.Roots) > 0 && (l.open() || slices.ContainsFunc(l.Ancestors, roots))
		if in.Request.AnyConcept || fromAbove || slices.ContainsFunc(l.Concepts, named) {
			all = append(all, l.Label)
		}
	}
	return optionalSet(all)
}

// among returns whether an id is one of those.
func among(ids []int64) func(int64) bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return func(id int64) bool { return set[id] }
}

// PatientReason returns the first reason, in the order of [PatientReasons], why the patient with this preference, who
// has lost at most lost before, is not counted, or PatientEligible. nil is a patient who was never asked; the default
// may have her counted all the same, which is PatientEligibleDefault. A word that no vocabulary has, in whatever field,
// permits nothing.
func (t Terms) PatientReason(p *ReleasePreference, lost Loss) ReasonCode {
	eligible := PatientEligible
	if p == nil {
		p, eligible = t.Default.Permits, PatientEligibleDefault
	}
	if reason, out := t.question().leavesOut(read(p, lost)); out {
		return reason
	}
	return eligible
}

// Class is a [ClassDocument] made ready to be decided on, so that what does not change is looked at once.
type Class struct{ patient *patient }

// NewClass makes a document ready, which may be malformed: then what cannot be read permits nothing.
func NewClass(d ClassDocument) Class {
	p := d.Preference(0, nil)
	return Class{read(&p, Loss{})}
}

// ClassReasons answers [Terms.PatientReason] for many classes, by position, as though no patient's period ended and
// none had a cap: a patient of an eligible class counts iff, besides, her own end is 0 or later than Now and her own cap,
// if any, admits the cost.
func (t Terms) ClassReasons(classes []Class) []ReasonCode {
	q := t.question()
	reasons := make([]ReasonCode, len(classes))
	for i := range classes {
		var out bool
		if reasons[i], out = q.leavesOut(classes[i].patient); !out {
			reasons[i] = PatientEligible
		}
	}
	return reasons
}
