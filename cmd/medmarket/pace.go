package main

import (
	"errors"
	"log/slog"
	"time"

	"github.com/medmarket/medmarket/ledger/pow"
)

// leastSpacing is the least target spacing of a chain made here, in seconds. Block
// times are whole seconds and rise: on a chain that aims at one second no block is
// early, and difficulty that a slow moment has cost never comes back.
const leastSpacing = 2

var errSpacing = errors.New("want 2 s or more: the difficulty never rises where no block can be early")

// rises reports whether blocks that come an interval apart make the next one harder.
func rises(rule pow.Rule, interval time.Duration) bool {
	return interval < time.Duration(rule.TargetSpacing)*time.Second
}

// warnPace tells of a sealer that, alone, lets the difficulty fall and never rise.
func warnPace(log *slog.Logger, rule pow.Rule, interval time.Duration) {
	if !rises(rule, interval) {
		log.Warn("blocks as far apart as the chain's spacing let the difficulty fall and never rise, and work is worth little",
			"interval", interval, "spacing_s", rule.TargetSpacing)
	}
}
