package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/server/pages"
	"github.com/medmarket/medmarket/marketplace/server/tiles"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	"github.com/medmarket/medmarket/policy/duo"
)

// systemConfig configures a system. Every field is required unless it says otherwise.
type systemConfig struct {
	dir            string // everything it keeps
	records        recordsName
	dataset        string  // id of the dataset
	accepted       []int64 // patient numbers that mean who they meant although the records do not look so; default: none
	hospital       string  // name of the hospital, by which its organisation is known
	referenceYear  int     // 0: as the records' description says
	yearUnknown    int     // for records that do not say; 0: refuse them
	workPerNanoRho int64   // price, expected hashes per nano-rho
	rule           pow.Rule
	confirmations  uint64
	coinbase       ledger.Address              // who gets the credit of the built-in sealer; zero: the hospital, which earns none
	threads        int                         // of the sealer
	interval       time.Duration               // least time between blocks
	record         time.Duration               // how often roots and vouchers go on the chain
	publish        time.Duration               // how often the hospital's log grows without a question
	marketAddr     string                      // host:port, gRPC
	hospitalAddr   string                      // host:port, gRPC
	marketHTTP     string                      // host:port, REST and pages
	hospitalHTTP   string                      // host:port, REST
	marketOrigin   string                      // scheme and host by which clients reach it; empty: http:// and its address
	hospitalOrigin string                      // the same of hospitalHTTP
	metricsAddr    string                      // host:port, the marketplace's metrics; default: none are served
	chainAddr      string                      // host:port, JSON-RPC
	signers        map[ledger.Address]string   // organisations of the chain's other first signers; default: there are none
	staleAfter     time.Duration               // age of the last final block from which nothing is released; default: 15 minutes
	slots          []time.Duration             // ages of questions at which answers leave; default: at once
	listen         string                      // host:port for other ledger nodes; default: none can connect
	allow          string                      // file of the nodes to speak with; default: all
	peers          []string                    // enode URLs; default: none
	diseases       *duo.Diseases               // for purposes that name diseases; default: none is known
	vocabulary     string                      // file that concept import made; default: concepts cannot be looked up
	prepare        func(context.Context) error // makes records while the chain starts; default: they are there
	log            *slog.Logger
}

// chainID is the EIP-155 chain id of new chains. It need not be unique: every
// signature names the genesis hash.
const chainID uint64 = 20261124

// system is marketplace, hospital and chain in one process. The parties share
// no database and speak gRPC to one another.
type system struct {
	cfg     systemConfig
	keys    keyring
	network network
	metrics string // where they are served, host:port
	year    int    // in which ages are taken

	first    []chain.Address // signers of the genesis file
	node     *chain.Node
	miner    *chain.Miner
	reader   *eth.Client
	operator *eth.Transactor // one for the key: nonces are counted in it
	keeper   *eth.Transactor // of the hospital's key; likewise
	engine   engine
	hospital *provider.Node

	blocks chan chain.Head // own blocks, for whoever watches; never blocks the miner

	cancel  context.CancelFunc
	running sync.WaitGroup
	failed  chan error // a server that ended by itself
	closers []func() error
}

// openSystem starts everything and returns once it can be used: contracts
// deployed, parties registered and final. Progress is told to say.
func openSystem(ctx context.Context, cfg systemConfig, say func(string)) (s *system, err error) {
	s = &system{cfg: cfg, failed: make(chan error, 5), blocks: make(chan chain.Head, 1024)}
	var life context.Context
	life, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := s.hold(cfg.dir, false); err != nil {
		return s, err
	}
	if s.keys, err = openKeyring(filepath.Join(cfg.dir, "keys")); err != nil {
		return s, err
	}
	if err := s.openChain(life); err != nil {
		return s, err
	}
	say(fmt.Sprintf("chain %s… is sealing, difficulty %d; contracts are final after a few blocks", s.domain().Genesis.String()[:10], s.node.Rule().GenesisDifficulty))
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.openContracts(gctx) })
	if cfg.prepare != nil {
		g.Go(func() error { return cfg.prepare(gctx) })
	}
	if err := g.Wait(); err != nil {
		return s, err
	}
	say("contracts deployed: Registry, WorkBudget, Grants, Anchors")
	hospital, err := s.openHospital(ctx)
	if err != nil {
		return s, err
	}
	market, err := s.openMarket(ctx, hospital)
	if err != nil {
		return s, err
	}
	say(fmt.Sprintf("registering marketplace and hospital: final after %d more blocks", cfg.confirmations))
	if err := s.registerParties(ctx); err != nil {
		return s, err
	}
	// Not before: only who is registered may anchor and settle.
	s.background(func() { market.Run(life, cfg.record) })
	s.background(func() { s.hospital.Run(life, cfg.publish, cfg.record) })
	s.background(func() { prosecute(life, cfg.log, s.node, s.keeper) })
	err = s.writeNetwork()
	return s, err
}

