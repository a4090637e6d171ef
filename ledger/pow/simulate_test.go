package pow_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger/pow"
)

var update = flag.Bool("update", false, "write the figure again")

// network simulates sealers: exponential waiting times at a hash rate, of which
// every second tries at the difficulty that second has, as real sealers do.
type network struct {
	rule   pow.Rule
	random *rand.Rand
	number int64
	time   uint64
	hard   uint64
}

// seal lets the network find its next block at a hash rate, in hashes a second, and
// returns the seconds it took and its difficulty.
func (n *network) seal(t *testing.T, rate float64) (took, difficulty uint64) {
	t.Helper()
	parent := parentAt(n.number+1, n.time, n.hard)
	for luck := n.random.ExpFloat64(); ; {
		took++
		next, err := pow.NextDifficulty(n.rule, parent, n.time+took)
		if err != nil {
			t.Fatal(err)
		}
		if luck -= rate / float64(next); luck <= 0 {
			n.number, n.time, n.hard = n.number+1, n.time+took, next
			return took, next
		}
	}
}

// phases of the simulation: a network grows tenfold at once, and shrinks again.
const (
	slow, fast  = 100_000.0, 1_000_000.0 // hashes a second
	phaseBlocks = 300
)

// course is the median over many runs of the difficulty after each block, as a
// multiple of what the slow network settles at, and of the spacing in seconds.
func course(t *testing.T, runs int) (difficulty, spacing []float64) {
	t.Helper()
	rule := pow.Rule{GenesisDifficulty: 1 << 20, MinDifficulty: 1 << 10, TargetSpacing: 10}
	all := make([][]float64, 3*phaseBlocks)
	waits := make([]float64, 3*phaseBlocks)
	for run := range runs {
		n := &network{rule: rule, random: rand.New(rand.NewPCG(1, uint64(run))), time: 1000, hard: 1 << 20}
		for range 200 { // settles
			n.seal(t, slow)
		}
		for i := range all {
			rate := slow
			if i/phaseBlocks == 1 {
				rate = fast
			}
			took, hard := n.seal(t, rate)
			all[i] = append(all[i], float64(hard)/(slow*10))
			waits[i] += float64(took) / float64(runs)
		}
	}
	for _, at := range all {
		slices.Sort(at)
		difficulty = append(difficulty, at[len(at)/2])
	}
	return difficulty, waits
}

// response is how many blocks after from it takes until the difficulty passes level.
func response(course []float64, from int, level float64) int {
	up := course[from] < level
	for i := from; i < len(course); i++ {
		if (course[i] >= level) == up {
			return i - from
		}
	}
	return math.MaxInt
}

// TestDifficultyFollowsTheHashRate: after a jump of ten times, up or down, the
// difficulty is within a factor of two of where it belongs within a stated number of
// blocks, and blocks come at the target spacing again. The random numbers are fixed:
// the bounds leave about a quarter for other versions of them. The figure docs/difficulty.svg
// shows the course; -update draws it again.
func TestDifficultyFollowsTheHashRate(t *testing.T) {
	difficulty, spacing := course(t, 101)
	up := response(difficulty, phaseBlocks, 5)
	down := response(difficulty, 2*phaseBlocks, 2)
	upSeconds, downSeconds := sum(spacing[phaseBlocks:phaseBlocks+up]), sum(spacing[2*phaseBlocks:2*phaseBlocks+down])
	t.Logf("bench: difficulty_up_10x %d blocks", up)
	t.Logf("bench: difficulty_up_10x_s %.0f s", upSeconds)
	t.Logf("bench: difficulty_down_10x %d blocks", down)
	t.Logf("bench: difficulty_down_10x_s %.0f s", downSeconds)
	for name, tc := range map[string]struct{ got, most float64 }{
		"blocks after 10x up":    {float64(up), 70},
		"blocks after 10x down":  {float64(down), 16},
		"seconds after 10x up":   {upSeconds, 240},
		"seconds after 10x down": {downSeconds, 600},
		"longest mean wait, s":   {slices.Max(spacing), 100},
	} {
		if tc.got > tc.most {
			t.Errorf("%s: %.0f, want at most %.0f", name, tc.got, tc.most)
		}
	}
	for phase := range 3 { // its last 100 blocks
		settled := spacing[(phase+1)*phaseBlocks-100 : (phase+1)*phaseBlocks]
		if mean := sum(settled) / 100; mean < 9.5 || mean > 10.5 {
			t.Errorf("phase %d settles at a block in %.2f s, want 10", phase, mean)
		}
	}

	path := filepath.Join("..", "..", "docs", "difficulty.svg")
	drawn := draw(difficulty, fmt.Sprintf("10x up: %d blocks (%.0f s) to within a factor of two; 10x down: %d blocks (%.0f s)", up, upSeconds, down, downSeconds))
	if *update {
		if err := os.WriteFile(path, drawn, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if stored, err := os.ReadFile(path); err != nil || !bytes.Equal(stored, drawn) {
		t.Errorf("%s is not what the simulation gives, %v: run with -update", path, err)
	}
}

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

// draw makes the figure: difficulty on a logarithmic scale by block, beside the hash
// rate.
func draw(difficulty []float64, caption string) []byte {
	const width, height, left, top = 900, 260, 60, 40
	x := func(block int) float64 { return left + float64(block)*width/float64(len(difficulty)) }
	y := func(v float64) float64 { return top + height - (math.Log10(v)+0.2)/1.4*height }
	var line strings.Builder
	for i, v := range difficulty {
		fmt.Fprintf(&line, "%.0f,%.1f ", x(i), y(v))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", width+left+20, height+top+50)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/><text x="%d" y="20">Difficulty after the hash rate jumps tenfold and back (median of 101 simulated networks; target 10 s)</text>`+"\n", left)
	for _, v := range []float64{1, 2, 5, 10} {
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/><text x="10" y="%.1f">%gx</text>`+"\n", left, left+width, y(v), y(v), y(v)+4, v)
	}
	fmt.Fprintf(&b, `<polyline fill="none" stroke="#c60" stroke-dasharray="6 4" points="%.0f,%.1f %.0f,%.1f %.0f,%.1f %.0f,%.1f %.0f,%.1f %.0f,%.1f"/>`+"\n",
		x(0), y(1), x(phaseBlocks), y(1), x(phaseBlocks), y(10), x(2*phaseBlocks), y(10), x(2*phaseBlocks), y(1), x(3*phaseBlocks), y(1))
	fmt.Fprintf(&b, `<polyline fill="none" stroke="#06c" stroke-width="1.5" points="%s"/>`+"\n", strings.TrimSpace(line.String()))
	for i := 0; i <= len(difficulty); i += 100 {
		fmt.Fprintf(&b, `<text x="%.0f" y="%d" text-anchor="middle">%d</text>`+"\n", x(i), top+height+18, i)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d">block; dashed: hash rate, blue: difficulty. %s</text>`+"\n</svg>\n", left, top+height+40, caption)
	return b.Bytes()
}
