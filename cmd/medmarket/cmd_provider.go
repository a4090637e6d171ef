package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

type providerCommand struct {
	Init providerInitCommand `cmd:"" help:"Make the folder of a hospital's node, with its keys and the card that its marketplace is given."`
	Run  providerRunCommand  `cmd:"" help:"Run a hospital's node: over its own records, for its patients and stewards, and for one marketplace."`
}

// cardFile is a hospital's card in the folder of its node.
const cardFile = "card.json"

type providerInitCommand struct {
	outcome
	Dir      string `help:"Folder for the node's keys and store; made if missing." default:"medmarket-hospital" type:"path"`
	Hospital string `help:"Name of the hospital; stewards registered for this organisation may set its policy." required:""`
	Dataset  string `help:"Id of the dataset, at most 64 bytes; no other hospital of the marketplace has it." required:""`
	Endpoint string `help:"Where the marketplace reaches the node, host:port." required:""`
}

func (c *providerInitCommand) Run(e *env) error {
	if _, _, err := net.SplitHostPort(c.Endpoint); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--endpoint %s: %w", c.Endpoint, err)}
	}
	file := filepath.Join(c.Dir, cardFile)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already: its keys are the hospital's, and stay", file), err)
	}
	keys, err := openHospitalKeys(filepath.Join(c.Dir, "keys"))
	if err != nil {
		return err
	}
	card := hospitalCard{
		Hospital: c.Hospital, Dataset: c.Dataset, Address: keys.provider.Address(), Certificate: keys.providerTLS.Fingerprint(), Endpoint: c.Endpoint,
	}
	digest, err := card.digest()
	if err != nil {
		return err
	}
	card.Signature = keys.provider.Sign(digest)
	if err := card.check(); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := writeJSON(file, card); err != nil {
		return err
	}
	return c.say(e, map[string]any{"address": card.Address, "card": file},
		"address %s\ncard    %s: give it to the marketplace, for 'medmarket serve --provider'", card.Address, file)
}

type providerRunCommand struct {
	Dir           string `help:"Folder made by 'medmarket provider init'." default:"medmarket-hospital" type:"path"`
	hospitalFlags `embed:""`
	Market        string `help:"Card of the marketplace that may ask, as 'medmarket market card' prints it." required:"" type:"existingfile" placeholder:"CARD"`
	Node          string `help:"JSON-RPC endpoint of the hospital's own ledger node ('medmarket chain run'): by it the hospital checks grants and researchers." default:"http://127.0.0.1:7102"`
	Metrics       string `help:"Address for metrics of the servers for patients and stewards, for Prometheus (/metrics); default: none."`
	Listen        string `help:"Address for the marketplace, which shows its certificate; default: the endpoint in the card." placeholder:"HOST:PORT"`
}

func (c *providerRunCommand) Run(e *env) (err error) {
	market, err := readMarketCard(c.Market)
	card, own := c.card()
	if err = errors.Join(err, own, c.check()); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := errors.Join(c.try(e), c.State.try(e, "state", c.Dir, hospitalStore)); err != nil {
		return err
	}
	p := &process{}
	life := p.begin(e.ctx)
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, p.close())
		}
	}()
	if err := p.hold(c.Dir, false); err != nil {
		return err
	}
	h, err := c.open(e, p, card, market)
	if err != nil {
		return noNode(c.Node, err)
	}
	fmt.Fprintf(e.stdout, "waiting until the marketplace has registered %s as %s\n", card.Address, card.Hospital)
	if err := h.registered(e.ctx); err != nil {
		return err
	}
	// Not before: who is not registered may neither charge nor anchor, and for another organisation it must not have answered.
	h.ready.registered.Store(true)
	if err := h.serveAll(e.ctx); err != nil {
		return err
	}
	p.background(func() { h.node.Run(life, c.Publish, c.Record) })
	p.background(func() { h.cfg.visas.run(life, e.log) })
	if err := c.writeNetwork(h, market); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "hospital     grpc://%s\n             http://%s (pages for patients, REST, /docs/)\nmarketplace  may ask at %s\n", h.grpc, h.http, h.private)
	if h.metrics != "" {
		fmt.Fprintf(e.stdout, "metrics      http://%s/metrics\n", h.metrics)
	}
	fmt.Fprintln(e.stdout, "Ctrl-C stops.")
	closed = true
	return p.wait(e)
}

