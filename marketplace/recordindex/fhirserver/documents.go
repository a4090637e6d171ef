package fhirserver

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/r4"
)

// resourceTypes are where the kinds of records are. Observations are divided by their category.
var resourceTypes = map[records.Kind][]string{
	recordindex.Conditions: {"Condition"}, recordindex.Laboratory: {"Observation"}, recordindex.Medication: {"MedicationRequest", "MedicationStatement"},
	recordindex.Observations: {"Observation"}, recordindex.Procedures: {"Procedure"}, recordindex.Visits: {"Encounter"},
}

var (
	idForm  = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)
	dayForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T.*)?$`)
)

// period is a FHIR Period as far as it matters here.
type period struct {
	Start string `json:"start"`
}

// resource is as much of one as says whose it is, of which kind, and of which day.
type resource struct {
	Type    string `json:"resourceType"`
	ID      string `json:"id"`
	Subject struct {
		Reference string `json:"reference"`
	} `json:"subject"`
	Category          json.RawMessage `json:"category"` // a CodeableConcept, or several: only of observations it is read
	OnsetDateTime     string          `json:"onsetDateTime"`
	OnsetPeriod       period          `json:"onsetPeriod"`
	RecordedDate      string          `json:"recordedDate"`
	EffectiveDateTime string          `json:"effectiveDateTime"`
	EffectivePeriod   period          `json:"effectivePeriod"`
	EffectiveInstant  string          `json:"effectiveInstant"`
	DateAsserted      string          `json:"dateAsserted"`
	AuthoredOn        string          `json:"authoredOn"`
	PerformedDateTime string          `json:"performedDateTime"`
	PerformedPeriod   period          `json:"performedPeriod"`
	Period            period          `json:"period"`
}

// day is when what r says began, as the hospital's own clock had it; "" if no day is known.
func (r resource) day() string {
	for _, at := range []string{
		r.OnsetDateTime, r.OnsetPeriod.Start, r.EffectiveDateTime, r.EffectivePeriod.Start, r.EffectiveInstant, r.PerformedDateTime, r.PerformedPeriod.Start,
		r.Period.Start, r.AuthoredOn, r.RecordedDate, r.DateAsserted,
	} {
		if !dayForm.MatchString(at) {
			continue
		}
		if _, err := time.Parse(time.DateOnly, at[:len(time.DateOnly)]); err == nil {
			return at[:len(time.DateOnly)]
		}
	}
	return ""
}

// laboratory reports whether an observation is in that category.
func (r resource) laboratory() bool {
	var all []struct {
		Coding []struct {
			Code string `json:"code"`
		} `json:"coding"`
	}
	if json.Unmarshal(r.Category, &all) != nil {
		return false
	}
	for _, c := range all {
		for _, coding := range c.Coding {
			if coding.Code == "laboratory" {
				return true
			}
		}
	}
	return false
}

// of reports whether r is of a kind.
func (r resource) of(kind records.Kind) bool {
	if r.Type == "Observation" {
		return r.laboratory() == (kind == recordindex.Laboratory)
	}
	return true
}

// found is a resource of a patient.
type found struct {
	key     [2]string // type and id
	content []byte
	fault   error // why it is no FHIR R4
}

// place is where a record is.
type place struct {
	kind records.Kind
	day  string
}

// Documents implements [recordindex.Documents].
func (s *Server) Documents(ctx context.Context, patient int64, kind records.Kind, day string) ([]recordindex.Document, error) {
	r := &reading{s, maxRead, maxPages}
	id, err := r.patient(ctx, patient)
	if err != nil || id == "" {
		return nil, err
	}
	kinds := recordindex.Kinds()
	if kind != "" {
		kinds = []records.Kind{kind}
	}
	var types []string
	for _, k := range kinds {
		types = append(types, resourceTypes[k]...)
	}
	slices.Sort(types)
	all, n := map[place][]found{}, 0
	for _, t := range slices.Compact(types) {
		err := r.search(ctx, t, url.Values{"patient": {id}}, func(raw json.RawMessage) error {
			if n++; n > recordindex.MaxEvents {
				return recordindex.ErrTooLarge
			}
			return r.sort(ctx, all, raw, t, id, kinds, day)
		})
		if err != nil {
			return nil, err
		}
	}
	out, err := bundles(all)
	if i := slices.IndexFunc(out, func(d recordindex.Document) bool { return d.Fault != "" }); i >= 0 {
		s.cfg.Log.WarnContext(ctx, "the FHIR server has a resource that is no FHIR R4", "err", out[i].Fault)
	}
	return out, err
}

// sort puts a resource among those of its kind and day, if it is wanted.
func (r *reading) sort(ctx context.Context, all map[place][]found, raw json.RawMessage, wanted, id string, kinds []records.Kind, day string) error {
	var one resource
	if json.Unmarshal(raw, &one) != nil || one.Type != wanted || !idForm.MatchString(one.ID) {
		return r.failed(ctx, "its answer has a resource of another form")
	}
	if ref := one.Subject.Reference; ref != "Patient/"+id && ref != r.base.JoinPath("Patient", id).String() {
		return r.failed(ctx, "its answer has a resource of another patient, or of one elsewhere")
	}
	on, fault := one.day(), r4.Check(raw)
	if on == "" && fault == nil || day != "" && on != day {
		return nil
	}
	for _, k := range kinds {
		if slices.Contains(resourceTypes[k], one.Type) && one.of(k) {
			var compact bytes.Buffer
			if err := json.Compact(&compact, raw); err != nil {
				return r.failed(ctx, "its answer has a resource of another form")
			}
			at := place{k, on}
			all[at] = append(all[at], found{[2]string{one.Type, one.ID}, compact.Bytes(), fault})
		}
	}
	return nil
}

// bundles makes the documents, by kind and day, each resource once.
func bundles(all map[place][]found) (out []recordindex.Document, err error) {
	for at, resources := range all {
		slices.SortFunc(resources, func(a, b found) int {
			return cmp.Or(slices.Compare(a.key[:], b.key[:]), bytes.Compare(a.content, b.content))
		})
		resources = slices.CompactFunc(resources, func(a, b found) bool { return a.key == b.key })
		if i := slices.IndexFunc(resources, func(f found) bool { return f.fault != nil }); i >= 0 {
			out = append(out, recordindex.Document{Kind: at.kind, Day: at.day, Fault: resources[i].fault.Error()})
			continue
		}
		var b bytes.Buffer
		b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
		for i, r := range resources {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{"resource":`)
			b.Write(r.content)
			b.WriteByte('}')
		}
		b.WriteString(`]}`)
		if b.Len() > recordindex.MaxRecord {
			return nil, recordindex.ErrTooLarge
		}
		out = append(out, recordindex.Document{Kind: at.kind, Day: at.day, Content: b.Bytes()})
	}
	slices.SortFunc(out, func(a, b recordindex.Document) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Day, b.Day))
	})
	return out, nil
}

// patient is as much of a Patient as says which one it is.
type patient struct {
	Type        string       `json:"resourceType"`
	ID          string       `json:"id"`
	Identifiers []identifier `json:"identifier"`
}

type identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// patient is the id of a patient's resource, "" if the server has none.
func (r *reading) patient(ctx context.Context, number int64) (id string, err error) {
	if r.cfg.PatientSystem == "" {
		return strconv.FormatInt(number, 10), nil
	}
	asked := identifier{r.cfg.PatientSystem, strconv.FormatInt(number, 10)} // a server may leave out what it does not know how to search for
	query := url.Values{"identifier": {asked.System + "|" + asked.Value}}
	err = r.search(ctx, "Patient", query, func(raw json.RawMessage) error {
		var p patient
		if json.Unmarshal(raw, &p) != nil || p.Type != "Patient" || !idForm.MatchString(p.ID) || id != "" || !slices.Contains(p.Identifiers, asked) {
			return r.failed(ctx, "its answer has no one patient of that number")
		}
		id = p.ID
		return nil
	})
	return id, err
}
