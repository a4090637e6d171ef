package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
)

// openChain opens the node and starts sealing.
func (s *system) openChain(life context.Context) (err error) {
	wealth := new(big.Int).Mul(big.NewInt(1000), big.NewInt(1e18)) // for fees, which cost next to nothing here
	cfg := chain.Config{
		Dir: filepath.Join(s.cfg.dir, "chain"), Confirmations: s.cfg.confirmations, HTTPAddr: s.cfg.chainAddr,
		ListenAddr: s.cfg.listen, Peers: s.cfg.peers, ReadSigners: eth.ReadSigners, Log: s.cfg.log,
	}
	if cfg.AllowPeer, err = allowed(s.cfg.allow, s.cfg.log); err != nil {
		return err
	}
	s.first, err = chain.FirstSigners(cfg.Dir)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return err
	}
	if fresh {
		cfg.ChainID, cfg.Rule = chainID, s.cfg.rule
		// The hospital makes blocks final, about as soon as verifiers want them confirmed.
		s.first = []chain.Address{chain.Address(s.keys.provider.Address())}
		cfg.GenesisSigners = s.first
		cfg.CheckpointInterval = max(1, s.cfg.confirmations/2)
		cfg.Registry = chain.Address(eth.AddressesOf(s.keys.operator.Address()).Registry)
		cfg.Alloc = map[chain.Address]*big.Int{
			chain.Address(s.keys.operator.Address()): wealth, chain.Address(s.keys.marketplace.Address()): wealth,
			chain.Address(s.keys.provider.Address()): wealth,
		}
	}
	if len(s.first) > 0 { // else there is nothing to vote for
		cfg.Voter = s.keys.provider
	}
	if s.node, err = chain.Open(cfg); err != nil {
		return err
	}
	s.closers = append(s.closers, s.node.Close)
	warnPace(s.cfg.log, s.node.Rule(), s.cfg.interval)
	coinbase := s.cfg.coinbase
	if coinbase.IsZero() {
		coinbase = s.keys.provider.Address()
	}
	s.miner, err = s.node.NewMiner(chain.MineConfig{
		Coinbase: chain.Address(coinbase), Threads: s.cfg.threads, MinInterval: s.cfg.interval,
		OnBlock: func(h chain.Head) {
			select {
			case s.blocks <- h:
			default:
			}
		},
	})
	if err != nil {
		return err
	}
	s.goRun(func() {
		if err := s.miner.Run(life); err != nil && life.Err() == nil {
			s.fail(fmt.Errorf("sealer: %w", err))
		}
	})
	return nil
}

// openContracts deploys the contracts if they are not there, and waits until they are final.
func (s *system) openContracts(ctx context.Context) (err error) {
	if r := ledger.Address(s.node.Registry()); !r.IsZero() && r != eth.AddressesOf(s.keys.operator.Address()).Registry {
		return fmt.Errorf("contracts: the registry %s of this chain is another operator's than keys/operator.key", r)
	}
	signers, err := s.firstSigners(ctx)
	if err != nil {
		return fmt.Errorf("contracts: %w", err)
	}
	s.network.Contracts, err = eth.Deploy(ctx, eth.Deployment{
		Client: s.node.Client(), Key: s.keys.operator, Organisation: organisation("medmarket"),
		Domain: s.domain(), Confirmations: s.cfg.confirmations,
		Signers: signers,
	})
	if err != nil {
		return fmt.Errorf("contracts: %w", err)
	}
	s.reader, err = eth.New(ctx, eth.Config{
		Client: s.node.Client(), Addresses: s.network.Contracts, Domain: s.domain(), Confirmations: s.cfg.confirmations,
		FinalFor: finalFor,
	})
	if err != nil {
		return err
	}
	if s.operator, err = eth.NewTransactor(s.reader, s.keys.operator); err != nil {
		return err
	}
	if s.voter, err = eth.NewTransactor(s.reader, s.keys.provider); err != nil {
		return err
	}
	return s.await(ctx, func() (bool, error) {
		_, err := s.reader.Participant(ctx, s.keys.operator.Address())
		if errors.Is(err, eth.ErrNoContract) {
			return false, nil
		}
		return err == nil, err
	})
}

