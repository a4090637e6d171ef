package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/bundle"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// visit is all that the hospital's tables have: a visit of the first patient.
type visit struct{}

func (visit) Events(_ context.Context, patient int64, kind records.Kind, day string) ([]recordindex.Event, recordindex.Concepts, error) {
	if patient != 1 || kind != "" && kind != recordindex.Visits || day != "" && day != "2024-03-02" {
		return nil, nil, nil
	}
	return []recordindex.Event{{Kind: recordindex.Visits, ID: 1, Concept: 9202, Start: "2024-03-02"}}, nil, nil
}

// newIndex is the hospital's record index, which has a pointer to the visit.
func (w *world) newIndex(db recordindex.Store) *recordindex.Index {
	w.tb.Helper()
	x, err := recordindex.New(w.tb.Context(), recordindex.Config{
		Provider: w.Address(), Domain: w.Domain, Store: db, Chain: w.Chain, Source: visit{}, Render: bundle.Renderer(w.Address()), Now: w.Clock.Now,
		Emergencies: &recordindex.EmergencyRules{Within: time.Hour, Clinician: func(a ledger.Address) bool {
			return a == w.keys[steward].Address() || a == w.keys[otherSteward].Address()
		}},
	})
	ok(w.tb, err)
	_, err = x.Point(w.tb.Context(), []int64{1}, "")
	ok(w.tb, err)
	return x
}

const visitMonth = "2024-03"

// access is a patient's word that a reader may see her visits of a month.
func (w *world) access(signer, reader string) ledger.SignedDocument {
	w.tb.Helper()
	a := records.Access{
		Provider: w.Address(), Reader: w.keys[reader].Address(), Kinds: []records.Kind{recordindex.Visits}, Until: w.Clock.Now().Unix() + 3600, Records: true,
		Nonce: ledger.Hash(another()),
	}
	ok(w.tb, a.From.UnmarshalText([]byte(visitMonth)))
	a.To = a.From
	d, err := ledger.NewSignedDocument(w.keys[signer], w.Domain, ledger.KindRecordAccess, a, 1, a.Until)
	ok(w.tb, err)
	return d
}

// place is of the pointer to the visit.
func place() *pb.PointerPlace { return &pb.PointerPlace{Kind: "visits", Month: visitMonth} }

// The researcher is the reader in all of these: whoever has a key can be one.
func shownPointers(w *world, _ string) proto.Message {
	return &pb.ListPointersRequest{Access: wire(w.access(patient, researcher))}
}

func shownRecord(w *world, _ string) proto.Message {
	return &pb.GetRecordRequest{Access: wire(w.access(patient, researcher)), Place: place()}
}

func indexSecret(w *world, _ string) proto.Message {
	opener, err := records.OpenerOf(w.keys[patient])
	ok(w.tb, err)
	to := opener.Public()
	return &pb.GetIndexSecretRequest{SealingKey: to[:]}
}

func revokedAccess(w *world, _ string) proto.Message {
	access := w.access(patient, researcher)
	r := records.Revocation{Provider: w.Address(), Access: access.Hash()}
	return &pb.RevokeAccessRequest{Revocation: wire(w.Sign(w.keys[patient], ledger.KindRecordRevocation, r, 1))}
}

// questioned is what the patient holds of the pointer to her visit.
func questioned(w *world) records.Opinion {
	at := records.Place{Kind: recordindex.Visits}
	ok(w.tb, at.Month.UnmarshalText([]byte(visitMonth)))
	return records.Opinion{Provider: w.Address(), Pointer: &at, Standing: records.Questioned}
}

func opinion(w *world, _ string) proto.Message {
	return &pb.SetOpinionRequest{Opinion: wire(w.Sign(w.keys[patient], ledger.KindRecordOpinion, questioned(w), 1))}
}

