package postgres

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

var _ recordindex.Source = (*Engine)(nil)

// Events implements recordindex.Source. ErrChanged after a change of the records, ErrWritten during one.
func (e *Engine) Events(ctx context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Event, known recordindex.Concepts, err error) {
	args := []any{patient}
	if day != "" {
		args = append(args, day)
	}
	err = e.use(ctx, "READ ONLY", func() (err error) {
		all, err = omop.ReadEvents(kind, func(kind records.Kind, see func(recordindex.Event) error) error {
			var full error // not the database's to say
			err := e.db.each(ctx, "read events", omop.EventsSQL(omop.Postgres, kind, day != ""), args, func(scan func(...any) error) (bool, error) {
				event, err := omop.ScanEvent(kind, scan)
				if err == nil {
					full = see(event)
				}
				return full == nil, err
			})
			if err == nil {
				err = full
			}
			return err
		})
		if err != nil {
			return err
		}
		known, err = e.concepts(ctx, omop.Named(all))
		return err
	}, func() {})
	if err != nil {
		return nil, nil, fmt.Errorf("events: %w", err)
	}
	return all, known, nil
}

// concepts reads what the hospital's vocabulary says of those of a list.
func (e *Engine) concepts(ctx context.Context, named string) (recordindex.Concepts, error) {
	if named == "" {
		return nil, nil //nolint:nilnil // of no concept nothing is known
	}
	known := recordindex.Concepts{}
	err := e.db.each(ctx, "read concepts", omop.ConceptsSQL(omop.Postgres), []any{named}, func(scan func(...any) error) (bool, error) {
		return true, omop.ScanConcept(known, scan)
	})
	return known, err
}
