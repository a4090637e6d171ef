package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/pow"
)

type serveCommand struct {
	Dir           string `help:"Folder for keys, chain and stores; made if missing." default:"medmarket-data" type:"path" env:"MEDMARKET_DIR"`
	hospitalFlags `embed:""`
	Dataset       string            `help:"Id of the dataset." default:"hospital" env:"MEDMARKET_DATASET"`
	Hospital      string            `help:"Name of the hospital; stewards registered for this organisation may set its policy." default:"General Hospital" env:"MEDMARKET_HOSPITAL"`
	Provider      []string          `help:"Card of a hospital whose node runs elsewhere, made by 'medmarket provider init'; repeat for more. With one, --records may be left out: then no hospital is in this process." type:"existingfile" sep:"none" placeholder:"CARD"`
	MarketState   stateName         `help:"Where the marketplace keeps its own state, if not in a SQLite file in --dir: postgres:FILE, where FILE holds the connection string of a database of its own." placeholder:"postgres:FILE"`
	Organisation  []string          `help:"Name of an organisation whose researchers or committee are registered; repeat for more. Pages call it so: the chain has a fingerprint of it." sep:"none" placeholder:"NAME"`
	Coinbase      string            `help:"Address that the built-in sealer works for; default: the hospital, which earns no credit."`
	Threads       int               `help:"Threads of the built-in sealer." default:"1"`
	Market        string            `help:"Address for the marketplace's gRPC." default:"127.0.0.1:7100"`
	MarketHTTP    string            `help:"Address for the marketplace's REST and pages." name:"market-http" default:"127.0.0.1:7103"`
	VisaKey       string            `help:"File of the key that visas of grants are signed with, for other systems: P-256, PKCS #8, in PEM, as by openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256. Their issuer is --market-origin. Default: none are issued." type:"existingfile"`
	MarketOrigin  string            `help:"Scheme and host by which clients reach --market-http where a proxy stands in front, as in https://market.example: they sign in to it."`
	Chain         string            `help:"Address for the chain's JSON-RPC (eth, net, web3, pow); loopback only." default:"127.0.0.1:7102"`
	Listen        string            `help:"Address at which other ledger nodes may connect, host:port; they join by chain/genesis.json of the folder. Default: none can."`
	Peer          []string          `help:"Enode URL of a ledger node to stay connected to; repeat for more." sep:"none"`
	Allow         string            `help:"File of the ledger nodes to speak with, an enode URL or node id a line, read again when it changes; needed where --listen is no loopback address." type:"existingfile"`
	Signer        map[string]string `help:"Organisation of another first signer, on a chain made by 'chain init --signer'; repeat for each. Asked for once, when the contracts are deployed." placeholder:"ADDRESS=NAME"`
	Metrics       string            `help:"Address for the marketplace's metrics, for Prometheus (/metrics); default: none."`
	Traces        string            `help:"URL of an OpenTelemetry collector (OTLP over HTTP), as in http://127.0.0.1:4318, for a span of each request to the marketplace: method, code, beginning and end. Default: none."`
	AnswerWithin  time.Duration     `help:"How long each hospital is waited for before it counts as slow; above the last of its --answer-slots, and below the minute that a call may take." default:"45s"`
	Interval      time.Duration     `help:"Least time between blocks." default:"5s"`
	Confirmations uint64            `help:"Blocks on top that make a block final, at most: on a new chain checkpoints are voted for every half of it." default:"6"`
}

// serveRule is the difficulty rule of chains that serve starts: a block in ten
// seconds once miners are there, and one all the same when they are not.
var serveRule = pow.Rule{GenesisDifficulty: 1 << 20, MinDifficulty: 1 << 12, TargetSpacing: 10}

func (c *serveCommand) Run(e *env) error {
	cfg, err := c.config(e)
	if err = errors.Join(err, c.check()); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := errors.Join(c.try(e), c.tryStates(e)); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	say := func(line string) { fmt.Fprintln(e.stdout, line) }
	s, err := openSystem(e.ctx, cfg, say)
	if err != nil {
		return err
	}
	printAddresses(say, s)
	return s.wait(e)
}

// tryStates refuses stores that could not be opened, before anything is started.
func (c *serveCommand) tryStates(e *env) error {
	return errors.Join(c.State.try(e, "state", c.Dir, hospitalStore), c.MarketState.try(e, "market-state", c.Dir, marketStore))
}

// faults implements configurable.
func (c *serveCommand) faults(e *env) []error {
	_, err := c.config(e)
	return []error{err, c.check(), c.folder(c.Dir, "keys/operator.key", "keys/marketplace.key"), distinct(map[string]string{
		"--market": c.Market, "--market-http": c.MarketHTTP, "--patients": c.Patients, "--patients-http": c.PatientsHTTP,
		"--chain": c.Chain, "--listen": c.Listen, "--metrics": c.Metrics,
	}), c.try(e), c.tryStates(e)}
}