// reply is what somebody signs of an opinion.
func (w *world) reply(signer string, of ledger.SignedDocument) *pb.ReplyToDoubtRequest {
	r := records.Reply{Provider: w.Address(), Opinion: of.Hash(), Revision: of.Revision, Amended: true, Why: "it was another patient's"}
	return &pb.ReplyToDoubtRequest{Patient: 1, Place: place(), Reply: wire(w.Sign(w.keys[signer], ledger.KindRecordReply, r, 1))}
}

// saying is the revision of the last opinion.
var saying atomic.Uint64

// replied is a steward's reply to what the patient holds of her visit, which she says anew each time.
func replied(w *world, _ string) proto.Message {
	d := w.Sign(w.keys[patient], ledger.KindRecordOpinion, questioned(w), saying.Add(1))
	ok(w.tb, w.index.Opine(w.tb.Context(), d, func(ledger.Address) bool { return true }))
	return w.reply(steward, d)
}

// Stewards see over the wire what patients doubt, page by page; the patient sees the reply, and a line of it in her log; what she says anew waits again.
func TestDoubtsOverTheWire(t *testing.T) {
	w := newWorld(t)
	hers, theirs := pb.NewRecordServiceClient(w.as(patient, w.clinicAt)), pb.NewRecordServiceClient(w.as(steward, w.clinicAt))
	doubts := func(waiting bool, want int) (all []*pb.Doubt) {
		t.Helper()
		for r := (&pb.ListDoubtsRequest{Waiting: waiting, PageSize: 1}); ; {
			page, err := theirs.ListDoubts(t.Context(), r)
			ok(t, err)
			all = append(all, page.GetDoubts()...)
			if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
				break
			}
		}
		if len(all) != want {
			t.Fatalf("doubts %v, want %d", all, want)
		}
		return all
	}
	doubts(false, 0)
	request := replied(w, steward).(*pb.ReplyToDoubtRequest)
	if d := doubts(true, 1)[0]; d.GetPatient() != 1 || !proto.Equal(d.GetPlace(), place()) || d.GetOpinion().GetReply() != nil {
		t.Errorf("the doubt is %v", d)
	}
	_, err := theirs.ReplyToDoubt(t.Context(), request)
	ok(t, err)
	doubts(true, 0)
	doubts(false, 1)
	said, err := hers.ListOpinions(t.Context(), &pb.ListOpinionsRequest{})
	ok(t, err)
	if o := said.GetOpinions(); len(o) != 1 || !proto.Equal(o[0].GetReply(), request.GetReply()) || ledger.Address(o[0].GetReplier()) != w.keys[steward].Address() {
		t.Errorf("her opinions are %v", o)
	}
	uses, err := hers.ListAccessUses(t.Context(), &pb.ListAccessUsesRequest{})
	ok(t, err)
	if n := len(uses.GetUses()); n != 2 || !strings.Contains(string(uses.GetUses()[1].GetContent()), "it was another patient's") {
		t.Errorf("%d lines in her log: %v", n, uses)
	}
	if _, err := theirs.ReplyToDoubt(t.Context(), request); reason(err) != "NO_POINTER" {
		t.Errorf("twice: %v", err)
	}
	again := replied(w, steward).(*pb.ReplyToDoubtRequest)
	if _, err := theirs.ReplyToDoubt(t.Context(), request); reason(err) != "NO_POINTER" {
		t.Errorf("the reply to what she said before: %v", err)
	}
	doubts(true, 1)
	_, err = theirs.ReplyToDoubt(t.Context(), again)
	ok(t, err)
}

// emergency is one that the steward, who is a clinician too, declares for the first patient; each is another.
func (w *world) emergency() ledger.SignedDocument {
	w.tb.Helper()
	e := records.Emergency{
		Provider: w.Address(), Patient: 1, Kinds: []records.Kind{recordindex.Visits}, To: 4095, Until: w.Clock.Now().Unix() + 3600,
		Reason: "unconscious, nobody with her", Nonce: ledger.Hash(another()),
	}
	d, err := ledger.NewSignedDocument(w.keys[steward], w.Domain, ledger.KindRecordEmergency, e, 1, e.Until)
	ok(w.tb, err)
	return d
}

