package recordindex

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// Pointed says what pointing at records came to.
type Pointed struct {
	Records int // that the patients have
	Added   int // pointers, to those that are new or are not what they were
}

// Point points at the records of patients, by the hospital's own numbers, that begin on or after a day (empty: all): one of
// each kind and day. The caller has checked that a steward of this hospital asks. What was pointed at before an error stays: the same
// request again does the rest. Errors: ErrMalformed, ErrTooLarge.
func (x *Index) Point(ctx context.Context, patients []int64, since string) (done Pointed, err error) {
	if len(patients) == 0 || len(patients) > MaxPatients {
		return done, fmt.Errorf("%w: wants 1 to %d patients", ErrMalformed, MaxPatients)
	}
	if _, err := time.Parse(time.DateOnly, since); since != "" && err != nil {
		return done, fmt.Errorf("%w: a day is written as in 2024-03-31", ErrMalformed)
	}
	var waiting []Draft
	for i, patient := range patients {
		drafts, err := x.drafts(ctx, patient, since)
		if err != nil {
			return done, err
		}
		done.Records += len(drafts)
		waiting = append(waiting, drafts...)
		for last := i == len(patients)-1; len(waiting) >= maxBatchSize || last && len(waiting) > 0; {
			batch := waiting[:min(len(waiting), maxBatchSize)]
			added, err := x.cfg.Store.Append(ctx, batch, x.seal)
			if err != nil {
				return done, err
			}
			done.Added += added
			waiting = waiting[len(batch):]
		}
	}
	return done, nil
}

// drafts are pointers to all records of a patient.
func (x *Index) drafts(ctx context.Context, patient int64, since string) (all []Draft, err error) {
	events, err := x.cfg.Source.Events(ctx, patient, "", "")
	if err != nil {
		return nil, err
	}
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].Kind == events[0].Kind && events[n].Start == events[0].Start {
			n++
		}
		record := events[:n]
		events = events[n:]
		if record[0].Start < since {
			continue
		}
		d := Draft{Patient: patient, Kind: record[0].Kind, Locator: locator(record[0].Kind, record[0].Start)}
		day, err := time.Parse(time.DateOnly, record[0].Start)
		if err != nil {
			return nil, fmt.Errorf("the source gave a day of another form: %w", err)
		}
		if d.Month, err = records.MonthOf(day); err != nil {
			continue // of a year that no access is for
		}
		d.Time = day.Unix()
		content, err := x.render(record)
		if err != nil {
			return nil, err
		}
		d.Record = ledger.HashBytes(content)
		all = append(all, d)
	}
	return all, nil
}

func (x *Index) render(events []Event) ([]byte, error) {
	content, err := x.cfg.Render(events)
	if err != nil {
		return nil, fmt.Errorf("rendering a record: %w", err)
	}
	if len(content) > MaxRecord {
		return nil, ErrTooLarge
	}
	return content, nil
}

// source begins the locators of records that are in the hospital's OMOP tables.
const source = "omop/"

func locator(kind records.Kind, day string) string { return source + string(kind) + "/" + day }

// located reverses locator.
func located(l string) (kind records.Kind, day string, ok bool) {
	rest, ok := strings.CutPrefix(l, source)
	k, day, cut := strings.Cut(rest, "/")
	return records.Kind(k), day, ok && cut
}

// seal makes what is kept of a draft.
func (x *Index) seal(d Draft, number uint64) (s Sealed, err error) {
	p := records.Pointer{Provider: x.cfg.Provider, Kind: d.Kind, Time: d.Time, Locator: d.Locator, Record: d.Record}
	e, err := x.secretOf(d.Patient).Cell(d.Kind, d.Month).Seal(number, p)
	if err != nil {
		return s, err
	}
	s.Value, s.Salt = e.Value, newSalt()
	s.Leaf = e.Leaf(s.Salt)
	return s, nil
}
