package bundle

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Systems of codes.
const (
	concepts    = "https://fhir-terminology.ohdsi.org" // OMOP concepts, by their ids
	clinical    = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	category    = "http://terminology.hl7.org/CodeSystem/observation-category"
	actCode     = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	nullFlavour = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
)

// object is a JSON object.
type object map[string]any

// resources make the resource of an event of each kind, but for what all have in common.
var resources = map[records.Kind]func(terms, recordindex.Event) object{
	recordindex.Conditions: terms.condition, recordindex.Laboratory: terms.laboratory, recordindex.Medication: terms.medication,
	recordindex.Observations: terms.observation, recordindex.Procedures: terms.procedure, recordindex.Visits: terms.encounter,
}

// Renderer renders the records of a hospital: a collection with a resource for each event, in their order.
func Renderer(hospital ledger.Address) recordindex.Render {
	return func(events []recordindex.Event, known recordindex.Concepts) ([]byte, error) {
		entries := make([]object, len(events))
		for i, e := range events {
			of, is := resources[e.Kind]
			if !is {
				return nil, fmt.Errorf("records of kind %q have no resource", e.Kind)
			}
			r := of(terms(known), e)
			id := uuid(hospital, e, i)
			r["id"], r["subject"] = id, object{"display": "the patient of the access"}
			entries[i] = object{"fullUrl": "urn:uuid:" + id, "resource": r}
		}
		return ledger.Canonical(object{"resourceType": "Bundle", "type": "collection", "entry": entries})
	}
}

// uuid names an event, the same whenever it is rendered (RFC 9562, version 8).
func uuid(hospital ledger.Address, e recordindex.Event, place int) string {
	if e.ID != 0 {
		place = 0
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d %d", hospital, e.Kind, e.Start, e.ID, place))
	b := h[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func coding(system, code string) object { return object{"system": system, "code": code} }

// period is what lasts from one day to another, if that is recorded.
func period(e recordindex.Event) object {
	p := object{"start": e.Start}
	if e.End != "" && e.End >= e.Start {
		p["end"] = e.End
	}
	return p
}

func (t terms) condition(e recordindex.Event) object {
	r := object{"resourceType": "Condition", "code": t.concept(e.Concept), "onsetDateTime": e.Start}
	if e.End != "" && e.End >= e.Start {
		r["abatementDateTime"] = e.End
		r["clinicalStatus"] = object{"coding": []object{coding(clinical, "resolved")}}
	}
	return r
}

func (t terms) medication(e recordindex.Event) object {
	r := object{"resourceType": "MedicationStatement", "status": "unknown", "medicationCodeableConcept": t.concept(e.Concept), "effectivePeriod": period(e)}
	text := ""
	if e.Quantity != nil {
		text = "quantity " + strconv.FormatFloat(*e.Quantity, 'g', -1, 64)
	}
	if e.DaysSupply != nil {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("supply for %d days", *e.DaysSupply)
	}
	if text != "" {
		r["dosage"] = []object{{"text": text}}
	}
	return r
}

func (t terms) observation(e recordindex.Event) object {
	r := object{"resourceType": "Observation", "status": "unknown", "code": t.concept(e.Concept), "effectiveDateTime": e.Start}
	switch {
	case sayable(e.Value):
		r["valueQuantity"] = t.quantity(*e.Value, e.Unit)
	case e.ValueConcept != 0:
		r["valueCodeableConcept"] = t.concept(e.ValueConcept)
	}
	limits := object{}
	if sayable(e.Low) {
		limits["low"] = t.quantity(*e.Low, e.Unit)
	}
	if sayable(e.High) {
		limits["high"] = t.quantity(*e.High, e.Unit)
	}
	if len(limits) > 0 {
		r["referenceRange"] = []object{limits}
	}
	return r
}

// sayable reports whether a number is recorded and has a spelling of its own in canonical JSON. No measure of a
// patient is as large as those that have none.
func sayable(v *float64) bool { return v != nil && math.Abs(*v) < 1<<53 }

func (t terms) laboratory(e recordindex.Event) object {
	r := t.observation(e)
	r["category"] = []object{{"coding": []object{coding(category, "laboratory")}}}
	return r
}

func (t terms) procedure(e recordindex.Event) object {
	return object{"resourceType": "Procedure", "status": "unknown", "code": t.concept(e.Concept), "performedDateTime": e.Start}
}

// classes are those of visits, by the OMOP concepts of the kinds of visit.
var classes = map[int64]string{9201: "IMP", 9202: "AMB", 9203: "EMER", 262: "EMER", 581476: "HH", 5083: "VR"}

func (t terms) encounter(e recordindex.Event) object {
	class := coding(nullFlavour, "UNK")
	if code, known := classes[e.Concept]; known {
		class = coding(actCode, code)
	}
	return object{"resourceType": "Encounter", "status": "finished", "class": class, "type": []object{t.concept(e.Concept)}, "period": period(e)}
}