func brokenGlass(w *world, _ string) proto.Message {
	to := w.opener(steward).Public()
	return &pb.BreakGlassRequest{Emergency: wire(w.emergency()), SealingKey: to[:]}
}

func (w *world) opener(name string) records.Opener {
	w.tb.Helper()
	opener, err := records.OpenerOf(w.keys[name])
	ok(w.tb, err)
	return opener
}

// countersignature is the other steward's, of an emergency.
func (w *world) countersignature(signer string, of ledger.Hash) *pb.CountersignEmergencyRequest {
	c := records.Countersignature{Provider: w.Address(), Emergency: of, Justified: true}
	return &pb.CountersignEmergencyRequest{Countersignature: wire(w.Sign(w.keys[signer], ledger.KindRecordCountersignature, c, 1))}
}

func countersigned(w *world, _ string) proto.Message {
	e := w.emergency()
	_, err := w.index.BreakGlass(w.tb.Context(), w.keys[steward].Address(), e, w.opener(steward).Public())
	ok(w.tb, err)
	return w.countersignature(otherSteward, e.Hash())
}

// A clinician sees over the wire what he declares an emergency for; the patient has a notice of it at once; and whether somebody
// countersigned it she and the steward are shown.
func TestEmergencyOverTheWire(t *testing.T) {
	w := newWorld(t)
	clinician, hers := pb.NewRecordServiceClient(w.as(steward, w.clinicAt)), pb.NewRecordServiceClient(w.as(patient, w.clinicAt))
	request := brokenGlass(w, steward).(*pb.BreakGlassRequest)
	if _, err := clinician.ListPointers(t.Context(), &pb.ListPointersRequest{Access: request.GetEmergency()}); reason(err) != "NO_ACCESS" {
		t.Errorf("before it is declared: %v", err)
	}
	r, err := clinician.BreakGlass(t.Context(), request)
	ok(t, err)
	b, err := w.opener(steward).Open(recordindex.EmergencyPurpose, r.GetSealed())
	ok(t, err)
	var ring records.Ring
	ok(t, json.Unmarshal(b, &ring))
	list, err := clinician.ListPointers(t.Context(), &pb.ListPointersRequest{Access: request.GetEmergency()})
	ok(t, err)
	cell, opens := ring.Cell(recordindex.Visits, questioned(w).Pointer.Month)
	if len(list.GetPointers()) != 1 || !opens || cell.EntryKey(0) != ledger.Hash(list.GetPointers()[0].GetKey()) {
		t.Errorf("pointers: %v", list)
	}
	_, err = clinician.GetRecord(t.Context(), &pb.GetRecordRequest{Access: request.GetEmergency(), Place: place()})
	ok(t, err)
	notices, err := pb.NewPatientServiceClient(w.as(patient, w.clinicAt)).ListNotices(t.Context(), &pb.ListNoticesRequest{})
	ok(t, err)
	if n := len(notices.GetNotices()); n == 0 || notices.GetNotices()[n-1].GetKind() != pb.NoticeKind_NOTICE_KIND_EMERGENCY {
		t.Errorf("notices %v", notices)
	}
	w.Clock.Advance(3601)
	for _, by := range []pb.RecordServiceClient{hers, clinician} { // the clinician is the steward too
		all, err := by.ListEmergencies(t.Context(), &pb.ListEmergenciesRequest{Waiting: true})
		ok(t, err)
		if len(all.GetEmergencies()) != 1 || !all.GetEmergencies()[0].GetOverdue() {
			t.Errorf("emergencies %v", all)
		}
	}
	id := documentFrom(request.GetEmergency()).Hash()
	_, err = pb.NewRecordServiceClient(w.as(otherSteward, w.clinicAt)).CountersignEmergency(t.Context(), w.countersignature(otherSteward, id))
	ok(t, err)
	all, err := hers.ListEmergencies(t.Context(), &pb.ListEmergenciesRequest{})
	ok(t, err)
	if e := all.GetEmergencies(); len(e) != 1 || e[0].GetOverdue() || e[0].GetCountersignature() == nil {
		t.Errorf("emergencies %v", all)
	}
	if _, err := clinician.GetRecord(t.Context(), &pb.GetRecordRequest{Access: request.GetEmergency(), Place: place()}); reason(err) != "NO_ACCESS" {
		t.Errorf("after it has ended: %v", err)
	}
	uses, err := hers.ListAccessUses(t.Context(), &pb.ListAccessUsesRequest{})
	ok(t, err)
	if len(uses.GetUses()) != 4 {
		t.Errorf("%d lines in her log, want 4", len(uses.GetUses()))
	}
}

