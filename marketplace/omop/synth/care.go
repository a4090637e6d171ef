package synth

import "math/rand/v2"

// follow is what a record of a condition leads to, by chance.
type follow struct {
	concept int64
	chance  float64
}

var procedures = map[int64]follow{
	81151:   {4170947, 0.6},  // sprain: immobilization
	255848:  {4163872, 0.8},  // pneumonia: chest X-ray
	copd:    {4035793, 0.15}, // pulmonary rehabilitation
	4152280: {4043071, 0.35}, // depression: therapy
	80502:   {4195803, 0.3},  // osteoporosis: bone density
	313217:  {4078793, 0.1},  // atrial fibrillation: cardioversion
}

// devices are put in at most once.
var devices = map[int64]follow{heartFailure: {defibrillator, 0.1}}

// deadly are causes of death, the likeliest first.
var deadly = []int64{443392, 4112853, 4163261, heartFailure, 4329847, 381316, 378419, copd, 255848}

// care adds what came later to the model: procedures, devices, observations and death. It has a
// source of chance of its own, so that the other records stay as they were.
func (p *patient) care(r *rand.Rand) {
	fitted := make(map[int64]bool)
	for _, c := range p.conditions {
		if f, ok := procedures[c.concept]; ok && r.Float64() < f.chance {
			p.procedures = append(p.procedures, record{concept: f.concept, visit: c.visit})
		}
		if f, ok := devices[c.concept]; ok && r.Float64() < f.chance && !fitted[f.concept] {
			fitted[f.concept] = true
			p.devices = append(p.devices, record{concept: f.concept, visit: c.visit})
		}
	}
	p.observe(r)
	p.die(r)
}

// observe asks adults whether they smoke, now and then; the answer seldom changes.
func (p *patient) observe(r *rand.Rand) {
	var answer int64
	for i, v := range p.visits {
		if v.day-p.born < 18*365 || r.Float64() >= 0.3 {
			continue
		}
		if answer == 0 || r.Float64() < 0.05 {
			answer = pick(r, []int64{neverSmoker, formerSmoker, smoker}, []float64{0.62, 0.23, 0.15})
		}
		p.observations = append(p.observations, record{concept: smokingStatus, visit: i, answer: answer})
	}
}

// die says of who has gone whether it was by death.
func (p *patient) die(r *rand.Rand) {
	u := r.Float64()
	death := yearlyDeath(p.age())
	if p.to == lastDay || u >= death/(yearlyMove+death) {
		return
	}
	p.dead = true
	for _, cause := range deadly {
		for _, c := range p.conditions {
			if c.concept == cause {
				p.cause = cause
				return
			}
		}
	}
}
