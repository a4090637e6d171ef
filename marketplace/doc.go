// Package marketplace is the core of the marketplace: studies and their
// grants, credits, the way of one ask, receipts and their anchoring.
//
// It promises that an ask is taken only from the researcher who signed it,
// under a live grant that names her, within the grant's allocation and her
// escrow, once per request id; that a question which a study has asked before
// is shown its answer and not asked again; that nothing is charged for an ask a hospital
// refuses; and that every answer has a signed receipt in an append-only log
// whose root goes on the chain.
//
// It assumes serialised durable transactions of its store and a chain client
// that reads final blocks.
//
// It is not trusted with privacy: hospitals check signatures, grants,
// preferences and budgets themselves (package provider). It sees hospitals'
// noised vectors one by one. A marketplace that keeps an answer to itself is
// not caught, only one that changes it.
package marketplace
