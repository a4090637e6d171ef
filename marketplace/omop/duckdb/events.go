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
func (e *Engine) Events(ctx context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Event, err error) {
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
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	return all, nil
}
