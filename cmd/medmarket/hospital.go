package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/bundle"
	"github.com/medmarket/medmarket/marketplace/recordindex/fhirserver"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/server/tiles"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	"github.com/medmarket/medmarket/web"
)

// hospitalConfig configures a hospital's node. Every field is required unless it says otherwise.
type hospitalConfig struct {
	dir         string    // its store and reports
	state       stateName // of its store; default: in dir
	keys        hospitalKeys
	domain      ledger.Domain
	keeper      *eth.Transactor // of its key, over the hospital's own view of the chain
	marketplace ledger.Hash     // fingerprint of the certificate of the one that may ask
	market      ledger.Address  // its account, for which researchers set escrow aside
	records     recordsName
	dataset     string // id of the dataset
	hospitalFiles
	name           string          // of the hospital, by which its organisation is known
	referenceYear  int             // 0: as the records' description says
	yearUnknown    int             // for records that do not say; 0: refuse them
	workPerNanoRho int64           // price, expected hashes per nano-rho
	addr           string          // host:port, gRPC for patients and stewards
	http           string          // host:port, REST
	origin         string          // scheme and host by which clients reach http; empty: http:// and its address
	private        string          // host:port, for the marketplace, by mutual TLS
	register       string          // scheme and host of the marketplace's pages
	staleAfter     time.Duration   // age of the last final block from which nothing is released; default: 15 minutes
	slots          []time.Duration // ages of questions at which answers leave; default: at once
	limits         server.Limits   // of callers; default: the server's
	metrics        string          // host:port, what patients and stewards ask for, in numbers; default: none are served
	log            *slog.Logger
}

// hospital is a hospital's node with its store and records, and its servers once it serves, open until
// the process that it is in closes.
type hospital struct {
	cfg     hospitalConfig
	process *process

	node   *provider.Node
	index  *recordindex.Index
	engine engine
	year   int // in which ages are taken
	ready  *parts

	grpc, http string // host:port that it got for its patients and stewards
	origin     string // scheme and host by which they reach http
	private    string // host:port that it got for the marketplace
	metrics    string // host:port
}

// openHospital opens store, records and node. It serves nobody yet.
func openHospital(ctx context.Context, p *process, cfg hospitalConfig) (*hospital, error) {
	h := &hospital{cfg: cfg, process: p}
	own, err := cfg.state.config(cfg.dir, hospitalStore, cfg.log)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenProvider(ctx, own)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, db.Close)
	if err := h.openRecords(ctx, db); err != nil {
		return nil, err
	}
	h.ready = h.parts(db)
	h.node, err = provider.New(ctx, provider.Config{
		Key: cfg.keys.provider, Organisation: organisation(cfg.name), Domain: cfg.domain, Marketplace: cfg.market,
		Metadata:       dp.Metadata{Dataset: cfg.dataset, Version: h.engine.Dataset().Version, ReferenceYear: h.year},
		WorkPerNanoRho: cfg.workPerNanoRho, Patients: db.PatientNumbers, Diseases: cfg.diseases, VisaIssuers: cfg.visas.trusted,
		Store: db, Engine: h.engine, Chain: cfg.keeper, Noise: noise.New(), StaleAfter: cfg.staleAfter, Slots: cfg.slots, Log: cfg.log,
	})
	if err != nil {
		return nil, err
	}
	if h.index, err = h.openIndex(ctx, db); err != nil {
		return nil, err
	}
	return h, nil
}

// openIndex opens the record index.
func (h *hospital) openIndex(ctx context.Context, db *store.Provider) (*recordindex.Index, error) {
	c := recordindex.Config{
		Provider: h.node.Address(), Domain: h.cfg.domain, Store: db, Chain: h.cfg.keeper, Source: h.engine, Render: bundle.Renderer(h.node.Address()),
		Emergencies: h.cfg.emergencies, Now: h.node.Now,
	}
	if h.cfg.fhir.Base != "" {
		f := h.cfg.fhir
		f.Log = h.cfg.log
		server, err := fhirserver.New(f)
		if err != nil {
			return nil, err
		}
		c.Documents = server
	}
	return recordindex.New(ctx, c)
}

