package pow_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger/pow"
)

var tenSeconds = pow.Rule{GenesisDifficulty: 1 << 20, MinDifficulty: 1 << 10, TargetSpacing: 10}

func parentAt(number int64, time, difficulty uint64) *types.Header {
	return &types.Header{Number: big.NewInt(number), Time: time, Extra: pow.Seal{Difficulty: difficulty}.Bytes()}
}

func TestNextDifficulty(t *testing.T) {
	for name, tc := range map[string]struct {
		parent *types.Header
		after  uint64 // seconds
		want   uint64
	}{
		"on time":                    {parentAt(5, 1000, 1<<20), 10, 1 << 20},
		"a second after":             {parentAt(5, 1000, 1<<20), 1, 1090352},
		"halves after 16 spacings":   {parentAt(5, 1000, 1<<20), 170, 1 << 19},
		"quarter":                    {parentAt(5, 1000, 1<<20), 330, 1 << 18},
		"never below the floor":      {parentAt(5, 1000, 1<<20), 1 << 50, 1 << 10},
		"never above the top":        {parentAt(5, 1000, pow.MaxDifficulty), 1, pow.MaxDifficulty},
		"genesis hands on its own":   {&types.Header{Number: new(big.Int), Time: 1000}, 10, 1 << 20},
		"the first block falls also": {&types.Header{Number: new(big.Int), Time: 1000}, 170, 1 << 19},
	} {
		got, err := pow.NextDifficulty(tenSeconds, tc.parent, tc.parent.Time+tc.after)
		if err != nil || got != tc.want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, tc.want)
		}
	}
}

func TestNextDifficultyRefuses(t *testing.T) {
	if _, err := pow.NextDifficulty(tenSeconds, parentAt(5, 1000, 1), 1000); !errors.Is(err, pow.ErrTimeNotRising) {
		t.Errorf("equal times: %v", err)
	}
	unsealed := &types.Header{Number: big.NewInt(5), Time: 1000, Extra: []byte("none")}
	if _, err := pow.NextDifficulty(tenSeconds, unsealed, 1001); !errors.Is(err, pow.ErrSealSize) {
		t.Errorf("parent without a seal: %v", err)
	}
}

// The integers follow the formula, and a later block is never harder.
func TestNextDifficultyFollowsTheFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := pow.Rule{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: rapid.Uint64Range(1, 3600).Draw(t, "spacing")}
		difficulty := rapid.Uint64Range(1, pow.MaxDifficulty).Draw(t, "difficulty")
		parent := parentAt(9, 7, difficulty)
		after := rapid.Uint64Range(1, 100*rule.TargetSpacing).Draw(t, "after")
		got, err := pow.NextDifficulty(rule, parent, 7+after)
		if err != nil {
			t.Fatal(err)
		}
		spacing := float64(rule.TargetSpacing)
		want := float64(difficulty) * math.Exp2((spacing-float64(after))/(16*spacing))
		want = min(max(want, 1), pow.MaxDifficulty)
		if math.Abs(float64(got)-want) > 0.00015*want+0.51 {
			t.Fatalf("%d after %d s: %d, the formula says %g", difficulty, after, got, want)
		}
		later, err := pow.NextDifficulty(rule, parent, 8+after)
		if err != nil || later > got {
			t.Fatalf("a second later: %d, %v; want at most %d", later, err, got)
		}
	})
}

func TestSpacingOneNeverRises(t *testing.T) {
	rule := pow.Rule{GenesisDifficulty: 500, MinDifficulty: 1, TargetSpacing: 1}
	if got, err := pow.NextDifficulty(rule, parentAt(1, 10, 500), 11); err != nil || got != 500 {
		t.Errorf("after 1 s: %d, %v", got, err)
	}
}

// simulate seals blocks at a hash rate, in hashes per second, and returns the last
// header. Block k+1 is found after exponentially distributed work, tried second by
// second at the difficulty of that second.
func simulate(t *testing.T, rng *rand.Rand, rule pow.Rule, parent *types.Header, blocks int, rate float64) *types.Header {
	t.Helper()
	for range blocks {
		time := parent.Time
		for found := false; !found; {
			time++
			difficulty, err := pow.NextDifficulty(rule, parent, time)
			if err != nil {
				t.Fatal(err)
			}
			found = rng.Float64() >= math.Exp(-rate/float64(difficulty))
			if found {
				parent = parentAt(parent.Number.Int64()+1, time, difficulty)
			}
		}
	}
	return parent
}

// Fixed seeds: this test cannot fail by chance.
func TestSpacingHoldsWhateverTheHashRate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	head := &types.Header{Number: new(big.Int), Time: 1_700_000_000}
	for _, rate := range []float64{1e5, 1e7, 1e4} {
		head = simulate(t, rng, tenSeconds, head, 300, rate) // settle
		start := head.Time
		head = simulate(t, rng, tenSeconds, head, 2000, rate)
		if mean := float64(head.Time-start) / 2000; math.Abs(mean-10) > 0.5 {
			t.Errorf("at %g hashes/s a block takes %.2f s, want 10", rate, mean)
		}
	}
	start := head.Time
	head = simulate(t, rng, tenSeconds, head, 1, 10) // all but a thousandth leave
	if waited := head.Time - start; waited < 60 || waited > 2400 {
		t.Errorf("after the miners left, a thousandth of the hash rate waited %d s", waited)
	}
}

// The shortest spacing that works: what is lost while the machine is a hundred times
// slower comes back, and blocks come at the spacing again.
func TestShortSpacingRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	rule := pow.Rule{GenesisDifficulty: 1 << 20, MinDifficulty: 1 << 10, TargetSpacing: 2}
	head := parentAt(1, 1_700_000_000, 1<<20)
	for _, rate := range []float64{5e5, 5e3, 5e5} {
		head = simulate(t, rng, rule, head, 400, rate) // settle
		start := head.Time
		head = simulate(t, rng, rule, head, 2000, rate)
		if mean := float64(head.Time-start) / 2000; math.Abs(mean-2) > 0.1 {
			t.Errorf("at %g hashes/s a block takes %.2f s, want 2", rate, mean)
		}
	}
	if seal, err := pow.ParseSeal(head.Extra); err != nil || seal.Difficulty < 1<<19 {
		t.Errorf("afterwards the difficulty is %d, %v", seal.Difficulty, err)
	}
}

func TestRuleValidate(t *testing.T) {
	if err := tenSeconds.Validate(); err != nil {
		t.Errorf("%+v: %v", tenSeconds, err)
	}
	for _, r := range []pow.Rule{
		{},
		{GenesisDifficulty: 1, MinDifficulty: 0, TargetSpacing: 1},
		{GenesisDifficulty: 1, MinDifficulty: 2, TargetSpacing: 1},
		{GenesisDifficulty: pow.MaxDifficulty + 1, MinDifficulty: 1, TargetSpacing: 1},
		{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: 0},
		{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: 3601},
	} {
		if err := r.Validate(); !errors.Is(err, pow.ErrRule) {
			t.Errorf("%+v: %v, want ErrRule", r, err)
		}
	}
}
