package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A turn that waits for what never comes ends, and there is another.
func TestTurnsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		start, turns := time.Now(), 0
		every(ctx, time.Minute, func(turn context.Context) {
			if turns++; turns == 2 {
				cancel()
			}
			<-turn.Done()
			if late := errors.Is(turn.Err(), context.DeadlineExceeded); late != (turns == 1) {
				t.Errorf("turn %d: %v", turns, turn.Err())
			}
		})
		if took := time.Since(start); turns != 2 || took > time.Minute+turnTimeout+time.Minute {
			t.Errorf("%d turns in %s", turns, took)
		}
	})
}
