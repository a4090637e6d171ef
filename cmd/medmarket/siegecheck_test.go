package main

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// check compares a running serve with all that was acknowledged, and finishes the
// question and the grant that were cut off. Of the questions and receipts it takes
// the newest and some of chance, or all.
func (s *siege) check(t *testing.T, all bool) {
	t.Helper()
	s.checkHead(t)
	s.checkAsks(t, all)
	s.checkReceipts(t, all)
	s.checkPreferences(t)
	s.checkProofs(t, all)
	s.checkStudies(t)
	s.checkCredit(t, all)
}

// looked says whether to look at the i-th of n.
func looked(i, n int, all bool) bool { return all || i >= n-4 || rand.N(n) < 4 }

// checkHead: no block is lost.
func (s *siege) checkHead(t *testing.T) {
	t.Helper()
	if s.head.number == 0 {
		return
	}
	got, err := s.folk.block(t.Context(), s.head.number)
	must(t, err)
	if got != s.head {
		t.Errorf("a block is %+v, and was %+v before the kill", got, s.head)
	}
}

// checkAsks: the same request gets the same bytes; each is charged and paid once.
func (s *siege) checkAsks(t *testing.T, all bool) {
	t.Helper()
	var cost, work int64
	for i, one := range s.asks {
		cost, work = cost+one.cost, work+one.work
		if one.open() {
			if err := s.send(t.Context(), one); err != nil {
				t.Fatalf("question %d of %d, cut off: %v", i, len(s.asks), err)
			}
		}
		if one.reply != nil && looked(i, len(s.asks), all) {
			again, err := pb.NewQueryServiceClient(s.folk.researcher.market).Ask(t.Context(), one.order)
			if err != nil {
				t.Fatalf("question %d of %d: %v", i, len(s.asks), err)
			}
			s.sameReply(t, one.reply, again)
		}
	}
	account, err := s.folk.researcher.account(t.Context())
	must(t, err)
	if account.GetDrawn() != work {
		t.Errorf("%d hashes drawn, want %d", account.GetDrawn(), work)
	}
	datasets, err := pb.NewDatasetServiceClient(s.folk.researcher.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	if spent := datasets.GetDatasets()[0].GetSpent().GetNanoRho(); spent != cost {
		t.Errorf("%d nano-rho spent of the dataset, want %d", spent, cost)
	}
}

// sameReply compares two replies to one request byte for byte, but for where the
// receipt stands in a log that has grown.
func (s *siege) sameReply(t *testing.T, first, again *pb.AskResponse) {
	t.Helper()
	var bytesOf [2][]byte
	for i, r := range []*pb.AskResponse{first, again} {
		answer, err := proto.MarshalOptions{Deterministic: true}.Marshal(r.GetAnswer())
		must(t, err)
		var receipt ledger.Receipt
		must(t, ledger.ParseCanonical(r.GetReceipt(), &receipt))
		statement, err := ledger.Canonical(receipt.Statement)
		must(t, err)
		bytesOf[i] = append(append(answer, statement...), receipt.Signature[:]...)
	}
	if !bytes.Equal(bytesOf[0], bytesOf[1]) {
		t.Errorf("answered\n%v, and after the kill\n%v", first.GetAnswer(), again.GetAnswer())
	}
}

// checkReceipts: what was anchored is anchored still, in the same block, and the
// root on the chain is that of the log.
func (s *siege) checkReceipts(t *testing.T, all bool) {
	t.Helper()
	i := 0
	for id, want := range s.anchored {
		if i++; !looked(i, len(s.anchored), all) {
			continue
		}
		content, anchored, err := s.folk.researcher.receipt(t.Context(), id, 0)
		must(t, err)
		if !anchored || ledger.HashBytes(content) != want {
			t.Errorf("receipt %s was anchored; now: %t, in other bytes", id, anchored)
			continue
		}
		if _, err := verifier.Receipt(content, s.n.Trust, time.Now().Unix()); err != nil {
			t.Errorf("receipt %s: %v", id, err)
		}
	}
}

// checkPreferences: the preference is one that was sent, and none that was
// acknowledged is lost; the same of the one on paper.
func (s *siege) checkPreferences(t *testing.T) {
	t.Helper()
	must(t, s.recall(t.Context()))
	if err := s.recordOne(t.Context(), s.recorded.Load()); reasonOf(err) != "STALE_REVISION" {
		t.Errorf("revision %d of the preference on paper is lost: recording it again says %v", s.recorded.Load(), err)
	}
}

// checkProofs: at each answer the hospital was committed to what was acknowledged
// before, for the patient and, for the one on paper; and proves
// it in the same bytes as before.
func (s *siege) checkProofs(t *testing.T, all bool) {
	t.Helper()
	for i, one := range s.asks {
		asOf := one.reply.GetAnswer().GetAsOf()
		want, known := s.proven[asOf]
		if !known || !looked(i, len(s.asks), all) {
			continue
		}
		content, _, err := s.folk.patient.consentProof(t.Context(), &pb.GetConsentProofRequest{AsOf: asOf})
		must(t, err)
		if ledger.HashBytes(content) != want {
			t.Errorf("the proof of consent at log index %d is another", asOf)
		}
		must(t, s.holds(content, one, one.own))
		content, _, err = s.folk.steward.consentProof(t.Context(), &pb.GetConsentProofRequest{
			AsOf: asOf, OfWhom: &pb.GetConsentProofRequest_Patient{Patient: s.onPaper.number},
		})
		must(t, err)
		must(t, s.holds(content, one, one.paper))
	}
}

// checkStudies: a grant that was filed is there, one that was approved is or gets final.
func (s *siege) checkStudies(t *testing.T) {
	t.Helper()
	grants := pb.NewGrantServiceClient(s.folk.committee.market)
	for _, one := range s.studies {
		if !one.requested {
			continue
		}
		r, err := grants.GetGrant(t.Context(), &pb.GetGrantRequest{Id: one.id[:]})
		must(t, err)
		if !proto.Equal(r.GetGrant().GetDocument(), one.document) {
			t.Errorf("grant %s is\n%v\nwant\n%v", one.id, r.GetGrant().GetDocument(), one.document)
		}
		if one.approved && !r.GetGrant().GetApproved() {
			t.Errorf("the approval of grant %s is lost", one.id)
		}
	}
	if len(s.studies) == 0 {
		return
	}
	last := s.studies[len(s.studies)-1]
	must(t, s.pursue(t.Context(), last))
	eventually(t, "the grant is final", func() (bool, error) { return s.folk.committee.grantFinal(t.Context(), last.id) })
}

// checkCredit: what was claimed and escrowed is on the chain; all of it, if all, is
// the work of blocks that count as claimed.
func (s *siege) checkCredit(t *testing.T, all bool) {
	t.Helper()
	ctx, researcher, market := t.Context(), s.folk.researcher.address(), s.n.Trust.Marketplaces[0]
	eventually(t, "the head before the kill is final", func() (bool, error) {
		final, err := s.folk.ledger.FinalBlock(ctx)
		return final >= s.head.number, err
	})
	free, err := s.folk.ledger.Credit(ctx, researcher)
	must(t, err)
	escrowed, err := s.folk.ledger.Escrow(ctx, researcher, market)
	must(t, err)
	if free+escrowed < s.claimed || escrowed < s.escrowed || escrowed > s.sent {
		t.Errorf("%d hashes free and %d escrowed; acknowledged: %d claimed, and %d escrowed of %d sent", free, escrowed, s.claimed, s.escrowed, s.sent)
	}
	account, err := s.folk.researcher.account(ctx)
	must(t, err)
	if account.GetEscrow() < escrowed || account.GetSettled() > account.GetDrawn() {
		t.Errorf("the marketplace says %v, the chain %d escrowed", account, escrowed)
	}
	if !all {
		return
	}
	var work int64
	final, err := s.folk.ledger.FinalBlock(ctx)
	must(t, err)
	for number := uint64(1); number <= final; number++ {
		claimed, err := s.folk.ledger.IsClaimed(ctx, number)
		must(t, err)
		if claimed {
			b, err := s.folk.block(ctx, number)
			must(t, err)
			work += b.work
		}
	}
	if work != free+escrowed {
		t.Errorf("the blocks that are claimed took %d hashes; %d are free and %d escrowed", work, free, escrowed)
	}
}
