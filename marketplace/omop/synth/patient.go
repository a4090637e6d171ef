package synth

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// Days are counted from 1 January 1970.
type day int32

const (
	firstDay day = 16801 // 1 January 2016, when the hospital began to keep records
	lastDay  day = 20453 // 31 December 2025
	lastYear     = 2025
)

// mostVisits and mostRecords bound one patient.
const (
	mostVisits  = 600
	mostRecords = 100_000 // of one table; ids are patient number x mostRecords + ordinal
)

// patient is all the hospital knows of one person.
type patient struct {
	number          int64
	sex             int64 // 0 if not recorded, rarely
	born            day
	race, ethnicity int64
	from, to        day // observation period
	visits          []visit
	conditions      []record
	drugs           []record
	measurements    []record
	procedures      []record
	devices         []record
	observations    []record
	dead            bool  // on the day to
	cause           int64 // 0 if unknown
}

type visit struct {
	day, end day
	kind     int64
}

// record is whatever is recorded at a visit.
type record struct {
	concept int64
	visit   int // index into visits
	days    int // supply, drugs only
	value   float64
	unit    int64
	answer  int64 // observations only
}

// traits are what the records come from; nobody records them.
type traits struct {
	age      float64 // at the middle of the observation period
	frailty  float64 // standard normal
	has      map[int64]bool
	onset    []int // index of the first visit of each of ill
	ill      []illness
	drugs    [][]therapy // of each of ill
	bodyMass float64
}

// newPatient depends on seed and number only.
func newPatient(seed uint64, number int64) patient {
	r := source("synth 1\n", seed, number)
	p := patient{number: number}
	p.person(r)
	t := p.draw(r)
	p.attend(r, &t)
	for i := range p.visits {
		p.see(r, &t, i)
	}
	p.care(source("synth 2\n", seed, number))
	return p
}

// source draws for one patient; label has eight bytes.
func source(label string, seed uint64, number int64) *rand.Rand {
	var in [24]byte
	copy(in[:8], label)
	binary.BigEndian.PutUint64(in[8:], seed)
	binary.BigEndian.PutUint64(in[16:], uint64(number))
	return rand.New(rand.NewChaCha8(sha256.Sum256(in[:])))
}

// yearlyMove and yearlyDeath are the chances of being gone after a year.
const yearlyMove = 0.03

func yearlyDeath(age float64) float64 { return 0.0004 * math.Exp2(age/8) / 10 }

// age is on the last day there is, in years.
func (p *patient) age() float64 { return float64(lastDay-p.born) / 365.25 }

// person draws who she is and from when to when she was known here.
func (p *patient) person(r *rand.Rand) {
	p.sex = pick(r, []int64{8532, 8507, 0}, []float64{0.517, 0.481, 0.002})
	p.race = pick(r, []int64{8527, 8516, 8515, 0}, []float64{0.7, 0.13, 0.07, 0.1})
	p.ethnicity = pick(r, []int64{38003564, 38003563}, []float64{0.86, 0.14})
	// A hospital sees the old more often than a census does.
	age := 100 * math.Pow(r.Float64(), 0.75)
	if r.Float64() < 0.2 {
		age = 60 + 18*r.NormFloat64()
	}
	age = clamp(age, 0, 104)
	p.born = lastDay - day(age*365.25)
	p.from = max(firstDay, p.born)
	if r.Float64() < 0.4 { // came later
		p.from += day(r.IntN(int(lastDay-p.from) + 1))
	}
	p.to = lastDay
	// Gone or dead: the yearly chance doubles every eight years of age.
	years := r.ExpFloat64() / (yearlyMove + yearlyDeath(age))
	if end := float64(p.from) + 365.25*years; end < float64(lastDay) {
		p.to = day(end)
	}
}

// draw decides what she suffers from.
func (p *patient) draw(r *rand.Rand) traits {
	t := traits{frailty: r.NormFloat64(), has: make(map[int64]bool)}
	t.age = float64(p.from+p.to-2*p.born) / 2 / 365.25
	for _, ill := range illnesses {
		u := r.Float64() // drawn for all, so that one more illness does not shift the rest
		if ill.sex != 0 && ill.sex != p.sex || int(t.age) < ill.from || int(t.age) > ill.to {
			continue
		}
		odds := ill.at50 + ill.perDecade*(t.age-50)/10 + ill.frail*t.frailty
		if p.sex == 8507 {
			odds += ill.male
		}
		for _, earlier := range t.ill {
			odds += ill.after[earlier.concept]
		}
		if u < 1/(1+math.Exp(-odds)) {
			t.has[ill.concept] = true
			t.ill = append(t.ill, ill)
		}
	}
	t.bodyMass = 24.5 + 2.6*r.NormFloat64()
	if t.age < 18 {
		t.bodyMass = 15 + 0.4*t.age + 1.5*r.NormFloat64()
	}
	if t.has[obesity] {
		t.bodyMass = 31 + 3.5*r.ExpFloat64()
	}
	return t
}

// attend draws the visits. Their yearly rate is log-normal, and higher for the ill: a few
// patients come very often.
func (p *patient) attend(r *rand.Rand, t *traits) {
	years := float64(p.to-p.from+1) / 365.25
	rate := 0.55 * math.Exp(0.75*r.NormFloat64()+0.2*t.frailty+0.17*float64(len(t.ill)))
	if r.Float64() < 0.02 {
		rate *= 6
	}
	n := 0
	for left := rate * years; n < mostVisits; n++ { // Poisson, by waiting times
		if left -= r.ExpFloat64(); left < 0 {
			break
		}
	}
	if n == 0 && len(t.ill) > 0 {
		n = 1
	}
	days := make([]int, int(p.to-p.from)+1)
	for range n {
		days[r.IntN(len(days))]++
	}
	for d, times := range days {
		for range times {
			p.visits = append(p.visits, p.visit(r, t, p.from+day(d)))
		}
	}
	for _, ill := range t.ill {
		onset := 0
		if r.Float64() > 0.6 {
			onset = r.IntN(n)
		}
		t.onset = append(t.onset, onset)
		var given []therapy
		for _, th := range ill.treatment {
			if r.Float64() < th.share {
				given = append(given, th)
			}
		}
		t.drugs = append(t.drugs, given)
	}
}

func (p *patient) visit(r *rand.Rand, t *traits, d day) visit {
	v := visit{day: d, end: d, kind: outpatient}
	switch u := r.Float64(); {
	case u < 0.04*math.Exp(0.3*t.frailty+0.01*(t.age-50)):
		v.kind = inpatient
		v.end = min(d+1+day(4*r.ExpFloat64()), p.to)
	case u > 0.91:
		v.kind = emergency
	}
	return v
}

func pick(r *rand.Rand, of []int64, shares []float64) int64 {
	u := r.Float64()
	for i, s := range shares {
		if u -= s; u < 0 {
			return of[i]
		}
	}
	return of[len(of)-1]
}

func clamp(x, low, high float64) float64 { return math.Max(low, math.Min(high, x)) }
