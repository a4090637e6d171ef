package provider

import (
	"bytes"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// policies keeps the policy that was read last: decisions look at it while they hold up whoever writes, and it may name
// thousands of concepts. Nobody may change what is returned.
type policies struct {
	mu      sync.Mutex
	content []byte
	policy  policy.DatasetPolicy
}

// of is [ParsePolicy].
func (k *policies) of(signed ledger.SignedDocument) (policy.DatasetPolicy, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.content != nil && bytes.Equal(k.content, signed.Content) {
		return k.policy, nil
	}
	p, err := ParsePolicy(signed)
	if err == nil {
		k.content, k.policy = bytes.Clone(signed.Content), p
	}
	return p, err
}
