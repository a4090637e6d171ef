package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
)

// OpenMarket opens a store that is new and empty. reopen closes it and opens
// the same one again.
type OpenMarket func(t testing.TB) (s marketplace.Store, reopen func() marketplace.Store)

// RunMarket runs the suite for marketplaces.
func RunMarket(t *testing.T, open OpenMarket) {
	for name, test := range map[string]func(*testing.T, *bench){
		"studies":                     testStudies,
		"reviews":                     testReviews,
		"files of studies":            testFiles,
		"acceptances of terms":        testAcceptances,
		"one allocation of a study":   testAmendedAllocation,
		"reserving":                   testReserve,
		"a request id is used once":   testReserveAgain,
		"cancelling":                  testCancel,
		"completing":                  testComplete,
		"several hospitals":           testSeveral,
		"part of several hospitals":   testPartial,
		"the register":                testRegister,
		"a question answered before":  testAnswered,
		"settling":                    testSettle,
		"vouchers after cancelling":   testVouchersAfterCancel,
		"anchors":                     testAnchors,
		"one grant, many researchers": testGrantContention,
		"one escrow, many asks":       testEscrowContention,
		"like a plain model":          testMarketModel,
		"brought back from a backup":  testMarketRestore,
	} {
		t.Run(name, func(t *testing.T) {
			s, reopen := open(t)
			test(t, &bench{Store: s, reopen: reopen})
		})
	}
}

// bench is a marketplace's store under test, and what is looked at in it.
type bench struct {
	marketplace.Store
	reopen   func() marketplace.Store
	requests []ledger.Hash
	people   []ledger.Address
}

// observe returns all that the interface shows.
func (b *bench) observe(t tb) any {
	t.Helper()
	ctx := t.Context()
	var seen struct {
		Studies   []marketplace.Study
		Reviews   []marketplace.Review
		Steps     map[ledger.Hash][]review.Entry
		Files     map[ledger.Hash][]review.Attachment
		Entries   map[ledger.Hash]marketplace.Entry
		Register  []marketplace.Entry
		Accounts  map[ledger.Address]marketplace.Account
		Unsettled []marketplace.SignedVoucher
		Size      uint64
		Root      ledger.Hash
		Anchor    marketplace.Anchor
		Anchored  bool
	}
	seen.Entries, seen.Accounts = map[ledger.Hash]marketplace.Entry{}, map[ledger.Address]marketplace.Account{}
	var err error
	seen.Studies, err = b.Studies(ctx)
	ok(t, err)
	seen.Reviews, err = b.Reviews(ctx)
	ok(t, err)
	seen.Steps, seen.Files = map[ledger.Hash][]review.Entry{}, map[ledger.Hash][]review.Attachment{}
	for _, r := range seen.Reviews {
		seen.Steps[r.Study], err = b.Steps(ctx, r.Study)
		ok(t, err)
		seen.Files[r.Study], err = b.Files(ctx, r.Study)
		ok(t, err)
	}
	for _, r := range b.requests {
		e, found, err := b.Entry(ctx, r)
		ok(t, err)
		if found {
			seen.Entries[r] = e
		}
	}
	seen.Register, err = b.Answers(ctx, marketplace.Page{Limit: marketplace.MaxPage})
	ok(t, err)
	for _, p := range b.people {
		seen.Accounts[p], err = b.Account(ctx, p)
		ok(t, err)
	}
	seen.Unsettled, err = b.Unsettled(ctx)
	ok(t, err)
	seen.Size, seen.Root, err = b.LogRoot(ctx)
	ok(t, err)
	seen.Anchor, seen.Anchored, err = b.LastAnchor(ctx)
	ok(t, err)
	return seen
}

// refused checks that do fails and changes nothing.
func (b *bench) refused(t tb, want error, do func(ctx context.Context) error) {
	t.Helper()
	refused(t, func() any { return b.observe(t) }, want, do)
}

// survives checks that all is the same after closing and opening again.
func (b *bench) survives(t tb) {
	t.Helper()
	before := b.observe(t)
	b.Store = b.reopen()
	equal(t, "after opening again", b.observe(t), before)
}

// study saves a study and returns its name.
func (b *bench) study(t tb, format string, args ...any) ledger.Hash {
	t.Helper()
	s := marketplace.Study{Request: document(1, format, args...), CreatedAt: 1000}
	ok(t, b.file(t, s))
	return s.Request.Hash()
}

// reservation makes one that fits: allocation and escrow are 1000 each. The
// voucher promises cumulative.
func (b *bench) reservation(request string, who ledger.Address, grant ledger.Hash, nanoRho, work int64, cumulative uint64) marketplace.Reservation {
	a := ledger.Ask{
		RequestID: name("%s", request), PlanHash: name("plan"), Grant: grant, Dataset: "hospital-a",
		Purpose: ledger.Purpose{Permission: "DUO:0000006"}, MaxNanoRho: nanoRho, MaxWork: work, Expiry: 2000,
	}
	h, _ := ledger.HashOf(a) // an Ask always encodes
	b.requests, b.people = append(b.requests, a.RequestID), append(b.people, who)
	return marketplace.Reservation{
		Ask: a, AskHash: h, Researcher: who, Escrow: 1000,
		Takings:   []marketplace.Taking{{Dataset: a.Dataset, NanoRho: nanoRho, Allocation: 1000, Work: work}},
		Voucher:   ledger.Voucher{Researcher: who, Marketplace: person("market"), Cumulative: cumulative},
		Signature: signature("voucher %s %d", request, cumulative), At: 1500,
	}
}

// receipt makes the receipt of a reservation, and its leaf.
func receipt(t tb, r marketplace.Reservation) (ledger.Receipt, ledger.Hash) {
	t.Helper()
	return receiptAsOf(t, r, 7)
}

func receiptAsOf(t tb, r marketplace.Reservation, asOf uint64) (ledger.Receipt, ledger.Hash) {
	t.Helper()
	out := ledger.Receipt{
		Statement: ledger.Statement{
			Genesis: name("genesis"), Researcher: r.Researcher, Ask: r.Ask, AskSignature: signature("ask"), Plan: []byte(`{"a":1}`),
			Releases: []ledger.SignedRelease{signedRelease(r.Ask.RequestID, -3, 0, 12)},
			Answer:   []ledger.Group{{Key: []string{"female", "80+"}, Estimates: []ledger.Estimate{{Value: -3, Low: -10, High: 4.5}}}},
			NanoRho:  r.Takings[0].NanoRho, Work: r.Work(), Time: 1600,
		},
		Marketplace: person("market"), Signature: signature("receipt"),
	}
	out.Statement.Releases[0].Release.AsOf = asOf
	leaf, err := out.Leaf()
	ok(t, err)
	return out, leaf
}

func signedRelease(request ledger.Hash, vector ...int64) ledger.SignedRelease {
	return ledger.SignedRelease{
		Release: ledger.Release{
			RequestID: request, Dataset: "hospital-a", DatasetVersion: "1", PlanHash: name("plan"), AsOf: 7,
			NanoRho: 5, Vector: vector, Time: 1550,
		},
		Provider: person("hospital"), Signature: signature("release"),
	}
}
