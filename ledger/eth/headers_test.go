package eth_test

import (
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

// Blocks say the work that their seals prove, and whose it is.
func TestBlocks(t *testing.T) {
	w := newWorld(t)
	headers := w.seal(t, common.Address(w.researcher.Address()), 3)
	blocks, err := w.client.Blocks(t.Context(), 0, len(headers))
	must(t, err)
	var work int64
	for i, b := range blocks {
		if b.Sealer != w.researcher.Address() || b.Time == 0 || i > 0 && b.Number+1 != blocks[i-1].Number {
			t.Errorf("block %+v is not hers, or not the one before", b)
		}
		work += int64(b.Difficulty)
	}
	if want := workOf(t, headers...); len(blocks) != len(headers) || work != want {
		t.Errorf("%d blocks of work %d, want %d of %d", len(blocks), work, len(headers), want)
	}
	all, err := w.client.Blocks(t.Context(), 2, 100)
	must(t, err)
	if len(all) != 2 || all[1].Number != 0 {
		t.Errorf("below block 2: %+v", all)
	}
}