// config reads what the flags name.
func (c *serveCommand) config(e *env) (cfg systemConfig, err error) {
	cfg = systemConfig{
		dir: c.Dir, state: c.State, marketState: c.MarketState, records: c.Records, dataset: c.Dataset, hospitalName: c.Hospital,
		referenceYear: c.ReferenceYear, workPerNanoRho: c.WorkPerNanoRho, rule: serveRule, confirmations: c.Confirmations,
		threads: c.Threads, interval: c.Interval, record: c.Record, publish: c.Publish,
		marketAddr: c.Market, hospitalAddr: c.Patients, marketHTTP: c.MarketHTTP, hospitalHTTP: c.PatientsHTTP,
		marketOrigin: c.MarketOrigin, hospitalOrigin: c.PatientsOrigin,
		chainAddr: c.Chain, listen: c.Listen, peers: c.Peer, allow: c.Allow, staleAfter: c.StaleAfter,
		slots: c.slots(), answerWithin: c.AnswerWithin, signers: map[ledger.Address]string{}, metricsAddr: c.Metrics, traces: c.Traces, organisations: c.Organisation, limits: c.limits(), log: e.log,
	}
	var errs [5]error
	cfg.cards, errs[0] = readHospitalCards(c.Provider)
	cfg.issues, errs[1] = readVisaKey(c.VisaKey, c.MarketOrigin)
	cfg.hospitalFiles, errs[2] = c.files()
	for text, name := range c.Signer {
		a, err := ledger.ReadAddress(text)
		if err != nil || name == "" {
			errs[3] = errors.Join(errs[3], fmt.Errorf("--signer %s=%s: want ADDRESS=NAME", text, name))
		}
		cfg.signers[a] = name
	}
	if c.Coinbase != "" {
		if cfg.coinbase, err = ledger.ReadAddress(c.Coinbase); err != nil {
			errs[4] = fmt.Errorf("--coinbase: %w", err)
		}
	}
	return cfg, errors.Join(errs[:]...)
}

// check refuses flags that do not go together, or open the process to others.
func (c *serveCommand) check() error {
	var errs []error
	// A block is final at most two distances of checkpoints, which are as many blocks as
	// --confirmations, and one block later.
	pace := max(c.Interval, time.Duration(serveRule.TargetSpacing)*time.Second)
	if blocks := c.StaleAfter / pace; blocks < 2 || uint64(blocks-2) < c.Confirmations {
		errs = append(errs, fmt.Errorf("--stale-after %s is less than finality takes with --interval %s and --confirmations %d", c.StaleAfter, c.Interval, c.Confirmations))
	}
	if c.Records == "" && len(c.Provider) == 0 {
		errs = append(errs, errors.New("no hospital: name the records of one that shall run here by --records, or the cards of others by --provider"))
	}
	if c.Threads < 1 {
		errs = append(errs, errors.New("--threads must be at least 1"))
	}
	_, traces := collector(c.Traces)
	errs = append(errs, c.hospitalFlags.check(), c.marketAlone(), isOrigin("market-origin", c.MarketOrigin), traces, onlyPeers("peer", c.Peer))
	return errors.Join(append(errs, strangers(c.Listen, c.Allow))...)
}

// marketAlone wants the marketplace's addresses on this machine.
func (c *serveCommand) marketAlone() error {
	errs := []error{onLoopback("market", c.Market), onLoopback("market-http", c.MarketHTTP), onLoopback("chain", c.Chain)}
	if c.Metrics != "" {
		errs = append(errs, onLoopback("metrics", c.Metrics))
	}
	return errors.Join(errs...)
}

// strangers refuses to speak with every node that can reach an address.
func strangers(listen, allow string) error {
	if listen != "" && allow == "" && loopback(listen) != nil {
		return fmt.Errorf("--listen %s can be reached from elsewhere: name the nodes to speak with by --allow FILE", listen)
	}
	return nil
}

// onlyPeers refuses what names no ledger node.
func onlyPeers(flag string, urls []string) error {
	if err := chain.CheckPeers(urls); err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	return nil
}

// onLoopback is loopback of a flag's value.
func onLoopback(flag, addr string) error {
	if err := loopback(addr); err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	return nil
}

// loopback refuses an address that others could reach: nothing here speaks TLS yet.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not a loopback address: put a proxy with TLS in front instead", addr)
	}
	return nil
}

func printAddresses(say func(string), s *system) {
	say("marketplace  grpc://" + s.network.Marketplace)
	say("             http://" + s.network.MarketplaceHTTP + " (pages, REST, /docs/)")
	if s.hospital != nil {
		say("hospital     grpc://" + s.network.Hospital)
		say("             http://" + s.network.HospitalHTTP + " (pages for patients, REST, /docs/)")
	}
	for _, card := range s.cfg.cards {
		say(fmt.Sprintf("hospital     %s, %q, at %s", card.Hospital, card.Dataset, card.Endpoint))
	}
	say("chain        " + s.network.Chain)
	if enode := s.node.Enode(); enode != "" {
		say("node         " + enode)
	}
	if s.metrics != "" {
		say("metrics      http://" + s.metrics + "/metrics")
	}
	say("trust file   " + s.cfg.dir + "/trust.json")
	say("Ctrl-C stops.")
}
