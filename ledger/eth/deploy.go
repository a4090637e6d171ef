package eth

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// DefaultReleaseDelay is four hours of blocks at ten seconds.
const DefaultReleaseDelay = 1440

// Signer is one of the first signers of checkpoints.
type Signer struct {
	Address      ledger.Address
	Organisation ledger.Hash
}

// Deployment says what to deploy. Every field is required unless it says otherwise.
type Deployment struct {
	// Client is the connection to a node.
	Client *ethclient.Client
	// Key pays, and becomes the first operator.
	Key *ledger.Key
	// Organisation of the first operator.
	Organisation ledger.Hash
	// Domain is the chain the node must be on.
	Domain ledger.Domain
	// Confirmations before the work of a block can be claimed, at least 1: as many
	// as make a block final on the chain.
	Confirmations uint64
	// Signers are the first signers of checkpoints; they become providers. Without
	// any there never are, and confirmations make blocks final. Default: none.
	Signers []Signer
	// ReleaseDelay is how many blocks after its announcement a researcher may take an
	// escrow back. More than twice Confirmations. Default: DefaultReleaseDelay.
	ReleaseDelay uint64
}

// Deploy puts the four contracts on the chain and returns where they are. It
// needs a sealer that takes its transactions into blocks. One chain shall have
// one deployment; nothing but this sentence forbids another.
func Deploy(ctx context.Context, d Deployment) (Addresses, error) {
	if d.ReleaseDelay == 0 {
		d.ReleaseDelay = DefaultReleaseDelay
	}
	if d.Client == nil || d.Key == nil || d.Organisation.IsZero() || d.Confirmations == 0 {
		return Addresses{}, fmt.Errorf("%w: Client, Key, Organisation and Confirmations of a Deployment are required", ErrConfig)
	}
	if err := checkChain(ctx, d.Client, d.Domain); err != nil {
		return Addresses{}, err
	}
	s, err := newSender(d.Client, d.Domain.ChainID, d.Key, DefaultPoll)
	if err != nil {
		return Addresses{}, err
	}
	signers := make([]contracts.RegistryFirstSigner, len(d.Signers))
	for i, first := range d.Signers {
		signers[i] = contracts.RegistryFirstSigner{Account: common.Address(first.Address), Organisation: first.Organisation}
	}
	registry, err := s.create(ctx, contracts.RegistryMetaData.Bin,
		contracts.NewRegistry().PackConstructor(s.from, d.Organisation, d.Domain.Genesis, signers))
	if err != nil {
		return Addresses{}, fmt.Errorf("deploying Registry: %w", err)
	}
	// The others read the registry when they are made, and nothing of one another.
	made := []struct {
		name     string
		bytecode string
		packed   []byte
		address  common.Address
	}{
		{name: "WorkBudget", bytecode: contracts.WorkBudgetMetaData.Bin, packed: contracts.NewWorkBudget().PackConstructor(registry, d.Confirmations, d.ReleaseDelay)},
		{name: "Grants", bytecode: contracts.GrantsMetaData.Bin, packed: contracts.NewGrants().PackConstructor(registry)},
		{name: "Anchors", bytecode: contracts.AnchorsMetaData.Bin, packed: contracts.NewAnchors().PackConstructor(registry)},
	}
	g, gctx := errgroup.WithContext(ctx)
	for i := range made {
		g.Go(func() (err error) {
			if made[i].address, err = s.create(gctx, made[i].bytecode, made[i].packed); err != nil {
				return fmt.Errorf("deploying %s: %w", made[i].name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return Addresses{}, err
	}
	return Addresses{
		Registry: ledger.Address(registry), WorkBudget: ledger.Address(made[0].address),
		Grants: ledger.Address(made[1].address), Anchors: ledger.Address(made[2].address),
	}, nil
}

// create makes a contract from hex bytecode and packed constructor arguments.
func (s *sender) create(ctx context.Context, bytecode string, arguments []byte) (common.Address, error) {
	receipt, err := s.send(ctx, nil, append(common.FromHex(bytecode), arguments...))
	if err != nil {
		return common.Address{}, err
	}
	return receipt.ContractAddress, nil
}
