package eth_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/eth"
)

// Broken off after any number of its transactions, a deployment goes on where it was,
// and all of it is where it was said to be.
func TestDeployGoesOn(t *testing.T) {
	w := newWorld(t)
	d := w.deployment(t)
	d.Key = keyOf(t, "stranger")
	want := eth.AddressesOf(d.Key.Address())
	for sent := range uint64(5) {
		ctx, breakOff := context.WithCancel(t.Context())
		d.Client = w.chain.Client()
		after := func() {
			if nonce, err := d.Client.NonceAt(t.Context(), common.Address(d.Key.Address()), nil); err == nil && nonce >= sent {
				breakOff()
			}
		}
		w.afterBlock.Store(&after)
		got, err := eth.Deploy(ctx, d)
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if err == nil {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("deployed at (-want +got):\n%s", diff)
			}
		}
		breakOff()
	}
	w.afterBlock.Store(nil)
	got, err := eth.Deploy(t.Context(), d)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deployed at (-want +got):\n%s", diff)
	}
	for name, at := range map[string]ledger.Address{"Registry": got.Registry, "WorkBudget": got.WorkBudget, "Grants": got.Grants, "Anchors": got.Anchors} {
		if code, err := w.chain.Client().CodeAt(t.Context(), common.Address(at), nil); err != nil || len(code) == 0 {
			t.Errorf("no %s at %s: %v", name, at, err)
		}
	}
	if nonce, err := w.chain.Client().NonceAt(t.Context(), common.Address(d.Key.Address()), nil); err != nil || nonce != 4 {
		t.Errorf("%d transactions, %v; want 4", nonce, err)
	}
}

// A key that has sent something else cannot deploy: nodes would look for the registry
// where it is not.
func TestDeployByAUsedKey(t *testing.T) {
	w := newWorld(t)
	d := w.deployment(t)
	d.Key = keyOf(t, "stranger")
	private, own := chaintest.Key(t, "stranger")
	tx, err := types.SignNewTx(private, types.LatestSignerForChainID(new(big.Int).SetUint64(w.domain.ChainID)), &types.DynamicFeeTx{
		ChainID: new(big.Int).SetUint64(w.domain.ChainID), To: &own, Gas: 21_000, GasFeeCap: big.NewInt(1e12), GasTipCap: big.NewInt(1),
	})
	must(t, err)
	must(t, d.Client.SendTransaction(t.Context(), tx))
	if _, err := eth.Deploy(t.Context(), d); !errors.Is(err, eth.ErrUsedKey) {
		t.Errorf("got %v, want ErrUsedKey", err)
	}
}

func ExampleAddressesOf() {
	fmt.Println(eth.AddressesOf(ledger.Address{19: 1}).Registry)
	// Output: 0x522b3294e6d06aa25ad0f1b8891242e335d3b459
}
