package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// signedBy answers how many of how many have signed.
type signedBy struct{ signed, needed int }

func (signedBy) Current(_ context.Context, a ledger.Address) (ledger.Address, error) { return a, nil }

func (signedBy) Participant(context.Context, ledger.Address) (ledger.Participant, error) {
	return ledger.Participant{Organisation: ledger.Hash{1}}, nil
}

func (s signedBy) GrantSignatures(context.Context, ledger.Hash, ledger.Hash) (signed, needed int, err error) {
	return s.signed, s.needed, nil
}

func TestGrantState(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := policy.Grant{
		ID: "s", Protocol: "s", Committee: ledger.Address{1}.String(), Researchers: []string{ledger.Address{2}.String()},
		SponsorType: policy.Academic, Countries: []string{"DE"}, Purposes: []policy.DataUse{{Permission: duo.HMB}},
		Datasets: []policy.DatasetCeiling{{Dataset: "d", NanoRho: 1}}, Period: policy.Period{Start: 1, End: now.Unix() + 1},
	}
	content, err := ledger.Canonical(g.Normalize())
	must(t, err)
	id := ledger.HashBytes(content)
	for _, c := range []struct {
		approved bool
		status   pb.GrantStatus
		state    pb.ReviewState
		reviewIn int64
		signed   signedBy
		later    time.Duration
		want     string
	}{
		{want: "open"},
		{signed: signedBy{1, 3}, want: "pending, 1 of 3 signed"},
		{signed: signedBy{1, 3}, later: time.Second, want: "expired"},
		{approved: true, want: "approved, not final"},
		{approved: true, signed: signedBy{2, 3}, want: "pending, 2 of 3 signed"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_ACTIVE, signed: signedBy{1, 1}, want: "active"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_ACTIVE, later: time.Second, want: "expired"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_SUSPENDED, signed: signedBy{0, 2}, want: "suspended"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_SUSPENDED, signed: signedBy{1, 2}, want: "suspended, 1 of 2 signed"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_REVOKED, later: time.Second, want: "revoked"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_SUPERSEDED, want: "superseded"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_CLOSED, later: time.Second, want: "closed"},
		{state: pb.ReviewState_REVIEW_STATE_SUBMITTED, want: "open"},
		{state: pb.ReviewState_REVIEW_STATE_QUESTIONED, want: "questioned"},
		{state: pb.ReviewState_REVIEW_STATE_RETURNED, want: "returned"},
		{state: pb.ReviewState_REVIEW_STATE_REJECTED, later: time.Second, want: "rejected"},
		{state: pb.ReviewState_REVIEW_STATE_WITHDRAWN, want: "withdrawn"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_ACTIVE, reviewIn: 1, want: "active"},
		{approved: true, status: pb.GrantStatus_GRANT_STATUS_ACTIVE, reviewIn: -1, want: "active, to be reviewed"},
	} {
		r := &pb.Grant{Status: c.status, State: c.state, Id: id[:], Approved: c.approved, Document: &pb.SignedDocument{Content: content}}
		if c.reviewIn != 0 {
			r.ReviewBy = now.Unix() + c.reviewIn
		}
		if got, err := grantState(t.Context(), c.signed, r, now.Add(c.later)); err != nil || got != c.want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "2 minutes", 90 * time.Second: "2 minutes", 119 * time.Minute: "119 minutes", 4 * time.Hour: "4.0 hours",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// What an attacker could at most learn grows with the loss; what questions by private keys may spend adds to the chance that it is more.
func TestMostLearnt(t *testing.T) {
	const million = 1 << 43 // 2^-20
	none, some := mostOf(0, 0, nil), mostOf(10_000_000, 0, nil)
	if none.Belief < 0.5 || none.Belief > 0.5001 || some.Belief < none.Belief || none.Chance != displayDelta {
		t.Errorf("of nothing %+v, of something %+v", none, some)
	}
	with := mostOf(10_000_000, million, nil)
	if with.Belief != some.Belief || with.Chance < 1.9e-6 || with.Chance > 2e-6 {
		t.Errorf("with private keys %+v, without %+v", with, some)
	}
	for l, want := range map[string]string{
		mostOf(0, 0, nil).String():                "at most 50.0 % by all answers of the study at a dataset, whatever else she knows (but for a chance of one in 1000000)",
		mostOf(0, million, nil).String():          "(but for a chance of one in 511",
		mostOf(0, 0, []string{"a", "b"}).String(): "; of a, b it is not known now",
	} {
		if !strings.Contains(l, want) {
			t.Errorf("%q, want %q", l, want)
		}
	}
}
