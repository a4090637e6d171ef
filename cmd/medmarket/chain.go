package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

type chainCommand struct {
	Init   chainInitCommand   `cmd:"" help:"Make a new chain, or join one by its genesis file."`
	Run    chainRunCommand    `cmd:"" help:"Run a ledger node."`
	Status chainStatusCommand `cmd:"" help:"Show head, work, peers and last final block of a node."`
}

// chainInitCommand writes genesis.json, all that nodes of one chain must share.
type chainInitCommand struct {
	Dir           string            `help:"Folder of the node; made if missing." default:"medmarket-chain" type:"path"`
	Genesis       string            `help:"Join the chain of this genesis file: genesis.json of another node. The other flags are for new chains." type:"existingfile"`
	ID            uint64            `help:"EIP-155 chain id." default:"20261124" name:"id"`
	Spacing       uint64            `help:"Mean seconds between blocks that the difficulty aims at." default:"10"`
	Difficulty    uint64            `help:"Difficulty to begin with, in expected hashes." default:"1048576"`
	MinDifficulty uint64            `help:"Least difficulty, in expected hashes." default:"4096"`
	Signer        []string          `help:"Address of a provider whose votes make blocks final; repeat for each. Default: confirmations do." placeholder:"ADDRESS"`
	Interval      uint64            `help:"Distance of the checkpoints that are voted for, in blocks; default: 8 if there are signers." placeholder:"BLOCKS"`
	Alloc         map[string]uint64 `help:"Coins an account begins with; repeat for more. Sealing pays one coin a block." placeholder:"ADDRESS=COINS"`
}

func (c *chainInitCommand) Run(e *env) error {
	genesis, err := c.make()
	if errors.Is(err, chain.ErrConfig) || errors.Is(err, ledger.ErrMalformed) {
		return &exitError{exitUsage, err}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "genesis %s\nfile    %s\n", genesis, filepath.Join(c.Dir, "genesis.json"))
	return err
}

func (c *chainInitCommand) make() (genesis chain.Hash, err error) {
	if c.Genesis != "" {
		return chain.Join(c.Dir, c.Genesis)
	}
	cfg := chain.Config{
		Dir: c.Dir, ChainID: c.ID, Alloc: map[chain.Address]*big.Int{}, CheckpointInterval: c.Interval,
		Rule: pow.Rule{GenesisDifficulty: c.Difficulty, MinDifficulty: c.MinDifficulty, TargetSpacing: c.Spacing},
	}
	for text, coins := range c.Alloc {
		account, err := ledger.ParseAddress(text)
		if err != nil {
			return genesis, fmt.Errorf("--alloc: %w", err)
		}
		cfg.Alloc[chain.Address(account)] = new(big.Int).Mul(new(big.Int).SetUint64(coins), big.NewInt(1e18))
	}
	for _, text := range c.Signer {
		signer, err := ledger.ParseAddress(text)
		if err != nil {
			return genesis, fmt.Errorf("--signer: %w", err)
		}
		cfg.GenesisSigners = append(cfg.GenesisSigners, chain.Address(signer))
	}
	return chain.Init(cfg)
}

type chainRunCommand struct {
	Dir           string        `help:"Folder of the node, made by 'chain init'. Its node key is a file in it." default:"medmarket-chain" type:"existingdir"`
	Listen        string        `help:"Address at which other nodes may connect, host:port. Default: none can."`
	Peer          []string      `help:"Enode URL of a node to stay connected to; repeat for more." sep:"none"`
	Allow         string        `help:"File of the nodes to speak with, an enode URL or node id a line, read again when it changes. Default: all." type:"existingfile"`
	Discover      bool          `help:"Find more nodes of this chain by themselves; needs --listen and --allow."`
	Bootnode      []string      `help:"Enode URL at which discovery begins; repeat for more." sep:"none"`
	HTTP          string        `help:"Address for JSON-RPC (eth, net, web3, pow); loopback only." default:"127.0.0.1:7102" name:"http"`
	Confirmations uint64        `help:"Blocks on top that make a block final, on a chain without signers." default:"6"`
	Vote          string        `help:"Key file of a provider who is a signer: the node votes with it. One node a key, and never a copy of its folder." type:"existingfile"`
	Checkpoint    string        `help:"Block of the chain to join, from someone you trust; chains without it are refused." placeholder:"NUMBER:HASH"`
	Mine          string        `help:"Seal blocks for this address." placeholder:"ADDRESS" xor:"sealer"`
	Seal          string        `help:"Seal for this address only when nobody else has for three times the spacing: for a provider, who earns no credit." placeholder:"ADDRESS" xor:"sealer"`
	Threads       int           `help:"Threads of --mine." default:"1"`
	Interval      time.Duration `help:"Least time between blocks of --mine." default:"1s"`
	JSON          bool          `help:"Print a JSON object a line." name:"json"`
}

