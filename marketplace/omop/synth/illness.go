package synth

// illness is a lasting condition: who gets it, and what it is treated with.
// Influences are log odds; they add up.
type illness struct {
	concept   int64
	at50      float64 // of a woman of 50 with nothing else
	perDecade float64 // for each decade beyond 50
	male      float64
	frail     float64 // for each standard deviation of frailty
	after     map[int64]float64
	sex       int64 // only this gender concept; 0 for all
	from, to  int   // ages in which it is found
	treatment []therapy
}

// therapy is a drug that a share of patients get, again and again.
type therapy struct {
	drug  int64
	share float64
	days  int // of supply
}

// illnesses are drawn in this order, so that after refers to earlier ones.
var illnesses = []illness{
	{concept: obesity, at50: -0.9, perDecade: 0.08, frail: 0.2, from: 6, to: 130},
	{concept: t1dm, at50: -5.2, perDecade: -0.05, from: 4, to: 130,
		treatment: []therapy{{46221581, 0.97, 30}}},
	{concept: hypertension, at50: -0.7, perDecade: 0.62, male: 0.2, frail: 0.2, from: 18, to: 130,
		after: map[int64]float64{obesity: 0.8},
		treatment: []therapy{{19080128, 0.32, 90}, {19080129, 0.18, 90}, {1332419, 0.3, 90},
			{19078106, 0.2, 90}}},
	{concept: lipids, at50: -0.8, perDecade: 0.45, male: 0.2, from: 18, to: 130,
		after:     map[int64]float64{obesity: 0.6, hypertension: 0.5},
		treatment: []therapy{{1545959, 0.45, 90}, {1539463, 0.25, 90}}},
	{concept: t2dm, at50: -3.5, perDecade: 0.38, male: 0.3, frail: 0.2, from: 18, to: 130,
		after: map[int64]float64{obesity: 1.3, hypertension: 0.6, lipids: 0.4},
		treatment: []therapy{{40163924, 0.62, 90}, {metformin, 0.16, 90}, {43526467, 0.14, 30},
			{46221581, 0.17, 30}}},
	{concept: 4185932, at50: -4.3, perDecade: 0.7, male: 0.6, frail: 0.3, from: 30, to: 130,
		after:     map[int64]float64{hypertension: 0.6, lipids: 0.6, t2dm: 0.6},
		treatment: []therapy{{19059056, 0.7, 90}, {1307046, 0.4, 90}}},
	{concept: 4329847, at50: -6, perDecade: 0.25, male: 0.3, from: 30, to: 130,
		after:     map[int64]float64{4185932: 3.8},
		treatment: []therapy{{19075601, 0.7, 90}}},
	{concept: 313217, at50: -4.6, perDecade: 0.8, male: 0.3, frail: 0.3, from: 30, to: 130,
		after:     map[int64]float64{hypertension: 0.4, 4185932: 0.5},
		treatment: []therapy{{40163554, 0.55, 30}}},
	{concept: 316139, at50: -5.4, perDecade: 0.75, frail: 0.5, from: 30, to: 130,
		after:     map[int64]float64{4185932: 1.4, 313217: 1, hypertension: 0.5},
		treatment: []therapy{{957136, 0.75, 30}}},
	{concept: 381316, at50: -4.8, perDecade: 0.7, from: 30, to: 130,
		after: map[int64]float64{hypertension: 0.6, 313217: 0.9}},
	{concept: ckd3, at50: -4.3, perDecade: 0.7, frail: 0.3, from: 18, to: 130,
		after: map[int64]float64{hypertension: 0.6, t2dm: 0.9, t1dm: 1.2}},
	{concept: 4051466, at50: -2.4, from: 2, to: 17, treatment: []therapy{{1154380, 0.8, 30}}},
	{concept: asthma, at50: -2.5, perDecade: -0.02, male: -0.3, from: 18, to: 130,
		after:     map[int64]float64{obesity: 0.3},
		treatment: []therapy{{1154380, 0.8, 30}, {1149380, 0.45, 30}}},
	{concept: copd, at50: -3.2, perDecade: 0.6, male: 0.2, frail: 0.5, from: 35, to: 130,
		treatment: []therapy{{1154380, 0.6, 30}, {1149380, 0.5, 30}}},
	{concept: 4152280, at50: -2.2, perDecade: -0.03, male: -0.6, frail: 0.6, from: 12, to: 130,
		treatment: []therapy{{739207, 0.6, 30}}},
	{concept: 4079750, at50: -2.1, perDecade: 0.55, male: -0.3, from: 35, to: 130,
		after:     map[int64]float64{obesity: 0.7},
		treatment: []therapy{{19078461, 0.4, 30}, {1127433, 0.4, 30}}},
	{concept: 80502, at50: -3.4, perDecade: 0.75, male: -1.6, frail: 0.2, from: 45, to: 130,
		treatment: []therapy{{40173590, 0.5, 90}}},
	{concept: 140673, at50: -2.7, perDecade: 0.25, male: -1.5, from: 15, to: 130,
		treatment: []therapy{{40174880, 0.9, 90}}},
	{concept: 318800, at50: -1.9, perDecade: 0.2, from: 18, to: 130,
		after: map[int64]float64{obesity: 0.5}},
	{concept: 440674, at50: -3.8, perDecade: 0.4, male: 1.2, from: 25, to: 130,
		after:     map[int64]float64{hypertension: 0.4, ckd3: 0.8},
		treatment: []therapy{{1167323, 0.6, 90}}},
	{concept: 80809, at50: -4.6, perDecade: 0.2, male: -1, from: 20, to: 130,
		treatment: []therapy{{19007333, 0.6, 30}}},
	{concept: 378419, at50: -7.5, perDecade: 1.35, from: 55, to: 130,
		treatment: []therapy{{40223768, 0.5, 30}}},
	{concept: 4112853, at50: -4.2, perDecade: 0.4, sex: 8532, from: 28, to: 130,
		treatment: []therapy{{1348267, 0.5, 30}}},
	{concept: 4163261, at50: -4.8, perDecade: 0.95, sex: 8507, from: 45, to: 130,
		treatment: []therapy{{1351541, 0.25, 90}}},
	{concept: anemia, at50: -2.9, perDecade: 0.3, male: -0.7, frail: 0.4, from: 1, to: 130,
		after:     map[int64]float64{ckd3: 1},
		treatment: []therapy{{19077344, 0.55, 30}}},
}

// episode is a condition that comes and goes within one visit.
type episode struct {
	concept int64
	chance  float64 // at a visit
	male    float64 // factor
	drug    int64   // given to most; 0 for none
}

var episodes = []episode{
	{40481087, 0.05, 1, 1127433},
	{260139, 0.04, 1, 19073188},
	{255848, 0.012, 1, 19073188},
	{81902, 0.045, 0.25, 920300},
	{81151, 0.015, 1, 19078461},
}
