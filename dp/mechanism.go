package dp

import (
	"math"
	"sort"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// All that differs between Gaussian and Laplace noise is in this file: what it costs, how it is drawn, and how far it reaches.

// accounting is the kind of the dataset's own scope.
func (m Metadata) accounting() accountant.Kind {
	if m.Accounting == "" {
		return accountant.ZCDP
	}
	return m.Accounting
}

// buy gives a series the least noise that nanoRho buys, for a patient in so many cells, and its cost. Of the mechanisms that the
// dataset's accounting takes it is of the cheapest for every margin. Where both are taken that is Gaussian noise, with 95% within
// 1.96 standard deviations sigma = 1/√(2 rho): for the same rho, which is 0.925 epsilon²/2 at least, the scale 1/epsilon of
// Laplace noise is 0.96 sigma at least, and 95% lie within 3.00 of it (ADR 32).
func (s Series) buy(k accountant.Kind, nanoRho int64, cells int) (Series, error) {
	var err error
	if nanoRho = min(nanoRho, leastNoise); k.Takes(accountant.Cost{NanoRho: 1}) == nil {
		s.Sigma, s.Cost, err = spend(nanoRho, s.squared(cells))
		return s, err
	}
	// The most that fits; one always does, since it costs one nano-rho in as many cells as there may be.
	s.NanoEpsilon = 1 + int64(sort.Search(noise.MaxNanoEpsilon-1, func(i int) bool {
		c, e := accountant.Laplace(int64(i)+2, int64(cells))
		return e != nil || c.NanoRho > nanoRho
	}))
	s.Cost, err = s.price(cells)
	return s, err
}

// leastNoise is the nano-rho that buys the least noise there is of a series.
const leastNoise = accountant.NanoPerRho / 2

// spend returns the least Gaussian noise that nanoRho, at most leastNoise, buys at a squared sensitivity, and its
// cost. It is never less than the sensitivity, where the bound on the noise would
// come near to the data. The noise drawn is a little more than wanted and its
// standard deviation has few binary digits, too few to lie within the square
// root's rounding below the exact root and not on it; so the cost does not
// exceed nanoRho. NewPlan checks that.
func spend(nanoRho, squared int64) (sigma float64, cost accountant.Cost, err error) {
	wanted := math.Sqrt(float64(squared) * (leastNoise / float64(nanoRho)))
	if sigma, err = noise.Sigma(wanted); err != nil {
		return 0, accountant.Cost{}, err
	}
	if cost, err = accountant.Gaussian(sigma, squared); err == nil && cost.NanoRho > nanoRho {
		err = accountant.ErrSigma
	}
	return sigma, cost, err
}

// price is what the noise of the series costs a patient who is in so many cells.
func (s Series) price(cells int) (accountant.Cost, error) {
	switch {
	case s.NanoEpsilon == 0:
		return accountant.Gaussian(s.Sigma, s.squared(cells))
	case s.Sigma != 0:
		return accountant.Cost{}, ErrPlan
	}
	if err := noise.CheckLaplace(s.Sensitivity, s.NanoEpsilon); err != nil {
		return accountant.Cost{}, err
	}
	return accountant.Laplace(s.NanoEpsilon, int64(cells))
}

// draw adds the noise of the series to one of its numbers.
func (s Series) draw(x int64, src noise.Source) (int64, error) {
	if s.NanoEpsilon > 0 {
		return src.AddLaplace(x, s.Sensitivity, s.NanoEpsilon)
	}
	return src.AddGaussian(x, s.Sigma)
}

// deviation is that of the noise on the sum of n hospitals' numbers, made so that z of it on either side cover the sum with 95%, and
// also the sum, or any other linear combination, of such numbers where their deviations are combined as independent ones are.
//
// The rounded sum of normal noise lies within m exactly if what is before the last rounding lies within floor(m) + 1/2, which
// exceeds m - 1/2. So half a unit more than z standard deviations makes the interval cover at least 95%; without it, small
// ones would not (87% at sigma 1). Each of the other roundings adds 1/12 to the variance.
//
// Laplace noise on whole numbers reaches beyond k-1/2, k being whole, no more often than that on all numbers does, of which the
// probability is exp(-(k-1/2)/scale) and its own 2 exp(-k/scale)/(1 + exp(-1/scale)). For that see zLaplace.
func (s Series) deviation(n int) float64 {
	if s.NanoEpsilon > 0 {
		scale := noise.Scale(s.Sensitivity, s.NanoEpsilon)
		return (mul(zLaplace, mul(scale, math.Sqrt(2*float64(n)))) + 0.5) / z
	}
	return (mul(z, math.Sqrt(mul(float64(n), mul(s.Sigma, s.Sigma))+float64(n-1)/12)) + 0.5) / z
}

const (
	// z is the 0.975 quantile of the standard normal distribution.
	z = 1.959963984540054
	// zLaplace is so many standard deviations that every linear combination of independent Laplace noise lies within them with 95%
	// at least; a single one does with 95.3%, of many about 96.9% do. Where an interval of a variance takes two
	// parts of the 5%, at 0.1% and 4.9%, these are 0.6% and 5.0% of it, so that it covers with 94.4%.
	//
	// Laplace noise of variance v is normal noise of variance v E, where E is an independent exponential variable of mean one. So a combination
	// of variance 1 is normal of variance W, a mean of independent such E weighted by their part of the variance, and leaves s with
	// probability f(W) = 2 (1 - Phi(s/√W)), in the mean over W. Of all such W a single E has the largest mean of every convex
	// function (Marshall, Olkin and Arnold 2011, on Schur convexity). f is convex up to W = s²/3 and concave from there on. With g the
	// function that is f up to there and goes on straight, f <= g and g is convex, so that P <= mean of g(E), which is 5% at this s.
	zLaplace = 2.16145
)
