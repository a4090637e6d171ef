package eth

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger"
)

// Provide sees to it that an account can pay for its transactions: if it has fewer than half of so
// many coins in the newest block, the key gives it what is missing.
func (t *Transactor) Provide(ctx context.Context, account ledger.Address, coins uint32) error {
	want := new(big.Int).Mul(big.NewInt(int64(coins)), big.NewInt(params.Ether))
	has, err := t.cfg.Client.BalanceAt(ctx, common.Address(account), nil)
	if err != nil {
		return fmt.Errorf("reading the coins of %s: %w", account, err)
	}
	missing := new(big.Int).Sub(want, has)
	if new(big.Int).Lsh(missing, 1).Cmp(want) <= 0 {
		return nil
	}
	if _, err := t.sender.pay(ctx, (*common.Address)(&account), nil, missing); err != nil {
		return fmt.Errorf("giving coins to %s: %w", account, err)
	}
	return nil
}
