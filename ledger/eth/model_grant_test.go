package eth_test

import (
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// decide has a member of the committee sign something about one of a few documents.
func (r *run) decide() {
	member, document := r.pick(members), r.pick([]string{"study 1", "study 2", "study 3"})
	g := r.model.Grants[document]
	if g == nil {
		g = &grantModel{Signed: map[string]bool{}, Approved: map[string]bool{}}
		r.model.Grants[document] = g
	}
	switch n := r.rand.IntN(30); {
	case n < 10:
		r.approve(g, member, document)
	case n < 16:
		r.suspend(g, member, document)
	case n < 29:
		r.resume(g, member, document)
	default:
		r.revoke(g, member, document)
	}
}

func (r *run) approve(g *grantModel, member, document string) {
	terms := r.rand.IntN(5) / 4
	record := r.grant(document)
	record.NotBefore, record.Expiry = 1, 1<<40+int64(terms)
	var want eth.Refusal
	switch {
	case g.Status == "":
	case g.Terms != terms:
		want = eth.OtherTerms
	case g.Status == "suspended" || g.Status == "revoked":
		want = eth.WrongStatus
	case g.Approved[member]:
		want = "" // the client takes it for what it is: on record
	}
	err := r.hospital.ApproveGrant(r.t.Context(), record, r.sign(r.t, keyOf(r.t, member), record))
	if !r.expect("approve", err, want) {
		return
	}
	if g.Status == "" {
		g.Status, g.Terms = "pending", terms
	}
	g.Approved[member] = true
	if len(g.Approved) >= 2 && g.Status == "pending" {
		g.Status = "active"
	}
}

func (r *run) suspend(g *grantModel, member, document string) {
	hash, count := ledger.HashBytes([]byte(document)), g.Suspensions+r.rand.Uint64N(8)/7
	var want eth.Refusal
	switch {
	case g.Status != "active":
		want = eth.WrongStatus
	case count != g.Suspensions:
		want = eth.WrongSuspension
	}
	err := r.hospital.SuspendGrant(r.t.Context(), hash, count, keyOf(r.t, member).Sign(r.domain.GrantSuspensionDigest(hash, count)))
	if r.expect("suspend", err, want) {
		g.Status, g.Suspensions, g.Signed = "suspended", count+1, map[string]bool{}
	}
}

func (r *run) resume(g *grantModel, member, document string) {
	hash, count := ledger.HashBytes([]byte(document)), g.Suspensions-min(g.Suspensions, r.rand.Uint64N(8)/7)
	var want eth.Refusal
	switch {
	case g.Status != "suspended":
		want = eth.WrongStatus
	case count != g.Suspensions:
		want = eth.WrongSuspension
	case g.Signed[member]:
		want = eth.AlreadySigned
	}
	err := r.hospital.ResumeGrant(r.t.Context(), hash, count, keyOf(r.t, member).Sign(r.domain.GrantResumptionDigest(hash, count)))
	if r.expect("resume", err, want) {
		g.Signed[member] = true
		if len(g.Signed) >= 2 {
			g.Status = "active"
		}
	}
}

func (r *run) revoke(g *grantModel, member, document string) {
	hash := ledger.HashBytes([]byte(document))
	var want eth.Refusal
	if g.Status == "" || g.Status == "revoked" {
		want = eth.WrongStatus
	}
	err := r.hospital.RevokeGrant(r.t.Context(), hash, keyOf(r.t, member).Sign(r.domain.GrantRevocationDigest(hash)))
	if r.expect("revoke", err, want) {
		g.Status = "revoked"
	}
}

// vote has somebody vote on a signer. All keepers are providers.
func (r *run) vote() {
	by, on, member := r.pick(keepers), r.pick(keepers), r.rand.IntN(2) == 0
	change := member != r.model.Signers[on]
	var votes int
	for name := range r.model.Signers {
		if name == by && change || name != by && r.model.Votes[on][name] {
			votes++
		}
	}
	passes := change && votes >= len(r.model.Signers)*2/3+1
	var want eth.Refusal
	switch {
	case !r.model.Signers[by]:
		want = eth.NotSigner
	case passes && !member && len(r.model.Signers) == 1:
		want = eth.LastSigner
	}
	if !r.expect("vote", r.by[by].VoteSigner(r.t.Context(), r.address(on), member), want) {
		return
	}
	if r.model.Votes[on] == nil {
		r.model.Votes[on] = map[string]bool{}
	}
	r.model.Votes[on][by] = change
	if !passes {
		return
	}
	delete(r.model.Votes, on)
	for _, votes := range r.model.Votes {
		delete(votes, on) // with her seat go the votes that she cast from it
	}
	if member {
		r.model.Signers[on] = true
	} else {
		delete(r.model.Signers, on)
	}
}