// firstSigners are those of the genesis file, whom the registry takes over: with any
// other set the deployment would take votes away. There is nothing to name once it is there.
func (s *system) firstSigners(ctx context.Context) ([]eth.Signer, error) {
	registry := chain.Address(eth.AddressesOf(s.keys.operator.Address()).Registry)
	if code, err := s.node.Client().CodeAt(ctx, registry, nil); err != nil || len(code) > 0 {
		return nil, err
	}
	var out []eth.Signer
	for _, signer := range s.first {
		a := ledger.Address(signer)
		name, named := s.cfg.signers[a]
		if a == s.keys.provider.Address() {
			name, named = s.cfg.hospitalName, true
		}
		if !named {
			return nil, fmt.Errorf("%s is a first signer of this chain: say whose with --signer %s=ORGANISATION", a, a)
		}
		out = append(out, eth.Signer{Address: a, Organisation: organisation(name)})
	}
	return out, nil
}

// hospitalCoins are what the operator gives a hospital elsewhere, which cannot anchor its log
// without. A root costs about a hundred-thousandth of one.
const hospitalCoins = 10

// registerParties puts marketplace and hospitals on the chain, once.
func (s *system) registerParties(ctx context.Context) error {
	parties := []ledger.Participant{
		{Address: s.keys.marketplace.Address(), Roles: ledger.RoleMarketplace, Organisation: organisation("medmarket")},
	}
	if s.hospital != nil {
		parties = append(parties, ledger.Participant{Address: s.keys.provider.Address(), Roles: ledger.RoleProvider, Organisation: organisation(s.cfg.hospitalName)})
	}
	for _, card := range s.cfg.cards {
		p := ledger.Participant{Address: card.Address, Roles: ledger.RoleProvider, Organisation: organisation(card.Hospital)}
		entry, err := s.entry(ctx, card.Address)
		if err != nil {
			return err
		}
		if err := entry.admits(p); err != nil {
			s.cfg.log.WarnContext(ctx, "a hospital is not registered by its card", "hospital", card.Hospital, "err", err)
			continue // the others go on
		}
		parties = append(parties, p)
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, p := range parties {
		g.Go(func() error { return s.registerParty(gctx, p) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return s.await(ctx, func() (bool, error) {
		for _, p := range parties {
			known, err := s.reader.Participant(ctx, p.Address)
			if err != nil || known.Roles != p.Roles {
				return false, err
			}
		}
		return true, nil
	})
}

// registerParty registers a party unless it is, and gives a hospital elsewhere its coins.
func (s *system) registerParty(ctx context.Context, p ledger.Participant) error {
	if p.Roles.Has(ledger.RoleProvider) && p.Address != s.keys.provider.Address() {
		if err := s.operator.Provide(ctx, p.Address, hospitalCoins); err != nil {
			return err
		}
	}
	known, err := s.reader.Participant(ctx, p.Address)
	if err != nil || (known.Roles == p.Roles && known.Organisation == p.Organisation) {
		return err
	}
	return s.operator.Register(ctx, p)
}

// entry is what the chain has of an account.
type entry struct {
	ledger.Participant
	current ledger.Address // that its holder uses now
	ever    bool           // it was registered at some time
}

func (s *system) entry(ctx context.Context, a ledger.Address) (e entry, err error) {
	if e.Participant, err = s.reader.Participant(ctx, a); err != nil {
		return e, err
	}
	if e.current, err = s.reader.Current(ctx, a); err != nil {
		return e, err
	}
	e.ever, err = s.reader.EverRegistered(ctx, a)
	return e, err
}

// admits says whether a card alone may make an account what p is: only one that never was anything, or is that already. Everything
// else is the operator's to decide.
func (e entry) admits(p ledger.Participant) error {
	switch {
	case e.current != p.Address:
		return fmt.Errorf("%s has moved to %s: get its new card", p.Address, e.current)
	case e.Roles == p.Roles && e.Organisation == p.Organisation, !e.ever:
		return nil
	case e.Roles == 0:
		return fmt.Errorf("%s was taken out of the register: 'medmarket participant register' takes it in again", p.Address)
	}
	return fmt.Errorf("%s is registered as something else: it takes another key, or 'medmarket participant register'", p.Address)
}

// await asks done at each new head until it is true.
func (s *system) await(ctx context.Context, done func() (bool, error)) error {
	heads, stop := s.node.Heads()
	defer stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.failed:
			return err
		case _, open := <-heads:
			if !open {
				return chain.ErrClosed
			}
		}
	}
}
