package main

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// TestG4MineClaims: a researcher's miner, as a process of its own, turns the work of
// final blocks into credit by itself, and outlives the node it mines for.
func TestG4MineClaims(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	operator, err := ledger.NewKey()
	must(t, err)
	researcher, err := ledger.NewKey()
	must(t, err)
	domain := past(t, filepath.Join(dir, "node"), 2, operator.Address())
	node := runNode(t, filepath.Join(dir, "node"), "--confirmations", "3")
	sealer := node.mine(t, "a1")
	client, err := eth.Dial(t.Context(), "http://"+node.http)
	must(t, err)
	defer client.Close()
	addresses, err := eth.Deploy(t.Context(), eth.Deployment{
		Client: client, Key: operator, Organisation: organisation("o"), Domain: domain, Confirmations: 3,
	})
	must(t, err)
	c, err := eth.New(t.Context(), eth.Config{Client: client, Addresses: addresses, Domain: domain, Confirmations: 3})
	must(t, err)
	registrar, err := eth.NewTransactor(c, operator)
	must(t, err)
	must(t, registrar.Register(t.Context(), ledger.Participant{
		Address: researcher.Address(), Roles: ledger.RoleResearcher, Organisation: organisation("u"),
	}))
	sealer.stop(t)

	party := []ledger.Address{operator.Address()}
	must(t, writeJSON(filepath.Join(dir, "network.json"), network{
		Trust: verifier.Trust{
			ChainID: domain.ChainID, Genesis: domain.Genesis, Confirmations: 3, Marketplaces: party, Providers: party,
		},
		Contracts: addresses, Chain: "http://" + node.http,
	}))
	key := filepath.Join(dir, "researcher.key")
	must(t, os.WriteFile(key, []byte(hex.EncodeToString(researcher.Secret())), 0o600))
	stranger := filepath.Join(dir, "stranger.key")
	_, err = openKey(stranger)
	must(t, err)
	idle := work(t, "mine", "--key", stranger, "--network", filepath.Join(dir, "network.json"))
	idle.await(t, "unregistered", nil)
	idle.stop(t)
	miner := work(t, "mine", "--key", key, "--network", filepath.Join(dir, "network.json"), "--claim", "1s", "--report", "1s", "--threads", "2")
	miner.await(t, "claim", func(e event) bool { return e.Blocks > 0 })
	report := miner.await(t, "report", func(e event) bool { return e.CreditWork > 0 })
	if report.HashRate == 0 || report.Blocks == 0 || report.Difficulty == 0 {
		t.Errorf("report %+v", report)
	}

	node.kill()
	miner.await(t, "node", func(e event) bool { return !e.Up })
	node.start(t)
	miner.await(t, "node", func(e event) bool { return e.Up })
	before := node.status(t).Head.Number
	miner.await(t, "block", func(e event) bool { return e.Number > uint64(before) })
	miner.stop(t)
	node.stop(t)
}
