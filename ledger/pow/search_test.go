package pow_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/ledger/pow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The search patches bytes of an encoding; what it returns must be a real header
// whose real hash meets the target, whatever the sizes of the fields before it.
func TestSearchFindsARealSeal(t *testing.T) {
	for _, threads := range []int{0, 1, 3} {
		for _, gasUsed := range []uint64{0, 255, 1 << 40} {
			h := header(1<<40, genesisTime)
			h.GasUsed = gasUsed
			seal := pow.Seal{Difficulty: 5000, ExtraNonce: [12]byte{1, 2, 3}}
			h.Extra = seal.Bytes()
			sealed, hashes, err := pow.Search(context.Background(), h, threads)
			if err != nil {
				t.Fatal(err)
			}
			if sealed.Hash().Cmp(pow.Target(5000)) > 0 {
				t.Errorf("%d threads, gas %d: the hash is above the target", threads, gasUsed)
			}
			if hashes == 0 {
				t.Error("no hashes counted")
			}
			got, err := pow.ParseSeal(sealed.Extra)
			if err != nil {
				t.Fatal(err)
			}
			seal.Nonce = got.Nonce
			h.Extra = seal.Bytes()
			if diff := cmp.Diff(h.Hash(), sealed.Hash()); diff != "" {
				t.Errorf("more than the nonce changed (-want +got):\n%s", diff)
			}
		}
	}
}

// The mean of the hashes needed is the difficulty. With 400 searches of a
// geometric distribution the mean is off by 22 % or more with probability below
// 2e-5 (4.4 standard errors).
func TestSearchCountsHonestly(t *testing.T) {
	const searches, difficulty = 400, 300
	var total uint64
	for i := range searches {
		h := header(1, genesisTime+uint64(i))
		h.Extra = pow.Seal{Difficulty: difficulty}.Bytes()
		_, hashes, err := pow.Search(context.Background(), h, 1)
		if err != nil {
			t.Fatal(err)
		}
		total += hashes
	}
	if mean := float64(total) / searches; mean < 0.78*difficulty || mean > 1.22*difficulty {
		t.Errorf("%.0f hashes a search, want about %d", mean, difficulty)
	}
}

func TestSearchStops(t *testing.T) {
	why := errors.New("another block")
	h := header(1, genesisTime)
	h.Extra = pow.Seal{Difficulty: pow.MaxDifficulty}.Bytes()

	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error)
	go func() {
		_, _, err := pow.Search(ctx, h, 2)
		done <- err
	}()
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("stopped while searching: %v", err)
	}
	if sealed, hashes, err := pow.Search(ctx, h, 1); !errors.Is(err, why) || hashes != 0 || sealed != nil {
		t.Errorf("stopped before: %v after %d hashes", err, hashes)
	}
}

func TestSearchNeedsASeal(t *testing.T) {
	if _, _, err := pow.Search(context.Background(), &types.Header{}, 1); !errors.Is(err, pow.ErrSealSize) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkSearch(b *testing.B) {
	h := header(1000, genesisTime)
	h.ParentHash = common.Hash{1}
	h.Extra = pow.Seal{Difficulty: 1 << 16}.Bytes()
	var total uint64
	for b.Loop() {
		h.Time++
		_, hashes, err := pow.Search(context.Background(), h, 1)
		if err != nil {
			b.Fatal(err)
		}
		total += hashes
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "hashes/s")
}