// faults implements configurable.
func (c *providerRunCommand) faults(e *env) []error {
	_, market := readMarketCard(c.Market)
	card, own := c.card()
	_, files := c.files()
	return []error{
		market, own, files, c.check(), c.folder(c.Dir), c.try(e), c.State.try(e, "state", c.Dir, hospitalStore),
		distinct(map[string]string{"--patients": c.Patients, "--patients-http": c.PatientsHTTP, "--listen": cmp.Or(c.Listen, card.Endpoint), "--metrics": c.Metrics}),
	}
}

// card reads the card in the node's folder.
func (c *providerRunCommand) card() (hospitalCard, error) {
	card, err := readHospitalCard(filepath.Join(c.Dir, cardFile))
	if err != nil {
		return card, fmt.Errorf("%w: make the folder by 'medmarket provider init'", err)
	}
	return card, nil
}

func (c *providerRunCommand) check() error {
	var errs []error
	if c.Records == "" {
		errs = append(errs, errors.New("name the hospital's records by --records"))
	}
	if err := ownNode(c.Node); err != nil {
		errs = append(errs, fmt.Errorf("--node: %w", err))
	}
	if c.Metrics != "" {
		errs = append(errs, onLoopback("metrics", c.Metrics))
	}
	return errors.Join(append(errs, c.hospitalFlags.check())...)
}

// open connects to the hospital's own ledger node and opens its own.
func (c *providerRunCommand) open(e *env, p *process, card hospitalCard, market marketCard) (*hospital, error) {
	cfg := hospitalConfig{
		dir: c.Dir, state: c.State, domain: market.Network.Trust.Domain(), marketplace: market.Certificate, market: market.Network.Trust.Marketplaces[0], records: c.Records, dataset: card.Dataset, name: card.Hospital,
		referenceYear: c.ReferenceYear, workPerNanoRho: c.WorkPerNanoRho, addr: c.Patients, http: c.PatientsHTTP, origin: c.PatientsOrigin,
		private: cmp.Or(c.Listen, card.Endpoint), register: market.Network.MarketplaceOrigin, staleAfter: c.StaleAfter, slots: c.slots(), limits: c.limits(), metrics: c.Metrics, log: e.log,
	}
	var err error
	if cfg.keys, err = openHospitalKeys(filepath.Join(c.Dir, "keys")); err != nil {
		return nil, err
	}
	if cfg.keys.provider.Address() != card.Address {
		return nil, fmt.Errorf("keys/provider.key is of %s, the card says %s", cfg.keys.provider.Address(), card.Address)
	}
	if cfg.hospitalFiles, err = c.files(); err != nil {
		return nil, err
	}
	client, err := eth.Dial(e.ctx, c.Node)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() error { client.Close(); return nil })
	reader, err := eth.New(e.ctx, eth.Config{
		Client: client, Addresses: market.Network.Contracts, Domain: cfg.domain, Confirmations: market.Network.Trust.Confirmations,
		FinalFor: finalFor,
	})
	if err != nil {
		return nil, err
	}
	if cfg.keeper, err = eth.NewTransactor(reader, cfg.keys.provider); err != nil {
		return nil, err
	}
	return openHospital(e.ctx, p, cfg)
}

// registered waits until the hospital is a final participant.
func (h *hospital) registered(ctx context.Context) error {
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		who, err := h.cfg.keeper.Participant(ctx, h.node.Address())
		if err != nil && !errors.Is(err, eth.ErrNoContract) {
			return err
		}
		if who.Roles.Has(ledger.RoleProvider) {
			if who.Organisation != organisation(h.cfg.name) {
				return fmt.Errorf("%s is registered for another organisation than %q", who.Address, h.cfg.name)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-h.process.failed:
			return err
		case <-again.C:
		}
	}
}

// writeNetwork writes what the hospital's patients and stewards need.
func (c *providerRunCommand) writeNetwork(h *hospital, market marketCard) error {
	n := market.Network
	n.Chain, n.Hospital, n.HospitalHTTP, n.HospitalOrigin = c.Node, h.grpc, h.http, h.origin
	n.Trust.Providers = []ledger.Address{h.node.Address()}
	return writeJSON(filepath.Join(c.Dir, "network.json"), n)
}
