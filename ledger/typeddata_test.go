package ledger_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
)

var domain = ledger.Domain{ChainID: 20261124, Genesis: ledger.HashBytes([]byte("genesis"))}

// TestDigestVectors pins the digests that wallets and contracts compute: changing
// one would void every signature there is. Package ledger/eth holds the same
// functions against go-ethereum's.
func TestDigestVectors(t *testing.T) {
	h := ledger.HashBytes([]byte("document"))
	document := func(kind ledger.Kind) ledger.Hash {
		return domain.DocumentDigest(ledger.Document{Kind: kind, Hash: h, Revision: 3, Expiry: 1_800_000_000})
	}
	terms, err := ledger.GrantRecord{
		Datasets: []ledger.Hash{ledger.DatasetID("st-ada"), ledger.DatasetID("general")}, Ceilings: []uint64{5, 1 << 63},
		NotBefore: 100, Expiry: 200, ReviewBy: 150, Amends: ledger.Hash{7},
	}.TermsHash()
	if err != nil {
		t.Fatal(err)
	}
	rising, err := ledger.GrantRecord{
		Datasets: []ledger.Hash{ledger.DatasetID("general"), ledger.DatasetID("st-ada")}, Ceilings: []uint64{1 << 63, 5},
		NotBefore: 100, Expiry: 200, ReviewBy: 150, Amends: ledger.Hash{7},
	}.TermsHash()
	if err != nil {
		t.Fatal(err)
	}
	none, err := ledger.GrantRecord{}.TermsHash()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name string
		got  ledger.Hash
		want string
	}{
		{"release preference", document(ledger.KindReleasePreference), "0xf19a8af435c1f39f48a86f3036965893f69991449e0ca2779318f8f1c0651c94"},
		{"dataset policy", document(ledger.KindDatasetPolicy), "0x3fbf8a5f0c06800d903d2eb0ea979f87c2fa8c72ea32cd8c12b10e48de5b81df"},
		{"data grant", document(ledger.KindDataGrant), "0x209afff81ddacfbb087f72bd05c222cf25adfe476b803bebc1aea09310f14bcd"},
		{"enrolment", document(ledger.KindEnrolment), "0x55550f96c7d012ad262d8c28d10831193a5d1f95a4b0481950690e24959915e4"},
		{"recorded preferences", document(ledger.KindRecordedPreferences), "0xd6804234e497d6acef5df766040e527ae9dd8e56c28e25e8e52062b6b8203d04"},
		{"ask", document(ledger.KindAsk), "0x29cf8a01ecd2340f3760d17d864e6c6f17272249370572d249e3393eb65e6e8c"},
		{"release", document(ledger.KindRelease), "0xe44718ec10d224bf1bcf5607bdd75d342d85140aa79ee12da365ce36cd77a108"},
		{"receipt", document(ledger.KindReceipt), "0x9dfd669e240d23a3442641bfde5d2d6a5ac2dff70655db8c84e12f87c322f64f"},
		{"request", domain.RequestDigest(ledger.Request{Method: "/medmarket.v1.AskService/Ask", BodyHash: h, Nonce: ledger.Hash{9}, IssuedAtMS: 1_800_000_000_123}), "0x1de658529c176fececc1b0941fa262bc632801516b67563d48f93c861c59dd3e"},
		{"grant terms", domain.GrantTermsDigest(ledger.GrantTerms{Document: h, Revision: 1, Expiry: 200, TermsHash: terms}), "0xb5daeb46cf156600894bf1a02a178deedcf95b54da25552747ea818c4902710e"},
		{"grant revocation", domain.GrantRevocationDigest(h), "0xdc2d32548e5540e32be54eaaee9c22f912f2b02e5bb626f62a926731fa2c83ed"},
		{"voucher", domain.VoucherDigest(ledger.Voucher{Researcher: ledger.Address{1}, Marketplace: ledger.Address{2}, Cumulative: 1 << 40}), "0xc55cf814d37c2bc3ee47f2a9cfae133b64521d86a93a22098c39301b4bb6137f"},
		{"checkpoint vote", domain.CheckpointVoteDigest(vote(4, 8, 1)), "0xf8d094cb94f3b99a2c5cf6b9e50a914c030d7297e07bf4a01de74bab261fe1ad"},
		{"terms", terms, "0xf4e58ae2b66713cf84b180736638236b16e38e13a94c367b661df8fe6c3619e8"},
		{"terms as the contract takes them", rising, "0xc03eb44c4d8461eba92f2ca1b6c004d181487d322f90428ec4feed2208139159"},
		{"grant suspension", domain.GrantSuspensionDigest(h, 2), "0xf71b66afd50888ff3a342c638f7bbd0b290622da366295aaa5af8fe46d84d8a2"},
		{"grant review", domain.GrantReviewDigest(h, 1_800_000_000), "0x1f196b6382a718a9fda4e92a63b27ee28d0109b9547f8e89b8abd5f17ceb81d4"},
		{"no terms", none, "0x24c6330e8733cd25a5efc582586b7d13e1f076cdaa21a9a290b112cdf680add9"},
	} {
		if v.got.String() != v.want {
			t.Errorf("%s: digest %s, want %s", v.name, v.got, v.want)
		}
	}
}

