package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// recordedEvent is the next preference of a patient as the hospital records it.
func (w *ward) recordedEvent(patient int64, class string, until int64) provider.Event {
	return byHospital(w.event(patient, class, until), patient, true)
}

func byHospital(e provider.Event, patient int64, permits bool) provider.Event {
	e.Key = person("the hospital")
	e.Recorded, e.Permits = &provider.Recorded{Patient: patient, Steward: person("steward")}, permits
	return e
}

// testRecorded: what the hospital records for a patient without a key is her
// history like any other; once she has a key, only what permits nothing is recorded.
func testRecorded(t *testing.T, w *ward) {
	w.policy(t, 1)
	w.enrol(t, 1)
	w.record(t, w.event(1, "yes", 0), w.recordedEvent(-5, "yes", 0), w.recordedEvent(6, "yes", 9000))
	no := w.recordedEvent(6, "no", 0)
	w.record(t, no)
	w.publish(t)
	w.shows(t, w.consent(t, 6, 64), &no, nothing, nothing) // the hospital is committed to it
	standing, err := w.Standing(t.Context(), 6)
	ok(t, err)
	equal(t, "standing of a patient without a key", standing.Document, no.Document)
	_, err = w.Standing(t.Context(), 7)
	if !errors.Is(err, provider.ErrNoPreference) {
		t.Errorf("of whom nothing is known: %v", err)
	}
	memberships := func(want ...provider.Membership) {
		t.Helper()
		got := w.members(t, 1<<62)
		for i := range got {
			got[i] = provider.Membership{Patient: got[i].Patient, Class: got[i].Class, Until: got[i].Until}
		}
		equal(t, "memberships", got, want)
	}
	memberships(provider.Membership{Patient: -5, Class: 1}, provider.Membership{Patient: 1, Class: 1}, provider.Membership{Patient: 6, Class: 2})
	for _, c := range []struct {
		name  string
		want  error
		batch []provider.Event
	}{
		{"patient with a key", provider.ErrHasKey, []provider.Event{byHospital(event(7, 1, "new class", 0), 7, true), byHospital(event(1, 2, "yes", 0), 1, true)}},
		{"with a key, whatever the revision", provider.ErrHasKey, []provider.Event{byHospital(event(1, 9, "yes", 0), 1, true)}},
		{"revision again", provider.ErrStaleRevision, []provider.Event{byHospital(event(7, 1, "new class", 0), 7, true), byHospital(event(6, 2, "yes", 0), 6, true)}},
		{"revision left out", provider.ErrStaleRevision, []provider.Event{byHospital(event(6, 4, "yes", 0), 6, true)}},
		{"revision 0", provider.ErrStaleRevision, []provider.Event{byHospital(event(7, 0, "yes", 0), 7, true)}},
		{"revision left out, with a key", provider.ErrStaleRevision, []provider.Event{byHospital(event(1, 3, "no", 0), 1, false)}},
		{"by the hospital's key", provider.ErrNotEnrolled, []provider.Event{func() provider.Event {
			e := byHospital(event(6, 3, "yes", 0), 6, true)
			e.Recorded = nil
			return e
		}()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(t, c.want, func(ctx context.Context) error { _, err := w.Record(ctx, c.batch); return err })
		})
	}
	w.record(t, byHospital(w.event(1, "no", 0), 1, false)) // her withdrawal on paper
	w.record(t, w.event(1, "yes", 0))                      // and her own after it
	w.enrol(t, 6)                                          // what was recorded stays in force
	w.publish(t)
	w.shows(t, w.consent(t, 6, 128), &no, nothing, nothing)
	memberships(provider.Membership{Patient: -5, Class: 1}, provider.Membership{Patient: 1, Class: 1}, provider.Membership{Patient: 6, Class: 2})
	w.refused(t, provider.ErrHasKey, func(ctx context.Context) error {
		_, err := w.Record(ctx, []provider.Event{byHospital(event(6, 3, "yes", 0), 6, true)})
		return err
	})
	w.record(t, w.event(6, "yes", 0)) // her own goes on counting
	memberships(provider.Membership{Patient: -5, Class: 1}, provider.Membership{Patient: 1, Class: 1}, provider.Membership{Patient: 6, Class: 1})
	w.survives(t)
}

// inhabit has somebody stay in each of some classes, so that charges can name them.
func (w *ward) inhabit(t tb, classes ...string) {
	t.Helper()
	for _, class := range classes {
		w.inhabitants++
		w.record(t, w.recordedEvent(1<<40+w.inhabitants, class, 0))
	}
}