func (c *chainRunCommand) Run(e *env) (err error) {
	if err := loopback(c.HTTP); err != nil {
		return &exitError{exitUsage, err}
	}
	cfg := chain.Config{
		Dir: c.Dir, HTTPAddr: c.HTTP, ListenAddr: c.Listen, Peers: c.Peer, Discover: c.Discover, Bootnodes: c.Bootnode,
		Confirmations: c.Confirmations, Log: e.log,
	}
	if c.Allow != "" {
		list, err := chain.OpenAllowList(c.Allow, e.log)
		if err != nil {
			return err
		}
		cfg.AllowPeer = list.Allows
	}
	coinbase, err := c.coinbase()
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--mine, --seal: %w", err)}
	}
	if cfg.Checkpoint, err = parseCheckpoint(c.Checkpoint); err != nil {
		return &exitError{exitUsage, fmt.Errorf("--checkpoint: %w", err)}
	}
	if c.Vote != "" {
		if cfg.Voter, err = readKey(c.Vote); err != nil {
			return err
		}
	}
	node, err := chain.Open(cfg)
	if err != nil {
		if errors.Is(err, chain.ErrConfig) {
			return &exitError{exitUsage, err}
		}
		return err
	}
	defer func() { err = errors.Join(err, node.Close()) }()
	return c.follow(e, node, coinbase)
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
	return ledger.ParseAddress(text)
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

type chainStatusCommand struct {
	Node string `help:"JSON-RPC endpoint of the node." default:"http://127.0.0.1:7102"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

func (c *chainStatusCommand) Run(e *env) error {
	client, err := powrpc.Dial(e.ctx, c.Node)
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := client.Status(e.ctx)
	if err != nil {
		return err
	}
	rate, err := client.HashRate(e.ctx)
	if err != nil {
		return err
	}
	reorgs, err := client.Reorgs(e.ctx)
	if err != nil {
		return err
	}
	agreed, err := client.Checkpoints(e.ctx)
	if err != nil {
		return err
	}
	block := func(b powrpc.Block) map[string]any {
		return map[string]any{"number": uint64(b.Number), "hash": b.Hash, "time": uint64(b.Time)}
	}
	out := &events{json: c.JSON, out: e.stdout}
	out.tell("status", map[string]any{
		"chain_id": uint64(s.ChainID), "genesis": s.Genesis, "head": block(s.Head), "final": block(s.Final),
		"justified": block(agreed.Justified), "checkpoint_interval": uint64(agreed.Interval), "evidence": uint64(agreed.Evidence), "difficulty": uint64(s.Head.Difficulty),
		"work": s.Work.ToInt().String(), "peers": uint64(s.Peers), "enode": s.Enode, "hash_rate": uint64(rate.HashesPerSecond), "reorgs": len(reorgs),
	}, "%s", statusText(s, agreed, rate, len(reorgs)))
	return nil
}

func statusText(s powrpc.Status, agreed powrpc.Checkpoints, rate powrpc.HashRate, reorgs int) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-9s "+format+"\n", append([]any{name}, args...)...)
	}
	line("genesis", "%s, chain id %d", s.Genesis, uint64(s.ChainID))
	line("head", "block %d %s at %s", uint64(s.Head.Number), s.Head.Hash, time.Unix(int64(s.Head.Time), 0).UTC().Format(time.RFC3339))
	line("final", "block %d %s", uint64(s.Final.Number), s.Final.Hash)
	if agreed.Interval > 0 {
		line("justified", "block %d %s, checkpoints every %d blocks", uint64(agreed.Justified.Number), agreed.Justified.Hash, uint64(agreed.Interval))
	}
	if agreed.Evidence > 0 {
		line("evidence", "against %d signers", uint64(agreed.Evidence))
	}
	line("work", "%s expected hashes, difficulty %d, network %d hashes/s", s.Work.ToInt(), uint64(s.Head.Difficulty), uint64(rate.HashesPerSecond))
	line("peers", "%d", uint64(s.Peers))
	line("reorgs", "%d since the node started", reorgs)
	line("enode", "%s", s.Enode)
	return strings.TrimSuffix(b.String(), "\n")
}
