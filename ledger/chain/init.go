package chain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrExists says that a directory holds a chain already.
var ErrExists = errors.New("the directory holds a genesis already")

// maxGenesis bounds a genesis file, in bytes.
const maxGenesis = 16 << 20

// Init stores the genesis block that cfg describes in cfg.Dir and returns its hash,
// without opening the chain. Nodes that [Join] the file Dir/genesis.json are on the
// same chain.
func Init(cfg Config) (Hash, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Hash{}, err
	}
	if err := vacant(cfg.Dir); err != nil {
		return Hash{}, err
	}
	g, err := loadGenesis(cfg)
	if err != nil {
		return Hash{}, err
	}
	return g.block().ToBlock().Hash(), nil
}

// Join stores the genesis file of another node in dir and returns the hash of its
// genesis block, which names the chain: compare it with what the others say.
func Join(dir, file string) (Hash, error) {
	if err := vacant(dir); err != nil {
		return Hash{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return Hash{}, err
	}
	if info.Size() > maxGenesis {
		return Hash{}, fmt.Errorf("%s is larger than %d bytes", file, maxGenesis)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return Hash{}, err
	}
	g, err := parseGenesis(raw)
	if err != nil {
		return Hash{}, fmt.Errorf("reading %s: %w", file, err)
	}
	return g.block().ToBlock().Hash(), writeDurably(filepath.Join(dir, genesisFile), raw)
}

// FirstSigners are the signers that the genesis file in dir names; none where
// confirmations decide. The error is fs.ErrNotExist where there is no chain yet.
func FirstSigners(dir string) ([]Address, error) {
	raw, err := os.ReadFile(filepath.Join(dir, genesisFile))
	if err != nil {
		return nil, err
	}
	g, err := parseGenesis(raw)
	if err != nil {
		return nil, fmt.Errorf("reading %s in %s: %w", genesisFile, dir, err)
	}
	return g.Signers, nil
}

// vacant makes dir, and fails if it holds a genesis file.
func vacant(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(dir, genesisFile))
	if err == nil {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
