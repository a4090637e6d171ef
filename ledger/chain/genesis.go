package chain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger/pow"
)

const (
	genesisFile = "genesis.json"
	gasLimit    = 60_000_000
)

// ErrGenesisMismatch says that Config describes another genesis block than the
// one stored in the directory; the text names the field.
var ErrGenesisMismatch = errors.New("genesis differs from the stored one")

// genesis is the content of genesis.json: all that the genesis block depends on.
type genesis struct {
	ChainID uint64             `json:"chain_id"`
	Time    uint64             `json:"time"` // Unix seconds
	Rule    pow.Rule           `json:"rule"`
	Alloc   map[Address]string `json:"alloc"` // wei, decimal
	// Who signs first, and how far apart checkpoints are; both or neither. They are
	// not in the genesis block: peers compare them by hash.
	Signers  []Address `json:"signers,omitempty"`
	Interval uint64    `json:"checkpoint_interval,omitempty"`
	Registry Address   `json:"registry,omitzero"`
}

// loadGenesis returns the stored genesis, or stores the one cfg describes. The
// file is on disk before any block is.
func loadGenesis(cfg Config) (genesis, error) {
	path := filepath.Join(cfg.Dir, genesisFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createGenesis(path, cfg)
	}
	if err != nil {
		return genesis{}, err
	}
	g, err := parseGenesis(raw)
	if err != nil {
		return genesis{}, fmt.Errorf("reading %s: %w", path, err)
	}
	return g, g.matches(cfg)
}

func parseGenesis(raw []byte) (g genesis, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&g); err != nil {
		return g, err
	}
	return g, g.validate()
}

