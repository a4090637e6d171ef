package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
)

type serveCommand struct {
	Dir           string `help:"Folder for keys, chain and stores; made if missing." default:"medmarket-data" type:"path" env:"MEDMARKET_DIR"`
	hospitalFlags `embed:""`
	Dataset       string            `help:"Id of the dataset." default:"hospital" env:"MEDMARKET_DATASET"`
	Hospital      string            `help:"Name of the hospital; stewards registered for this organisation may set its policy." default:"General Hospital" env:"MEDMARKET_HOSPITAL"`
	Provider      []string          `help:"Card of a hospital whose node runs elsewhere, made by 'medmarket provider init'; repeat for more. With one, --records may be left out: then no hospital is in this process." type:"existingfile" sep:"none" placeholder:"CARD"`
	Vocabulary    string            `help:"File by which OMOP concepts are looked up, made by 'medmarket concept import'; default: none." type:"existingfile" env:"MEDMARKET_VOCABULARY"`
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
	AnswerWithin  time.Duration     `help:"How long each hospital is waited for before it counts as slow; above the last of its --answer-slots, and below the minute that a call may take." default:"45s"`
	Interval      time.Duration     `help:"Least time between blocks." default:"5s"`
	Confirmations uint64            `help:"Blocks on top that make a block final, at most: on a new chain checkpoints are voted for every half of it." default:"6"`
}

// hospitalFlags are those of a process with a hospital's node in it.
type hospitalFlags struct {
	Records        recordsName     `help:"The hospital's DuckDB file, made by 'medmarket data import'; or postgres:FILE, where FILE holds the connection string of a database made ready by 'medmarket data prepare'." env:"MEDMARKET_RECORDS"`
	Diseases       string          `help:"JSON file of the diseases that purposes may name, {\"release\": NAME, \"is_a\": {ID: [PARENT, ...]}} with MONDO identifiers; default: none is known, and no purpose DS passes." type:"existingfile" env:"MEDMARKET_DISEASES"`
	VisaIssuers    string          `help:"JSON file of the issuers of researchers' GA4GH visas that are trusted here, {\"issuers\": [{\"issuer\": URL, \"jwks_url\": URL, \"jwks_file\": FILE}]}; keys without a file are fetched from their URL, every hour. Default: none, and then no dataset that requires visas answers." type:"existingfile" env:"MEDMARKET_VISA_ISSUERS"`
	AcceptNumbers  string          `help:"File of patient numbers, one a line, that mean the same patients as before although the records do not look so." type:"existingfile"`
	ReferenceYear  int             `help:"Year in which ages are taken; default: as the records' description says."`
	WorkPerNanoRho int64           `help:"Price of the dataset: expected hashes for one nano-rho (2^20 hashes are a credit)." default:"1"`
	Patients       string          `help:"Address for the hospital's gRPC, for its patients and stewards." default:"127.0.0.1:7101"`
	PatientsHTTP   string          `help:"Address for the hospital's REST." name:"patients-http" default:"127.0.0.1:7104"`
	PatientsOrigin string          `help:"Scheme and host by which clients reach --patients-http where a proxy stands in front."`
	StaleAfter     time.Duration   `help:"Age of the last final block from which nothing is released." default:"15m"`
	AnswerSlots    []time.Duration `help:"Ages, rising, that a question has when its answer leaves the hospital, so that time tells little of the records; 0 for none." default:"250ms,1s,5s,30s"`
	Record         time.Duration   `help:"How often log roots and vouchers go on the chain." default:"5s"`
	Publish        time.Duration   `help:"How often the hospital's log grows, by as much whatever happened; every question makes it grow too." default:"10m"`
}

// slots are the ages of --answer-slots.
func (f *hospitalFlags) slots() []time.Duration {
	if slices.Equal(f.AnswerSlots, []time.Duration{0}) {
		return nil
	}
	return f.AnswerSlots
}

// check refuses what no hospital's process can run with.
func (f *hospitalFlags) check() error {
	if f.Record <= 0 || f.Publish <= 0 {
		return errors.New("--record and --publish must be above zero")
	}
	return errors.Join(loopback(f.Patients), loopback(f.PatientsHTTP))
}

// tryRecords refuses records that cannot be used, before anything is started.
func (f *hospitalFlags) tryRecords(e *env) error {
	engine, err := f.Records.open(e.ctx, e.log)
	if err != nil {
		return err
	}
	return engine.Close()
}

