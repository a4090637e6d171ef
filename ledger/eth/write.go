package eth

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Transactor also writes, with one key. It is safe for concurrent use; a key
// must not be used by two Transactors at once.
type Transactor struct {
	*Client

	sender *sender
	claims claims
}

var _ marketplace.Chain = (*Transactor)(nil)

// NewTransactor returns a Transactor that signs and pays with key.
func NewTransactor(c *Client, key *ledger.Key) (*Transactor, error) {
	if c == nil || key == nil {
		return nil, fmt.Errorf("%w: client and key are required", ErrConfig)
	}
	s, err := newSender(c.cfg.Client, c.cfg.Domain.ChainID, key, c.cfg.Poll)
	if err != nil {
		return nil, err
	}
	return &Transactor{Client: c, sender: s}, nil
}

// Address is the account that signs and pays.
func (t *Transactor) Address() ledger.Address { return ledger.Address(t.sender.from) }

func (t *Transactor) send(ctx context.Context, to ledger.Address, input []byte) (*types.Receipt, error) {
	return t.sender.send(ctx, (*common.Address)(&to), input)
}
