package provider_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// Whether a request was charged is told once no call may charge it any more, and not later: how long counting takes is not seen.
func TestG5Charged(t *testing.T) {
	w := openExact(t)
	q := w.ask("one")
	charged := func(within time.Duration) (bool, error) {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		return w.Charged(ctx, q.Ask.RequestID)
	}
	if was, err := charged(time.Minute); was || err != nil {
		t.Errorf("before it was asked: %v, %v", was, err)
	}
	deciding, decide, counting, count := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.Engine.OnReady = func() error { // the last that a charge waits for
		close(deciding)
		<-decide
		return nil
	}
	w.Engine.Before = func(context.Context, provider.Active) error {
		close(counting)
		<-count
		return nil
	}
	answered := make(chan error, 1)
	go func() {
		_, err := w.Release(t.Context(), q)
		answered <- err
	}()
	<-deciding
	if _, err := charged(10 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it may be charged: %v, want no answer", err)
	}
	close(decide)
	<-counting
	if was, err := charged(time.Minute); !was || err != nil {
		t.Errorf("while it is counted: %v, %v", was, err)
	}
	close(count)
	ok(t, <-answered)
}
