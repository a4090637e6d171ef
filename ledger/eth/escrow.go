package eth

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/marketplace"
)

// Account is what is between a researcher and a marketplace. Work is in expected
// hashes.
type Account struct {
	Held      int64  // set aside and not burnt
	Burnt     int64  // in all
	ReleaseAt uint64 // block from which on Held may be taken back; 0 = not announced
	Releases  uint64 // how often the marketplace gave work back
}

// Account returns what is between the two.
func (c *Client) Account(ctx context.Context, researcher, marketplace ledger.Address) (Account, error) {
	a, err := callFinal(ctx, c, c.cfg.Addresses.WorkBudget,
		c.budget.PackAccountOf(common.Address(researcher), common.Address(marketplace)), c.budget.UnpackAccountOf)
	var out Account
	if err == nil {
		out.Held, err = toInt64(a.Escrowed)
	}
	if err == nil {
		out.Burnt, err = toInt64(new(big.Int).SetUint64(a.Settled))
	}
	if err != nil {
		return Account{}, fmt.Errorf("reading the escrow of %s to %s: %w", researcher, marketplace, err)
	}
	out.ReleaseAt, out.Releases = a.ReleaseAt.Uint64(), a.Releases.Uint64() // 48 bits each
	return out, nil
}

// Escrow returns the most that a researcher's vouchers to a marketplace may come
// to, in expected hashes: what she escrowed and did not take back, burnt or not. Once
// she has announced that she takes it back, it is only what is burnt: no new voucher
// is to be accepted, and those from before are to be settled.
func (c *Client) Escrow(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error) {
	a, err := c.Account(ctx, researcher, marketplace)
	if err != nil || a.ReleaseAt != 0 {
		return a.Burnt, err
	}
	if a.Held > math.MaxInt64-a.Burnt {
		return 0, fmt.Errorf("escrow of %s: %w", researcher, ErrRange)
	}
	return a.Held + a.Burnt, nil
}

// Burnt returns what of a researcher's escrow to a marketplace was burnt under
// vouchers, in expected hashes.
func (c *Client) Burnt(ctx context.Context, researcher, marketplace ledger.Address) (work int64, err error) {
	a, err := c.Account(ctx, researcher, marketplace)
	return a.Burnt, err
}

// AddEscrow sets work of the key's own credit aside for a marketplace, in
// expected hashes.
func (t *Transactor) AddEscrow(ctx context.Context, marketplace ledger.Address, work int64) error {
	if work < 0 {
		return fmt.Errorf("escrowing to %s: work %d: %w", marketplace, work, ErrRange)
	}
	input := t.budget.PackEscrow(common.Address(marketplace), big.NewInt(work))
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, input); err != nil {
		return fmt.Errorf("escrowing %d to %s: %w", work, marketplace, err)
	}
	return nil
}

// Settle burns escrowed work under vouchers, all or none. A voucher that was
// settled before changes nothing, and nothing is sent if all were, as of the newest
// block; one below what is settled is refused.
func (t *Transactor) Settle(ctx context.Context, vouchers []marketplace.SignedVoucher) error {
	if done, err := t.settled(ctx, vouchers); done || err != nil {
		return err
	}
	plain := make([]contracts.WorkBudgetVoucher, len(vouchers))
	signatures := make([][]byte, len(vouchers))
	for i, v := range vouchers {
		plain[i] = contracts.WorkBudgetVoucher{
			Researcher:  common.Address(v.Voucher.Researcher),
			Marketplace: common.Address(v.Voucher.Marketplace),
			Cumulative:  v.Voucher.Cumulative,
		}
		signatures[i] = v.Signature[:]
	}
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, t.budget.PackSettle(plain, signatures)); err != nil {
		return fmt.Errorf("settling %d vouchers: %w", len(vouchers), err)
	}
	return nil
}

// settled reports whether exactly what the vouchers say, at least one, is burnt in the
// newest block.
func (t *Transactor) settled(ctx context.Context, vouchers []marketplace.SignedVoucher) (bool, error) {
	head, err := t.Head(ctx)
	if err != nil {
		return false, err
	}
	for _, v := range vouchers {
		input := t.budget.PackAccountOf(common.Address(v.Voucher.Researcher), common.Address(v.Voucher.Marketplace))
		a, err := call(ctx, t.Client, t.cfg.Addresses.WorkBudget, head, input, t.budget.UnpackAccountOf)
		if err != nil {
			return false, fmt.Errorf("reading what %s has settled: %w", v.Voucher.Researcher, err)
		}
		if a.Settled != v.Voucher.Cumulative {
			return false, nil
		}
	}
	return len(vouchers) > 0, nil
}

// AnnounceRelease announces that what a researcher has in escrow with a marketplace
// will be taken back. The key is hers, or the one she has moved to. Another escrow
// of hers takes the announcement back.
func (t *Transactor) AnnounceRelease(ctx context.Context, researcher, marketplace ledger.Address) error {
	input := t.budget.PackAnnounceRelease(common.Address(researcher), common.Address(marketplace))
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, input); err != nil {
		return fmt.Errorf("announcing the release of the escrow to %s: %w", marketplace, err)
	}
	return nil
}

// Withdraw gives the escrow back to the researcher's credit when the time since
// the announcement is over. Any key may call it.
func (t *Transactor) Withdraw(ctx context.Context, researcher, marketplace ledger.Address) error {
	input := t.budget.PackWithdraw(common.Address(researcher), common.Address(marketplace))
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, input); err != nil {
		return fmt.Errorf("taking back the escrow to %s: %w", marketplace, err)
	}
	return nil
}

// ReleaseEscrow gives work back at once: sig is the marketplace's signature of the
// digest of r. Any key may carry it.
func (t *Transactor) ReleaseEscrow(ctx context.Context, r ledger.EscrowRelease, sig ledger.Signature) error {
	input := t.budget.PackRelease(common.Address(r.Researcher), common.Address(r.Marketplace), r.Work, r.Releases, sig[:])
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, input); err != nil {
		return fmt.Errorf("releasing %d of the escrow to %s: %w", r.Work, r.Marketplace, err)
	}
	return nil
}

// Inherit moves the credit of a retired account to the one its holder uses now. Any
// key may call it.
func (t *Transactor) Inherit(ctx context.Context, from ledger.Address) error {
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, t.budget.PackInherit(common.Address(from))); err != nil {
		return fmt.Errorf("moving the credit of %s: %w", from, err)
	}
	return nil
}
