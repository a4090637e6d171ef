package eth_test

import (
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace"
)

// TestReleaseByTimeOut: the researcher gets back what is left, not before the time,
// and the marketplace can settle until then.
func TestReleaseByTimeOut(t *testing.T) {
	w := newWorld(t)
	ctx, key, me, market := t.Context(), keyOf(t, "researcher"), w.researcher.Address(), w.marketplace.Address()
	settle := func(cumulative uint64) error {
		return w.marketplace.Settle(ctx, []marketplace.SignedVoucher{w.voucher(key, cumulative)})
	}
	refused(t, w.researcher.AnnounceRelease(ctx, me, market), eth.Nothing)
	work := w.rich(t)
	must(t, w.researcher.AddEscrow(ctx, market, 100))
	refused(t, w.researcher.Withdraw(ctx, me, market), eth.NotAnnounced)
	refused(t, w.hospital.AnnounceRelease(ctx, me, market), eth.NotHolder)
	must(t, w.researcher.AnnounceRelease(ctx, me, market))
	refused(t, w.researcher.Withdraw(ctx, me, market), eth.ReleaseTooEarly)
	w.wantBalance(t, balance{Credit: work - 100, Escrowed: 100}) // Escrow: no new vouchers
	must(t, settle(30))
	w.seal(t, common.Address{1}, releaseDelay)
	must(t, settle(40)) // until it is taken back
	must(t, w.hospital.Withdraw(ctx, me, market))
	w.wantBalance(t, balance{Credit: work - 40, Settled: 40, Escrow: 40})
	refused(t, settle(41), eth.InsufficientEscrow)
	refused(t, w.researcher.Withdraw(ctx, me, market), eth.NotAnnounced)

	// Another escrow takes an announcement back: it cannot lie ready for later.
	must(t, w.researcher.AddEscrow(ctx, market, 50))
	must(t, w.researcher.AnnounceRelease(ctx, me, market))
	w.seal(t, common.Address{1}, releaseDelay)
	must(t, w.researcher.AddEscrow(ctx, market, 1))
	refused(t, w.researcher.Withdraw(ctx, me, market), eth.NotAnnounced)
	w.wantBalance(t, balance{Credit: work - 91, Escrowed: 51, Settled: 40, Escrow: 91})
}

// TestReleaseBySignature: the marketplace gives work back at once, each signature once.
func TestReleaseBySignature(t *testing.T) {
	w := newWorld(t)
	ctx, key := t.Context(), keyOf(t, "marketplace")
	work := w.rich(t)
	must(t, w.researcher.AddEscrow(ctx, w.marketplace.Address(), 100))
	release := func(by *ledger.Key, work, releases uint64) error {
		r := ledger.EscrowRelease{Researcher: w.researcher.Address(), Marketplace: w.marketplace.Address(), Work: work, Releases: releases}
		return w.hospital.ReleaseEscrow(ctx, r, by.Sign(w.domain.EscrowReleaseDigest(r)))
	}
	refused(t, release(keyOf(t, "researcher"), 10, 0), eth.ForgedRelease)
	refused(t, release(key, 101, 0), eth.InsufficientEscrow)
	refused(t, release(key, 0, 0), eth.Nothing)
	refused(t, release(key, 10, 1), eth.ReleaseSuperseded)
	must(t, release(key, 10, 0))
	refused(t, release(key, 10, 0), eth.ReleaseSuperseded)
	w.wantBalance(t, balance{Credit: work - 90, Escrowed: 90, Escrow: 90})
	must(t, release(key, 90, 1))
	w.wantBalance(t, balance{Credit: work})
}

