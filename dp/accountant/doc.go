// Package accountant does the arithmetic of privacy loss: what a release
// costs, whether a scope can still afford it, and what a budget that people
// state as (epsilon, delta) is worth in the ledger's units.
//
// # Promise
//
// The ledger's unit is a whole number of nano-rho (10⁻⁹ of a unit of
// zero-concentrated differential privacy) and a whole number of 2⁻⁶³ of delta.
// Costs round up, budgets round down, and addition is exact, so a sum never
// understates the loss and does not depend on the order of charges. A [Scope]
// fixes its [Kind] of accounting when it is made and admits a cost exactly if
// spent + cost <= budget, in both components. Under zCDP that stopping rule is a
// valid filter for queries and costs chosen adaptively (Whitehouse et al. 2023;
// per patient: Feldman and Zrnic 2021); with Gaussian releases only, the same sum
// is half of mu² of Gaussian differential privacy and the rule is its filter
// (Smith and Thakurta 2022). Floats appear only where a person's epsilon is
// turned into units or back, never in a scope.
//
// # Assumption
//
// The caller charges durably, in one transaction, before it reads a row, and the
// cost it charges is that of the noise actually drawn. Costs carry no mark of
// the mechanism behind them: every cost this package makes is that of a
// Gaussian release, and a scope of kind [GaussianOnly] refuses a cost with a
// delta, which no Gaussian release has.
//
// # Not protected
//
// Epsilons do not add: the epsilon of a sum of costs is not the sum of their
// epsilons, so only units are ever summed. Nothing here knows about patients or
// datasets, or stops a caller from choosing the kindest of several scopes.
package accountant