// TestDigestsDiffer: a signature over one thing passes for no other.
func TestDigestsDiffer(t *testing.T) {
	h, other := ledger.Hash{1}, ledger.Hash{2}
	doc := ledger.Document{Kind: ledger.KindAsk, Hash: h, Revision: 1, Expiry: 2}
	request := ledger.Request{Method: "m", BodyHash: h, Nonce: other, IssuedAtMS: 1}
	terms := ledger.GrantTerms{Document: h, Revision: 1, Expiry: 2, TermsHash: other}
	voucher := ledger.Voucher{Researcher: ledger.Address{1}, Marketplace: ledger.Address{2}, Cumulative: 3}
	digests := func(d ledger.Domain) []ledger.Hash {
		return []ledger.Hash{
			d.DocumentDigest(doc),
			d.DocumentDigest(ledger.Document{Kind: ledger.KindRelease, Hash: h, Revision: 1, Expiry: 2}),
			d.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: other, Revision: 1, Expiry: 2}),
			d.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: h, Revision: 2, Expiry: 2}),
			d.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: h, Revision: 1, Expiry: 3}),
			d.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: h, Revision: 2, Expiry: 1}),
			d.RequestDigest(request),
			d.RequestDigest(ledger.Request{Audience: ledger.Address{1}, Method: "m", BodyHash: h, Nonce: other, IssuedAtMS: 1}),
			d.RequestDigest(ledger.Request{Method: "n", BodyHash: h, Nonce: other, IssuedAtMS: 1}),
			d.RequestDigest(ledger.Request{Method: "m", BodyHash: other, Nonce: other, IssuedAtMS: 1}),
			d.RequestDigest(ledger.Request{Method: "m", BodyHash: h, Nonce: h, IssuedAtMS: 1}),
			d.RequestDigest(ledger.Request{Method: "m", BodyHash: h, Nonce: other, IssuedAtMS: 2}),
			d.GrantTermsDigest(terms),
			d.GrantTermsDigest(ledger.GrantTerms{Document: other, Revision: 1, Expiry: 2, TermsHash: other}),
			d.GrantTermsDigest(ledger.GrantTerms{Document: h, Revision: 2, Expiry: 2, TermsHash: other}),
			d.GrantTermsDigest(ledger.GrantTerms{Document: h, Revision: 1, Expiry: 3, TermsHash: other}),
			d.GrantTermsDigest(ledger.GrantTerms{Document: h, Revision: 1, Expiry: 2, TermsHash: h}),
			d.GrantRevocationDigest(h), d.GrantRevocationDigest(other),
			d.GrantReviewDigest(h, 1), d.GrantReviewDigest(h, 2), d.GrantReviewDigest(other, 1),
			d.GrantClosureDigest(h, other), d.GrantClosureDigest(other, h), d.GrantClosureDigest(h, ledger.Hash{}),
			d.CheckpointVoteDigest(vote(4, 8, 0)),
			d.CheckpointVoteDigest(vote(4, 8, 1)),
			d.CheckpointVoteDigest(vote(4, 9, 0)),
			d.CheckpointVoteDigest(vote(5, 8, 0)),
			d.VoucherDigest(voucher),
			d.VoucherDigest(ledger.Voucher{Researcher: voucher.Marketplace, Marketplace: voucher.Researcher, Cumulative: 3}),
			d.VoucherDigest(ledger.Voucher{Researcher: voucher.Researcher, Marketplace: voucher.Marketplace, Cumulative: 4}),
		}
	}
	seen := map[ledger.Hash]int{}
	for chain, d := range []ledger.Domain{domain, {ChainID: domain.ChainID + 1, Genesis: domain.Genesis}, {ChainID: domain.ChainID, Genesis: h}} {
		for i, digest := range digests(d) {
			if before, ok := seen[digest]; ok {
				t.Errorf("digest %d of chain %d is that of %d", i, chain, before)
			}
			seen[digest] = 100*chain + i
		}
	}
}

func TestTermsHashRefuses(t *testing.T) {
	if _, err := (ledger.GrantRecord{Datasets: []ledger.Hash{{1}}, Expiry: 1}).TermsHash(); err == nil {
		t.Error("a dataset without a ceiling")
	}
	if _, err := (ledger.GrantRecord{Ceilings: []uint64{1}, Expiry: 1}).TermsHash(); err == nil {
		t.Error("a ceiling without a dataset")
	}
}

// TestNamelessDocument: a document without a kind is a fault of the caller, and
// must not be signed as something.
func TestNamelessDocument(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a document without a kind has a digest")
		}
	}()
	domain.DocumentDigest(ledger.Document{})
}
