package marketplace

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// restore is what a marketplace knows of its store's past.
type restore struct {
	turn  chan struct{} // held while the store is held against the chain
	known atomic.Bool   // it has been
	ever  bool          // it was brought back from a backup at some time; set before known
}

// known sees to it that the store has been held against the chain: in one that was brought back from a backup, what is burnt
// on the chain counts as drawn, and its log goes on beyond what was anchored. Privacy is not at stake: hospitals count that.
func (m *Market) known(ctx context.Context) error {
	if m.restore.known.Load() {
		return nil
	}
	select {
	case m.restore.turn <- struct{}{}:
		defer func() { <-m.restore.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.restore.known.Load() {
		return nil
	}
	if err := provider.Fresh(ctx, m.cfg.Chain, m.cfg.Now(), m.cfg.StaleAfter); err != nil {
		return err
	}
	from, err := m.cfg.Store.Origin(ctx)
	if err != nil {
		return err
	}
	anchored, err := m.cfg.Chain.NewestAnchor(ctx, m.Log())
	if err != nil {
		return fmt.Errorf("reading the newest anchor: %w", err)
	}
	if from.Copied || anchored > from.Size {
		if err := m.restored(ctx, anchored); err != nil {
			return err
		}
		from.Ever = true
	}
	m.restore.ever = from.Ever
	m.restore.known.Store(true)
	return nil
}

func (m *Market) restored(ctx context.Context, anchored uint64) error {
	researchers, err := m.cfg.Store.Researchers(ctx)
	if err != nil {
		return err
	}
	burnt := make(map[ledger.Address]int64, len(researchers))
	for _, r := range researchers {
		if burnt[r], err = m.cfg.Chain.Burnt(ctx, r, m.Address()); err != nil {
			return fmt.Errorf("reading what %s has settled: %w", r, err)
		}
	}
	if err := m.cfg.Store.Restore(ctx, burnt, anchored); err != nil {
		return err
	}
	m.cfg.Log.ErrorContext(ctx, "THE STORE WAS BROUGHT BACK FROM A BACKUP: what is settled on the chain counts as drawn; "+
		"studies, steps and receipts since the backup are lost, and vouchers that were not settled")
	return nil
}

// lost is what a researcher has settled of whom a store that was brought back may know nothing.
func (m *Market) lost(ctx context.Context, researcher ledger.Address) (int64, error) {
	if err := m.known(ctx); err != nil || !m.restore.ever {
		return 0, err
	}
	burnt, err := m.cfg.Chain.Burnt(ctx, researcher, m.Address())
	if err != nil {
		return 0, fmt.Errorf("reading what %s has settled: %w", researcher, err)
	}
	return burnt, nil
}
