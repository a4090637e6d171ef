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
	// Also are other hospitals that are asked the same, at most MaxHospitals in all, each once. The greatest loss holds
	// at each of them.
	Also []Asked `json:"also,omitempty"`
}

// MaxHospitals is the most that one ask names.
const MaxHospitals = 16

// Asked is what an [Ask] says of one more hospital, as there.
type Asked struct {
	PlanHash    Hash    `json:"plan_hash"`
	Provider    Address `json:"provider"`
	Dataset     string  `json:"dataset"`
	MaxWork     int64   `json:"max_work"` // on top of the others'
	AtLeastAsOf uint64  `json:"at_least_as_of"`
}

// Each is the ask as it is to each hospital that it names, in their order: as if it named no other. The request id,
// and what is signed, are those of the whole.
func (a Ask) Each() []Ask {
	each := make([]Ask, 1, 1+len(a.Also))
	each[0] = a
	each[0].Also = nil
	for _, o := range a.Also {
		one := each[0]
		one.PlanHash, one.Provider, one.Dataset, one.MaxWork, one.AtLeastAsOf = o.PlanHash, o.Provider, o.Dataset, o.MaxWork, o.AtLeastAsOf
		each = append(each, one)
	}
	return each
}

// To is the ask as it is to one hospital, false if it does not name it.
func (a Ask) To(provider Address) (Ask, bool) {
	for _, one := range a.Each() {
		if one.Provider == provider {
			return one, true
		}
	}
	return Ask{}, false
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
	Work        int64   `json:"work"`   // price that the hospital drew on the researcher's escrow, expected hashes
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
	// Plans are those of the other hospitals that were asked, hashed in Ask.Also, in its order.
	Plans    []json.RawMessage `json:"plans,omitempty"`
	Releases []SignedRelease   `json:"releases"` // in the order of the ask
	// Missing are the hospitals of which there is no release, in the order of the ask: if there are any, the answer is
	// partial.
	Missing []Missing `json:"missing,omitempty"`
	// Partial is the researcher's signature that she takes what has been answered of the ask ([KindPartial]). It is there if
	// one is missing for another reason than MissingRefused.
	Partial Signature `json:"partial,omitzero"`
	// CountedAtEach says, if several hospitals answered, that a patient known to several of them counts once at each.
	CountedAtEach bool    `json:"counted_at_each,omitempty"`
	Answer        []Group `json:"answer"`
	NanoRho       int64   `json:"nano_rho"`               // charged at a hospital, the greatest
	Delta         int64   `json:"delta"`                  // likewise, 2^-63 units
	NanoEpsilon   int64   `json:"nano_epsilon,omitempty"` // likewise, as in [Release]
	Work          int64   `json:"work"`                   // price, expected hashes, of those who answered
	Time          int64   `json:"time"`                   // Unix seconds of the decision; of the latest, if there are several
}

// Missing is a hospital that was asked and of which an answer has no release.
type Missing struct {
	Provider Address      `json:"provider"`
	State    MissingState `json:"state"`
	Reasons  []string     `json:"reasons,omitempty"` // codes of a refusal
}

// MissingState says why there is no release, as the marketplace saw it.
type MissingState string

// The states. After all but MissingRefused the hospital may have charged, and keeps the charge.
const (
	MissingRefused MissingState = "refused" // nothing was charged
	MissingDown    MissingState = "down"    // it could not be reached
	MissingSlow    MissingState = "slow"    // it did not answer in time
	MissingFailed  MissingState = "failed"  // it charged, and has no answer
	MissingInvalid MissingState = "invalid" // it answered something that is no answer to the ask
)

func (s MissingState) known() bool {
	return slices.Contains([]MissingState{MissingRefused, MissingDown, MissingSlow, MissingFailed, MissingInvalid}, s)
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
	if err := s.checkPlans(); err != nil {
		return err
	}
	if err := checkSigned(k.Domain, "ask", KindAsk, s.Ask, s.Ask.Expiry, s.AskSignature, s.Researcher); err != nil {
		return err
	}
	if err := s.checkReleases(k); err != nil {
		return err
	}
	if err := s.checkPartial(k.Domain); err != nil {
		return err
	}
	if !slices.Contains(k.Marketplaces, r.Marketplace) {
		return mismatch("marketplace", "%s is not in the trust file", r.Marketplace)
	}
	if err := checkSigned(k.Domain, "statement", KindReceipt, s, 0, r.Signature, r.Marketplace); err != nil {
		return err
	}
	return r.checkInclusion()
}