// Emergencies come page by page, each once, also those of one second, and though one is countersigned meanwhile.
func TestPagesOfEmergencies(t *testing.T) {
	w := newWorld(t)
	clinician := pb.NewRecordServiceClient(w.as(steward, w.clinicAt))
	for range 3 {
		_, err := clinician.BreakGlass(t.Context(), brokenGlass(w, steward).(*pb.BreakGlassRequest))
		ok(t, err)
	}
	seen := map[string]bool{}
	for r := (&pb.ListEmergenciesRequest{Waiting: true, PageSize: 1}); ; {
		page, err := clinician.ListEmergencies(t.Context(), r)
		ok(t, err)
		for _, e := range page.GetEmergencies() {
			seen[string(e.GetDocument().GetContent())] = true
			_, err := pb.NewRecordServiceClient(w.as(otherSteward, w.clinicAt)).CountersignEmergency(t.Context(), w.countersignature(otherSteward, documentFrom(e.GetDocument()).Hash()))
			ok(t, err)
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d of 3 emergencies", len(seen))
	}
	if _, err := clinician.ListEmergencies(t.Context(), &pb.ListEmergenciesRequest{PageToken: "AAAAAAAAAAAAAAA"}); reason(err) != "MALFORMED" {
		t.Errorf("a token that is made up: %v", err)
	}
}

func documentFrom(d *pb.SignedDocument) ledger.SignedDocument {
	return ledger.SignedDocument{Content: d.GetContent(), Revision: d.GetRevision(), Expiry: d.GetExpiry(), Signature: ledger.Signature(d.GetSignature())}
}

// A reader sees over the wire what opens with the keys, and its record; after the patient took the access back, nothing. She sees both in her log.
func TestRecordsOverTheWire(t *testing.T) {
	w := newWorld(t)
	hospital := pb.NewRecordServiceClient(w.as(patient, w.clinicAt))
	request := indexSecret(w, patient).(*pb.GetIndexSecretRequest)
	sealed, err := hospital.GetIndexSecret(t.Context(), request)
	ok(t, err)
	opener, err := records.OpenerOf(w.keys[patient])
	ok(t, err)
	b, err := opener.Open(recordindex.SecretPurpose, sealed.GetSealed())
	ok(t, err)
	secret, err := records.ParseSecret(b)
	ok(t, err)
	_, err = w.Store.Publish(t.Context(), 1000)
	ok(t, err)

	_, err = hospital.SetOpinion(t.Context(), opinion(w, patient).(*pb.SetOpinionRequest))
	ok(t, err)
	access := w.access(patient, researcher)
	reader := pb.NewRecordServiceClient(w.as(researcher, w.clinicAt))
	list, err := reader.ListPointers(t.Context(), &pb.ListPointersRequest{Access: wire(access)})
	ok(t, err)
	if len(list.GetPointers()) != 1 || list.GetMore() || list.GetPointers()[0].GetStanding() != "questioned" {
		t.Fatalf("pointers: %v", list)
	}
	p := list.GetPointers()[0]
	shown := records.Shown{Kind: records.Kind(p.GetPlace().GetKind()), Number: p.GetPlace().GetNumber(), Salt: ledger.Hash(p.GetSalt()),
		Entry: records.Entry{Key: ledger.Hash(p.GetKey()), Value: p.GetValue()}}
	ok(t, shown.Month.UnmarshalText([]byte(p.GetPlace().GetMonth())))
	in := p.GetInclusion()
	proof := ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, w.Address()), Index: in.GetIndex(), Size: in.GetSize(), Root: ledger.Hash(in.GetRoot())}
	for _, h := range in.GetPath() {
		proof.Path = append(proof.Path, ledger.Hash(h))
	}
	shown.Inclusion = &proof
	pointer, err := shown.Open(records.Ring(secret.Nodes(recordindex.Visits, shown.Month, shown.Month)), w.Address())
	ok(t, err)
	record, err := reader.GetRecord(t.Context(), &pb.GetRecordRequest{Access: wire(access), Place: p.GetPlace()})
	ok(t, err)
	if ledger.HashBytes(record.GetRecord()) != pointer.Record {
		t.Errorf("another record: %s", record.GetRecord())
	}

	r := records.Revocation{Provider: w.Address(), Access: access.Hash()}
	_, err = hospital.RevokeAccess(t.Context(), &pb.RevokeAccessRequest{Revocation: wire(w.Sign(w.keys[patient], ledger.KindRecordRevocation, r, 1))})
	ok(t, err)
	_, err = reader.GetRecord(t.Context(), &pb.GetRecordRequest{Access: wire(access), Place: p.GetPlace()})
	if got := reason(err); got != "NO_ACCESS" {
		t.Errorf("after it was taken back: %q", got)
	}
	uses, err := hospital.ListAccessUses(t.Context(), &pb.ListAccessUsesRequest{})
	ok(t, err)
	if len(uses.GetUses()) != 3 || uses.GetNextPageToken() != "" {
		t.Errorf("%d lines in her log, want 3, and no token: %q", len(uses.GetUses()), uses.GetNextPageToken())
	}
	first, err := hospital.ListAccessUses(t.Context(), &pb.ListAccessUsesRequest{PageSize: 1})
	ok(t, err)
	second, err := hospital.ListAccessUses(t.Context(), &pb.ListAccessUsesRequest{PageSize: 1, PageToken: first.GetNextPageToken()})
	ok(t, err)
	if len(first.GetUses()) != 1 || len(second.GetUses()) != 1 || !proto.Equal(first.GetUses()[0], uses.GetUses()[0]) || !proto.Equal(second.GetUses()[0], uses.GetUses()[1]) {
		t.Errorf("page by page: %v, %v", first, second)
	}
	opinions, err := hospital.ListOpinions(t.Context(), &pb.ListOpinionsRequest{})
	ok(t, err)
	if len(opinions.GetOpinions()) != 1 || opinions.GetOpinions()[0].GetDocument().GetRevision() != 1 {
		t.Errorf("opinions %v", opinions)
	}
}

