package verifier

import (
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
)

// Anchored returns a [*ledger.MismatchError] unless the root under which p proves a leaf of a log is on the trusted chain, and
// [ErrPending] if no proof of that is shown. Whose log it is and which leaf is for the caller to check; now is the verifier's
// clock in Unix seconds.
func (t Trust) Anchored(a *ledger.AnchorProof, p ledger.LogProof, now int64) error {
	if a == nil {
		return ErrPending
	}
	return verify.Anchor(*a, t.Chain(), verify.Claim{Log: p.Log, Size: p.Size, Root: p.Root}, uint64(max(now, 0)))
}

// Chain is what is trusted of the chain.
func (t Trust) Chain() verify.Trust {
	return verify.Trust{Genesis: t.Genesis, Rule: t.Rule, Anchors: t.Anchors, Confirmations: t.Confirmations, Known: t.Known}
}
