// Package accountant does the arithmetic of privacy loss: what a release
// costs, whether a scope can still afford it, and what a budget that people
// state as (epsilon, delta) is worth in the ledger's units.
//
// # Promise
//
// The ledger's unit is a whole number of nano-rho (10⁻⁹ of a unit of
// zero-concentrated differential privacy) and a whole number of 2⁻⁶³ of delta; of a pure scope, a whole number of
// nano-epsilon (10⁻⁹ epsilon).
// Costs round up, budgets round down, and addition is exact, so a sum never
// understates the loss and does not depend on the order of charges. A [Scope]
// fixes its [Kind] of accounting when it is made and admits a cost exactly if
// spent + cost <= budget, in each component. Under zCDP that stopping rule is a
// valid filter for queries and costs chosen adaptively (Whitehouse et al. 2023;
// per patient: Feldman and Zrnic 2021); with Gaussian releases only, the same sum
// is half of mu² of Gaussian differential privacy and the rule is its filter
// (Smith and Thakurta 2022); under pure accounting epsilons add for whatever is chosen as one goes (Rogers et al. 2016). Floats appear only where a person's epsilon is
// turned into units or back, never in a scope.
//
// # Assumption
//
// The caller charges durably, in one transaction, before it reads a row, and the
// cost it charges is that of the noise actually drawn. A cost with an epsilon is that of Laplace noise and one without
// that of Gaussian noise, to which something with a delta may have been added: this package makes no others. So a scope of
// kind [GaussianOnly] refuses epsilons and deltas, and one of kind [Pure] what has a delta or no epsilon.
//
// # Not protected
//
// The epsilons that people are told of zCDP do not add: the epsilon of a sum of costs is not the sum of their
// epsilons, so only units are ever summed. Nothing here knows about patients or
// datasets, or stops a caller from choosing the kindest of several scopes.
package accountant
