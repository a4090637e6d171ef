package eth_test

import (
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// decide has a member of the committee sign something about one of a few documents.
func (r *run) decide() {
	member, document := r.pick(members), r.pick(documents)
	g := r.grantModel(document)
	switch n := r.rand.IntN(30); {
	case n < 10:
		r.approve(g, member, document)
	case n < 16:
		r.suspend(g, member, document)
	case n < 28:
		r.resume(g, member, document)
	default:
		r.revoke(g, member, document)
	}
}

func (r *run) grantModel(document string) *grantModel {
	g := r.model.Grants[document]
	if g == nil {
		g = &grantModel{Signed: map[string]bool{}, Approved: map[string]bool{}}
		r.model.Grants[document] = g
	}
	return g
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
	err := r.hospital.ApproveGrant(r.t.Context(), record, r.sign(r.t, r.key(member), record))
	if !r.expect("approve", err, want) || g.Approved[member] {
		return
	}
	if g.Status == "" {
		g.Status, g.Terms = "pending", terms
	}
	g.Approved[member] = true
	if len(g.Approved) >= r.model.Needed && g.Status == "pending" {
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
	err := r.hospital.SuspendGrant(r.t.Context(), hash, count, r.key(member).Sign(r.domain.GrantSuspensionDigest(hash, count)))
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
	}
	err := r.hospital.ResumeGrant(r.t.Context(), hash, count, r.key(member).Sign(r.domain.GrantResumptionDigest(hash, count)))
	if want == "" && g.Signed[member] {
		r.calls["resume: signed before"]++
	}
	if r.expect("resume", err, want) && !g.Signed[member] {
		g.Signed[member] = true
		if len(g.Signed) >= r.model.Needed {
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
	err := r.hospital.RevokeGrant(r.t.Context(), hash, r.key(member).Sign(r.domain.GrantRevocationDigest(hash)))
	if r.expect("revoke", err, want) {
		g.Status = "revoked"
	}
}

// conclude looks again whether enough have signed, or changes how many must.
func (r *run) conclude() {
	if r.rand.IntN(3) == 0 {
		needed := 1 + r.rand.IntN(len(members))
		if r.expect("approvals", r.operator.SetApprovals(r.t.Context(), hospitalOrg, uint8(needed)), "") {
			r.model.Needed = needed
		}
		return
	}
	document := r.pick(documents)
	g := r.grantModel(document)
	var want eth.Refusal
	switch {
	case g.Status != "pending" && g.Status != "suspended":
		want = eth.WrongStatus
	case g.Status == "pending" && len(g.Approved) < r.model.Needed, g.Status == "suspended" && len(g.Signed) < r.model.Needed:
		want = eth.TooFewSignatures
	}
	if r.expect("conclude", r.hospital.ConcludeGrant(r.t.Context(), ledger.HashBytes([]byte(document)), hospitalOrg), want) {
		g.Status = "active"
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
	case change && member && r.model.Offended[on]:
		want = eth.Offender
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
	r.seatChanged(on)
	if member {
		r.model.Signers[on] = true
	} else {
		delete(r.model.Signers, on)
	}
}

// seatChanged forgets the votes on somebody, and those cast from the seat she had.
func (r *run) seatChanged(name string) {
	delete(r.model.Votes, name)
	for _, votes := range r.model.Votes {
		delete(votes, name)
	}
}