// visits are three of the first patient.
type visits struct{}

func (visits) Events(_ context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Event, _ recordindex.Concepts, _ error) {
	for i, start := range []string{"2024-03-02", "2024-03-05", "2024-03-09"} {
		if patient == 1 && (kind == "" || kind == recordindex.Visits) && (day == "" || day == start) {
			all = append(all, recordindex.Event{Kind: recordindex.Visits, ID: int64(i + 1), Concept: 9202, Start: start})
		}
	}
	return all, nil, nil
}

// Pointers come page by page, each once and in their order.
func TestPagesOfPointers(t *testing.T) {
	w := newWorld(t)
	x, err := recordindex.New(t.Context(), recordindex.Config{
		Provider: w.Address(), Domain: w.Domain, Store: w.Store.(recordindex.Store), Chain: w.Chain, Source: visits{}, Render: bundle.Renderer(w.Address()), Now: w.Clock.Now,
	})
	ok(t, err)
	_, err = x.Point(t.Context(), []int64{1}, "")
	ok(t, err)
	reader := pb.NewRecordServiceClient(w.as(researcher, w.clinicAt))
	access := wire(w.access(patient, researcher))
	for size, want := range map[int32]string{1: "0;1;2;", 2: "0 1;2;", 3: "0 1 2;", 0: "0 1 2;"} {
		got := ""
		for r := (&pb.ListPointersRequest{Access: access, PageSize: size}); ; {
			page, err := reader.ListPointers(t.Context(), r)
			ok(t, err)
			var numbers []string
			for _, p := range page.GetPointers() {
				numbers = append(numbers, fmt.Sprint(p.GetPlace().GetNumber()))
			}
			got += strings.Join(numbers, " ") + ";"
			if page.GetMore() != (page.GetNextPageToken() != "") {
				t.Errorf("more: %t, with the token %q", page.GetMore(), page.GetNextPageToken())
			}
			if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
				break
			}
		}
		if got != want {
			t.Errorf("pages of %d: %s, want %s", size, got, want)
		}
	}
	for name, token := range map[string]string{"made up": "AAAAAAAAAAAAAAA", "too short": "AAA"} {
		if _, err := reader.ListPointers(t.Context(), &pb.ListPointersRequest{Access: access, PageToken: token}); reason(err) != "MALFORMED" {
			t.Errorf("a token that is %s: %v", name, err)
		}
	}
}

