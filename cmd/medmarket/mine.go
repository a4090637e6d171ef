package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/eth"
)

type mineCommand struct {
	Network  string        `help:"The network.json of the system whose chain is mined; not used with --coinbase." default:"medmarket-data/network.json" type:"path" env:"MEDMARKET_NETWORK"`
	Key      string        `help:"Key file of the researcher who mines; her work is claimed by itself." type:"existingfile" xor:"who" required:"" env:"MEDMARKET_KEY"`
	Coinbase string        `help:"Mine for this address instead, without claiming; needs --node." xor:"who" required:""`
	Node     string        `help:"JSON-RPC endpoint of the node to mine for; default: the one in network.json."`
	Threads  int           `help:"Threads of the search." default:"1"`
	Claim    time.Duration `help:"How often work that is final is claimed. Work older than 8,127 blocks is lost." default:"10m"`
	Report   time.Duration `help:"How often rates and credit are shown." default:"30s"`
	JSON     bool          `help:"Print a JSON object a line." name:"json"`
}

// mining is one run of mine.
type mining struct {
	cmd      *mineCommand
	events   *events
	coinbase ledger.Address
	client   *powrpc.Client
	miner    *powrpc.Miner
	ledger   *eth.Transactor // nil: nothing is claimed
}

func (c *mineCommand) Run(e *env) error {
	if c.Threads < 1 || c.Claim <= 0 || c.Report <= 0 {
		return &exitError{exitUsage, errors.New("--threads, --claim and --report must be above zero")}
	}
	m := &mining{cmd: c, events: &events{json: c.JSON, out: e.stdout}}
	if c.Coinbase != "" {
		var err error
		if m.coinbase, err = ledger.ReadAddress(c.Coinbase); err != nil {
			return &exitError{exitUsage, fmt.Errorf("--coinbase: %w", err)}
		}
		if c.Node == "" {
			return &exitError{exitUsage, errors.New("--coinbase needs --node")}
		}
		return m.run(e)
	}
	n, err := readNetwork(c.Network)
	if err != nil {
		return err
	}
	key, err := readKey(c.Key)
	if err != nil {
		return err
	}
	if c.Node == "" {
		c.Node = n.Chain
	}
	n.Chain = c.Node
	m.coinbase = key.Address()
	return (&person{key: key, net: n}).ledgerOf(e, func(t *eth.Transactor) error {
		m.ledger = t
		if err := m.checkRegistered(e.ctx); err != nil {
			return err
		}
		return m.run(e)
	})
}

// checkRegistered tells if the work earns nothing as things are.
func (m *mining) checkRegistered(ctx context.Context) error {
	who, err := m.ledger.Participant(ctx, m.coinbase)
	if err != nil && !errors.Is(err, eth.ErrNoContract) {
		return err
	}
	if !who.Roles.Has(ledger.RoleResearcher) {
		m.events.tell("unregistered", map[string]any{"coinbase": m.coinbase},
			"%s is not registered as a researcher, or that is not final yet: its work earns credit only once an operator has registered it\n"+
				"(medmarket participant register %s --role researcher --organisation NAME), unless it is older than 8,127 blocks by then", m.coinbase, m.coinbase)
	}
	return nil
}

// run mines until the process is told to stop.
func (m *mining) run(e *env) (err error) {
	if m.client, err = powrpc.Dial(e.ctx, m.cmd.Node); err != nil {
		return err
	}
	defer m.client.Close()
	m.miner, err = powrpc.NewMiner(powrpc.MinerConfig{
		Client: m.client, Coinbase: chain.Address(m.coinbase), Threads: m.cmd.Threads, Log: e.log,
		OnBlock: m.sealed, OnNode: m.node,
	})
	if err != nil {
		return err
	}
	m.events.tell("mining", map[string]any{"coinbase": m.coinbase, "node": m.cmd.Node, "threads": m.cmd.Threads},
		"mining for %s at %s with %d threads; Ctrl-C stops", m.coinbase, m.cmd.Node, m.cmd.Threads)
	group, ctx := errgroup.WithContext(e.ctx)
	group.Go(func() error { return m.miner.Run(ctx) })
	group.Go(func() error { every(ctx, m.cmd.Report, m.report); return nil })
	if m.ledger != nil {
		group.Go(func() error { every(ctx, m.cmd.Claim, m.claim); return nil })
	}
	err = group.Wait()
	s := m.miner.Stats()
	m.events.tell("stopped", map[string]any{"blocks": s.Blocks, "stale": s.Stale}, "stopped: %d blocks sealed, %d too late", s.Blocks, s.Stale)
	return err
}

// turnTimeout ends a wait for a transaction that no block takes, so that the next turn
// sends it anew.
const turnTimeout = 10 * time.Minute

// every calls f now and then until ctx ends, first after one period. What f gets is
// cancelled with ctx and, before that, past its deadline after turnTimeout.
func every(ctx context.Context, period time.Duration, f func(context.Context)) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			turn, cancel := context.WithTimeout(ctx, turnTimeout)
			f(turn)
			cancel()
		case <-ctx.Done():
			return
		}
	}
}

func (m *mining) sealed(b powrpc.Block) {
	m.events.tell("block", map[string]any{"number": uint64(b.Number), "hash": b.Hash, "difficulty": uint64(b.Difficulty)},
		"block %d %s…, difficulty %d", uint64(b.Number), b.Hash.String()[:10], uint64(b.Difficulty))
}

func (m *mining) node(err error) {
	if err != nil {
		m.events.tell("node", map[string]any{"up": false, "why": err.Error()}, "the node does not answer, waiting: %v", err)
		return
	}
	m.events.tell("node", map[string]any{"up": true}, "the node answers again")
}

// report shows rates and credit; what the node does not tell is left out.
func (m *mining) report(ctx context.Context) {
	s := m.miner.Stats()
	fields := map[string]any{"hash_rate": uint64(s.HashRate), "blocks": s.Blocks, "stale": s.Stale, "difficulty": s.Difficulty}
	text := fmt.Sprintf("%.0f hashes/s, %d blocks, difficulty %d", s.HashRate, s.Blocks, s.Difficulty)
	if rate, err := m.client.HashRate(ctx); err == nil && rate.Blocks > 0 {
		fields["network_hash_rate"] = uint64(rate.HashesPerSecond)
		text += fmt.Sprintf(", network %d hashes/s", uint64(rate.HashesPerSecond))
	}
	if m.ledger != nil {
		if work, err := m.ledger.Credit(ctx, m.coinbase); err == nil {
			fields["credit_work"] = work
			text += fmt.Sprintf(", %s credits", credits(work))
		}
	}
	m.events.tell("report", fields, "%s", text)
}

// claim turns final work into credit. What goes wrong is told, and tried again the
// next time: the window is long.
func (m *mining) claim(ctx context.Context) {
	claimed, err := m.ledger.Claim(ctx)
	if claimed.Blocks > 0 {
		m.events.tell("claim", map[string]any{"blocks": claimed.Blocks, "work": claimed.Work},
			"claimed %d blocks, %s credits", claimed.Blocks, credits(int64(claimed.Work)))
	}
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		m.events.tell("claim_failed", map[string]any{"why": err.Error()}, "claiming: %v", err)
	}
}
