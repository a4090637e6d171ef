package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/medmarket/medmarket/ledger"
)

// access is how a client command reaches a running system, and as whom.
type access struct {
	Network string `help:"The network.json that 'medmarket serve' wrote." default:"medmarket-data/network.json" type:"path" env:"MEDMARKET_NETWORK"`
	Key     string `help:"Key file of whoever acts." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
	reached
}

// keyless is access for who may do without a key.
type keyless struct {
	Network string `help:"The network.json that 'medmarket serve' wrote." default:"medmarket-data/network.json" type:"path" env:"MEDMARKET_NETWORK"`
	Key     string `help:"Key file of whoever acts." type:"existingfile" env:"MEDMARKET_KEY"`
	reached
}

// with calls f as the person whose key file was named. Errors of the API come
// back with their reason codes.
func (a *access) with(f func(*person) error) (err error) {
	n, err := a.network(a.Network)
	if err != nil {
		return err
	}
	key, err := readKey(a.Key)
	if err != nil {
		return err
	}
	return n.as(key, f)
}

// as calls f as the person who has a key, as [access.with] does.
func (n network) as(key *ledger.Key, f func(*person) error) (err error) {
	p, err := newPerson(key, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	return explain(f(p))
}

// keyOrNew reads a key. Without a file nothing is signed that counts: a new one does for the connection.
func keyOrNew(file string) (*ledger.Key, error) {
	if file == "" {
		return ledger.NewKey()
	}
	return readKey(file)
}

func readNetwork(path string) (n network, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("%s is not there: name the network.json of a running system with --network", path)
	}
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(b, &n); err != nil {
		return n, fmt.Errorf("%s: %w", path, err)
	}
	if len(n.Trust.Marketplaces) == 0 || len(n.Trust.Providers) == 0 {
		return n, fmt.Errorf("%s names no marketplace or no hospital", path)
	}
	return n, nil
}

type keyCommand struct {
	New  keyNewCommand  `cmd:"" help:"Make a key file and print its address."`
	Show keyShowCommand `cmd:"" help:"Print the address of a key file."`
}

type keyNewCommand struct {
	outcome
	File string `arg:"" help:"File to write; one that is there is left alone." type:"path"`
}

func (c *keyNewCommand) Run(e *env) error {
	if _, err := os.Stat(c.File); err == nil {
		return fmt.Errorf("%s is there already", c.File)
	}
	key, err := openKey(c.File)
	if err != nil {
		return err
	}
	return c.say(e, map[string]any{"address": key.Address()}, "%s", key.Address())
}

type keyShowCommand struct {
	outcome
	File string `arg:"" help:"Key file." type:"existingfile"`
}

func (c *keyShowCommand) Run(e *env) error {
	key, err := readKey(c.File)
	if err != nil {
		return err
	}
	return c.say(e, map[string]any{"address": key.Address()}, "%s", key.Address())
}
