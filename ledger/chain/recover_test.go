package chain

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// damaged seals three blocks, lets damage do to the database what a crash or an
// intruder could, and returns the blocks and what reopening says.
func damaged(t *testing.T, damage func(*Node, []*types.Block)) ([]*types.Block, *Node, error) {
	t.Helper()
	now := time.Unix(1_800_000_000, 0)
	cfg := Config{
		Dir: t.TempDir(), ChainID: 5, Now: func() time.Time { return now },
		Rule: pow.Rule{GenesisDifficulty: 64, MinDifficulty: 16, TargetSpacing: 1},
	}
	n, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []*types.Block
	for range 3 {
		block, err := n.SealBlock(context.Background(), MineConfig{Coinbase: Address{1}})
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, block)
	}
	damage(n, blocks)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(cfg)
	if err == nil {
		t.Cleanup(func() {
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return blocks, again, err
}

func TestRecoverHead(t *testing.T) {
	for name, damage := range map[string]func(*Node, []*types.Block) error{
		"go-ethereum's head is behind": func(n *Node, blocks []*types.Block) error {
			_, err := n.eth.BlockChain().SetCanonical(blocks[0])
			return err
		},
		"our tip is behind": func(n *Node, blocks []*types.Block) error {
			return n.store.save(blocks[1].Hash(), n.final.Hash())
		},
		"our tip was never written": func(n *Node, _ []*types.Block) error {
			return errors.Join(n.store.db.Delete(tipKey), n.store.db.Delete(finalKey))
		},
		"the sums of work are gone": func(n *Node, blocks []*types.Block) error {
			var errs []error
			for _, b := range blocks {
				errs = append(errs, n.store.db.Delete(workKey(b.Hash())))
			}
			return errors.Join(errs...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			blocks, n, err := damaged(t, func(n *Node, blocks []*types.Block) {
				if err := damage(n, blocks); err != nil {
					t.Fatal(err)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if head := n.Head(); head.Hash != blocks[2].Hash() {
				t.Errorf("head %+v, want block 3", head)
			}
			work, err := n.work(blocks[2].Header())
			if err != nil || work.Uint64() != 3*64 {
				t.Errorf("work %s, %v; want 192", work, err)
			}
		})
	}
}

func TestLostTip(t *testing.T) {
	for name, key := range map[string][]byte{"tip": tipKey, "final": finalKey} {
		_, _, err := damaged(t, func(n *Node, _ []*types.Block) {
			unknown := Hash{0xff}
			if err := n.store.db.Put(key, unknown[:]); err != nil {
				t.Fatal(err)
			}
		})
		if !errors.Is(err, ErrLostTip) {
			t.Errorf("%s: %v, want ErrLostTip", name, err)
		}
	}
}
