package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func testEnrol(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	for _, c := range []struct {
		name  string
		batch []provider.Enrolment
	}{
		{"patient is bound", []provider.Enrolment{{Patient: 3, Key: key(3)}, {Patient: 1, Key: key(9)}}},
		{"key is bound", []provider.Enrolment{{Patient: 3, Key: key(3)}, {Patient: 9, Key: key(2)}}},
		{"both are bound to one another", []provider.Enrolment{{Patient: 1, Key: key(1)}}},
		{"patient twice", []provider.Enrolment{{Patient: 3, Key: key(3)}, {Patient: 3, Key: key(4)}}},
		{"key twice", []provider.Enrolment{{Patient: 3, Key: key(3)}, {Patient: 4, Key: key(3)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, e := range c.batch {
				w.keys = append(w.keys, e.Key)
			}
			w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error { return w.Enrol(ctx, c.batch, 1000) })
		})
	}
	w.enrol(t, 3, -4) // nothing of the batches above was kept
	w.survives(t)
}

func testRecord(t *testing.T, w *ward) {
	w.enrol(t, 1, 2, 3)
	for key, want := range map[ledger.Address]error{key(8): provider.ErrNotEnrolled, key(1): provider.ErrNoPreference} {
		_, err := w.Preference(t.Context(), key)
		same(t, err, want)
	}
	first, second := w.event(1, "yes", 0), w.event(1, "no", 5000) // two of one patient in a batch
	w.record(t, first, w.event(2, "yes", 0), second)
	for _, c := range []struct {
		name  string
		want  error
		batch []provider.Event
	}{
		{"unknown key, after a good one", provider.ErrNotEnrolled, []provider.Event{event(3, 1, "new class", 0), event(8, 1, "yes", 0)}},
		{"revision again", provider.ErrStaleRevision, []provider.Event{event(3, 1, "new class", 0), event(2, 1, "yes", 0)}},
		{"revision left out", provider.ErrStaleRevision, []provider.Event{event(2, 3, "yes", 0)}},
		{"revision 0", provider.ErrStaleRevision, []provider.Event{event(3, 0, "yes", 0)}},
		{"revision again in a batch", provider.ErrStaleRevision, []provider.Event{event(3, 1, "yes", 0), event(3, 1, "yes", 0)}},
		{"revision of 64 bits", provider.ErrStaleRevision, []provider.Event{event(2, 1<<63+1, "yes", 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(t, c.want, func(ctx context.Context) error { _, err := w.Record(ctx, c.batch); return err })
		})
	}
	w.record(t)
	w.record(t, w.event(3, "yes", 0))
	want := provider.Standing{Document: second.Document, AsOf: 64}
	got, err := w.Preference(t.Context(), key(1))
	ok(t, err)
	equal(t, "standing", got, want)
	w.publish(t)
	w.record(t, w.event(2, "no", 0))
	got, err = w.Preference(t.Context(), key(1))
	ok(t, err)
	equal(t, "standing", got, want) // whatever came later
	w.logged(t)
	w.survives(t)
	w.logged(t)
}

func testPolicy(t *testing.T, w *ward) {
	ctx := t.Context()
	_, err := w.Policy(ctx)
	same(t, err, provider.ErrNoPolicy)
	stale := func(revision uint64) {
		w.refused(t, provider.ErrStaleRevision, func(ctx context.Context) error {
			return w.SetPolicy(ctx, document(revision, "stale %d", revision), name("stale"), 1000)
		})
	}
	stale(0)
	stale(2)
	w.policy(t, 1)
	stale(1)
	stale(3)
	second := w.policy(t, 2)
	got, err := w.Policy(ctx)
	ok(t, err)
	equal(t, "policy", got, second)
	w.publish(t)
	w.logged(t)
	w.survives(t)
}

func testProfile(t *testing.T, w *ward) {
	ctx := t.Context()
	_, found, err := w.Profile(ctx)
	ok(t, err)
	equal(t, "found before the first", found, false)
	set := func(revision uint64) error {
		return w.SetProfile(ctx, document(revision, "profile %d", revision), name("leaf of profile %d", revision), 1000)
	}
	w.refused(t, provider.ErrStaleRevision, func(context.Context) error { return set(2) })
	for revision := uint64(1); revision <= 2; revision++ {
		w.log.public = append(w.log.public, name("leaf of profile %d", revision))
		ok(t, set(revision))
		w.refused(t, provider.ErrStaleRevision, func(context.Context) error { return set(revision) })
		got, found, err := w.Profile(ctx)
		ok(t, err)
		equal(t, "found", found, true)
		equal(t, "profile", got, document(revision, "profile %d", revision))
	}
	_, err = w.Policy(ctx)
	same(t, err, provider.ErrNoPolicy)
	w.publish(t)
	w.logged(t)
	w.survives(t)
}

// testMemberships compares the memberships after every event with a plain
// walk over random events. All runs share the store, under patients of their own.
func testMemberships(t *testing.T, w *ward) {
	w.enrol(t, 1)
	w.record(t, w.event(1, "a", 0), w.event(1, "b", 0), w.event(1, "c", 0)) // ids go by first appearance: 1, 2, 3
	run, events := int64(0), uint64(3)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		patients := []int64{run * 10, run*10 + 1, run*10 + 2}
		w.enrol(rt, patients...)
		start := events
		steps := []map[int64]provider.Membership{{}}
		for range rapid.IntRange(0, 8).Draw(rt, "events") {
			m := provider.Membership{
				Patient: rapid.SampledFrom(patients).Draw(rt, "patient"),
				Class:   rapid.Uint32Range(1, 3).Draw(rt, "class"),
				Until:   rapid.SampledFrom([]int64{0, 1, 5000}).Draw(rt, "until"),
				Limit:   provider.NoLimit,
			}
			w.record(rt, w.event(m.Patient, string(rune('a'-1+m.Class)), m.Until))
			next := maps.Clone(steps[len(steps)-1])
			next[m.Patient] = m
			steps = append(steps, next)
			events++
		}
		for i, want := range steps {
			all := w.members(rt, start+uint64(i))
			mine := map[int64]provider.Membership{}
			for _, m := range all {
				if m.Patient >= patients[0] {
					mine[m.Patient] = m
				}
			}
			equal(rt, "memberships", mine, want)
		}
		i, j := rapid.IntRange(0, len(steps)-1).Draw(rt, "from"), rapid.IntRange(0, len(steps)-1).Draw(rt, "to")
		moved := maps.Clone(steps[i])
		_, err := w.Memberships(rt.Context(), start+uint64(i), start+uint64(j), func(m provider.Membership) {
			moved[m.Patient] = m
			if m.Class == 0 {
				delete(moved, m.Patient)
			}
		})
		ok(rt, err)
		equal(rt, "moved from one event to another", moved, steps[j])
	})
	w.survives(t)
}

// members are the memberships as of an event, in the order of patients.
func (w *ward) members(t tb, lastEvent uint64) (all []provider.Membership) {
	t.Helper()
	_, err := w.Memberships(t.Context(), 0, lastEvent, func(m provider.Membership) { all = append(all, m) })
	ok(t, err)
	slices.SortFunc(all, func(a, b provider.Membership) int { return cmp.Compare(a.Patient, b.Patient) })
	return all
}

// documents are those of classes, in their order.
func (w *ward) documents(t tb, classes []provider.Class) []string {
	t.Helper()
	ids, documents := make([]uint32, len(classes)), make([]string, len(classes))
	for i, c := range classes {
		ids[i] = c.ID
	}
	ok(t, w.Documents(t.Context(), ids, func(id uint32, document []byte) error {
		documents[slices.Index(ids, id)] = string(document)
		return nil
	}))
	return documents
}
