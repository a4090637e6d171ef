package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/server/pages"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	"github.com/medmarket/medmarket/policy/passport"
	"github.com/medmarket/medmarket/web"
)

// systemConfig configures a system. Every field is required unless it says otherwise.
type systemConfig struct {
	dir         string      // everything it keeps
	state       stateName   // of the hospital's store; default: in dir
	marketState stateName   // of the marketplace's; default: in dir
	records     recordsName // of the hospital in this process; empty: there is none
	dataset     string      // id of its dataset
	hospitalFiles
	hospitalName   string         // by which its organisation is known; the signer's, if there is no hospital here
	cards          []hospitalCard // of hospitals' nodes elsewhere; default: there are none
	referenceYear  int            // 0: as the records' description says
	yearUnknown    int            // for records that do not say; 0: refuse them
	workPerNanoRho int64          // price, expected hashes per nano-rho
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
	traces         string                      // URL of a collector of the marketplace's spans; default: none are sent
	limits         server.Limits               // of callers; default: the server's
	chainAddr      string                      // host:port, JSON-RPC
	signers        map[ledger.Address]string   // organisations of the chain's other first signers; default: there are none
	organisations  []string                    // names of some that are on the chain by a fingerprint; default: none
	staleAfter     time.Duration               // age of the last final block from which nothing is released; default: 15 minutes
	answerWithin   time.Duration               // how long each hospital is waited for; default: marketplace.DefaultAnswerWithin
	slots          []time.Duration             // ages of questions at which answers leave; default: at once
	listen         string                      // host:port for other ledger nodes; default: none can connect
	allow          string                      // file of the nodes to speak with; default: all
	peers          []string                    // enode URLs; default: none
	issues         *passport.Signer            // of visas of grants; default: none are issued
	prepare        func(context.Context) error // makes records while the chain starts; default: they are there
	log            *slog.Logger
}

// chainID is the EIP-155 chain id of new chains. It need not be unique: every
// signature names the genesis hash.
const chainID uint64 = 20261124

// system is marketplace, hospital and chain in one process. The parties share
// no database and speak gRPC to one another.
type system struct {
	process
	*hospital // nil: all of them are elsewhere
	cfg       systemConfig
	keys      keyring
	network   network
	metrics   string // where they are served, host:port
	ready     *parts // of the marketplace

	first    []chain.Address // signers of the genesis file
	node     *chain.Node
	miner    *chain.Miner
	reader   *eth.Client
	operator *eth.Transactor // one for the key: nonces are counted in it
	voter    *eth.Transactor // of the signer's key; likewise

	blocks chan chain.Head // own blocks, for whoever watches; never blocks the miner
}

// openSystem starts everything and returns once it can be used: contracts
// deployed, parties registered and final. Progress is told to say.
func openSystem(ctx context.Context, cfg systemConfig, say func(string)) (s *system, err error) {
	s = &system{cfg: cfg, blocks: make(chan chain.Head, 1024)}
	life := s.begin(ctx)
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
	// Before the hospital, whose pages name the marketplace's.
	listener, err := s.listen(cfg.marketHTTP)
	if err != nil {
		return s, err
	}
	s.network.MarketplaceHTTP, s.network.MarketplaceOrigin = listener.Addr().String(), originOf(cfg.marketOrigin, listener)
	hospitals, err := s.openHospitals(ctx)
	if err != nil {
		return s, err
	}
	market, err := s.openMarket(ctx, hospitals, listener)
	if err != nil {
		return s, err
	}
	say(fmt.Sprintf("registering the parties: final after %d more blocks", cfg.confirmations))
	if err := s.registerParties(ctx); err != nil {
		return s, err
	}
	s.ready.registered.Store(true)
	// Not before: only who is registered may anchor and settle.
	s.background(func() { market.Run(life, cfg.record) })
	if s.hospital != nil {
		s.hospital.ready.registered.Store(true)
		s.background(func() { s.hospital.node.Run(life, cfg.publish, cfg.record) })
	}
	s.background(func() { cfg.visas.run(life, cfg.log) })
	s.background(func() { prosecute(life, cfg.log, s.node, s.voter) })
	err = s.writeNetwork()
	return s, err
}

func (s *system) domain() ledger.Domain {
	return ledger.Domain{ChainID: s.node.ChainID(), Genesis: ledger.Hash(s.node.GenesisHash())}
}

// openOwn opens the hospital that is in this process, and connects to it.
func (s *system) openOwn(ctx context.Context) (marketplace.Hospital, error) {
	c := s.cfg
	var err error
	s.hospital, err = openHospital(ctx, &s.process, hospitalConfig{
		dir: c.dir, state: c.state, keys: s.keys.hospitalKeys, domain: s.domain(), keeper: s.voter, marketplace: s.keys.marketplaceTLS.Fingerprint(), market: s.keys.marketplace.Address(),
		records: c.records, dataset: c.dataset, hospitalFiles: c.hospitalFiles, name: c.hospitalName,
		referenceYear: c.referenceYear, yearUnknown: c.yearUnknown, workPerNanoRho: c.workPerNanoRho,
		addr: c.hospitalAddr, http: c.hospitalHTTP, origin: c.hospitalOrigin, private: "127.0.0.1:0", register: s.network.MarketplaceOrigin,
		staleAfter: c.staleAfter, slots: c.slots, limits: c.limits, log: c.log,
	})
	if err != nil {
		return nil, err
	}
	if err := s.serveAll(ctx); err != nil {
		return nil, err
	}
	s.network.Hospital, s.network.HospitalHTTP, s.network.HospitalOrigin = s.grpc, s.http, s.origin
	return s.connect(s.private, s.keys.providerTLS.Fingerprint())
}

