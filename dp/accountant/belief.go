package accountant

import "math"

// Belief is the most sure that somebody can become of a person's record being in the data, who held it for as likely as
// prior (in 0 to 1) before she saw all that nanoRho paid for, but for a chance of delta (above 0): a probability, rounded up.
// Somebody who knows all other records is meant, and however she computes.
//
// Under rho-zCDP the privacy loss is above epsilon = rho + 2*sqrt(rho*ln(1/delta)) with a chance of delta at most (Bun and
// Steinke 2016, https://arxiv.org/abs/1605.02065, the proof of Proposition 1.3), and the odds rise by no more than the factor
// e^epsilon by Bayes' rule (Kasiviswanathan and Smith 2014, https://arxiv.org/abs/0803.3946).
func Belief(prior float64, nanoRho int64, delta float64) float64 {
	if prior <= 0 {
		return 0
	}
	if !(prior < 1) || !(delta > 0) || nanoRho < 0 { // NaN too
		return 1
	}
	rho := float64(nanoRho) / NanoPerRho
	epsilon := rho + 2*math.Sqrt(rho*math.Log(1/min(delta, 1)))
	p := 1 / (1 + (1-prior)/prior*math.Exp(-epsilon))
	return min(1, math.Nextafter(p*(1+1e-12), 1))
}
