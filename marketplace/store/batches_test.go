package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// occupied runs f while a charge holds the turn, and then lets go.
func occupied(t *testing.T, p *store.Provider, f func()) {
	t.Helper()
	begun, end := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_, err := p.Charge(t.Context(), ledger.HashBytes([]byte("slow")), func(provider.Snapshot) (provider.Charge, error) {
			close(begun)
			<-end
			return provider.Charge{}, errors.New("not today")
		})
		if err == nil {
			t.Error("charged")
		}
	})
	<-begun
	f()
	close(end)
	group.Wait()
}

// Callers who record at the same time share a transaction: whatever is wrong
// with one's events undoes those alone, and is told to that one alone.
func TestRecordedTogether(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, 10)
	setPolicy(t, p)
	record(t, p, preferences(0, 2, 1, "first"))
	cancelled, cancel := context.WithCancel(t.Context())
	batches := []struct {
		ctx    context.Context
		events []provider.Event
		want   error
	}{
		{t.Context(), preferences(0, 1, 2, "second"), nil},
		{t.Context(), preferences(1, 1, 1, "second"), provider.ErrStaleRevision},
		// A class appears with events that are refused, and again with others.
		{t.Context(), append(preferences(2, 1, 1, "third"), preferences(3, 1, 2, "third")...), provider.ErrStaleRevision},
		{t.Context(), preferences(4, 3, 1, "third"), nil},
		{t.Context(), preferences(99, 1, 1, "third"), provider.ErrNotEnrolled},
		{cancelled, preferences(7, 1, 1, "third"), context.Canceled},
		{t.Context(), preferences(8, 1, 1, "first"), nil},
	}
	tokens, errs := make([]uint64, len(batches)), make([]error, len(batches))
	var group sync.WaitGroup
	occupied(t, p, func() {
		for i, b := range batches {
			group.Go(func() { tokens[i], errs[i] = p.Record(b.ctx, b.events) })
			for p.Waiting() <= i {
				runtime.Gosched()
			}
		}
		cancel()
		for p.Waiting() == len(batches) {
			runtime.Gosched()
		}
	})
	group.Wait()
	size, err := p.Publish(t.Context(), 1500)
	must(t, err)
	for i, b := range batches {
		if !errors.Is(errs[i], b.want) || (b.want == nil) != (errs[i] == nil) {
			t.Errorf("batch %d: error %v, want %v", i, errs[i], b.want)
		}
		if b.want == nil && tokens[i] != size {
			t.Errorf("batch %d: token %d, want %d", i, tokens[i], size)
		}
	}
	for patient, revision := range []uint64{2, 1, 0, 0, 1, 1, 1, 0, 1, 0} {
		proof, err := p.Consent(t.Context(), int64(patient), size)
		must(t, err)
		if proof.Present.Entry.Revision != revision {
			t.Errorf("patient %d: revision %d is in the map, want %d", patient, proof.Present.Entry.Revision, revision)
		}
	}
}

// Of several events of one patient, by several callers in one transaction, each is held against the one before.
func TestOneAfterTheOtherTogether(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, 2)
	setPolicy(t, p)
	record(t, p, preferences(0, 2, 1, "first"))
	var group sync.WaitGroup
	occupied(t, p, func() {
		for i, revision := range []uint64{2, 3, 3, 4} {
			group.Go(func() {
				_, err := p.Record(t.Context(), preferences(0, 1, revision, "next"))
				if stale := i == 2; errors.Is(err, provider.ErrStaleRevision) != stale || (err != nil) != stale {
					t.Errorf("event %d: %v", i, err)
				}
			})
			for p.Waiting() <= i {
				runtime.Gosched()
			}
		}
	})
	group.Wait()
}

// What the table refuses of one caller's, when it was decided on already, undoes nothing of the others' who share the transaction.
func TestRefusedByTheTable(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, 3)
	setPolicy(t, p)
	refused := preferences(0, 1, 1, "first")
	refused[0].Until = -1
	all := [][]provider.Event{preferences(1, 1, 1, "first"), refused, preferences(0, 1, 1, "next"), preferences(2, 1, 1, "first")}
	errs := make([]error, len(all))
	var group sync.WaitGroup
	occupied(t, p, func() {
		for i := range all {
			group.Go(func() { _, errs[i] = p.Record(t.Context(), all[i]) })
			for p.Waiting() <= i {
				runtime.Gosched()
			}
		}
	})
	group.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 1) {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	for patient := range int64(3) {
		if s, err := p.Preference(t.Context(), keyOf(patient)); err != nil || s.Document.Revision != 1 {
			t.Errorf("patient %d: revision %d, %v", patient, s.Document.Revision, err)
		}
	}
}

// A panic within a transaction leaves nothing behind: who waited is told, the turn is
// given up, and the map in memory is that on disk.
func TestPanicsLeaveNothing(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, 3)
	setPolicy(t, p)
	panics := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s does not panic", what)
			}
		}()
		f()
	}
	panics("entering", func() { _ = p.PanicEntering(t.Context(), 77) })
	record(t, p, preferences(0, 1, 1, "first"))
	size, err := p.Publish(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := p.Consent(t.Context(), 77, size)
	if err != nil || proof.Present != nil {
		t.Errorf("who was never entered is in the map: %v, %v", proof.Present, err)
	}
	var wrong *ledger.MismatchError // the store leaves the log's part out
	if errors.As(proof.Check(), &wrong) && wrong.Part != consent.PartCheckpoint && wrong.Part != consent.PartInclusion {
		t.Errorf("the map is not that of its root: %v", wrong)
	}

	var told [2]error
	var group sync.WaitGroup
	var mend func()
	occupied(t, p, func() {
		for i := range told {
			group.Go(func() {
				defer func() { _ = recover() }() // whichever of the two records for both
				_, told[i] = p.Record(t.Context(), preferences(int64(1+i), 1, 1, "first"))
			})
		}
		for p.Waiting() < len(told) {
			runtime.Gosched()
		}
		mend = p.Break()
	})
	group.Wait()
	mend()
	if (told[0] == nil) == (told[1] == nil) {
		t.Errorf("of two, one panics and one is told: %v", told)
	}
	record(t, p, preferences(1, 2, 1, "first"))
}
