package circe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
)

// definition has concept sets 0 {1 and below} and 1 {5}, and what is given: primary criteria, and the rest.
func definition(primary, rest string) []byte {
	return fmt.Appendf(nil, `{"cdmVersionRange":">=5.0.0","ConceptSets":[
		{"id":0,"name":"a","expression":{"items":[{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":"x"},"isExcluded":false,"includeDescendants":true,"includeMapped":false}]}},
		{"id":1,"name":"b","expression":{"items":[{"concept":{"CONCEPT_ID":5},"isExcluded":false}]}},
		{"id":2,"name":"mapped","expression":{"items":[{"concept":{"CONCEPT_ID":5},"includeMapped":true}]}},
		{"id":3,"name":"nothing","expression":{"items":[{"concept":{"CONCEPT_ID":5},"isExcluded":true}]}}],
		"PrimaryCriteria":{"CriteriaList":[%s],"ObservationWindow":{"PriorDays":0,"PostDays":0},"PrimaryCriteriaLimit":{"Type":"All"}},
		"QualifiedLimit":{"Type":"First"},"ExpressionLimit":{"Type":"All"},"InclusionRules":[],"CensoringCriteria":[],
		"CollapseSettings":{"CollapseType":"ERA","EraPad":0},"CensorWindow":{}%s}`, primary, rest)
}

// rule is an inclusion rule of one correlated criterion around a condition of set 0.
func rule(criteria, window, occurrence string) []byte {
	return definition(`{"ConditionOccurrence":{"CodesetId":0}}`, fmt.Sprintf(`,"InclusionRules":[{"name":"r","expression":{"Type":"ALL","CriteriaList":[
		{"Criteria":%s,%s,"Occurrence":%s}],"DemographicCriteriaList":[],"Groups":[]}}]`, criteria, window, occurrence))
}

const (
	anyWindow  = `"StartWindow":{"Start":{"Coeff":-1},"End":{"Coeff":1},"UseIndexEnd":false,"UseEventEnd":false}`
	atLeastOne = `{"Type":2,"Count":1,"IsDistinct":false}`
	condition  = `{"records":{"domain":"condition","concepts":[{"id":1,"descendants":true}]},"observed":{"before":0,"after":0}`
)