// hold keeps a file or folder until close.
func (s *system) hold(path string, shared bool) error {
	release, err := hold(path, shared)
	if err == nil {
		s.closers = append(s.closers, release)
	}
	return err
}

// goRun runs f until close; f ends when the system's life does.
func (s *system) goRun(f func()) { s.running.Go(f) }

// background runs f, which ends with the system's life and uses what was opened
// before: close waits for it before it closes that.
func (s *system) background(f func()) {
	var running sync.WaitGroup
	running.Go(f)
	s.closers = append(s.closers, func() error {
		running.Wait()
		return nil
	})
}

func (s *system) domain() ledger.Domain {
	return ledger.Domain{ChainID: s.node.ChainID(), Genesis: ledger.Hash(s.node.GenesisHash())}
}

// serveHospital serves the node to patients and stewards, over gRPC and REST, and its log.
func (s *system) serveHospital() error {
	web, err := s.listen(s.cfg.hospitalHTTP)
	if err != nil {
		return err
	}
	s.network.HospitalHTTP, s.network.HospitalOrigin = web.Addr().String(), originOf(s.cfg.hospitalOrigin, web)
	public, err := server.NewProvider(s.serverConfig(s.network.HospitalOrigin), s.hospital)
	if err != nil {
		return err
	}
	log, err := tiles.New(tiles.Config{Log: s.hospital, ID: s.hospital.Log(), Key: s.keys.log, Logger: s.cfg.log})
	if err != nil {
		return err
	}
	s.serveHTTP(public.HTTP(log), public.Listener, web)
	s.network.Hospital, err = s.serve(public.Server, s.cfg.hospitalAddr)
	return err
}

// openHospital opens the hospital's store, records and node, and serves it:
// to its patients and stewards, and to the marketplace.
func (s *system) openHospital(ctx context.Context) (*providerrpc.Hospital, error) {
	db, err := store.OpenProvider(ctx, store.Config{File: filepath.Join(s.cfg.dir, hospitalStore), Log: s.cfg.log})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, db.Close)
	release, err := s.cfg.records.hold()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, release)
	if s.engine, err = s.cfg.records.open(ctx, s.cfg.log); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.engine.Close)
	if err := s.adopt(ctx, db); err != nil {
		return nil, err
	}
	dataset := s.engine.Dataset()
	if s.year = s.cfg.referenceYear; s.year == 0 {
		s.year = dataset.ReferenceYear
	}
	if s.year == 0 {
		s.year = s.cfg.yearUnknown
	}
	if s.year == 0 {
		return nil, errors.New("the records do not say in which year they end: give --reference-year, in which ages are taken")
	}
	if s.keeper, err = eth.NewTransactor(s.reader, s.keys.provider); err != nil {
		return nil, err
	}
	s.hospital, err = provider.New(ctx, provider.Config{
		Key: s.keys.provider, Organisation: organisation(s.cfg.hospital), Domain: s.domain(),
		Metadata:       dp.Metadata{Dataset: s.cfg.dataset, Version: dataset.Version, ReferenceYear: s.year},
		WorkPerNanoRho: s.cfg.workPerNanoRho, Patients: db.PatientNumbers, Diseases: s.cfg.diseases,
		Store: db, Engine: s.engine, Chain: s.keeper, Noise: noise.New(), StaleAfter: s.cfg.staleAfter, Slots: s.cfg.slots, Log: s.cfg.log,
	})
	if err != nil {
		return nil, err
	}
	if err := s.serveHospital(); err != nil {
		return nil, err
	}
	private := providerrpc.NewServer(s.hospital, s.keys.providerTLS, s.keys.marketplaceTLS.Fingerprint())
	address, err := s.serve(private, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	hospital, err := providerrpc.Dial(address, s.keys.marketplaceTLS, s.keys.providerTLS.Fingerprint())
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, hospital.Close)
	return hospital, nil
}

