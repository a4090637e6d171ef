package eth_test

import (
	"math/big"
	"reflect"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
)

// These tests hold package ledger, which does its own EIP-712, ABI and signatures,
// against go-ethereum's. They live here because ledger stays free of go-ethereum.

var (
	kinds = []ledger.Kind{
		ledger.KindReleasePreference, ledger.KindDatasetPolicy, ledger.KindDatasetProfile, ledger.KindDataGrant, ledger.KindEnrolment,
		ledger.KindRecordedPreferences, ledger.KindInvitation, ledger.KindKeyChange, ledger.KindContacts, ledger.KindKeyNotice,
		ledger.KindDelegation, ledger.KindRevocation, ledger.KindAsk, ledger.KindRelease, ledger.KindReceipt,
		ledger.KindReviewStep, ledger.KindTermsAcceptance, ledger.KindIdentityLink, ledger.KindPartial, ledger.KindRecordAccess, ledger.KindRecordRevocation,
		ledger.KindSignInLink, ledger.KindRecordOpinion, ledger.KindRecordReply, ledger.KindRecordEmergency, ledger.KindRecordCountersignature,
	}
	hashes = rapid.Custom(func(t *rapid.T) (h ledger.Hash) {
		copy(h[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		return h
	})
	addresses = rapid.Custom(func(t *rapid.T) (a ledger.Address) {
		copy(a[:], rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "address"))
		return a
	})
	domains = rapid.Custom(func(t *rapid.T) ledger.Domain {
		return ledger.Domain{ChainID: rapid.Uint64().Draw(t, "chain"), Genesis: hashes.Draw(t, "genesis")}
	})
	times = rapid.Int64Min(0)
)

// typed is the digest that a wallet shows and signs, by go-ethereum.
func typed(t *rapid.T, d ledger.Domain, primary string, fields []apitypes.Type, message apitypes.TypedDataMessage) ledger.Hash {
	digest, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{
		Types: apitypes.Types{
			"EIP712Domain": {{Name: "name", Type: "string"}, {Name: "version", Type: "string"}, {Name: "chainId", Type: "uint256"}},
			primary:        fields,
		},
		PrimaryType: primary,
		Domain: apitypes.TypedDataDomain{
			Name: "medmarket", Version: "1", ChainId: (*math.HexOrDecimal256)(new(big.Int).SetUint64(d.ChainID)),
		},
		Message: message,
	})
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Hash(digest)
}

func number(v uint64) *big.Int { return new(big.Int).SetUint64(v) }

func wantDigest(t *rapid.T, got, want ledger.Hash) {
	if got != want {
		t.Errorf("digest %s, go-ethereum has %s", got, want)
	}
}

func TestDocumentDigest(t *testing.T) {
	fields := []apitypes.Type{
		{Name: "documentHash", Type: "bytes32"}, {Name: "revision", Type: "uint64"},
		{Name: "genesisHash", Type: "bytes32"}, {Name: "expiry", Type: "uint64"},
	}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		doc := ledger.Document{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Hash: hashes.Draw(t, "document"),
			Revision: rapid.Uint64().Draw(t, "revision"), Expiry: times.Draw(t, "expiry"),
		}
		wantDigest(t, d.DocumentDigest(doc), typed(t, d, string(doc.Kind), fields, apitypes.TypedDataMessage{
			"documentHash": doc.Hash[:], "revision": number(doc.Revision), "genesisHash": d.Genesis[:], "expiry": number(uint64(doc.Expiry)),
		}))
	})
}

func TestRequestDigest(t *testing.T) {
	fields := []apitypes.Type{
		{Name: "audience", Type: "address"}, {Name: "method", Type: "string"}, {Name: "bodyHash", Type: "bytes32"}, {Name: "nonce", Type: "bytes32"},
		{Name: "issuedAtMs", Type: "uint64"}, {Name: "genesisHash", Type: "bytes32"},
	}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		r := ledger.Request{
			Audience: addresses.Draw(t, "audience"), Method: rapid.String().Draw(t, "method"), BodyHash: hashes.Draw(t, "body"), Nonce: hashes.Draw(t, "nonce"),
			IssuedAtMS: times.Draw(t, "issued"),
		}
		wantDigest(t, d.RequestDigest(r), typed(t, d, "Request", fields, apitypes.TypedDataMessage{
			"audience": r.Audience.String(), "method": r.Method, "bodyHash": r.BodyHash[:], "nonce": r.Nonce[:], "issuedAtMs": number(uint64(r.IssuedAtMS)),
			"genesisHash": d.Genesis[:],
		}))
	})
}

