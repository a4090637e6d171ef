package eth_test

import (
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace"
)

// rich gives the researcher the work of ten blocks and returns it.
func (w *world) rich(t *testing.T) (work int64) {
	t.Helper()
	headers := w.seal(t, common.Address(w.researcher.Address()), 10)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	must(t, w.researcher.ClaimHeaders(t.Context(), headers...))
	return workOf(t, headers...)
}

func (w *world) voucher(key *ledger.Key, cumulative uint64) marketplace.SignedVoucher {
	v := ledger.Voucher{Researcher: w.researcher.Address(), Marketplace: w.marketplace.Address(), Cumulative: cumulative}
	return marketplace.SignedVoucher{Voucher: v, Signature: key.Sign(w.domain.VoucherDigest(v))}
}

// balance is what the contract holds, when final.
type balance struct{ Credit, Escrowed, Settled, Escrow int64 }

func (w *world) balance(t *testing.T) (b balance) {
	t.Helper()
	w.finalise(t)
	ctx, r, m := t.Context(), w.researcher.Address(), w.marketplace.Address()
	var first, second, third error
	var a eth.Account
	b.Credit, first = w.client.Credit(ctx, r)
	a, second = w.client.Account(ctx, r, m)
	b.Escrow, third = w.client.Escrow(ctx, r, m)
	must(t, errors.Join(first, second, third))
	b.Escrowed, b.Settled = a.Held, a.Burnt
	return b
}

func (w *world) wantBalance(t *testing.T, want balance) {
	t.Helper()
	if diff := cmp.Diff(want, w.balance(t)); diff != "" {
		t.Errorf("balance (-want +got):\n%s", diff)
	}
}

func TestEscrow(t *testing.T) {
	w := newWorld(t)
	ctx, market := t.Context(), w.marketplace.Address()
	refused(t, w.researcher.AddEscrow(ctx, market, 1), eth.InsufficientCredit)
	work := w.rich(t)

	refused(t, w.researcher.AddEscrow(ctx, market, work+1), eth.InsufficientCredit)
	refused(t, w.researcher.AddEscrow(ctx, market, 0), eth.Nothing)
	refused(t, w.researcher.AddEscrow(ctx, w.hospital.Address(), 1), eth.NotMarketplace)
	refused(t, w.hospital.AddEscrow(ctx, market, 1), eth.NotResearcher)
	if err := w.researcher.AddEscrow(ctx, market, -1); !errors.Is(err, eth.ErrRange) {
		t.Errorf("negative work: got %v, want ErrRange", err)
	}
	must(t, w.researcher.AddEscrow(ctx, market, 100))
	t.Logf("escrow, first: %d gas", w.lastGas())
	must(t, w.researcher.AddEscrow(ctx, market, 50))
	t.Logf("escrow, later: %d gas", w.lastGas())
	w.wantBalance(t, balance{Credit: work - 150, Escrowed: 150, Escrow: 150})
	must(t, w.researcher.AddEscrow(ctx, market, work-150))
	refused(t, w.researcher.AddEscrow(ctx, market, 1), eth.InsufficientCredit)
	w.wantBalance(t, balance{Escrowed: work, Escrow: work})
}

func TestSettle(t *testing.T) {
	w := newWorld(t)
	ctx, key := t.Context(), keyOf(t, "researcher")
	work := w.rich(t)
	settle := func(v ...marketplace.SignedVoucher) error { return w.marketplace.Settle(ctx, v) }
	refused(t, settle(w.voucher(key, 1)), eth.InsufficientEscrow)
	must(t, w.researcher.AddEscrow(ctx, w.marketplace.Address(), 100))

	must(t, settle(w.voucher(key, 40)))
	t.Logf("settle, first: %d gas", w.lastGas())
	w.wantBalance(t, balance{Credit: work - 100, Escrowed: 60, Settled: 40, Escrow: 100})
	before := w.chain.Head().Number
	must(t, settle(w.voucher(key, 40))) // again: nothing is sent
	if head := w.chain.Head().Number; head != before {
		t.Errorf("a voucher settled again took a transaction, in block %d", head)
	}
	must(t, settle(w.voucher(key, 40), w.voucher(key, 41))) // again with another: its own work only
	if got, err := w.client.Burnt(ctx, w.researcher.Address(), w.marketplace.Address()); err != nil || got != 40 {
		t.Errorf("before the last settlement is final %d, %v is burnt; want 40", got, err)
	}
	w.wantBalance(t, balance{Credit: work - 100, Escrowed: 59, Settled: 41, Escrow: 100})
	refused(t, settle(w.voucher(key, 40)), eth.VoucherSuperseded)
	refused(t, settle(w.voucher(key, 101)), eth.InsufficientEscrow)
	refused(t, settle(w.voucher(key, 1<<64-1)), eth.InsufficientEscrow)
	refused(t, settle(), eth.Nothing)
	refused(t, settle(w.voucher(key, 50), w.voucher(key, 101)), eth.InsufficientEscrow)
	w.wantBalance(t, balance{Credit: work - 100, Escrowed: 59, Settled: 41, Escrow: 100})

	must(t, settle(w.voucher(key, 50), w.voucher(key, 100)))
	t.Logf("settle of two, later: %d gas", w.lastGas())
	must(t, w.operator.Remove(ctx, w.researcher.Address()))
	w.wantBalance(t, balance{Credit: work - 100, Settled: 100, Escrow: 100})
	must(t, settle(w.voucher(key, 100)))
}