// refusedReaders see nothing.
var refusedReaders = map[string]refusal{
	"an access for another reader": {reason: "NO_ACCESS", other: true, method: pb.RecordService_ListPointers_FullMethodName, caller: otherResearcher, request: by(researcher, shownPointers)},
	"a request of the record index that was sent before": {reason: "REQUEST_REPLAYED", other: true, method: pb.RecordService_GetIndexSecret_FullMethodName, caller: patient,
		request: by(patient, indexSecret), twice: true},
	"an access by another": {reason: "NO_ACCESS", method: pb.RecordService_GetRecord_FullMethodName, request: func(w *world) proto.Message {
		return &pb.GetRecordRequest{Access: wire(w.access(committee, researcher)), Place: place()}
	}},
	"a grant as an access": {reason: "NO_ACCESS", other: true, method: pb.RecordService_ListPointers_FullMethodName, request: func(w *world) proto.Message {
		return &pb.ListPointersRequest{Access: wire(w.grant)}
	}},
	"an access as a grant": {reason: "MALFORMED", other: true, method: pb.GrantService_RequestGrant_FullMethodName, request: func(w *world) proto.Message {
		return &pb.RequestGrantRequest{Document: wire(w.access(patient, researcher))}
	}},
	"a record that nothing points at": {reason: "NO_POINTER", method: pb.RecordService_GetRecord_FullMethodName, request: func(w *world) proto.Message {
		at := place()
		at.Number = 1
		return &pb.GetRecordRequest{Access: wire(w.access(patient, researcher)), Place: at}
	}},
	"a record of another kind": {reason: "NO_ACCESS", other: true, method: pb.RecordService_GetRecord_FullMethodName, request: func(w *world) proto.Message {
		at := place()
		at.Kind = "conditions"
		return &pb.GetRecordRequest{Access: wire(w.access(patient, researcher)), Place: at}
	}},
	"a month of no form": {reason: "MALFORMED", other: true, method: pb.RecordService_GetRecord_FullMethodName, request: func(w *world) proto.Message {
		at := place()
		at.Month = "March"
		return &pb.GetRecordRequest{Access: wire(w.access(patient, researcher)), Place: at}
	}},
	"a sealing key of no order": {reason: "MALFORMED", other: true, caller: patient, method: pb.RecordService_GetIndexSecret_FullMethodName,
		request: just(&pb.GetIndexSecretRequest{SealingKey: make([]byte, 32)})},
	"an opinion brought by another": {reason: "NO_ACCESS", other: true, method: pb.RecordService_SetOpinion_FullMethodName, request: by(patient, opinion)},
	"an opinion of nothing": {reason: "MALFORMED", other: true, caller: patient, method: pb.RecordService_SetOpinion_FullMethodName, request: func(w *world) proto.Message {
		o := questioned(w)
		o.Pointer = nil
		return &pb.SetOpinionRequest{Opinion: wire(w.Sign(w.keys[patient], ledger.KindRecordOpinion, o, 1))}
	}},
	"an opinion twice": {reason: "STALE_REVISION", other: true, caller: patient, method: pb.RecordService_SetOpinion_FullMethodName, request: func(w *world) proto.Message {
		d := w.Sign(w.keys[patient], ledger.KindRecordOpinion, questioned(w), 1)
		ok(w.tb, w.index.Opine(w.tb.Context(), d, func(ledger.Address) bool { return true }))
		return &pb.SetOpinionRequest{Opinion: wire(d)}
	}},
	"a reply brought by another": {reason: "NO_ACCESS", other: true, caller: steward, method: pb.RecordService_ReplyToDoubt_FullMethodName, request: func(w *world) proto.Message {
		return w.reply(patient, w.Sign(w.keys[patient], ledger.KindRecordOpinion, questioned(w), 1))
	}},
	"a reply to nothing": {reason: "NO_POINTER", other: true, caller: steward, method: pb.RecordService_ReplyToDoubt_FullMethodName, request: func(w *world) proto.Message {
		return w.reply(steward, w.Sign(w.keys[patient], ledger.KindRecordOpinion, questioned(w), 1))
	}},
	"a reply without words": {reason: "MALFORMED", other: true, caller: steward, method: pb.RecordService_ReplyToDoubt_FullMethodName, request: func(w *world) proto.Message {
		return &pb.ReplyToDoubtRequest{Patient: 1, Place: place(), Reply: wire(w.Sign(w.keys[steward], ledger.KindRecordReply, records.Reply{Provider: w.Address(), Opinion: ledger.Hash{1}}, 1))}
	}},
	"a page of doubts elsewhere":   {reason: "MALFORMED", other: true, caller: steward, method: pb.RecordService_ListDoubts_FullMethodName, request: just(&pb.ListDoubtsRequest{PageToken: "AAAA"})},
	"an emergency by no clinician": {reason: "NO_ACCESS", other: true, method: pb.RecordService_BreakGlass_FullMethodName, request: by(steward, brokenGlass)},
	"an emergency without a reason": {reason: "MALFORMED", other: true, caller: steward, method: pb.RecordService_BreakGlass_FullMethodName, request: func(w *world) proto.Message {
		r := brokenGlass(w, steward).(*pb.BreakGlassRequest)
		r.Emergency = wire(w.access(steward, steward))
		return r
	}},
	"an emergency that nobody declared": {reason: "NO_EMERGENCY", caller: otherSteward, method: pb.RecordService_CountersignEmergency_FullMethodName, request: func(w *world) proto.Message {
		return w.countersignature(otherSteward, w.emergency().Hash())
	}},
	"an emergency of one's own": {reason: "NO_ACCESS", other: true, caller: steward, method: pb.RecordService_CountersignEmergency_FullMethodName, request: func(w *world) proto.Message {
		e := w.emergency()
		_, err := w.index.BreakGlass(w.tb.Context(), w.keys[steward].Address(), e, w.opener(steward).Public())
		ok(w.tb, err)
		return w.countersignature(steward, e.Hash())
	}},
	"another's access taken back": {reason: "NO_ACCESS", other: true, method: pb.RecordService_RevokeAccess_FullMethodName, request: by(patient, revokedAccess)},
}