func TestGrantDigests(t *testing.T) {
	terms := []apitypes.Type{
		{Name: "documentHash", Type: "bytes32"}, {Name: "revision", Type: "uint64"}, {Name: "genesisHash", Type: "bytes32"},
		{Name: "expiry", Type: "uint64"}, {Name: "termsHash", Type: "bytes32"},
	}
	revocation := []apitypes.Type{{Name: "documentHash", Type: "bytes32"}, {Name: "genesisHash", Type: "bytes32"}}
	review := []apitypes.Type{{Name: "documentHash", Type: "bytes32"}, {Name: "reviewBy", Type: "uint64"}, {Name: "genesisHash", Type: "bytes32"}}
	closure := []apitypes.Type{{Name: "documentHash", Type: "bytes32"}, {Name: "reportHash", Type: "bytes32"}, {Name: "genesisHash", Type: "bytes32"}}
	counted := []apitypes.Type{{Name: "documentHash", Type: "bytes32"}, {Name: "suspensions", Type: "uint64"}, {Name: "genesisHash", Type: "bytes32"}}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		g := ledger.GrantTerms{
			Document: hashes.Draw(t, "document"), Revision: rapid.Uint64().Draw(t, "revision"),
			Expiry: times.Draw(t, "expiry"), TermsHash: hashes.Draw(t, "terms"),
		}
		wantDigest(t, d.GrantTermsDigest(g), typed(t, d, "GrantTerms", terms, apitypes.TypedDataMessage{
			"documentHash": g.Document[:], "revision": number(g.Revision), "genesisHash": d.Genesis[:],
			"expiry": number(uint64(g.Expiry)), "termsHash": g.TermsHash[:],
		}))
		wantDigest(t, d.GrantRevocationDigest(g.Document), typed(t, d, "GrantRevocation", revocation,
			apitypes.TypedDataMessage{"documentHash": g.Document[:], "genesisHash": d.Genesis[:]}))
		wantDigest(t, d.GrantReviewDigest(g.Document, g.Expiry), typed(t, d, "GrantReview", review, apitypes.TypedDataMessage{
			"documentHash": g.Document[:], "reviewBy": number(uint64(g.Expiry)), "genesisHash": d.Genesis[:],
		}))
		wantDigest(t, d.GrantClosureDigest(g.Document, g.TermsHash), typed(t, d, "GrantClosure", closure, apitypes.TypedDataMessage{
			"documentHash": g.Document[:], "reportHash": g.TermsHash[:], "genesisHash": d.Genesis[:],
		}))
		count := rapid.Uint64().Draw(t, "suspensions")
		message := apitypes.TypedDataMessage{"documentHash": g.Document[:], "suspensions": number(count), "genesisHash": d.Genesis[:]}
		wantDigest(t, d.GrantSuspensionDigest(g.Document, count), typed(t, d, "GrantSuspension", counted, message))
		wantDigest(t, d.GrantResumptionDigest(g.Document, count), typed(t, d, "GrantResumption", counted, message))
	})
}

func TestVoucherDigest(t *testing.T) {
	fields := []apitypes.Type{
		{Name: "researcher", Type: "address"}, {Name: "marketplace", Type: "address"}, {Name: "cumulative", Type: "uint64"},
		{Name: "genesisHash", Type: "bytes32"},
	}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		v := ledger.Voucher{
			Researcher: addresses.Draw(t, "researcher"), Marketplace: addresses.Draw(t, "marketplace"),
			Cumulative: rapid.Uint64().Draw(t, "cumulative"),
		}
		wantDigest(t, d.VoucherDigest(v), typed(t, d, "Voucher", fields, apitypes.TypedDataMessage{
			"researcher": v.Researcher.String(), "marketplace": v.Marketplace.String(), "cumulative": number(v.Cumulative),
			"genesisHash": d.Genesis[:],
		}))
	})
}

func TestCheckpointVoteDigest(t *testing.T) {
	fields := []apitypes.Type{
		{Name: "sourceNumber", Type: "uint64"}, {Name: "sourceHash", Type: "bytes32"}, {Name: "targetNumber", Type: "uint64"},
		{Name: "targetHash", Type: "bytes32"}, {Name: "genesisHash", Type: "bytes32"},
	}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		v := ledger.CheckpointVote{
			SourceNumber: rapid.Uint64().Draw(t, "source number"), SourceHash: hashes.Draw(t, "source"),
			TargetNumber: rapid.Uint64().Draw(t, "target number"), TargetHash: hashes.Draw(t, "target"),
		}
		wantDigest(t, d.CheckpointVoteDigest(v), typed(t, d, "CheckpointVote", fields, apitypes.TypedDataMessage{
			"sourceNumber": number(v.SourceNumber), "sourceHash": v.SourceHash[:], "targetNumber": number(v.TargetNumber),
			"targetHash": v.TargetHash[:], "genesisHash": d.Genesis[:],
		}))
	})
}

