package recordindex

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Pointed says what pointing at records came to.
type Pointed struct {
	Records int // that the patients have
	Added   int // pointers, to those that are new or are not what they were
	// Faulty are those that are not pointed at, since they are no FHIR R4: the first MaxPage.
	Faulty []Faulty
}

// Faulty is a record that is no FHIR R4.
type Faulty struct {
	Patient int64
	Kind    records.Kind
	Day     string // empty if it says none
	Fault   string // where, as in [Document]
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
		drafts, faulty, err := x.drafts(ctx, patient, since)
		if err != nil {
			return done, err
		}
		done.Records += len(drafts)
		done.Faulty = append(done.Faulty, faulty[:min(len(faulty), MaxPage-len(done.Faulty))]...)
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

// drafts are pointers to all records of a patient but the faulty ones.
func (x *Index) drafts(ctx context.Context, patient int64, since string) (all []Draft, faulty []Faulty, err error) {
	if all, err = x.draftsOfTables(ctx, patient, since); err != nil || x.cfg.Documents == nil {
		return all, nil, err
	}
	documents, err := x.cfg.Documents.Documents(ctx, patient, "", "")
	if err != nil {
		return nil, nil, err
	}
	for _, d := range documents {
		switch {
		case d.Day != "" && d.Day < since:
		case d.Fault != "":
			faulty = append(faulty, Faulty{patient, d.Kind, d.Day, d.Fault})
		default:
			if all, err = draft(all, patient, server, d); err != nil {
				return nil, nil, err
			}
		}
	}
	return all, faulty, nil
}

// draftsOfTables are pointers to those that are in the hospital's tables.
func (x *Index) draftsOfTables(ctx context.Context, patient int64, since string) (all []Draft, err error) {
	events, known, err := x.cfg.Source.Events(ctx, patient, "", "")
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
		content, err := x.render(record, known)
		if err != nil {
			return nil, err
		}
		if all, err = draft(all, patient, tables, Document{Kind: record[0].Kind, Day: record[0].Start, Content: content}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// draft adds a pointer to a record, unless it is of a year that no access is for.
func draft(all []Draft, patient int64, in source, d Document) ([]Draft, error) {
	day, err := time.Parse(time.DateOnly, d.Day)
	if err != nil {
		return nil, fmt.Errorf("the source gave a day of another form: %w", err)
	}
	month, err := records.MonthOf(day)
	if err != nil {
		return all, nil //nolint:nilerr // nobody could be shown it
	}
	return append(all, Draft{
		Patient: patient, Kind: d.Kind, Month: month, Time: day.Unix(), Locator: in.locator(d.Kind, d.Day), Record: ledger.HashBytes(d.Content),
	}), nil
}

func (x *Index) render(events []Event, known Concepts) ([]byte, error) {
	content, err := x.cfg.Render(events, known)
	if err != nil {
		return nil, fmt.Errorf("rendering a record: %w", err)
	}
	if len(content) > MaxRecord {
		return nil, ErrTooLarge
	}
	return content, nil
}

// source is where records are, by which their locators begin.
type source string

const (
	tables source = "omop" // the hospital's OMOP tables
	server source = "fhir" // its FHIR server
)

func (s source) locator(kind records.Kind, day string) string {
	return string(s) + "/" + string(kind) + "/" + day
}

// located reverses locator.
func located(l string) (in source, kind records.Kind, day string, ok bool) {
	parts := strings.Split(l, "/")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return source(parts[0]), records.Kind(parts[1]), parts[2], true
}

// seal makes what is kept of a draft.
func (x *Index) seal(d Draft, number uint64) (s Sealed, err error) {
	p := records.Pointer{Provider: x.cfg.Provider, Kind: d.Kind, Time: d.Time, Locator: d.Locator, Record: d.Record}
	e, err := x.secretOf(d.Patient).Cell(d.Kind, d.Month).Seal(number, p)
	if err != nil {
		return s, err
	}
	s.Value, s.Salt = e.Value, provider.NewSalt()
	s.Leaf = e.Leaf(s.Salt)
	return s, nil
}
