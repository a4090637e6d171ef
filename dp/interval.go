package dp

// z is the 0.975 quantile of the standard normal distribution.
const z = 1.959963984540054

// margin is half the width of the 95% interval of a released count. Noise is
// normal, rounded to whole patients: the rounded noise lies within m exactly
// if the normal one lies within floor(m) + 1/2, which exceeds m - 1/2. So half a patient
// more than z·sigma makes the interval cover at least 95%; without it, small
// sigmas would not (87% at sigma 1).
func margin(sigma float64) float64 { return mul(z, sigma) + 0.5 }
