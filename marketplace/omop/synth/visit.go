package synth

import (
	"math"
	"math/rand/v2"
)

// Units of measurements.
const (
	percent int64 = 8554
	mmHg    int64 = 8876
	mgPerDL int64 = 8840
	gPerDL  int64 = 8713
	kgPerM2 int64 = 9531
	perMin  int64 = 8541
)

// usualRanges are what a laboratory prints beside a value.
var usualRanges = map[int64][2]float64{
	hba1c: {4, 5.6}, glucose: {70, 99}, creatinine: {0.6, 1.3}, totalChol: {125, 200}, hdl: {40, 90},
	triglycer: {40, 150}, hemoglobin: {12, 17.5},
}

// see records one visit.
func (p *patient) see(r *rand.Rand, t *traits, visit int) {
	p.chronic(r, t, visit)
	for _, e := range episodes {
		chance := e.chance
		if p.sex == 8507 {
			chance *= e.male
		}
		if r.Float64() >= chance {
			continue
		}
		p.conditions = append(p.conditions, record{concept: e.concept, visit: visit})
		if e.drug != 0 && r.Float64() < 0.7 {
			p.drugs = append(p.drugs, record{concept: e.drug, visit: visit, days: 7})
		}
	}
	p.measure(r, t, visit)
}

// chronic records illnesses at their first visit and at some later ones, and
// prescribes again what was prescribed.
func (p *patient) chronic(r *rand.Rand, t *traits, visit int) {
	for i, ill := range t.ill {
		if visit < t.onset[i] {
			continue
		}
		if visit == t.onset[i] || r.Float64() < 0.22 {
			p.conditions = append(p.conditions, record{concept: ill.concept, visit: visit})
		}
		for _, th := range t.drugs[i] {
			if visit == t.onset[i] || r.Float64() < 0.4 {
				p.drugs = append(p.drugs, record{concept: th.drug, visit: visit, days: th.days})
			}
		}
	}
}

// measure takes the blood pressure often and blood when there is a reason.
func (p *patient) measure(r *rand.Rand, t *traits, visit int) {
	diabetic := t.has[t2dm] || t.has[t1dm]
	take := func(chance float64, concept, unit int64, digits int, mean, sd, low, high float64) bool {
		if r.Float64() >= chance {
			return false
		}
		v := clamp(mean+sd*r.NormFloat64(), low, high)
		scale := math.Pow10(digits)
		v = math.Round(v*scale) / scale
		p.measurements = append(p.measurements, record{concept: concept, visit: visit, value: v, unit: unit})
		return true
	}
	age := t.age
	if take(0.5, systolic, mmHg, 0, 106+0.25*age+when(t.has[hypertension], 14)+0.4*(t.bodyMass-25), 11, 70, 240) {
		take(1, diastolic, mmHg, 0, 68+0.08*age+when(t.has[hypertension], 8), 8, 40, 140)
	}
	take(0.2, heartRate, perMin, 0, 74+1.5*t.frailty+when(age < 12, 25), 9, 40, 180)
	take(0.2, bmi, kgPerM2, 1, t.bodyMass, 0.5, 10, 80)
	take(choose(diabetic, 0.5, 0.04), hba1c, percent, 1,
		5.3+0.006*(age-40)+when(t.has[t2dm], 1.9)+when(t.has[t1dm], 2.4), choose(diabetic, 1.2, 0.3), 3.8, 16)
	take(choose(diabetic, 0.3, 0.08), glucose, mgPerDL, 0, 92+when(diabetic, 58), choose(diabetic, 38, 10), 40, 600)
	take(choose(t.has[ckd3], 0.5, 0.12), creatinine, mgPerDL, 2,
		0.78+when(p.sex == 8507, 0.2)+when(t.has[ckd3], 0.8), 0.14, 0.2, 12)
	if take(choose(t.has[lipids], 0.25, 0.06), totalChol, mgPerDL, 0, 178+when(t.has[lipids], 32), 30, 80, 420) {
		take(1, hdl, mgPerDL, 0, 58-when(p.sex == 8507, 10)-0.4*(t.bodyMass-25), 11, 18, 120)
		take(1, triglycer, mgPerDL, 0, 115+4*(t.bodyMass-25)+when(diabetic, 35), 45, 30, 900)
	}
	take(choose(t.has[anemia], 0.4, 0.1), hemoglobin, gPerDL, 1,
		13.4+when(p.sex == 8507, 1.4)-when(t.has[anemia], 3), 0.9, 5, 19)
}

func when(is bool, then float64) float64 { return choose(is, then, 0) }

func choose(is bool, then, otherwise float64) float64 {
	if is {
		return then
	}
	return otherwise
}
