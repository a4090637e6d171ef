package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
)

type chainRunCommand struct {
	Dir           string        `help:"Folder of the node, made by 'chain init'. Its node key is a file in it." default:"medmarket-chain" type:"path"`
	Listen        string        `help:"Address at which other nodes may connect, host:port. Default: none can."`
	Peer          []string      `help:"Enode URL of a node to stay connected to; repeat for more." sep:"none"`
	Allow         string        `help:"File of the nodes to speak with, an enode URL or node id a line, read again when it changes; needed where --listen is no loopback address. Default: all." type:"existingfile"`
	Discover      bool          `help:"Find more nodes of this chain by themselves; needs --listen and --allow."`
	Bootnode      []string      `help:"Enode URL at which discovery begins; repeat for more." sep:"none"`
	HTTP          string        `help:"Address for JSON-RPC (eth, net, web3, pow); loopback only." default:"127.0.0.1:7102" name:"http"`
	Confirmations uint64        `help:"Blocks on top that make a block final, on a chain without signers." default:"6"`
	Vote          string        `help:"Key file of a provider who is a signer: the node votes with it, and has signers removed who vote twice. One node a key, and never a copy of its folder." type:"existingfile"`
	Checkpoint    string        `help:"Block of the chain to join, from someone you trust; chains without it are refused." placeholder:"NUMBER:HASH"`
	Mine          string        `help:"Seal blocks for this address." placeholder:"ADDRESS" xor:"sealer"`
	Seal          string        `help:"Seal for this address only when nobody else has for three times the spacing: for a provider, who earns no credit." placeholder:"ADDRESS" xor:"sealer"`
	Threads       int           `help:"Threads of --mine." default:"1"`
	Interval      time.Duration `help:"Least time between blocks of --mine." default:"1s"`
	JSON          bool          `help:"Print a JSON object a line." name:"json"`
}

func (c *chainRunCommand) Run(e *env) (err error) {
	cfg, err := c.config(e)
	if err = errors.Join(err, c.check()); err != nil {
		return &exitError{exitUsage, err}
	}
	coinbase, err := c.coinbase()
	if err != nil {
		return err
	}
	node, err := chain.Open(cfg)
	if err != nil {
		if errors.Is(err, chain.ErrConfig) {
			return &exitError{exitUsage, err}
		}
		return err
	}
	defer func() { err = errors.Join(err, node.Close()) }()
	ctx, cancel := context.WithCancel(e.ctx)
	var prosecution sync.WaitGroup
	defer prosecution.Wait()
	defer cancel()
	if c.Mine != "" {
		warnPace(e.log, node.Rule(), c.Interval)
	}
	if cfg.Voter != nil {
		warnVoter(e.log, node, cfg.Voter.Address())
		p := eth.Prosecutor{
			Client: node.Client(), Registry: ledger.Address(node.Registry()), Key: cfg.Voter,
			Domain: ledger.Domain{ChainID: node.ChainID(), Genesis: ledger.Hash(node.GenesisHash())},
		}
		prosecution.Go(func() { prosecute(ctx, e.log, node, p) })
	}
	return c.follow(e, node, coinbase)
}

// config reads what the flags name.
func (c *chainRunCommand) config(e *env) (cfg chain.Config, err error) {
	cfg = chain.Config{
		Dir: c.Dir, HTTPAddr: c.HTTP, ListenAddr: c.Listen, Peers: c.Peer, Discover: c.Discover, Bootnodes: c.Bootnode,
		Confirmations: c.Confirmations, ReadSigners: eth.ReadSigners, Log: e.log,
	}
	errs := []error{onLoopback("http", c.HTTP), strangers(c.Listen, c.Allow)}
	wrong := func(flag string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("--%s: %w", flag, err))
		}
	}
	cfg.AllowPeer, err = allowed(c.Allow, e.log)
	wrong("allow", err)
	cfg.Checkpoint, err = parseCheckpoint(c.Checkpoint)
	wrong("checkpoint", err)
	_, err = c.coinbase()
	wrong("mine, --seal", err)
	if c.Vote != "" {
		cfg.Voter, err = readKey(c.Vote)
		wrong("vote", err)
	}
	return cfg, errors.Join(errs...)
}

// faults implements configurable.
func (c *chainRunCommand) faults(e *env) []error {
	_, err := c.config(e)
	return []error{err, c.check(), distinct(map[string]string{"--http": c.HTTP, "--listen": c.Listen})}
}

// check refuses what no node can run with.
func (c *chainRunCommand) check() error {
	_, err := chain.FirstSigners(c.Dir)
	if err != nil {
		err = fmt.Errorf("--dir %s is no folder of 'medmarket chain init': %w", c.Dir, err)
	}
	errs := []error{err, onlyPeers("peer", c.Peer), onlyPeers("bootnode", c.Bootnode)}
	if c.Discover && (c.Listen == "" || c.Allow == "") {
		errs = append(errs, errors.New("--discover needs --listen and --allow"))
	}
	return errors.Join(errs...)
}

