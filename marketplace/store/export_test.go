package store

import (
	"context"
	"database/sql"
)

// PanicEntering enters a patient into the map and panics before it is committed.
func (p *Provider) PanicEntering(ctx context.Context, patient int64) error {
	return p.write(ctx, "panicking", func(tx *sql.Tx) error {
		if err := p.enter(ctx, tx, patient); err != nil {
			return err
		}
		panic("in a transaction")
	})
}

// Break has whoever writes panic until it is mended. Nobody may be writing.
func (p *Provider) Break() (mend func()) {
	w := p.writer
	p.writer = nil
	return func() { p.writer = w }
}

// Waiting is how many callers of Record wait for their turn.
func (p *Provider) Waiting() int {
	p.batches.mu.Lock()
	defer p.batches.mu.Unlock()
	return len(p.batches.waiting)
}
