package eth

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// Prosecutor brings evidence against signers before a registry, with a key that no
// [Transactor] uses: one that is used so has Transactor.Convict. Every field is required.
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

// Convict is as that of [Transactor].
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
	return (&Transactor{Client: c, sender: s}).Convict(ctx, evidence)
}

// Convict has those removed against whom there is evidence and who are signers
// still, under this key or the one that they have moved to, and returns the keys that
// voted. What goes wrong with one does not hold up the others. [ErrNoContract] while the
// registry is not there.
func (t *Transactor) Convict(ctx context.Context, evidence []ledger.CheckpointEvidence) (removed []ledger.Address, err error) {
	if len(evidence) == 0 {
		return nil, nil
	}
	// Without a contract a transaction succeeds and does nothing.
	registry := t.cfg.Addresses.Registry
	code, err := t.cfg.Client.CodeAt(ctx, common.Address(registry), nil)
	if err != nil {
		return nil, fmt.Errorf("asking the node for the registry: %w", err)
	}
	if len(code) == 0 {
		return nil, fmt.Errorf("%w: registry %s", ErrNoContract, registry)
	}
	var errs []error
	for _, e := range evidence {
		offender, err := t.cfg.Domain.Offender(e)
		if err == nil {
			err = t.RemoveOffender(ctx, e)
		}
		switch {
		case err == nil:
			removed = append(removed, offender)
		case !errors.Is(err, NotSigner):
			errs = append(errs, err)
		}
	}
	return removed, errors.Join(errs...)
}