// serveRule is the difficulty rule of chains that serve starts: a block in ten
// seconds once miners are there, and one all the same when they are not.
var serveRule = pow.Rule{GenesisDifficulty: 1 << 20, MinDifficulty: 1 << 12, TargetSpacing: 10}

func (c *serveCommand) Run(e *env) error {
	cfg, err := c.config(e)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if c.Records != "" {
		if err := c.tryRecords(e); err != nil {
			return err
		}
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

// config reads what the flags name.
func (c *serveCommand) config(e *env) (cfg systemConfig, err error) {
	cfg = systemConfig{
		dir: c.Dir, records: c.Records, dataset: c.Dataset, hospitalName: c.Hospital, vocabulary: c.Vocabulary,
		referenceYear: c.ReferenceYear, workPerNanoRho: c.WorkPerNanoRho, rule: serveRule, confirmations: c.Confirmations,
		threads: c.Threads, interval: c.Interval, record: c.Record, publish: c.Publish,
		marketAddr: c.Market, hospitalAddr: c.Patients, marketHTTP: c.MarketHTTP, hospitalHTTP: c.PatientsHTTP,
		marketOrigin: c.MarketOrigin, hospitalOrigin: c.PatientsOrigin,
		chainAddr: c.Chain, listen: c.Listen, peers: c.Peer, allow: c.Allow, staleAfter: c.StaleAfter,
		slots: c.slots(), answerWithin: c.AnswerWithin, signers: map[ledger.Address]string{}, metricsAddr: c.Metrics, log: e.log,
	}
	if cfg.cards, err = readHospitalCards(c.Provider); err != nil {
		return cfg, err
	}
	if cfg.issues, err = readVisaKey(c.VisaKey, c.MarketOrigin); err != nil {
		return cfg, err
	}
	if cfg.visas, err = readVisaIssuers(c.VisaIssuers); err != nil {
		return cfg, err
	}
	if cfg.diseases, err = readDiseases(c.Diseases); err != nil {
		return cfg, err
	}
	if cfg.accepted, err = readNumbers(c.AcceptNumbers); err != nil {
		return cfg, err
	}
	for text, name := range c.Signer {
		a, err := ledger.ReadAddress(text)
		if err != nil || name == "" {
			return cfg, fmt.Errorf("--signer %s=%s: want ADDRESS=NAME", text, name)
		}
		cfg.signers[a] = name
	}
	if c.Coinbase != "" {
		if cfg.coinbase, err = ledger.ReadAddress(c.Coinbase); err != nil {
			return cfg, fmt.Errorf("--coinbase: %w", err)
		}
	}
	return cfg, nil
}

// check refuses flags that do not go together, or open the process to others.
func (c *serveCommand) check() error {
	// A block is final at most two distances of checkpoints, which are as many blocks as
	// --confirmations, and one block later.
	pace := max(c.Interval, time.Duration(serveRule.TargetSpacing)*time.Second)
	if blocks := c.StaleAfter / pace; blocks < 2 || uint64(blocks-2) < c.Confirmations {
		return fmt.Errorf("--stale-after %s is less than finality takes with --interval %s and --confirmations %d", c.StaleAfter, c.Interval, c.Confirmations)
	}
	if c.Records == "" && len(c.Provider) == 0 {
		return errors.New("no hospital: name the records of one that shall run here by --records, or the cards of others by --provider")
	}
	if err := c.hospitalFlags.check(); err != nil {
		return err
	}
	addresses := []string{c.Market, c.MarketHTTP, c.Chain}
	if c.Metrics != "" {
		addresses = append(addresses, c.Metrics)
	}
	for _, addr := range addresses {
		if err := loopback(addr); err != nil {
			return err
		}
	}
	return strangers(c.Listen, c.Allow)
}

// strangers refuses to speak with every node that can reach an address.
func strangers(listen, allow string) error {
	if listen != "" && allow == "" && loopback(listen) != nil {
		return fmt.Errorf("--listen %s can be reached from elsewhere: name the nodes to speak with by --allow FILE", listen)
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
	say("             http://" + s.network.MarketplaceHTTP + "/register, REST, /docs/")
	if s.hospital != nil {
		say("hospital     grpc://" + s.network.Hospital)
		say("             http://" + s.network.HospitalHTTP + "/docs/")
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
