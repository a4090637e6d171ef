// Package verifier checks receipts and proofs of consent offline, from their
// bytes and a trust file.
//
// It promises that a receipt passes only if every byte of it fits together and
// leads to what the trust file names: the researcher asked for exactly this
// plan at no more than this cost; a trusted hospital signed the noised vector,
// which keeps to the disclosure rule in the plan, or each of several hospitals did, and of each other that she named it is said why not;
// the answer is that vector, or the sum of those, with the intervals of the noise; a trusted
// marketplace signed and logged it; the log's root is in the Anchors contract
// of the trusted chain, under proof of work and the trusted confirmations. The
// first part that does not match is named.
//
// A consent proof passes only if it leads, through a trusted hospital's map and
// log, to a root that is anchored in the same way: then the hospital was
// committed to that entry, and to no other at its index, when it gave the answers
// of that log index.
//
// It assumes that the trust file came from someone the verifier trusts.
//
// It does not show that the hospital counted rightly, only what it committed
// to; nor that the chain shown is the heaviest there is (see ledger/verify).
package verifier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace"
)

// ErrPending is returned for a receipt or proof whose anchor is not final yet: all the
// rest of it matches. Until then no signature covers the log that it is shown in.
var ErrPending = errors.New("not anchored on the chain yet")

// ErrTrust is returned for a trust file that cannot be read or lacks something.
var ErrTrust = errors.New("unusable trust file")

// Trust is a trust file: what a verifier takes for granted of one network.
type Trust struct {
	ChainID       uint64           `json:"chain_id"`
	Genesis       ledger.Hash      `json:"genesis"` // hash of block 0
	Rule          pow.Rule         `json:"rule"`    // difficulty rule
	Confirmations uint64           `json:"confirmations"`
	Anchors       ledger.Address   `json:"anchors"` // the Anchors contract
	Marketplaces  []ledger.Address `json:"marketplaces"`
	Providers     []ledger.Address `json:"providers"`
	// Known is a later block of the chain, with which the headers of a proof may begin too. Default: none, all begin with the genesis block.
	Known *verify.Known `json:"known,omitempty"`
}

// ParseTrust reads a trust file (JSON; unknown fields are refused).
func ParseTrust(b []byte) (Trust, error) {
	var t Trust
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return t, fmt.Errorf("%w: %w", ErrTrust, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return t, fmt.Errorf("%w: something follows its object", ErrTrust)
	}
	if t.ChainID == 0 || t.Genesis.IsZero() || t.Confirmations == 0 || t.Anchors.IsZero() || len(t.Marketplaces) == 0 || len(t.Providers) == 0 {
		return t, fmt.Errorf("%w: every field but known is required", ErrTrust)
	}
	if t.Known != nil && (t.Known.Block == 0 || t.Known.Hash.IsZero()) {
		return t, fmt.Errorf("%w: known needs the number of a block after the genesis block, and its hash", ErrTrust)
	}
	if err := t.Rule.Validate(); err != nil {
		return t, fmt.Errorf("%w: %w", ErrTrust, err)
	}
	return t, nil
}

// Domain is the chain that the trust file is about.
func (t Trust) Domain() ledger.Domain { return ledger.Domain{ChainID: t.ChainID, Genesis: t.Genesis} }

// Receipt checks the bytes of a receipt; now is the verifier's clock in Unix
// seconds. It returns the receipt with nil if all matches, with [ErrPending] if
// only the anchor is missing, and else a [*ledger.MismatchError] that names
// what does not match.
func Receipt(content []byte, t Trust, now int64) (ledger.Receipt, error) {
	var r ledger.Receipt
	if err := ledger.ParseCanonical(content, &r); err != nil {
		return r, &ledger.MismatchError{Part: "form", Err: err}
	}
	keys := ledger.Keys{Domain: t.Domain(), Marketplaces: t.Marketplaces, Providers: t.Providers}
	if err := r.Check(keys); err != nil {
		return r, err
	}
	if err := answer(r.Statement); err != nil {
		return r, &ledger.MismatchError{Part: "answer", Err: err}
	}
	return r, t.Anchored(r.Anchor, r.Inclusion, now)
}

// answer recomputes the plans from their statements and the answer from the vectors of the
// hospitals that answered.
func answer(s ledger.Statement) error {
	var first dp.Plan
	var vectors [][]int64
	releases := s.Releases
	for i, asked := range s.Ask.Each() {
		plan, err := planOf(s, i)
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		if i == 0 {
			first = plan
		} else if err := first.AddsUp(plan); err != nil {
			return err
		}
		if len(releases) == 0 || releases[0].Provider != asked.Provider { // it is among the missing
			continue
		}
		if err := follows(releases[0].Release, plan); err != nil {
			return err
		}
		vectors, releases = append(vectors, releases[0].Release.Vector), releases[1:]
	}
	groups, err := marketplace.Groups(first, vectors...)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(groups, s.Answer, sameGroup) {
		return errors.New("is not the sum of the hospitals' vectors with its intervals")
	}
	return nil
}

// planOf is the plan at the hospital that is number i in the ask.
func planOf(s ledger.Statement, i int) (dp.Plan, error) {
	content := s.Plan
	if i > 0 {
		content = s.Plans[i-1]
	}
	var st dp.Statement
	if err := ledger.ParseCanonical(content, &st); err != nil {
		return dp.Plan{}, err
	}
	return dp.NewPlan(st.Query, st.Metadata)
}

// follows checks that a release is of the plan's dataset and at its cost.
func follows(r ledger.Release, p dp.Plan) error {
	if p.Metadata.Dataset != r.Dataset || p.Metadata.Version != r.DatasetVersion {
		return errors.New("the hospital answered for another dataset or version")
	}
	if p.Cost != marketplace.Cost(r) {
		return errors.New("the hospital charged another cost than the plan's")
	}
	return nil
}

func sameGroup(a, b ledger.Group) bool {
	return slices.Equal(a.Key, b.Key) && slices.Equal(a.Estimates, b.Estimates)
}