// marketChain is the chain as the marketplace uses it: its own key records, the
// operator's key registers.
type marketChain struct {
	*eth.Transactor
	operator *eth.Transactor
}

func (c marketChain) Register(ctx context.Context, p ledger.Participant) error {
	return c.operator.Register(ctx, p)
}

func (s *system) openMarket(ctx context.Context, hospital marketplace.Hospital) (*marketplace.Market, error) {
	db, err := store.OpenMarket(ctx, store.Config{File: filepath.Join(s.cfg.dir, "marketplace.sqlite"), Log: s.cfg.log})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, db.Close)
	c := marketChain{operator: s.operator}
	if c.Transactor, err = eth.NewTransactor(s.reader, s.keys.marketplace); err != nil {
		return nil, err
	}
	cfg := marketplace.Config{
		Key: s.keys.marketplace, Domain: s.domain(), Store: db, Chain: c,
		Hospitals: map[string]marketplace.Hospital{s.cfg.dataset: hospital}, StaleAfter: s.cfg.staleAfter, Log: s.cfg.log,
		Diseases: s.cfg.diseases,
	}
	if s.cfg.vocabulary != "" {
		concepts, err := vocabulary.Open(ctx, s.cfg.vocabulary)
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, concepts.Close)
		cfg.Vocabulary = concepts
	}
	market, err := marketplace.New(cfg)
	if err != nil {
		return nil, err
	}
	web, err := s.listen(s.cfg.marketHTTP)
	if err != nil {
		return nil, err
	}
	s.network.MarketplaceHTTP, s.network.MarketplaceOrigin = web.Addr().String(), originOf(s.cfg.marketOrigin, web)
	g, err := server.NewMarket(s.serverConfig(s.network.MarketplaceOrigin), market)
	if err != nil {
		return nil, err
	}
	if s.network.Marketplace, err = s.serve(g.Server, s.cfg.marketAddr); err != nil {
		return nil, err
	}
	public, err := pages.New(pages.Config{Market: market, Trust: s.trust(), Log: s.cfg.log})
	if err != nil {
		return nil, err
	}
	s.serveHTTP(g.HTTP(public), g.Listener, web)
	if s.cfg.metricsAddr != "" {
		l, err := s.listen(s.cfg.metricsAddr)
		if err != nil {
			return nil, err
		}
		s.metrics = l.Addr().String()
		s.serveHTTP(metricsServer(g.Metrics()), func(l net.Listener) net.Listener { return l }, l)
	}
	return market, nil
}

func (s *system) serverConfig(origin string) server.Config {
	return server.Config{Origin: origin, Domain: s.domain(), Participant: s.reader.Participant, Log: s.cfg.log}
}

// trust is what verifiers of this network take for granted.
func (s *system) trust() verifier.Trust {
	return verifier.Trust{
		ChainID: s.domain().ChainID, Genesis: s.domain().Genesis, Rule: s.node.Rule(),
		Confirmations: s.node.Confirmations(), Anchors: s.network.Contracts.Anchors,
		Marketplaces: []ledger.Address{s.keys.marketplace.Address()}, Providers: []ledger.Address{s.keys.provider.Address()},
	}
}

func (s *system) writeNetwork() error {
	s.network.Chain = s.node.HTTPEndpoint()
	s.network.Trust = s.trust()
	return errors.Join(
		writeJSON(filepath.Join(s.cfg.dir, "network.json"), s.network),
		writeJSON(filepath.Join(s.cfg.dir, "trust.json"), s.network.Trust),
	)
}

func (s *system) fail(err error) {
	select {
	case s.failed <- err:
	default: // one is enough to stop
	}
}

// close stops everything, last opened first, and waits for it.
func (s *system) close() error {
	var errs []error
	s.cancel()
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.running.Wait()
	return errors.Join(errs...)
}

// organisation is the id by which an organisation's name is on the chain: its SHA-256.
func organisation(name string) ledger.Hash { return ledger.HashBytes([]byte(name)) }
