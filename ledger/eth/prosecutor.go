package eth

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// Prosecutor brings evidence against signers before a registry. Every field is required.
type Prosecutor struct {
	// Client is the connection to a node.
	Client *ethclient.Client
	// Registry that names the signers.
	Registry ledger.Address
	// Domain is the node's chain.
	Domain ledger.Domain
	// Key pays.
	Key *ledger.Key
}

// Convict has those removed against whom there is evidence and who are signers
// still, under this key or the one that they have moved to, and returns the keys that
// voted. It stops at the first error.
func (p Prosecutor) Convict(ctx context.Context, evidence []ledger.CheckpointEvidence) (removed []ledger.Address, err error) {
	if len(evidence) == 0 {
		return nil, nil
	}
	if p.Client == nil || p.Registry.IsZero() || p.Key == nil {
		return nil, fmt.Errorf("%w: all fields of Prosecutor are required", ErrConfig)
	}
	c := &Client{cfg: Config{Client: p.Client, Addresses: Addresses{Registry: p.Registry}, Domain: p.Domain}, registry: contracts.NewRegistry()}
	s, err := newSender(p.Client, p.Domain.ChainID, p.Key, DefaultPoll)
	if err != nil {
		return nil, err
	}
	t := &Transactor{Client: c, sender: s}
	for _, e := range evidence {
		offender, err := p.Domain.Offender(e)
		if err != nil {
			return removed, err
		}
		switch err := t.RemoveOffender(ctx, e); {
		case errors.Is(err, NotSigner):
		case err != nil:
			return removed, err
		default:
			removed = append(removed, offender)
		}
	}
	return removed, nil
}
