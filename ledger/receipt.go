package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Purpose is a use of data in DUO terms: a permission such as "DUO:0000006"
// and, for disease-specific research, the diseases.
type Purpose struct {
	Permission string   `json:"permission"`
	Diseases   []string `json:"diseases,omitempty"`
	Methods    bool     `json:"methods,omitempty"` // methods are developed with the data
}

// Ask is what a researcher signs for every question: the most it may cost her
// study and her, and until when. It names everything that must not be swapped.
type Ask struct {
	RequestID  Hash    `json:"request_id"` // random, hers; idempotency key at marketplace and hospitals
	PlanHash   Hash    `json:"plan_hash"`  // of the [PlanStatement]
	Grant      Hash    `json:"grant"`      // document hash of the grant
	Provider   Address `json:"provider"`   // hospital that is asked
	Dataset    string  `json:"dataset"`
	Purpose    Purpose `json:"purpose"`      // what this question is for; grant, policy and patients must permit it
	MaxNanoRho int64   `json:"max_nano_rho"` // greatest privacy loss
	MaxWork    int64   `json:"max_work"`     // greatest price, expected hashes (2^20 a credit)
	Expiry     int64   `json:"expiry"`       // Unix seconds; the ask is void from then on
	// AtLeastAsOf is the log index that the hospital's decision must have
	// reached: the token of an event that must count. 0: any.
	AtLeastAsOf uint64 `json:"at_least_as_of"`
}

// By names the ask together with who signed it. Error: [ErrInexact].
func (a Ask) By(researcher Address) (Hash, error) {
	h, err := HashOf(a)
	if err != nil {
		return Hash{}, err
	}
	return HashBytes(slices.Concat(h[:], researcher[:])), nil
}

// Release is what a hospital signs for an ask it answered. It holds the
// noised vector and public facts; no count of classes or people.
type Release struct {
	RequestID      Hash   `json:"request_id"`
	Ask            Hash   `json:"ask"` // [Ask.By] of the ask and who signed it, as the hospital saw them
	Dataset        string `json:"dataset"`
	DatasetVersion string `json:"dataset_version"`
	PlanHash       Hash   `json:"plan_hash"`
	Grant          Hash   `json:"grant"`
	Policy         Hash   `json:"policy"`            // document hash of the dataset policy that was in force
	Passport       Hash   `json:"passport,omitzero"` // of the visas that the researcher showed; zero: none
	Decision       Hash   `json:"decision"`          // the hospital's hiding commitment to how it decided, and on what
	AsOf           uint64 `json:"as_of"`             // log index of the decision, the end of an interval
	LogRoot        Hash   `json:"log_root"`          // of the hospital's log at AsOf
	MapRoot        Hash   `json:"map_root"`          // of the hospital's consent map at AsOf
	NanoRho        int64  `json:"nano_rho"`          // loss charged
	Delta          int64  `json:"delta"`             // loss charged, 2^-63 units
	// NanoEpsilon is the same loss in 1e-9 epsilon, where the noise was such that it has one.
	NanoEpsilon int64   `json:"nano_epsilon,omitempty"`
	Vector      []int64 `json:"vector"` // noised numbers, in the plan's order
	Time        int64   `json:"time"`   // Unix seconds of the decision
}

// SignedRelease is a release with the signature of the hospital named.
type SignedRelease struct {
	Release   Release   `json:"release"`
	Provider  Address   `json:"provider"`
	Signature Signature `json:"signature"`
}

// Group is one line of an answer: what was measured of the patients with Key.
type Group struct {
	Key       []string   `json:"key"`
	Estimates []Estimate `json:"estimates"`
}