// TestEscrowIsForOneMarketplace: what is set aside for one cannot be burnt, or given
// back, by another.
func TestEscrowIsForOneMarketplace(t *testing.T) {
	w := newWorld(t)
	ctx, key := t.Context(), keyOf(t, "researcher")
	w.rich(t)
	rival := keyOf(t, "rival")
	w.register(t, rival.Address(), ledger.RoleMarketplace, otherOrg)
	must(t, w.researcher.AddEscrow(ctx, w.marketplace.Address(), 100))
	v := ledger.Voucher{Researcher: w.researcher.Address(), Marketplace: rival.Address(), Cumulative: 1}
	refused(t, w.hospital.Settle(ctx, []marketplace.SignedVoucher{{Voucher: v, Signature: key.Sign(w.domain.VoucherDigest(v))}}), eth.InsufficientEscrow)
	r := ledger.EscrowRelease{Researcher: w.researcher.Address(), Marketplace: w.marketplace.Address(), Work: 1}
	refused(t, w.hospital.ReleaseEscrow(ctx, r, rival.Sign(w.domain.EscrowReleaseDigest(r))), eth.ForgedRelease)
	w.wantBalance(t, w.balance(t).with(100, 0))
}

// TestCreditAfterRotation: a new key gets at the credit and the escrow of the old one.
func TestCreditAfterRotation(t *testing.T) {
	w := newWorld(t)
	ctx, old, market := t.Context(), w.researcher.Address(), w.marketplace.Address()
	work := w.rich(t)
	must(t, w.researcher.AddEscrow(ctx, market, 100))
	refused(t, w.hospital.Inherit(ctx, old), eth.NotRetired)
	next := w.transactor(t, "stranger")
	must(t, w.rotate(t, w.researcher, keyOf(t, "stranger")))
	refused(t, w.researcher.AddEscrow(ctx, market, 1), eth.NotResearcher)
	must(t, next.AnnounceRelease(ctx, old, market))
	w.seal(t, common.Address{1}, releaseDelay)
	must(t, next.Withdraw(ctx, old, market))
	must(t, w.hospital.Inherit(ctx, old))
	refused(t, w.hospital.Inherit(ctx, old), eth.Nothing)
	if got := w.credit(t, next.Address()); got != work {
		t.Errorf("the new key has a credit of %d, want %d", got, work)
	}
	must(t, next.AddEscrow(ctx, market, 1))
}

// TestClaimAfterRotation: the new key gets the work that the old one had not claimed.
func TestClaimAfterRotation(t *testing.T) {
	w := newWorld(t)
	ctx, next := t.Context(), keyOf(t, "stranger")
	headers := w.seal(t, common.Address(w.researcher.Address()), 3)
	must(t, w.rotate(t, w.researcher, next))
	w.finalise(t)
	must(t, w.hospital.ClaimHeaders(ctx, headers[0]))
	must(t, w.hospital.ClaimHeaders(ctx, headers[1:]...))
	if got, want := w.credit(t, next.Address()), workOf(t, headers...); got != want {
		t.Errorf("the new key has a credit of %d, want %d", got, want)
	}
}

// TestReleaseAfterRotation: a retired key of the marketplace gives nothing back.
func TestReleaseAfterRotation(t *testing.T) {
	w := newWorld(t)
	w.rich(t)
	must(t, w.researcher.AddEscrow(t.Context(), w.marketplace.Address(), 100))
	next := keyOf(t, "m1")
	must(t, w.rotate(t, w.marketplace, next))
	r := ledger.EscrowRelease{Researcher: w.researcher.Address(), Marketplace: w.marketplace.Address(), Work: 1}
	digest := w.domain.EscrowReleaseDigest(r)
	refused(t, w.hospital.ReleaseEscrow(t.Context(), r, keyOf(t, "marketplace").Sign(digest)), eth.ForgedRelease)
	must(t, w.hospital.ReleaseEscrow(t.Context(), r, next.Sign(digest)))
}

func TestDeployReleaseDelay(t *testing.T) {
	w := newWorld(t)
	d := w.deployment(t)
	d.Key = keyOf(t, "stranger") // who has sent nothing yet
	d.ReleaseDelay = 2 * d.Confirmations
	_, err := eth.Deploy(t.Context(), d)
	refused(t, err, eth.ReleaseDelayTooShort)
}
