package eth

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// Participant returns who is registered under address; no roles if nobody is.
func (c *Client) Participant(ctx context.Context, address ledger.Address) (ledger.Participant, error) {
	p, err := callFinal(ctx, c, c.cfg.Addresses.Registry,
		c.registry.PackParticipant(common.Address(address)), c.registry.UnpackParticipant)
	if err != nil {
		return ledger.Participant{}, fmt.Errorf("reading participant %s: %w", address, err)
	}
	return ledger.Participant{Address: address, Roles: ledger.Role(p.Roles), Organisation: p.Organisation}, nil
}

// Credit returns the work that a researcher has claimed and not escrowed, in
// expected hashes.
func (c *Client) Credit(ctx context.Context, researcher ledger.Address) (work int64, err error) {
	credit, err := callFinal(ctx, c, c.cfg.Addresses.WorkBudget,
		c.budget.PackCredit(common.Address(researcher)), c.budget.UnpackCredit)
	if err == nil {
		work, err = toInt64(credit)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the credit of %s: %w", researcher, err)
	}
	return work, nil
}

// Escrowed returns the work that a marketplace holds of a researcher and has
// not burnt, in expected hashes.
func (c *Client) Escrowed(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error) {
	held, _, err := c.account(ctx, researcher, marketplace)
	return held, err
}

// Settled returns the work that was burnt in all between the two, in expected
// hashes.
func (c *Client) Settled(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error) {
	_, burnt, err := c.account(ctx, researcher, marketplace)
	return burnt, err
}

// Escrow returns the work that a researcher ever escrowed to a marketplace,
// burnt or not, in expected hashes: the most that her vouchers to it may come to.
func (c *Client) Escrow(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error) {
	held, burnt, err := c.account(ctx, researcher, marketplace)
	if err != nil {
		return 0, err
	}
	if held > math.MaxInt64-burnt {
		return 0, fmt.Errorf("escrow of %s: %w", researcher, ErrRange)
	}
	return held + burnt, nil
}

// account reads both numbers in the same block.
func (c *Client) account(ctx context.Context, researcher, marketplace ledger.Address) (held, burnt int64, err error) {
	wrap := func(err error) (int64, int64, error) {
		return 0, 0, fmt.Errorf("reading the escrow of %s to %s: %w", researcher, marketplace, err)
	}
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return wrap(err)
	}
	from, to := common.Address(researcher), common.Address(marketplace)
	escrowed, err := call(ctx, c, c.cfg.Addresses.WorkBudget, block, c.budget.PackEscrowed(from, to), c.budget.UnpackEscrowed)
	if err != nil {
		return wrap(err)
	}
	settled, err := call(ctx, c, c.cfg.Addresses.WorkBudget, block, c.budget.PackSettled(from, to), c.budget.UnpackSettled)
	if err != nil {
		return wrap(err)
	}
	if held, err = toInt64(escrowed); err != nil {
		return wrap(err)
	}
	if burnt, err = toInt64(new(big.Int).SetUint64(settled)); err != nil {
		return wrap(err)
	}
	return held, burnt, nil
}

// Grant returns what the chain holds of an approved grant, false if it holds
// nothing. A revoked grant is returned, and says so.
func (c *Client) Grant(ctx context.Context, document ledger.Hash) (ledger.GrantRecord, bool, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return c.grantAt(ctx, document, block)
}

// Values of Grants.Status.
const (
	statusNone = iota
	statusActive
	statusRevoked
)

func (c *Client) grantAt(ctx context.Context, document ledger.Hash, block uint64) (ledger.GrantRecord, bool, error) {
	g, err := call(ctx, c, c.cfg.Addresses.Grants, block, c.grants.PackGet(document), c.grants.UnpackGet)
	if err != nil {
		return ledger.GrantRecord{}, false, fmt.Errorf("reading grant %s: %w", document, err)
	}
	switch g.Status {
	case statusNone:
		return ledger.GrantRecord{}, false, nil
	case statusActive, statusRevoked:
	default: // a contract newer than this program: deny
		return ledger.GrantRecord{}, false, fmt.Errorf("reading grant %s: status %d: %w", document, g.Status, ErrRange)
	}
	record, err := grantRecord(document, g)
	return record, err == nil, err
}

func grantRecord(document ledger.Hash, g contracts.GrantsGrant) (ledger.GrantRecord, error) {
	if g.NotBefore > math.MaxInt64 || g.Expiry > math.MaxInt64 {
		return ledger.GrantRecord{}, fmt.Errorf("period of grant %s: %w", document, ErrRange)
	}
	datasets := make([]ledger.Hash, len(g.Datasets))
	for i, d := range g.Datasets {
		datasets[i] = d
	}
	return ledger.GrantRecord{
		Document: document, Revision: g.Revision, Committee: ledger.Address(g.Committee),
		Datasets: datasets, Ceilings: g.NanoRhoCeilings,
		NotBefore: int64(g.NotBefore), Expiry: int64(g.Expiry), Revoked: g.Status == statusRevoked,
	}, nil
}

// AnchorRoot returns the root anchored for a log at a size; zero if none is.
func (c *Client) AnchorRoot(ctx context.Context, log ledger.Hash, size uint64) (ledger.Hash, error) {
	root, err := callFinal(ctx, c, c.cfg.Addresses.Anchors, c.anchors.PackRoots(log, size), c.anchors.UnpackRoots)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("reading the anchor of log %s at %d: %w", log, size, err)
	}
	return root, nil
}

func toInt64(v *big.Int) (int64, error) {
	if !v.IsInt64() {
		return 0, fmt.Errorf("%w: %s", ErrRange, v)
	}
	return v.Int64(), nil
}
