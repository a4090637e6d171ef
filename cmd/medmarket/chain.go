package main

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
)

type chainCommand struct {
	Init   chainInitCommand   `cmd:"" help:"Make a new chain, or join one by its genesis file."`
	Run    chainRunCommand    `cmd:"" help:"Run a ledger node."`
	Status chainStatusCommand `cmd:"" help:"Show head, work, peers and last final block of a node."`
}

// chainInitCommand writes genesis.json, all that nodes of one chain must share.
type chainInitCommand struct {
	outcome
	Dir           string            `help:"Folder of the node; made if missing." default:"medmarket-chain" type:"path"`
	Genesis       string            `help:"Join the chain of this genesis file: genesis.json of another node. The other flags are for new chains." type:"existingfile" xor:"id,spacing,difficulty,least,signer,interval,operator,alloc"`
	ID            *uint64           `help:"EIP-155 chain id; default: 20261124." name:"id" xor:"id" placeholder:"ID"`
	Spacing       *uint64           `help:"Mean seconds between blocks that the difficulty aims at, 2 or more; default: 10." xor:"spacing" placeholder:"SECONDS"`
	Difficulty    *uint64           `help:"Difficulty to begin with, in expected hashes; default: 1048576." xor:"difficulty" placeholder:"HASHES"`
	MinDifficulty *uint64           `help:"Least difficulty, in expected hashes; default: 4096." xor:"least" placeholder:"HASHES"`
	Signer        []string          `help:"Address of a provider whose votes make blocks final; repeat for each. Default: confirmations do." placeholder:"ADDRESS" xor:"signer"`
	Interval      uint64            `help:"Distance of the checkpoints that are voted for, in blocks; default: 8 if there are signers." placeholder:"BLOCKS" xor:"interval"`
	Operator      string            `help:"Address of the account that will deploy the contracts, with its first transactions (serve does with keys/operator.key): its registry then names the signers." placeholder:"ADDRESS" xor:"operator"`
	Alloc         map[string]uint64 `help:"Coins an account begins with; repeat for more. Sealing pays one coin a block." placeholder:"ADDRESS=COINS" xor:"alloc"`
}

func (c *chainInitCommand) Run(e *env) error {
	genesis, err := c.make()
	if errors.Is(err, chain.ErrConfig) || errors.Is(err, ledger.ErrMalformed) {
		return &exitError{exitUsage, err}
	}
	if err != nil {
		return err
	}
	file := filepath.Join(c.Dir, "genesis.json")
	return c.say(e, map[string]any{"genesis": genesis, "file": file}, "genesis %s\nfile    %s", genesis, file)
}

func (c *chainInitCommand) make() (genesis chain.Hash, err error) {
	if c.Genesis != "" {
		return chain.Join(c.Dir, c.Genesis)
	}
	cfg := chain.Config{
		Dir: c.Dir, ChainID: or(c.ID, chainID), Alloc: map[chain.Address]*big.Int{}, CheckpointInterval: c.Interval,
		Rule: pow.Rule{
			GenesisDifficulty: or(c.Difficulty, serveRule.GenesisDifficulty), MinDifficulty: or(c.MinDifficulty, serveRule.MinDifficulty),
			TargetSpacing: or(c.Spacing, serveRule.TargetSpacing),
		},
	}
	if cfg.Rule.TargetSpacing < leastSpacing {
		return genesis, fmt.Errorf("%w: --spacing %d: %w", chain.ErrConfig, cfg.Rule.TargetSpacing, errSpacing)
	}
	for text, coins := range c.Alloc {
		account, err := ledger.ReadAddress(text)
		if err != nil {
			return genesis, fmt.Errorf("--alloc: %w", err)
		}
		cfg.Alloc[chain.Address(account)] = new(big.Int).Mul(new(big.Int).SetUint64(coins), big.NewInt(1e18))
	}
	for _, text := range c.Signer {
		signer, err := ledger.ReadAddress(text)
		if err != nil {
			return genesis, fmt.Errorf("--signer: %w", err)
		}
		cfg.GenesisSigners = append(cfg.GenesisSigners, chain.Address(signer))
	}
	if c.Operator != "" {
		operator, err := ledger.ReadAddress(c.Operator)
		if err != nil {
			return genesis, fmt.Errorf("--operator: %w", err)
		}
		cfg.Registry = chain.Address(eth.AddressesOf(operator).Registry)
	}
	return chain.Init(cfg)
}

// or is what a flag says, or otherwise if it was not given.
func or(flag *uint64, otherwise uint64) uint64 {
	if flag == nil {
		return otherwise
	}
	return *flag
}

type chainStatusCommand struct {
	Node string `help:"JSON-RPC endpoint of the node." default:"http://127.0.0.1:7102"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

func (c *chainStatusCommand) Run(e *env) error { return noNode(c.Node, c.show(e)) }

// noNode says what to do if there is no node at a URL.
func noNode(url string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("no node answers at %s: start one with `medmarket chain run` or `medmarket serve`, or name another with --node (%w)", url, op)
	}
	return err
}

func (c *chainStatusCommand) show(e *env) error {
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
	line("head", "block %d %s at %s", uint64(s.Head.Number), s.Head.Hash, instant(int64(s.Head.Time)))
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