// connect dials a hospital's node.
func (s *system) connect(address string, certificate ledger.Hash) (marketplace.Hospital, error) {
	h, err := providerrpc.Dial(address, s.keys.marketplaceTLS, certificate)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, h.Close)
	return h, nil
}

// openHospitals opens the one in this process, unless there is none, and connects to all others.
func (s *system) openHospitals(ctx context.Context) (map[string]marketplace.Hospital, error) {
	hospitals := map[string]marketplace.Hospital{}
	var err error
	if s.cfg.records != "" {
		if hospitals[s.cfg.dataset], err = s.openOwn(ctx); err != nil {
			return nil, err
		}
	}
	for _, card := range s.cfg.cards {
		node, err := s.connect(card.Endpoint, card.Certificate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", card.Hospital, err)
		}
		hospitals[card.Dataset] = held{node, card}
	}
	return hospitals, nil
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

// finalFor is how old a node's word may be on which block is final: an ask and its hospital look there eight times.
const finalFor = 50 * time.Millisecond

// quoteFor is how old a hospital's description may be that a quote is made of: nobody notices, and a hospital is asked five times a second
// at most, however many quotes there are.
const quoteFor = 200 * time.Millisecond

func (s *system) openMarket(ctx context.Context, hospitals map[string]marketplace.Hospital, listener net.Listener) (*marketplace.Market, error) {
	own, err := s.cfg.marketState.config(s.cfg.dir, marketStore, s.cfg.log)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenMarket(ctx, own)
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
		Hospitals: hospitals, StaleAfter: s.cfg.staleAfter, AnswerWithin: s.cfg.answerWithin, QuoteFor: quoteFor, Log: s.cfg.log,
		Diseases: s.cfg.diseases, VisaIssuers: s.cfg.visas.trusted, Visas: s.cfg.issues,
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
	s.closers = append(s.closers, func() error {
		market.Close()
		return nil
	})
	base, err := s.marketServer(ctx, db)
	if err != nil {
		return nil, err
	}
	g, err := server.NewMarket(base, market)
	if err != nil {
		return nil, err
	}
	s.drains = append(s.drains, g.Drain)
	if s.network.Marketplace, err = s.serve(g.Server, s.cfg.marketAddr); err != nil {
		return nil, err
	}
	public, err := pages.New(pages.Config{Market: market, Trust: s.trust(), Organisations: s.organisations(), Log: s.cfg.log})
	if err != nil {
		return nil, err
	}
	app, err := web.New(web.Config{Site: s.site(), Next: public})
	if err != nil {
		return nil, err
	}
	s.serveHTTP(g.HTTP(app), g.Listener, listener)
	s.metrics, err = s.serveMetrics(g.Metrics(), s.cfg.metricsAddr)
	return market, err
}

// organisations are the names of those that are known here: what the operator says, hospitals, and institutions whose people sign in.
func (s *system) organisations() (names []string) {
	if s.cfg.records != "" {
		names = append(names, s.cfg.hospitalName)
	}
	for _, card := range s.cfg.cards {
		names = append(names, card.Hospital)
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, s.cfg.organisations, s.cfg.vouched))))
}

// site is what the marketplace's pages know of it.
func (s *system) site() web.Site {
	site := web.Site{
		Side: web.Marketplace, Party: s.keys.marketplace.Address(), ChainID: s.domain().ChainID, Genesis: s.domain().Genesis, Organisations: s.organisations(),
	}
	if s.hospital != nil {
		site.Hospitals = []web.Clinic{{Name: s.cfg.hospitalName, Origin: s.origin}}
	}
	return site
}

// trust is what verifiers of this network take for granted.
func (s *system) trust() verifier.Trust {
	return verifier.Trust{
		ChainID: s.domain().ChainID, Genesis: s.domain().Genesis, Rule: s.node.Rule(),
		Confirmations: s.node.Confirmations(), Anchors: s.network.Contracts.Anchors,
		Marketplaces: []ledger.Address{s.keys.marketplace.Address()}, Providers: s.providers(),
	}
}

// providers are the keys of the hospitals, the one in this process first.
func (s *system) providers() (all []ledger.Address) {
	if s.hospital != nil {
		all = append(all, s.keys.provider.Address())
	}
	for _, card := range s.cfg.cards {
		all = append(all, card.Address)
	}
	return all
}

func (s *system) writeNetwork() error {
	s.network.Chain = s.node.HTTPEndpoint()
	s.network.Trust = s.trust()
	return errors.Join(
		writeJSON(filepath.Join(s.cfg.dir, "network.json"), s.network),
		writeJSON(filepath.Join(s.cfg.dir, "trust.json"), s.network.Trust),
	)
}

// organisation is the id by which an organisation's name is on the chain: its SHA-256.
func organisation(name string) ledger.Hash { return ledger.HashBytes([]byte(name)) }
