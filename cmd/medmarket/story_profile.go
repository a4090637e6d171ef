package main

import (
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// profile is what the steward of the demo says of the dataset. Its bounds are what laboratories and wards know
// of people; the size of a generated hospital is what was ordered, and that of another is not said.
func (st *story) profile() provider.DatasetProfile {
	value := func(concept, unit int64, low, high float64) dp.Bound {
		return dp.Bound{Domain: cohort.Measurement, Field: dp.FieldValue, Concept: concept, Unit: unit, Low: low, High: high}
	}
	most := func(d cohort.Domain, n float64) dp.Bound { return dp.Bound{Domain: d, Field: dp.FieldCount, High: n} }
	const (
		percent, mmHg              = 8554, 8876
		hba1c, systolic, diastolic = 3004410, 3004249, 3012888
	)
	p := provider.DatasetProfile{
		Dataset: demoDataset, Revision: 1, Title: demoHospital, Contact: "steward@st-ada.example", CDMVersion: "5.4",
		Summary: "The records that the demo tells its story with.",
		Domains: []cohort.Domain{cohort.Condition, cohort.Drug, cohort.Measurement, cohort.Procedure, cohort.Visit},
		Bounds: []dp.Bound{
			{Field: dp.FieldAge, High: 110},
			value(hba1c, percent, 3, 20), value(systolic, mmHg, 60, 260), value(diastolic, mmHg, 30, 160),
			{Domain: cohort.Drug, Field: dp.FieldDaysSupply, High: 365}, {Domain: cohort.Visit, Field: dp.FieldLength, High: 90},
			most(cohort.Condition, 50), most(cohort.Drug, 200), most(cohort.Measurement, 500), most(cohort.Procedure, 50), most(cohort.Visit, 200),
		},
	}
	p.Recipients = []provider.Recipient{{Organisation: demoUniversity, Address: "where the demo's researcher works"}}
	if st.OMOP == "" {
		p.Patients = provider.RoundSize(int64(st.Patients))
	}
	return p
}
