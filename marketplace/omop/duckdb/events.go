package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

var _ recordindex.Source = (*Engine)(nil)

// Events implements recordindex.Source.
func (e *Engine) Events(ctx context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Event, known recordindex.Concepts, err error) {
	args := []any{patient}
	if day != "" {
		args = append(args, day)
	}
	err = e.use(ctx, func() (err error) {
		all, err = omop.ReadEvents(kind, func(kind records.Kind, see func(recordindex.Event) error) error {
			return e.db.each(ctx, "read events", omop.EventsSQL(omop.DuckDB, kind, day != ""), args, func(rows *sql.Rows) error {
				event, err := omop.ScanEvent(kind, rows.Scan)
				if err != nil {
					return opaque(ctx, "read events", err)
				}
				return see(event)
			})
		})
		if err != nil {
			return err
		}
		known, err = e.concepts(ctx, omop.Named(all))
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("events: %w", err)
	}
	return all, known, nil
}

// concepts reads what the imported vocabulary says of those of a list.
func (e *Engine) concepts(ctx context.Context, named string) (recordindex.Concepts, error) {
	if named == "" {
		return nil, nil //nolint:nilnil // of no concept nothing is known
	}
	known := recordindex.Concepts{}
	err := e.db.each(ctx, "read concepts", omop.ConceptsSQL(omop.DuckDB), []any{named}, func(rows *sql.Rows) error {
		return opaque(ctx, "read concepts", omop.ScanConcept(known, rows.Scan))
	})
	return known, err
}