func TestImport(t *testing.T) {
	has := func(events string) string { return `{"has":{"events":` + events + `,"min":1}}` }
	ruled := func(where string) string { return has(condition + `,"where":` + where + `}`) }
	drug := `{"records":{"domain":"drug","concepts":[{"id":5}]}}`
	for name, tc := range map[string]struct {
		in   []byte
		want string
	}{
		"a record": {definition(`{"ConditionOccurrence":{"CodesetId":0}}`, ""), has(condition + "}")},
		"any of several": {
			definition(`{"Death":{}},{"DrugEra":{"CodesetId":1,"EraLength":{"Value":30,"Op":"gte"},"First":true}}`, ""),
			has(`{"union":[{"records":{"domain":"death"}},{"records":{"domain":"drug_era","concepts":[{"id":5}],"first":true,"length":{"min":30}}}],"observed":{"before":0,"after":0}}`),
		},
		"what a measurement has": {
			definition(`{"Measurement":{"CodesetId":1,"OccurrenceStartDate":{"Value":"2019-12-01","Op":"gt"},"ValueAsNumber":{"Value":6.5,"Op":"gt"},"RangeLow":{"Value":1,"Extent":2,"Op":"bt"},
				"Unit":[{"CONCEPT_ID":8554}],"ValueAsConcept":[{"CONCEPT_ID":9191}],"MeasurementType":[{"CONCEPT_ID":7}],"MeasurementTypeExclude":false}}`, ""),
			has(`{"records":{"domain":"measurement","concepts":[{"id":5}],"start":{"from":"2019-12-02"},"value":{"min":6.5,"min_open":true},"range_low":{"min":1,"max":2},"value_concepts":[9191],"units":[8554],"types":[7]},"observed":{"before":0,"after":0}}`),
		},
		"all but a range": {
			definition(`{"DrugExposure":{"CodesetId":1,"DaysSupply":{"Value":10,"Extent":20,"Op":"!bt"}}}`, ""),
			has(`{"union":[{"records":{"domain":"drug","concepts":[{"id":5}],"days_supply":{"max":9}}},{"records":{"domain":"drug","concepts":[{"id":5}],"days_supply":{"min":21}}}],"observed":{"before":0,"after":0}}`),
		},
		"the patient and the visit": {
			definition(`{"ProcedureOccurrence":{"CodesetId":1,"Age":{"Value":18,"Op":"gt"},"Gender":[{"CONCEPT_ID":8532}],"VisitType":[{"CONCEPT_ID":9201}]}}`, ""),
			has(`{"records":{"domain":"procedure","concepts":[{"id":5}]},"observed":{"before":0,"after":0},"where":{"all":[` +
				`{"has":{"events":{"records":{"domain":"visit","concepts":[{"id":9201}]}},"min":1,"window":{"same_visit":true,"any_time":true}}},{"person":{"age":{"min":19}}},{"person":{"sexes":[8532]}}]}}`),
		},
		"an index of its own": {
			rule(`{"ConditionOccurrence":{"CodesetId":1,"CorrelatedCriteria":{"Type":"ANY","DemographicCriteriaList":[{"Age":{"Value":40,"Op":"lt"}}]}}}`, anyWindow, atLeastOne),
			ruled(`{"has":{"events":{"records":{"domain":"condition","concepts":[{"id":5}]},"observed":{"before":0,"after":0},"where":{"person":{"age":{"max":39}}}},"min":1,"window":{"spans":[{},{}]}}}`),
		},
		"a window": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, `"StartWindow":{"Start":{"Days":30,"Coeff":-1},"End":{"Days":0,"Coeff":1},"UseIndexEnd":true}`, atLeastOne),
			ruled(`{"has":{"events":` + drug + `,"min":1,"window":{"spans":[{"from":-30,"to":0,"index_end":true}]}}}`),
		},
		"an end window looks at the event's end": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow+`,"EndWindow":{"Start":{"Days":0,"Coeff":1},"End":{"Coeff":1}},"RestrictVisit":true,"IgnoreObservationPeriod":true`, atLeastOne),
			ruled(`{"has":{"events":` + drug + `,"min":1,"window":{"spans":[{"from":0,"event_end":true}],"same_visit":true,"any_time":true}}}`),
		},
		"none": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow, `{"Type":0,"Count":0,"IsDistinct":false}`),
			ruled(`{"has":{"events":` + drug + `,"min":0,"max":0,"window":{}}}`),
		},
		"at most two days": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow, `{"Type":1,"Count":2,"IsDistinct":true,"CountColumn":"START_DATE"}`),
			ruled(`{"has":{"events":` + drug + `,"min":0,"max":2,"distinct":"day","window":{}}}`),
		},
		"two concepts, unless a column is named": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow, `{"Type":2,"Count":2,"IsDistinct":true}`),
			ruled(`{"has":{"events":` + drug + `,"min":2,"distinct":"concept","window":{}}}`),
		},
		"a column counts only if distinct": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow, `{"Type":0,"Count":3,"IsDistinct":false,"CountColumn":"START_DATE"}`),
			ruled(`{"has":{"events":` + drug + `,"min":3,"max":3,"window":{}}}`),
		},
		"any number will do": {
			rule(`{"DrugExposure":{"CodesetId":1}}`, anyWindow, `{"Type":2,"Count":0}`), has(condition + "}"),
		},
		"groups": {
			definition(`{"ConditionOccurrence":{"CodesetId":0}}`, `,"InclusionRules":[{"name":"r","expression":{"Type":"AT_MOST","Count":1,"DemographicCriteriaList":[
				{"Age":{"Value":18,"Op":"gte"}},{"Gender":[{"CONCEPT_ID":8532}]},{}],"Groups":[]}}]`),
			ruled(`{"all":[{"not":{"person":{"age":{"min":18}}}},{"not":{"person":{"sexes":[8532]}}}]}`),
		},
		"limits without additional criteria": {
			definition(`{"ConditionOccurrence":{"CodesetId":0}}`, `,"ExpressionLimit":{"Type":"First"},"QualifiedLimit":{"Type":"Last"},"AdditionalCriteria":null`), has(condition + "}"),
		},
		"limits": {
			definition(`{"ConditionOccurrence":{"CodesetId":0}}`, `,"AdditionalCriteria":{"Type":"ALL","DemographicCriteriaList":[{"Age":{"Value":18,"Op":"gte"}}]},
				"InclusionRules":[{"name":"r","expression":{"Type":"ALL","DemographicCriteriaList":[{"Age":{"Value":60,"Op":"lte"}}]}}]`),
			has(`{"union":[` + condition + `,"where":{"person":{"age":{"min":18}}},"keep":"first"}],"where":{"person":{"age":{"max":60}}}}`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			var spans cohort.Criterion
			if err := json.Unmarshal([]byte(tc.want), &spans); err != nil {
				t.Fatal(err)
			}
			want, err := cohort.Canonical(spans)
			if err != nil {
				t.Fatal(err)
			}
			got, err := circe.Import(tc.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What cannot be said is refused by name, all of it.
func TestUnsupported(t *testing.T) {
	drug := `{"DrugExposure":{"CodesetId":1}}`
	inRule := "InclusionRules[0].expression.CriteriaList[0]."
	for want, in := range map[string][]byte{
		"PrimaryCriteria.CriteriaList[0].ProcedureOccurrence.ProcedureSourceConcept": definition(`{"ProcedureOccurrence":{"ProcedureSourceConcept":1}}`, ""),
		"PrimaryCriteria.CriteriaList[0].DoseEra":                                    definition(`{"DoseEra":{}}`, ""),
		"PrimaryCriteria.CriteriaList[0]":                                            definition(`{}`, ""),
		"PrimaryCriteria.CriteriaList":                                               definition(``, ""),
		"PrimaryCriteria.CriteriaList[0].Death.CodesetId":                            definition(`{"Death":{"CodesetId":9}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.Unheard":                              definition(`{"Death":{"Unheard":{}}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.First":                                definition(`{"Death":{"First":1}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.Age":                                  definition(`{"Death":{"Age":{"Op":"gt"}}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.Age.Op":                               definition(`{"Death":{"Age":{"Value":1,"Op":"~"}}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.Age.Extent":                           definition(`{"Death":{"Age":{"Value":1,"Op":"bt"}}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.DeathTypeExclude":                     definition(`{"Death":{"DeathType":[{"CONCEPT_ID":1}],"DeathTypeExclude":true}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Death.OccurrenceStartDate.Value":            definition(`{"Death":{"OccurrenceStartDate":{"Value":"soon","Op":"gt"}}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Specimen.CodesetId":                         definition(`{"Specimen":{"CodesetId":2}}`, ""),
		"PrimaryCriteria.CriteriaList[0].Visit":                                      definition(`{"Visit":{"CodesetId":3}}`, ""),
		"PrimaryCriteria.CriteriaList[0].DeviceExposure.CodesetId":                   definition(`{"DeviceExposure":{"CodesetId":3}}`, ""),
		"CensorWindow.StartDate":                                                     definition(drug, `,"CensorWindow":{"StartDate":"2010-01-01"}`),
		"EndStrategy.DateOffset.Offset":                                              definition(drug, `,"EndStrategy":{"DateOffset":{"DateField":"EndDate","Offset":-1}}`),
		"CollapseSettings.CollapseType":                                              definition(drug, `,"CollapseSettings":{"CollapseType":"NONE"}`),
		"QualifiedLimit.Type":                                                        definition(drug, `,"QualifiedLimit":{"Type":"Second"}`),
		"Extra":                                                                      definition(drug, `,"Extra":false`),
		"AdditionalCriteria.Type":                                                    definition(drug, `,"AdditionalCriteria":{"Type":"SOME","DemographicCriteriaList":[{}]}`),
		"AdditionalCriteria.Count":                                                   definition(drug, `,"AdditionalCriteria":{"Type":"AT_LEAST","DemographicCriteriaList":[{}]}`),
		inRule + "StartWindow.End":                                                   rule(drug, `"StartWindow":{"Start":{"Coeff":-1},"End":{"Coeff":-1}}`, atLeastOne),
		inRule + "StartWindow.Start.Days":                                            rule(drug, `"StartWindow":{"Start":{"Coeff":-1,"Days":200000},"End":{"Coeff":1}}`, atLeastOne),
		inRule + "StartWindow.Start.Coeff":                                           rule(drug, `"StartWindow":{"Start":{"Days":2},"End":{"Coeff":1}}`, atLeastOne),
		inRule + "Occurrence.Type":                                                   rule(drug, anyWindow, `{"Type":3,"Count":1}`),
		inRule + "Occurrence.CountColumn":                                            rule(drug, anyWindow, `{"Type":2,"Count":1,"IsDistinct":true,"CountColumn":"DURATION"}`),
		inRule + "Criteria.Specimen.Unit":                                            rule(`{"Specimen":{"Unit":[{"CONCEPT_ID":1}]}}`, anyWindow, atLeastOne),
	} {
		_, err := circe.Import(in)
		faults := circe.Faults(err)
		if len(faults) != 1 || faults[0].Path != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	_, err := circe.Import(definition(`{"DoseEra":{}},{"Death":{"Age":{"Op":"gt"}}}`, `,"Extra":1`))
	if got := len(circe.Faults(err)); got != 3 {
		t.Errorf("%d faults of 3: %v", got, err)
	}
	for _, in := range []string{"", "[]", "null", "{", "{} {}", `"x"`} {
		if _, err := circe.Import([]byte(in)); !errors.Is(err, circe.ErrSyntax) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// An event that may end when it likes still has to end in the observation period of the index, as in circe.
func TestOpenEndWindow(t *testing.T) {
	c, err := circe.Import(rule(`{"VisitOccurrence":{}}`, anyWindow+`,"EndWindow":{"Start":{"Days":0,"Coeff":1},"End":{"Coeff":1},"UseEventEnd":true}`, atLeastOne))
	if err != nil {
		t.Fatal(err)
	}
	for visitEnd, want := range map[int]bool{9: false, 10: true, 20: true, 21: false} {
		h := cohorttest.History{Records: []cohorttest.Record{
			{Domain: cohort.ObservationPeriod, ID: 1, Start: new(0), End: new(20)},
			{Domain: cohort.Condition, ID: 1, Concept: new(int64(2)), Start: new(10)},
			{Domain: cohort.Visit, ID: 1, Concept: new(int64(9201)), Start: new(5), End: new(visitEnd)},
		}}
		if got := cohorttest.Holds(h, cohorttest.World(), c); got != want {
			t.Errorf("a visit to day %d: %v, want %v", visitEnd, got, want)
		}
	}
}

// Import never panics, and what it returns is canonical.
func FuzzImport(f *testing.F) {
	f.Add(definition(`{"ConditionOccurrence":{"CodesetId":0,"First":true}}`, `,"EndStrategy":{"CustomEra":{"DrugCodesetId":1,"GapDays":30,"Offset":0}}`))
	f.Add(definition(`{"DoseEra":{}}`, ""))
	f.Add(rule(`{"VisitOccurrence":{"VisitLength":{"Value":2,"Op":"gte"}}}`, anyWindow, `{"Type":1,"Count":1}`))
	f.Add(rule(`{"Measurement":{"CodesetId":1,"ValueAsNumber":{"Value":1e308,"Extent":-2,"Op":"!bt"}}}`, anyWindow, atLeastOne))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := circe.Import(b)
		if err != nil {
			if !errors.Is(err, circe.ErrSyntax) && len(circe.Faults(err)) == 0 {
				t.Fatalf("names nothing: %v", err)
			}
			return
		}
		again, err := cohort.Canonical(c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