func (s Statement) checkPlans() error {
	each := s.Ask.Each()
	if len(each) > MaxHospitals || len(s.Plans) != len(s.Ask.Also) {
		return mismatch("plan", "%d plans for %d hospitals", 1+len(s.Plans), len(each))
	}
	for i, one := range each {
		if slices.ContainsFunc(each[:i], func(o Ask) bool { return o.Provider == one.Provider }) {
			return mismatch("plan", "%s is asked twice", one.Provider)
		}
	}
	for i, plan := range append([]json.RawMessage{s.Plan}, s.Plans...) {
		if got := HashBytes(plan); got != each[i].PlanHash {
			return mismatch("plan", "hash %s, the ask names %s", got, each[i].PlanHash)
		}
	}
	return nil
}

// checkReleases wants of each hospital that was asked either its release or why there is none, in the order of the ask.
func (s Statement) checkReleases(k Keys) error {
	if len(s.Releases) == 0 {
		return mismatch("releases", "there is none")
	}
	all, err := s.tally(k)
	if err != nil {
		return err
	}
	switch {
	case s.CountedAtEach != (len(s.Releases) > 1):
		return mismatch("releases", "does not say rightly that patients of several hospitals count once at each")
	case all.decided != s.Time:
		return mismatch("time", "is not when the hospitals decided")
	case all.nanoRho != s.NanoRho || all.delta != s.Delta || all.nanoEpsilon != s.NanoEpsilon:
		return mismatch("cost", "is not what the hospitals charged")
	case s.Work < 0 || s.Work > all.work:
		return mismatch("cost", "is above what the hospitals drew")
	}
	return nil
}

// checkPartial wants the researcher's word for an answer that a hospital is missing from which did not refuse.
func (s Statement) checkPartial(d Domain) error {
	given := s.Partial != Signature{}
	for _, m := range s.Missing {
		if m.State != MissingRefused && !given {
			return mismatch("partial", "the researcher did not take an answer without %s, which did not refuse", m.Provider)
		}
	}
	if !given {
		return nil
	}
	return checkSigned(d, "partial", KindPartial, s.Ask, 0, s.Partial, s.Researcher)
}

// tally is what releases say together.
type tally struct{ nanoRho, delta, nanoEpsilon, decided, work int64 }

// tally goes through the hospitals that were asked.
func (s Statement) tally(k Keys) (all tally, err error) {
	releases, missing := s.Releases, s.Missing
	for _, asked := range s.Ask.Each() {
		if len(missing) > 0 && missing[0].Provider == asked.Provider {
			if !missing[0].State.known() {
				return all, mismatch("releases", "there is no state %q", string(missing[0].State))
			}
			missing = missing[1:]
			continue
		}
		if len(releases) == 0 {
			return all, mismatch("releases", "neither a release of %s nor why there is none", asked.Provider)
		}
		r := releases[0]
		releases = releases[1:]
		if err := r.trusted(k, s); err != nil {
			return all, err
		}
		if r.Provider != asked.Provider {
			return all, mismatch("releases", "%s where the ask names %s", r.Provider, asked.Provider)
		}
		all = tally{
			nanoRho: max(all.nanoRho, r.Release.NanoRho), delta: max(all.delta, r.Release.Delta),
			nanoEpsilon: max(all.nanoEpsilon, r.Release.NanoEpsilon), decided: max(all.decided, r.Release.Time), work: all.work + r.Release.Work,
		}
	}
	switch {
	case len(releases) > 0:
		return all, mismatch(releases[0].part(), "there is more than was asked for")
	case len(missing) > 0:
		return all, mismatch("releases", "more hospitals are missing than were asked")
	}
	return all, nil
}

// trusted verifies that a trusted hospital signed r for what was asked.
func (r SignedRelease) trusted(k Keys, s Statement) error {
	if !slices.Contains(k.Providers, r.Provider) {
		return mismatch(r.part(), "hospital is not in the trust file")
	}
	return r.Check(k.Domain, s.Ask, s.Researcher)
}

// Check verifies that the hospital named signed the release, as the answer to
// the ask that researcher signed, and within what she asked for: its provider,
// cost, expiry and log index. It returns a [*MismatchError].
func (r SignedRelease) Check(d Domain, a Ask, researcher Address) error {
	if err := checkSigned(d, r.part(), KindRelease, r.Release, 0, r.Signature, r.Provider); err != nil {
		return err
	}
	asked, err := a.By(researcher)
	if err != nil {
		return &MismatchError{Part: "ask", Err: err}
	}
	a, named := a.To(r.Provider)
	if !named {
		return mismatch(r.part(), "the ask is to others")
	}
	rel := r.Release
	switch {
	case rel.Ask != asked, rel.RequestID != a.RequestID, rel.PlanHash != a.PlanHash, rel.Grant != a.Grant, rel.Dataset != a.Dataset:
		return mismatch(r.part(), "answers another ask")
	case rel.NanoRho < 1 || rel.NanoRho > a.MaxNanoRho || rel.Delta < 0 || rel.NanoEpsilon < 0, rel.Work < 0 || rel.Work > a.MaxWork:
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