// Estimate is one number of an answer, with noise, and its 95 % interval.
type Estimate struct {
	Measure int     `json:"measure"`         // index into the plan's measures
	Label   string  `json:"label,omitempty"` // of several numbers of one measure
	Value   float64 `json:"value"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	// Suppressed: the dataset's disclosure rule keeps the number back; the three above are zero then.
	Suppressed bool `json:"suppressed,omitempty"`
}

// Statement is what a marketplace signs and puts into its log for one answer.
type Statement struct {
	Genesis      Hash            `json:"genesis"`
	Researcher   Address         `json:"researcher"`
	Ask          Ask             `json:"ask"`
	AskSignature Signature       `json:"ask_signature"`
	Plan         json.RawMessage `json:"plan"` // canonical plan, hashed by Ask.PlanHash
	Releases     []SignedRelease `json:"releases"`
	Answer       []Group         `json:"answer"`
	NanoRho      int64           `json:"nano_rho"`
	Delta        int64           `json:"delta"`                  // 2^-63 units
	NanoEpsilon  int64           `json:"nano_epsilon,omitempty"` // as in [Release]
	Work         int64           `json:"work"`                   // price, expected hashes
	Time         int64           `json:"time"`                   // Unix seconds of the decision; of the latest, if there are several
}

// AnchorProof shows offline that a log root is recorded in the Anchors
// contract on the chain: Headers (RLP) run without a gap from a header the
// verifier trusts to the confirmations above Block; Account and Storage are
// the eth_getProof nodes under the state root of Block.
type AnchorProof struct {
	Block   uint64  `json:"block"`
	Headers []Bytes `json:"headers"`
	Account []Bytes `json:"account"`
	Storage []Bytes `json:"storage"`
}

// Receipt is a statement with all that is needed to check it offline. Anchor
// is nil until the root that covers the receipt is on the chain.
type Receipt struct {
	Statement   Statement    `json:"statement"`
	Marketplace Address      `json:"marketplace"`
	Signature   Signature    `json:"signature"`
	Inclusion   LogProof     `json:"inclusion"`
	Anchor      *AnchorProof `json:"anchor,omitempty"`
}

// AsOf is the least log index that an answer stands on, over the hospitals.
func (r Receipt) AsOf() uint64 {
	var least uint64
	for i, s := range r.Statement.Releases {
		if i == 0 || s.Release.AsOf < least {
			least = s.Release.AsOf
		}
	}
	return least
}

// MismatchError says which part of a receipt does not match, and why.
type MismatchError struct {
	Part string // e.g. "release of 0x…: signature"
	Err  error
}

func (e *MismatchError) Error() string { return e.Part + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *MismatchError) Unwrap() error { return e.Err }

func mismatch(part, format string, args ...any) error {
	return &MismatchError{Part: part, Err: fmt.Errorf(format, args...)}
}

// Keys are the signers a verifier trusts on one chain.
type Keys struct {
	Domain       Domain
	Marketplaces []Address
	Providers    []Address
}

// Check verifies everything in r that needs no chain: the hashes, the
// signatures of researcher, hospitals and marketplace, that all speak of the
// same ask, and that the statement is in the marketplace's log under
// Inclusion.Root. It returns a [*MismatchError] naming the first part that
// does not match. The anchor and the arithmetic of the answer are checked by
// ledger/verify and marketplace/verifier.
func (r Receipt) Check(k Keys) error {
	s := r.Statement
	if s.Genesis != k.Domain.Genesis {
		return mismatch("genesis", "receipt is of chain %s, trusted is %s", s.Genesis, k.Domain.Genesis)
	}
	if got := HashBytes(s.Plan); got != s.Ask.PlanHash {
		return mismatch("plan", "hash %s, the ask names %s", got, s.Ask.PlanHash)
	}
	if err := checkSigned(k.Domain, "ask", KindAsk, s.Ask, s.Ask.Expiry, s.AskSignature, s.Researcher); err != nil {
		return err
	}
	if err := s.checkReleases(k); err != nil {
		return err
	}
	if s.Work < 0 || s.Work > s.Ask.MaxWork {
		return mismatch("cost", "is above what the researcher signed")
	}
	if !slices.Contains(k.Marketplaces, r.Marketplace) {
		return mismatch("marketplace", "%s is not in the trust file", r.Marketplace)
	}
	if err := checkSigned(k.Domain, "statement", KindReceipt, s, 0, r.Signature, r.Marketplace); err != nil {
		return err
	}
	return r.checkInclusion()
}

func (s Statement) checkReleases(k Keys) error {
	if len(s.Releases) == 0 {
		return mismatch("releases", "there is none")
	}
	var nanoRho, delta, nanoEpsilon, decided int64
	for _, r := range s.Releases {
		if !slices.Contains(k.Providers, r.Provider) {
			return mismatch(r.part(), "hospital is not in the trust file")
		}
		if err := r.Check(k.Domain, s.Ask, s.Researcher); err != nil {
			return err
		}
		nanoRho, delta = max(nanoRho, r.Release.NanoRho), max(delta, r.Release.Delta)
		nanoEpsilon = max(nanoEpsilon, r.Release.NanoEpsilon)
		decided = max(decided, r.Release.Time)
	}
	if decided != s.Time {
		return mismatch("time", "is not when the hospitals decided")
	}
	if nanoRho != s.NanoRho || delta != s.Delta || nanoEpsilon != s.NanoEpsilon {
		return mismatch("cost", "is not what the hospitals charged")
	}
	return nil
}

// Check verifies that the hospital named signed the release, as the answer to
// the ask that researcher signed, and within what she asked for: its provider,
// cost, expiry and log index. It returns a [*MismatchError].
func (r SignedRelease) Check(d Domain, a Ask, researcher Address) error {
	if err := checkSigned(d, r.part(), KindRelease, r.Release, 0, r.Signature, r.Provider); err != nil {
		return err
	}
	if r.Provider != a.Provider {
		return mismatch(r.part(), "the ask is to %s", a.Provider)
	}
	asked, err := a.By(researcher)
	if err != nil {
		return &MismatchError{Part: "ask", Err: err}
	}
	rel := r.Release
	switch {
	case rel.Ask != asked, rel.RequestID != a.RequestID, rel.PlanHash != a.PlanHash, rel.Grant != a.Grant, rel.Dataset != a.Dataset:
		return mismatch(r.part(), "answers another ask")
	case rel.NanoRho < 1 || rel.NanoRho > a.MaxNanoRho || rel.Delta < 0 || rel.NanoEpsilon < 0:
		return mismatch(r.part(), "charges what the researcher did not sign")
	case rel.Time >= a.Expiry:
		return mismatch(r.part(), "was decided when the ask had expired")
	case rel.AsOf < a.AtLeastAsOf:
		return mismatch(r.part(), "stands on an older log than the researcher asked for")
	}
	return nil
}

func (r SignedRelease) part() string { return "release of " + r.Provider.String() }

// Leaf is the leaf of the marketplace's log that stands for r. It covers the
// signature too, so that the log fixes every byte of the statement's proof.
func (r Receipt) Leaf() (Hash, error) {
	b, err := Canonical(struct {
		Statement   Statement `json:"statement"`
		Marketplace Address   `json:"marketplace"`
		Signature   Signature `json:"signature"`
	}{r.Statement, r.Marketplace, r.Signature})
	if err != nil {
		return Hash{}, err
	}
	return LeafHash(b), nil
}

func (r Receipt) checkInclusion() error {
	if want := LogID(LogReceipts, r.Marketplace); r.Inclusion.Log != want {
		return mismatch("inclusion", "log %s is not the marketplace's", r.Inclusion.Log)
	}
	leaf, err := r.Leaf()
	if err != nil {
		return &MismatchError{Part: "inclusion", Err: err}
	}
	if err := r.Inclusion.Check(leaf); err != nil {
		return &MismatchError{Part: "inclusion", Err: err}
	}
	return nil
}

// SignDocument hashes v and signs it as a document of the given kind.
func SignDocument(k *Key, d Domain, kind Kind, v any, revision uint64, expiry int64) (Signature, error) {
	h, err := HashOf(v)
	if err != nil {
		return Signature{}, err
	}
	return k.Sign(d.DocumentDigest(Document{Kind: kind, Hash: h, Revision: revision, Expiry: expiry})), nil
}

func checkSigned(d Domain, part string, kind Kind, v any, expiry int64, sig Signature, want Address) error {
	h, err := HashOf(v)
	if err != nil {
		return &MismatchError{Part: part, Err: err}
	}
	got, err := Recover(d.DocumentDigest(Document{Kind: kind, Hash: h, Expiry: expiry}), sig)
	if err != nil {
		return &MismatchError{Part: part + ": signature", Err: err}
	}
	if got != want {
		return mismatch(part+": signature", "is not by %s", want)
	}
	return nil
}