// allowed says whom a file lets a node speak with; nil, which is everybody, without one.
func allowed(file string, log *slog.Logger) (func(chain.PeerID) bool, error) {
	if file == "" {
		return nil, nil
	}
	list, err := chain.OpenAllowList(file, log)
	if err != nil {
		return nil, err
	}
	return list.Allows, nil
}

// warnVoter tells of votes that do not count.
func warnVoter(log *slog.Logger, node *chain.Node, voter ledger.Address) {
	switch counts, err := node.VotesCount(); {
	case err != nil:
		log.Warn("whether the key of --vote is a signer's is not known", "address", voter, "err", err)
	case !counts:
		log.Warn("the key of --vote is no signer's: it votes once the signers have voted it in (`medmarket participant vote-signer`) and that is final here",
			"address", voter, "final", node.Finalized().Number)
	}
}

// convicter brings evidence before the registry.
type convicter interface {
	Convict(ctx context.Context, evidence []ledger.CheckpointEvidence) (removed []ledger.Address, err error)
}

// prosecute has signers removed whom the node can convict of voting twice, until ctx
// ends. What goes wrong is tried again: the evidence stays.
func prosecute(ctx context.Context, log *slog.Logger, node *chain.Node, p convicter) {
	if ledger.Address(node.Registry()).IsZero() {
		return
	}
	every(ctx, time.Minute, func(ctx context.Context) {
		removed, err := p.Convict(ctx, node.Evidence())
		if len(removed) > 0 {
			log.WarnContext(ctx, "signers removed who voted twice", "signers", removed)
		}
		if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			log.WarnContext(ctx, "evidence against a signer could not be brought", "err", err)
		}
	})
}

// parseCheckpoint reads NUMBER:HASH; nothing means none.
func parseCheckpoint(text string) (id chain.BlockID, err error) {
	if text == "" {
		return id, nil
	}
	number, hash, _ := strings.Cut(text, ":")
	if id.Number, err = strconv.ParseUint(number, 10, 64); err != nil {
		return id, err
	}
	h, err := ledger.ParseHash(hash)
	id.Hash = chain.Hash(h)
	return id, err
}

// coinbase is whom the node seals for, zero for nobody.
func (c *chainRunCommand) coinbase() (ledger.Address, error) {
	text := c.Mine + c.Seal // at most one is set
	if text == "" {
		return ledger.Address{}, nil
	}
	return ledger.ReadAddress(text)
}

// follow seals, if asked to, and tells of each new head until the process is told
// to stop.
func (c *chainRunCommand) follow(e *env, node *chain.Node, coinbase ledger.Address) error {
	out := &events{json: c.JSON, out: e.stdout}
	heads, stop := node.Heads()
	defer stop()
	head := node.Head()
	out.tell("ready", map[string]any{"genesis": node.GenesisHash(), "enode": node.Enode(), "http": node.HTTPEndpoint(), "number": head.Number, "hash": head.Hash},
		"chain %s… at block %d\nnode         %s\nJSON-RPC     %s\nCtrl-C stops.", node.GenesisHash().String()[:10], head.Number, node.Enode(), node.HTTPEndpoint())
	ended := make(chan error, 1) // of the sealer; nothing comes if there is none
	ctx, cancel := context.WithCancel(e.ctx)
	var sealer sync.WaitGroup
	defer sealer.Wait()
	defer cancel()
	if !coinbase.IsZero() {
		sealer.Go(func() { ended <- node.Mine(ctx, c.mining(node, coinbase)) })
	}
	for {
		select {
		case head := <-heads: // open as long as the node is
			out.tell("head", map[string]any{"number": head.Number, "hash": head.Hash, "difficulty": head.Difficulty, "coinbase": head.Coinbase},
				"block %d %s…, difficulty %d, of %s", head.Number, head.Hash.String()[:10], head.Difficulty, head.Coinbase)
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("sealer: %w", err)
			}
			ended = nil // told to stop, like us
		case <-e.ctx.Done():
			head := node.Head()
			out.tell("stopping", map[string]any{"number": head.Number, "hash": head.Hash}, "stopping at block %d…", head.Number)
			return nil
		}
	}
}

func (c *chainRunCommand) mining(node *chain.Node, coinbase ledger.Address) chain.MineConfig {
	if c.Seal != "" {
		return chain.MineConfig{Coinbase: chain.Address(coinbase), MinInterval: 3 * time.Duration(node.Rule().TargetSpacing) * time.Second}
	}
	return chain.MineConfig{Coinbase: chain.Address(coinbase), Threads: c.Threads, MinInterval: c.Interval}
}
