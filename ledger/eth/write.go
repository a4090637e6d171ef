package eth

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/marketplace"
)

// Transactor also writes, with one key. It is safe for concurrent use; a key
// must not be used by two Transactors at once.
type Transactor struct {
	*Client

	sender *sender
	claims claims
}

var _ marketplace.Chain = (*Transactor)(nil)

// NewTransactor returns a Transactor that signs and pays with key.
func NewTransactor(c *Client, key *ledger.Key) (*Transactor, error) {
	if c == nil || key == nil {
		return nil, fmt.Errorf("%w: client and key are required", ErrConfig)
	}
	s, err := newSender(c.cfg.Client, c.cfg.Domain.ChainID, key, c.cfg.Poll)
	if err != nil {
		return nil, err
	}
	return &Transactor{Client: c, sender: s}, nil
}

// Address is the account that signs and pays.
func (t *Transactor) Address() ledger.Address { return ledger.Address(t.sender.from) }

func (t *Transactor) send(ctx context.Context, to ledger.Address, input []byte) (*types.Receipt, error) {
	return t.sender.send(ctx, (*common.Address)(&to), input)
}

// Register records a participant, replacing what was recorded of its address;
// the key must be an operator's.
func (t *Transactor) Register(ctx context.Context, p ledger.Participant) error {
	if p.Roles > math.MaxUint32 {
		return fmt.Errorf("registering %s: roles: %w", p.Address, ErrRange)
	}
	input := t.registry.PackRegister(common.Address(p.Address), uint32(p.Roles), p.Organisation)
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("registering %s: %w", p.Address, err)
	}
	return nil
}

// Remove takes all roles from an account; the key must be an operator's.
func (t *Transactor) Remove(ctx context.Context, account ledger.Address) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, t.registry.PackRemove(common.Address(account))); err != nil {
		return fmt.Errorf("removing %s: %w", account, err)
	}
	return nil
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
// settled before changes nothing; one below what is settled is refused.
func (t *Transactor) Settle(ctx context.Context, vouchers []marketplace.SignedVoucher) error {
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

// ApproveGrant records a committee's approval: sig is its signature of the
// record's [ledger.GrantTerms]. Datasets must rise strictly. The fields Committee
// and Revoked are not sent. Approving what is on record already, and not revoked,
// is no error: anybody may have carried the signature there.
func (t *Transactor) ApproveGrant(ctx context.Context, g ledger.GrantRecord, sig ledger.Signature) error {
	wrap := func(err error) error { return fmt.Errorf("approving grant %s: %w", g.Document, err) }
	if g.NotBefore < 0 || g.Expiry < 0 {
		return wrap(fmt.Errorf("period: %w", ErrRange))
	}
	datasets := make([][32]byte, len(g.Datasets))
	for i, d := range g.Datasets {
		datasets[i] = d
	}
	_, err := t.send(ctx, t.cfg.Addresses.Grants,
		t.grants.PackApprove(g.Document, g.Revision, datasets, g.Ceilings, uint64(g.NotBefore), uint64(g.Expiry), sig[:]))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, AlreadyApproved) && t.onRecord(ctx, g):
		return nil
	}
	return wrap(err)
}

// onRecord reports whether the newest block holds g as it is.
func (t *Transactor) onRecord(ctx context.Context, g ledger.GrantRecord) bool {
	head, err := t.Head(ctx)
	if err != nil {
		return false
	}
	old, ok, err := t.grantAt(ctx, g.Document, head)
	return err == nil && ok && !old.Revoked && old.Revision == g.Revision && old.NotBefore == g.NotBefore &&
		old.Expiry == g.Expiry && slices.Equal(old.Datasets, g.Datasets) && slices.Equal(old.Ceilings, g.Ceilings)
}

// RevokeGrant records a revocation, for good: sig is the signature of its digest
// ([ledger.Domain.GrantRevocationDigest]) by the member who approved or another of
// her organisation.
func (t *Transactor) RevokeGrant(ctx context.Context, document ledger.Hash, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackRevoke(document, sig[:])); err != nil {
		return fmt.Errorf("revoking grant %s: %w", document, err)
	}
	return nil
}

// Anchor records a root of the log of that kind that the key keeps, the one named
// [ledger.LogID], and returns the block of the transaction. Anchoring the newest
// root again changes nothing.
func (t *Transactor) Anchor(ctx context.Context, kind string, size uint64, root ledger.Hash) (block uint64, err error) {
	input := t.anchors.PackAnchor(ledger.LogKindHash(kind), size, root)
	receipt, err := t.send(ctx, t.cfg.Addresses.Anchors, input)
	if err != nil {
		return 0, fmt.Errorf("anchoring log %q at %d: %w", kind, size, err)
	}
	return receipt.BlockNumber.Uint64(), nil
}
