package provider_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// What a steward reads of the questions is what those who asked them saw.
func TestHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openSlots(t)
		began := w.Heard()
		failure := errors.New("a failure that depends on patients")
		w.release(w.ask("one"))
		w.release(w.ask("one")) // handed over again: it is one answer
		w.Engine.After = func(context.Context, provider.Active) error {
			<-time.After(2 * time.Second)
			return nil
		}
		w.release(w.ask("two"))
		w.Engine.After = func(context.Context, provider.Active) error { return failure }
		_, err := w.Release(t.Context(), w.ask("three"))
		if !errors.Is(err, provider.ErrFailed) {
			t.Fatal(err)
		}
		w.Engine.After = nil
		refused := w.Question("four", w.grant, w.Query(1_000_000), w.ancestry)
		for range 2 {
			w.refusedFor(refused, policy.ReasonGrantPurpose, policy.ReasonDatasetPurpose)
		}
		w.Engine.OnReady = func() error { return failure }
		_, err = w.Release(t.Context(), w.ask("five"))
		if !errors.Is(err, provider.ErrNotReady) {
			t.Fatal(err)
		}
		_, err = w.Release(t.Context(), provider.Question{Ask: ledger.Ask{}})
		if err == nil {
			t.Fatal("it had no signature")
		}
		want := provider.Heard{
			Since: began.Since, Departed: map[time.Duration]int64{time.Second: 1, 5 * time.Second: 1}, NotNow: 1, Failed: 1,
			Refused: map[policy.ReasonCode]provider.Refused{
				policy.ReasonGrantPurpose: {Times: 2, Last: w.Now()}, policy.ReasonDatasetPurpose: {Times: 2, Last: w.Now()},
			},
		}
		if diff := cmp.Diff(want, w.Heard()); diff != "" {
			t.Error(diff)
		}
	})
}

// Where answers leave at once, how long they took is told nobody.
func TestHeardTellsNoTimes(t *testing.T) {
	w := openExact(t)
	w.release(w.ask("one"))
	if diff := cmp.Diff(map[time.Duration]int64{0: 1}, w.Heard().Departed); diff != "" {
		t.Error(diff)
	}
}
