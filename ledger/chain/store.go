package chain

import (
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethdb"

	"github.com/medmarket/medmarket/ledger/pow"
)

// Our keys in go-ethereum's database. They share its write-ahead log on purpose:
// a tip that is on disk proves that its block, written earlier, is too, and one
// sync a block is enough. go-ethereum has no key that starts with "pow/".
var (
	tipKey    = []byte("pow/tip")
	finalKey  = []byte("pow/final")
	workLabel = []byte("pow/work/") // + block hash: expected hashes up to the block, big-endian
)

// store keeps the fork choice.
type store struct {
	db    ethdb.Database
	dirty bool // something was written since the last sync; Node.mu guards it
}

// save writes head and final, to be synced.
func (s *store) save(tip, final Hash) error {
	s.dirty = true
	batch := s.db.NewBatch()
	if err := batch.Put(tipKey, tip[:]); err != nil {
		return err
	}
	if err := batch.Put(finalKey, final[:]); err != nil {
		return err
	}
	if err := batch.Write(); err != nil {
		return fmt.Errorf("saving the tip: %w", err)
	}
	return nil
}

// sync makes durable what was written, by go-ethereum too. It costs nothing if that
// is nothing.
func (s *store) sync() error {
	if !s.dirty {
		return nil
	}
	if err := s.db.SyncKeyValue(); err != nil {
		return fmt.Errorf("syncing the chain: %w", err)
	}
	s.dirty = false
	return nil
}

// hash reads a saved block hash; ok is false if there is none.
func (s *store) hash(key []byte) (h Hash, ok bool, err error) {
	if ok, err = s.db.Has(key); err != nil || !ok {
		return Hash{}, false, err
	}
	raw, err := s.db.Get(key)
	if err != nil {
		return Hash{}, false, err
	}
	return Hash(raw), true, nil
}

// work returns the work of the chain up to header, in expected hashes. It is
// derived from the headers; the stored sums only save the walk.
func (n *Node) work(header *types.Header) (*big.Int, error) {
	sum := new(big.Int)
	for header.Number.Sign() != 0 {
		key := workKey(header.Hash())
		if known, err := n.store.db.Has(key); err != nil {
			return nil, err
		} else if known {
			raw, err := n.store.db.Get(key)
			return sum.Add(sum, new(big.Int).SetBytes(raw)), err
		}
		seal, err := pow.ParseSeal(header.Extra)
		if err != nil {
			return nil, fmt.Errorf("work of block %d: %w", header.Number, err)
		}
		sum.Add(sum, new(big.Int).SetUint64(seal.Difficulty))
		parent := n.eth.BlockChain().GetHeader(header.ParentHash, header.Number.Uint64()-1)
		if parent == nil {
			return nil, fmt.Errorf("work of block %d: %w", header.Number, ErrUnknownParent)
		}
		header = parent
	}
	return sum, nil
}

func (s *store) putWork(hash Hash, work *big.Int) error {
	s.dirty = true
	return s.db.Put(workKey(hash), work.Bytes())
}

func workKey(block Hash) []byte {
	return append(append([]byte(nil), workLabel...), block[:]...)
}
