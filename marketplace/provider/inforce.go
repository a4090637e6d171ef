package provider

import (
	"bytes"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// inForce keeps the document of a kind that was read last: decisions look at it while they hold up whoever writes, and a policy may name
// thousands of concepts. Nobody may change what is returned.
type inForce[T any] struct {
	parse func(ledger.SignedDocument) (T, error)

	mu       sync.Mutex
	content  []byte
	document T
}

// of is parse.
func (k *inForce[T]) of(signed ledger.SignedDocument) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.content != nil && bytes.Equal(k.content, signed.Content) {
		return k.document, nil
	}
	d, err := k.parse(signed)
	if err == nil {
		k.content, k.document = bytes.Clone(signed.Content), d
	}
	return d, err
}