func TestEscrowReleaseDigest(t *testing.T) {
	fields := []apitypes.Type{
		{Name: "researcher", Type: "address"}, {Name: "marketplace", Type: "address"}, {Name: "work", Type: "uint64"},
		{Name: "releases", Type: "uint64"}, {Name: "genesisHash", Type: "bytes32"},
	}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		r := ledger.EscrowRelease{
			Researcher: addresses.Draw(t, "researcher"), Marketplace: addresses.Draw(t, "marketplace"),
			Work: rapid.Uint64().Draw(t, "work"), Releases: rapid.Uint64().Draw(t, "releases"),
		}
		wantDigest(t, d.EscrowReleaseDigest(r), typed(t, d, "EscrowRelease", fields, apitypes.TypedDataMessage{
			"researcher": r.Researcher.String(), "marketplace": r.Marketplace.String(), "work": number(r.Work),
			"releases": number(r.Releases), "genesisHash": d.Genesis[:],
		}))
	})
}

func TestKeyRotationDigest(t *testing.T) {
	fields := []apitypes.Type{{Name: "account", Type: "address"}, {Name: "next", Type: "address"}, {Name: "genesisHash", Type: "bytes32"}}
	rapid.Check(t, func(t *rapid.T) {
		d := domains.Draw(t, "domain")
		r := ledger.KeyRotation{Account: addresses.Draw(t, "account"), Next: addresses.Draw(t, "next")}
		wantDigest(t, d.KeyRotationDigest(r), typed(t, d, "KeyRotation", fields, apitypes.TypedDataMessage{
			"account": r.Account.String(), "next": r.Next.String(), "genesisHash": d.Genesis[:],
		}))
	})
}

// TestEveryDigestIsChecked: a digest added to ledger needs a test here.
func TestEveryDigestIsChecked(t *testing.T) {
	checked := map[string]bool{
		"GrantReviewDigest": true, "GrantClosureDigest": true,
		"GrantSuspensionDigest": true, "GrantResumptionDigest": true, "EscrowReleaseDigest": true, "KeyRotationDigest": true,
		"DocumentDigest": true, "RequestDigest": true, "GrantTermsDigest": true, "GrantRevocationDigest": true, "VoucherDigest": true,
		"CheckpointVoteDigest": true,
		"Offender":             true, // no digest of its own
	}
	for method := range reflect.TypeFor[ledger.Domain]().Methods() {
		if !checked[method.Name] {
			t.Errorf("ledger.Domain.%s is held against nothing", method.Name)
		}
	}
}

// TestTermsHash holds TermsHash against abi.encode.
func TestTermsHash(t *testing.T) {
	typ := func(name string) abi.Argument {
		a, err := abi.NewType(name, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return abi.Argument{Type: a}
	}
	arguments := abi.Arguments{typ("bytes32[]"), typ("uint64[]"), typ("uint64"), typ("uint64"), typ("uint64"), typ("bytes32")}
	rapid.Check(t, func(t *rapid.T) {
		datasets := rapid.SliceOfN(hashes, 0, 9).Draw(t, "datasets")
		ceilings := rapid.SliceOfN(rapid.Uint64(), len(datasets), len(datasets)).Draw(t, "ceilings")
		g := ledger.GrantRecord{
			Datasets: datasets, Ceilings: ceilings, NotBefore: times.Draw(t, "not before"), Expiry: times.Draw(t, "expiry"),
			ReviewBy: times.Draw(t, "review"), Amends: hashes.Draw(t, "amends"),
		}
		ids := make([][32]byte, len(datasets))
		for i, d := range datasets {
			ids[i] = d
		}
		packed, err := arguments.Pack(ids, ceilings, uint64(g.NotBefore), uint64(g.Expiry), uint64(g.ReviewBy), [32]byte(g.Amends))
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.TermsHash()
		if err != nil {
			t.Fatal(err)
		}
		wantDigest(t, got, ledger.Hash(crypto.Keccak256(packed)))
	})
}

// TestSignatures: ledger signs what go-ethereum signs, byte for byte, and each
// recovers the other's signer.
func TestSignatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := hashes.Filter(func(h ledger.Hash) bool { _, err := crypto.ToECDSA(h[:]); return err == nil }).Draw(t, "secret")
		digest := hashes.Draw(t, "digest")
		theirs, err := crypto.ToECDSA(secret[:])
		if err != nil {
			t.Fatal(err)
		}
		ours, err := ledger.KeyFromBytes(secret[:])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := ours.Address(), crypto.PubkeyToAddress(theirs.PublicKey); common.Address(got) != want {
			t.Fatalf("address %s, go-ethereum has %s", got, want)
		}
		signature := ours.Sign(digest)
		raw, err := crypto.Sign(digest[:], theirs)
		if err != nil {
			t.Fatal(err)
		}
		raw[64] += 27
		if signature != ledger.Signature(raw) {
			t.Errorf("signature %x, go-ethereum has %x", signature, raw)
		}
		if by, err := ledger.Recover(digest, ledger.Signature(raw)); err != nil || by != ours.Address() {
			t.Errorf("recovered %s (%v), want %s", by, err, ours.Address())
		}
	})
}