func createGenesis(path string, cfg Config) (genesis, error) {
	g := genesis{
		ChainID: cfg.ChainID, Time: cfg.GenesisTime, Rule: cfg.Rule, Alloc: decimal(cfg.Alloc),
		Signers: sortedSigners(cfg.GenesisSigners), Interval: cfg.CheckpointInterval, Registry: cfg.Registry,
	}
	if g.Interval == 0 && len(g.Signers) > 0 {
		g.Interval = DefaultCheckpointInterval
	}
	if g.Time == 0 {
		g.Time = uint64(cfg.Now().Unix())
	}
	if err := g.validate(); err != nil {
		return genesis{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	raw, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return genesis{}, err
	}
	return g, writeDurably(path, append(raw, '\n'))
}

func (g genesis) validate() error {
	if g.ChainID == 0 {
		return errors.New("the chain id is 0")
	}
	if err := g.Rule.Validate(); err != nil {
		return err
	}
	if (len(g.Signers) == 0) != (g.Interval == 0) || len(g.Signers) > MaxSigners || !slices.Equal(g.Signers, sortedSigners(g.Signers)) {
		return fmt.Errorf("%d signers, which must ascend, with a checkpoint every %d blocks", len(g.Signers), g.Interval)
	}
	if g.Registry != (Address{}) && g.Interval == 0 {
		return errors.New("a registry on a chain without signers")
	}
	for account, wei := range g.Alloc {
		if n, ok := new(big.Int).SetString(wei, 10); !ok || n.Sign() < 0 || n.BitLen() > 256 {
			return fmt.Errorf("alloc of %s is not an amount", account)
		}
	}
	return nil
}

// matches compares what cfg sets with what is stored.
func (g genesis) matches(cfg Config) error {
	switch {
	case cfg.ChainID != 0 && cfg.ChainID != g.ChainID:
		return fmt.Errorf("%w: chain id %d, stored %d", ErrGenesisMismatch, cfg.ChainID, g.ChainID)
	case cfg.GenesisTime != 0 && cfg.GenesisTime != g.Time:
		return fmt.Errorf("%w: time %d, stored %d", ErrGenesisMismatch, cfg.GenesisTime, g.Time)
	case cfg.Rule != pow.Rule{} && cfg.Rule != g.Rule:
		return fmt.Errorf("%w: rule %+v, stored %+v", ErrGenesisMismatch, cfg.Rule, g.Rule)
	case cfg.GenesisSigners != nil && !slices.Equal(sortedSigners(cfg.GenesisSigners), g.Signers):
		return fmt.Errorf("%w: signers %v, stored %v", ErrGenesisMismatch, cfg.GenesisSigners, g.Signers)
	case cfg.CheckpointInterval != 0 && cfg.CheckpointInterval != g.Interval:
		return fmt.Errorf("%w: a checkpoint every %d blocks, stored %d", ErrGenesisMismatch, cfg.CheckpointInterval, g.Interval)
	case cfg.Registry != Address{} && cfg.Registry != g.Registry:
		return fmt.Errorf("%w: registry %s, stored %s", ErrGenesisMismatch, cfg.Registry, g.Registry)
	}
	return g.matchesAlloc(cfg)
}

func (g genesis) matchesAlloc(cfg Config) error {
	if cfg.Alloc != nil && len(cfg.Alloc) != len(g.Alloc) {
		return fmt.Errorf("%w: %d accounts, stored %d", ErrGenesisMismatch, len(cfg.Alloc), len(g.Alloc))
	}
	for account, wei := range decimal(cfg.Alloc) {
		if stored, ok := g.Alloc[account]; !ok || stored != wei {
			return fmt.Errorf("%w: alloc of %s is %s, stored %q", ErrGenesisMismatch, account, wei, stored)
		}
	}
	return nil
}

// sortedSigners is the one form of a set.
func sortedSigners(signers []Address) []Address {
	return slices.Compact(slices.SortedFunc(slices.Values(signers), Address.Cmp))
}

// finality is what peers compare of signers, interval and registry.
func (g genesis) finality() (Hash, error) {
	if g.Interval == 0 {
		return Hash{}, nil
	}
	raw, err := rlp.EncodeToBytes([]any{g.Interval, g.Signers, g.Registry})
	return crypto.Keccak256Hash(raw), err
}

func decimal(alloc map[Address]*big.Int) map[Address]string {
	out := make(map[Address]string, len(alloc))
	for account, wei := range alloc {
		out[account] = wei.String()
	}
	return out
}

// block is go-ethereum's form. All forks up to Osaka are on from the start; the
// configuration is spelled out because the presets switch on unfinished forks.
func (g genesis) block() *core.Genesis {
	alloc := types.GenesisAlloc{}
	for account, wei := range g.Alloc {
		balance, _ := new(big.Int).SetString(wei, 10) // validated
		alloc[account] = types.Account{Balance: balance}
	}
	for account, code := range map[Address][]byte{
		params.BeaconRootsAddress:        params.BeaconRootsCode,
		params.HistoryStorageAddress:     params.HistoryStorageCode,
		params.WithdrawalQueueAddress:    params.WithdrawalQueueCode,
		params.ConsolidationQueueAddress: params.ConsolidationQueueCode,
	} {
		alloc[account] = types.Account{Nonce: 1, Code: code, Balance: new(big.Int)}
	}
	return &core.Genesis{
		Config:     forks(g.ChainID),
		Timestamp:  g.Time,
		ExtraData:  g.Rule.Extra(),
		GasLimit:   gasLimit,
		Difficulty: new(big.Int),
		BaseFee:    common.Big1,
		Alloc:      alloc,
	}
}

func forks(chainID uint64) *params.ChainConfig {
	zero, now := new(big.Int), new(uint64)
	return &params.ChainConfig{
		ChainID:                 new(big.Int).SetUint64(chainID),
		HomesteadBlock:          zero,
		EIP150Block:             zero,
		EIP155Block:             zero,
		EIP158Block:             zero,
		ByzantiumBlock:          zero,
		ConstantinopleBlock:     zero,
		PetersburgBlock:         zero,
		IstanbulBlock:           zero,
		MuirGlacierBlock:        zero,
		BerlinBlock:             zero,
		LondonBlock:             zero,
		ArrowGlacierBlock:       zero,
		GrayGlacierBlock:        zero,
		MergeNetsplitBlock:      zero,
		TerminalTotalDifficulty: zero,
		ShanghaiTime:            now,
		CancunTime:              now,
		PragueTime:              now,
		OsakaTime:               now,
		BlobScheduleConfig: &params.BlobScheduleConfig{
			Cancun: params.DefaultCancunBlobConfig,
			Prague: params.DefaultPragueBlobConfig,
		},
	}
}

// writeDurably makes path appear with all of its content or not at all.
func writeDurably(path string, content []byte) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
