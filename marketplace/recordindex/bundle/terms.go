package bundle

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// terms is what is known of concepts.
type terms recordindex.Concepts

const ucum = "http://unitsofmeasure.org"

// systems are FHIR's names of code systems (https://hl7.org/fhir/R4/terminologies-systems.html) by OMOP's of vocabularies. A code of another one stands
// by its OMOP concept alone.
var systems = map[string]string{
	"SNOMED": "http://snomed.info/sct", "LOINC": "http://loinc.org", "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm", "UCUM": ucum,
	"ICD10": "http://hl7.org/fhir/sid/icd-10", "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm", "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm",
	"CVX": "http://hl7.org/fhir/sid/cvx", "NDC": "http://hl7.org/fhir/sid/ndc", "CPT4": "http://www.ama-assn.org/go/cpt", "ATC": "http://www.whocc.no/atc",
}

// codeForm is FHIR's of a code.
var codeForm = regexp.MustCompile(`^[!-~]+( [!-~]+)*$`)

const maxWord = 1000 // bytes of a code or name

// standard is a concept's coding in its own vocabulary, false if FHIR has no name of that or the code has another form.
func (t terms) standard(id int64) (c object, there bool) {
	known := t[id]
	system, there := systems[known.Vocabulary]
	if !there || len(known.Code) > maxWord || !codeForm.MatchString(known.Code) {
		return nil, false
	}
	return t.named(coding(system, known.Code), id), true
}

// named is a coding with the name of its concept, if that is known and can be shown.
func (t terms) named(c object, id int64) object {
	if name := t.name(id); name != "" {
		c["display"] = name
	}
	return c
}

// name is a concept's; "" if none is known that can be shown on a line.
func (t terms) name(id int64) string {
	name := strings.TrimSpace(t[id].Name)
	if len(name) > maxWord || strings.ContainsFunc(name, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) {
		return ""
	}
	return name
}

// concept is an OMOP concept, first by what it is in its own vocabulary where that is known; one that is not recorded, or mapped to none, says so.
func (t terms) concept(id int64) object {
	if id == 0 {
		return object{"text": "no matching concept"}
	}
	var all []object
	if c, there := t.standard(id); there {
		all = append(all, c)
	}
	return object{"coding": append(all, t.named(coding(concepts, strconv.FormatInt(id, 10)), id))}
}

// quantity is a number of a unit: of UCUM where that is known.
func (t terms) quantity(value float64, unit int64) object {
	q := object{"value": value}
	if unit == 0 {
		return q
	}
	if c, there := t.standard(unit); there && c["system"] == ucum {
		q["system"], q["code"], q["unit"] = ucum, c["code"], c["code"]
		return q
	}
	q["system"], q["code"] = concepts, strconv.FormatInt(unit, 10)
	if name := t.name(unit); name != "" {
		q["unit"] = name
	}
	return q
}