func TestSettleForged(t *testing.T) {
	w := newWorld(t)
	key := keyOf(t, "researcher")
	w.rich(t)
	must(t, w.researcher.AddEscrow(t.Context(), w.marketplace.Address(), 100))
	settle := func(change func(*marketplace.SignedVoucher)) error {
		v := w.voucher(key, 40)
		change(&v)
		return w.marketplace.Settle(t.Context(), []marketplace.SignedVoucher{v})
	}
	refused(t, settle(func(v *marketplace.SignedVoucher) { v.Voucher.Cumulative++ }), eth.ForgedVoucher)
	refused(t, settle(func(v *marketplace.SignedVoucher) { v.Voucher.Marketplace[0]++ }), eth.ForgedVoucher)
	refused(t, settle(func(v *marketplace.SignedVoucher) { v.Voucher.Researcher[0]++ }), eth.ForgedVoucher)
	refused(t, settle(func(v *marketplace.SignedVoucher) { *v = w.voucher(keyOf(t, "stranger"), 40) }), eth.ForgedVoucher)
	refused(t, settle(func(v *marketplace.SignedVoucher) {
		other := w.domain
		other.Genesis[0] ^= 1
		v.Signature = key.Sign(other.VoucherDigest(v.Voucher))
	}), eth.ForgedVoucher)
	refused(t, settle(func(v *marketplace.SignedVoucher) {
		other := w.domain
		other.ChainID++
		v.Signature = key.Sign(other.VoucherDigest(v.Voucher))
	}), eth.ForgedVoucher)
	malformed := map[string]func(*ledger.Signature){
		"high s": highS,
		"v 0":    func(s *ledger.Signature) { s[64] -= 27 },
		"v 29":   func(s *ledger.Signature) { s[64] = 29 },
		"zero":   func(s *ledger.Signature) { *s = ledger.Signature{64: 27} },
		"r ≥ n":  func(s *ledger.Signature) { copy(s[:32], common.MaxHash[:]) },
	}
	for name, change := range malformed {
		t.Run(name, func(t *testing.T) {
			refused(t, settle(func(v *marketplace.SignedVoucher) { change(&v.Signature) }), eth.MalformedSignature)
		})
	}
	// The researcher 0 cannot be "recovered" from a signature of nobody.
	refused(t, settle(func(v *marketplace.SignedVoucher) {
		v.Voucher.Researcher, v.Signature = ledger.Address{}, ledger.Signature{0: 1, 32: 1, 64: 27}
		copy(v.Signature[:32], common.MaxHash[:])
	}), eth.MalformedSignature)
	w.wantBalance(t, w.balance(t).with(100, 0))
	must(t, settle(func(*marketplace.SignedVoucher) {}))
}

func (b balance) with(escrowed, settled int64) balance {
	b.Escrowed, b.Settled, b.Escrow = escrowed, settled, escrowed+settled
	return b
}

// highS is the other signature of the same digest by the same key.
func highS(s *ledger.Signature) {
	n := crypto.S256().Params().N
	high := common.Hash(s[32:64]).Big()
	high.Sub(n, high).FillBytes(s[32:64])
	s[64] = 27 + 28 - s[64]
}

// TestSettleUneven calls the contract in a way the client cannot.
func TestSettleUneven(t *testing.T) {
	w := newWorld(t)
	input := contracts.NewWorkBudget().PackSettle([]contracts.WorkBudgetVoucher{{}}, nil)
	if got := w.refusal(w.call(t, w.at.WorkBudget, input)); got != eth.UnevenVouchers {
		t.Errorf("one voucher, no signature: got %v, want UnevenVouchers", got)
	}
	v := w.voucher(keyOf(t, "researcher"), 1)
	short := contracts.NewWorkBudget().PackSettle([]contracts.WorkBudgetVoucher{{
		Researcher: common.Address(v.Voucher.Researcher), Marketplace: common.Address(v.Voucher.Marketplace), Cumulative: 1,
	}}, [][]byte{v.Signature[:64]})
	if got := w.refusal(w.call(t, w.at.WorkBudget, short)); got != eth.MalformedSignature {
		t.Errorf("a signature of 64 bytes: got %v, want MalformedSignature", got)
	}
}
