package provider

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Drawing is what a charge draws of its researcher's escrow. The hospital keeps the sum for each researcher, so that no marketplace has
// it answer beyond what she has set aside.
type Drawing struct {
	Researcher  ledger.Address
	Marketplace ledger.Address // for which she set it aside
	Work        int64          // price, expected hashes
	Escrow      int64          // that she set aside and did not take back, burnt or not, final on the chain: no sum is above it
}

// Work is the price of a loss, in expected hashes; ErrMalformed if no document can hold it.
func Work(cost accountant.Cost, perNanoRho int64) (int64, error) {
	const most = 1 << 53
	if perNanoRho < 1 || cost.NanoRho > most/perNanoRho {
		return 0, fmt.Errorf("%w: the price is out of range", ErrMalformed)
	}
	return cost.NanoRho * perNanoRho, nil
}

// readPrice reads what q is sold by: the steward's rule, and the researcher's escrow as the hospital itself sees it.
func (n *Node) readPrice(ctx context.Context, q *question) error {
	signed, found, err := n.cfg.Store.Profile(ctx)
	if err != nil {
		return err
	}
	if found {
		p, err := n.profiles.of(signed)
		if err != nil {
			return fmt.Errorf("profile on record: %w", err)
		}
		q.rule = p.Price
	}
	if q.escrow, err = n.cfg.Chain.Escrow(ctx, q.researcher, n.cfg.Marketplace); err != nil {
		return fmt.Errorf("reading the escrow: %w", err)
	}
	return nil
}

// drawing is what q draws if it is charged now; ErrPrice if that is more than its researcher signed.
func (n *Node) drawing(q question, p policy.DatasetPolicy, s Snapshot) (Drawing, error) {
	price := n.cfg.WorkPerNanoRho
	if q.rule != nil {
		price, _ = q.rule.At(s.Scopes[datasetScope(p.Dataset)].Spent, budget(p, p.Limits().Total))
	}
	work, err := Work(q.plan.Cost, price)
	if err == nil && work > q.Ask.MaxWork {
		err = ErrPrice
	}
	return Drawing{Researcher: q.researcher, Marketplace: n.cfg.Marketplace, Work: work, Escrow: q.escrow}, err
}
