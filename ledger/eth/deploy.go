package eth

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

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

// ErrUsedKey says that an operator's key did something else before it deployed.
var ErrUsedKey = errors.New("the contracts are the first four transactions of their operator's key, and this key was used otherwise")

// AddressesOf is where the contracts of an operator are: her first four transactions
// make them. Nodes know by it where the registry will be before it is.
func AddressesOf(operator ledger.Address) Addresses {
	at := func(nonce uint64) ledger.Address {
		return ledger.Address(crypto.CreateAddress(common.Address(operator), nonce))
	}
	return Addresses{Registry: at(0), WorkBudget: at(1), Grants: at(2), Anchors: at(3)}
}

// Deploy puts the four contracts on the chain and returns where they are, which is
// AddressesOf its key; those that are there already stay, so that it can be called
// again after a crash. It needs a sealer that takes its transactions into blocks. One
// chain shall have one deployment; nothing but this sentence forbids another. Errors:
// ErrConfig, ErrWrongChain, ErrUsedKey.
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
	at := AddressesOf(d.Key.Address())
	registry := common.Address(at.Registry)
	// The others read the registry when they are made, and nothing of one another.
	for _, step := range [][]creation{
		{{"Registry", 0, contracts.RegistryMetaData.Bin, contracts.NewRegistry().PackConstructor(s.from, d.Organisation, d.Domain.Genesis, d.signers())}},
		{
			{"WorkBudget", 1, contracts.WorkBudgetMetaData.Bin, contracts.NewWorkBudget().PackConstructor(registry, d.Confirmations, d.ReleaseDelay)},
			{"Grants", 2, contracts.GrantsMetaData.Bin, contracts.NewGrants().PackConstructor(registry)},
			{"Anchors", 3, contracts.AnchorsMetaData.Bin, contracts.NewAnchors().PackConstructor(registry)},
		},
	} {
		if err := s.create(ctx, step); err != nil {
			return Addresses{}, err
		}
	}
	return at, nil
}

func (d Deployment) signers() []contracts.RegistryFirstSigner {
	out := make([]contracts.RegistryFirstSigner, len(d.Signers))
	for i, first := range d.Signers {
		out[i] = contracts.RegistryFirstSigner{Account: common.Address(first.Address), Organisation: first.Organisation}
	}
	return out
}

// creation is a contract that the transaction of that nonce makes.
type creation struct {
	name      string
	nonce     uint64
	bytecode  string // hex
	arguments []byte // of the constructor, packed
}

// create sends what is not on its way already, and waits until all of it is there.
func (s *sender) create(ctx context.Context, step []creation) error {
	sent := 0
	defer func() {
		for range sent {
			s.settled()
		}
	}()
	for _, c := range step {
		next, err := s.nonce(ctx)
		if err != nil {
			return fmt.Errorf("asking the node for the next nonce: %w", err)
		}
		if next > c.nonce {
			continue
		}
		if _, err := s.submit(ctx, nil, append(common.FromHex(c.bytecode), c.arguments...), new(big.Int)); err != nil {
			return fmt.Errorf("deploying %s: %w", c.name, err)
		}
		sent++
	}
	for _, c := range step {
		if err := s.created(ctx, c); err != nil {
			return fmt.Errorf("deploying %s: %w", c.name, err)
		}
	}
	return nil
}

// created waits until the contract is there.
func (s *sender) created(ctx context.Context, c creation) error {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	for {
		mined, err := s.client.NonceAt(ctx, s.from, nil)
		if err != nil {
			return err
		}
		code, err := s.client.CodeAt(ctx, crypto.CreateAddress(s.from, c.nonce), nil)
		switch {
		case err != nil:
			return err
		case len(code) > 0:
			return nil
		case mined > c.nonce:
			return ErrUsedKey
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
