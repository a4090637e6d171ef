package provider

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// ShareOf is the commitment by which a [policy.CapSplit] names a hospital's share: SHA-256 over the salt, of 32 random bytes for each
// hospital, and its address.
func ShareOf(salt ledger.Hash, hospital ledger.Address) ledger.Hash {
	return ledger.HashBytes(append(salt[:], hospital[:]...))
}

// holdsShare checks that a split cap gives this hospital what the preference says is her cap here. That the shares come to the whole
// [policy.ReleasePreference.Validate] has checked. What permits nothing is not held up by a share.
func (n *Node) holdsShare(p policy.ReleasePreference) error {
	if p.CapSplit == nil || !p.MayPermit() {
		return nil
	}
	salt, err := ledger.ParseHash(p.CapSalt)
	if err != nil || p.OwnCap == nil || !p.CapSplit.Holds(ShareOf(salt, n.Address()).String(), *p.OwnCap) {
		return fmt.Errorf("%w: the split cap gives this hospital no such share", ErrMalformed)
	}
	return nil
}
