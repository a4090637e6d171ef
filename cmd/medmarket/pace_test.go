package main

import (
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger/pow"
)

// On the chains that commands make, difficulty that a slow machine has lost comes back:
// their sealers may be early. How it does, package pow's simulation shows.
func TestDifficultyCanRise(t *testing.T) {
	demo := (&demoCommand{}).config(quietEnv(t), t.TempDir())
	if !rises(demo.rule, demo.interval) {
		t.Errorf("not in the demo: %+v, a block in %s at most", demo.rule, demo.interval)
	}
	if !rises(serveRule, 5*time.Second) { // the flag's default
		t.Errorf("not where serve is: %+v", serveRule)
	}
	if rises(pow.Rule{TargetSpacing: leastSpacing - 1}, time.Second) {
		t.Errorf("it can at a spacing of %d s", leastSpacing-1)
	}
}