// serveAll serves the node: to its patients and stewards, and to the marketplace.
func (h *hospital) serveAll(ctx context.Context) (err error) {
	if err := h.servePatients(ctx); err != nil {
		return err
	}
	h.private, err = h.process.serve(providerrpc.NewServer(h.node, h.cfg.keys.providerTLS, h.cfg.marketplace), h.cfg.private)
	return err
}

// openRecords opens the records and takes them into use.
func (h *hospital) openRecords(ctx context.Context, db *store.Provider) error {
	release, err := h.cfg.records.hold()
	if err != nil {
		return err
	}
	h.process.closers = append(h.process.closers, release)
	if h.engine, err = h.cfg.records.open(ctx, h.cfg.log); err != nil {
		return err
	}
	h.process.closers = append(h.process.closers, h.engine.Close)
	if err := h.adopt(ctx, db); err != nil {
		return err
	}
	if h.year = h.cfg.referenceYear; h.year == 0 {
		h.year = h.engine.Dataset().ReferenceYear
	}
	if h.year == 0 {
		h.year = h.cfg.yearUnknown
	}
	if h.year == 0 {
		return errors.New("the records do not say in which year they end: give --reference-year, in which ages are taken")
	}
	return nil
}

// parts are what must be ready at a hospital. None waits for a question that is being counted, nor tells how one went.
func (h *hospital) parts(db *store.Provider) *parts {
	p := &parts{log: h.cfg.log, check: map[string]func(context.Context) error{
		"chain": freshChain(h.cfg.keeper.FinalTime, h.cfg.staleAfter),
		"store": func(ctx context.Context) error {
			if _, err := db.Policy(ctx); !errors.Is(err, provider.ErrNoPolicy) {
				return err
			}
			return nil
		},
	}}
	if records, may := h.engine.(interface{ Unchanged(context.Context) error }); may {
		p.check["records"] = records.Unchanged
	}
	return p
}

// servePatients serves the node to patients and stewards, over gRPC, REST and its pages, and its log.
func (h *hospital) servePatients(ctx context.Context) error {
	listener, err := h.process.listen(h.cfg.http)
	if err != nil {
		return err
	}
	h.http, h.origin = listener.Addr().String(), originOf(h.cfg.origin, listener)
	own := serverConfig(h.origin, h.cfg.domain, h.cfg.keeper.Client, h.cfg.institutions, h.cfg.log)
	own.Limits, own.Ready = h.cfg.limits, h.ready.missing
	if h.cfg.vocabulary != "" {
		concepts, err := vocabulary.Open(ctx, h.cfg.vocabulary)
		if err != nil {
			return err
		}
		h.process.closers = append(h.process.closers, concepts.Close)
		own.Vocabulary = concepts
	}
	public, err := server.NewProvider(own, h.node, h.index)
	if err != nil {
		return err
	}
	h.process.drains = append(h.process.drains, public.Drain)
	log, err := tiles.New(tiles.Config{Log: h.node, ID: h.node.Log(), Key: h.cfg.keys.log, Logger: h.cfg.log})
	if err != nil {
		return err
	}
	if h.grpc, err = h.process.serve(public.Server, h.cfg.addr); err != nil {
		return err
	}
	app, err := web.New(web.Config{Next: log, Site: web.Site{
		Side: web.Hospital, Name: h.cfg.name, GRPC: h.grpc, Dataset: h.cfg.dataset, Party: h.cfg.keys.provider.Address(),
		ChainID: h.cfg.domain.ChainID, Genesis: h.cfg.domain.Genesis, Marketplace: h.cfg.register,
	}})
	if err != nil {
		return err
	}
	h.process.serveHTTP(public.HTTP(app), public.Listener, listener)
	h.metrics, err = h.process.serveMetrics(public.Metrics(), h.cfg.metrics)
	return err
}

func serverConfig(origin string, d ledger.Domain, reader *eth.Client, who server.Institutions, log *slog.Logger) server.Config {
	return server.Config{Origin: origin, Domain: d, Participant: reader.Participant, Institutions: who, Log: log}
}
