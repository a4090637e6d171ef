package server

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// desk is a handler that counts what it does.
type desk struct {
	*once
	clock time.Time
	done  int
	fail  error
}

func newDesk() *desk {
	d := &desk{clock: time.Unix(1_000_000, 0)}
	d.once = newOnce(func() time.Time { return d.clock })
	return d
}

// file has a caller send a file; the answer is numbered.
func (d *desk) file(caller byte, id, name string) (string, error) {
	p := ledger.Participant{Address: ledger.Address{caller}}
	ctx := context.WithValue(context.Background(), callerKey{}, callerOf(p))
	reply, err := d.do(ctx, pb.GrantService_CreateFile_FullMethodName, &pb.CreateFileRequest{Name: name, RequestId: id}, d.handle)
	if err != nil {
		return "", err
	}
	return string(reply.(*pb.CreateFileResponse).GetHash()), nil
}

func (d *desk) handle(context.Context, any) (any, error) {
	if d.fail != nil {
		return nil, d.fail
	}
	d.done++
	return &pb.CreateFileResponse{Hash: []byte{byte('0' + d.done)}}, nil
}

func callerOf(p ledger.Participant) caller { return caller{p} }

// The same request under the same id gets the same answer and does nothing more; another is refused; other callers and requests
// without an id have nothing to do with it; and ten minutes later it is forgotten.
func TestARequestIsDoneOnce(t *testing.T) {
	d := newDesk()
	for i, c := range []struct {
		caller   byte
		id, name string
		want     string
		err      error
	}{
		{1, "a", "one", "1", nil},
		{1, "a", "one", "1", nil},
		{1, "a", "two", "", errReused},
		{1, "b", "two", "2", nil},
		{2, "a", "two", "3", nil}, // of another
		{1, "", "one", "4", nil},
		{1, "", "one", "5", nil},
		{1, "a", "one", "1", nil},
	} {
		if got, err := d.file(c.caller, c.id, c.name); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("request %d: %q, %v; want %q, %v", i, got, err, c.want, c.err)
		}
	}
	d.clock = d.clock.Add(answersKept - time.Second)
	if got, err := d.file(1, "a", "one"); got != "1" || err != nil {
		t.Errorf("within ten minutes: %q, %v", got, err)
	}
	d.clock = d.clock.Add(time.Second)
	if got, err := d.file(1, "a", "two"); got != "6" || err != nil {
		t.Errorf("after ten minutes: %q, %v", got, err)
	}
}

// What was refused, or ended in a panic, may be sent again.
func TestARefusalIsNotRemembered(t *testing.T) {
	d := newDesk()
	d.fail = errForbidden
	if _, err := d.file(1, "a", "one"); !errors.Is(err, errForbidden) {
		t.Errorf("refused: %v", err)
	}
	func() {
		defer func() { _ = recover() }() // as the edge does
		_, _ = d.do(context.Background(), "m", &pb.CreateFileRequest{RequestId: "p"}, func(context.Context, any) (any, error) { panic("no") })
	}()
	d.fail = nil
	if got, err := d.file(1, "a", "another"); got != "1" || err != nil {
		t.Errorf("sent again, otherwise: %q, %v", got, err)
	}
	if len(d.by) != 1 {
		t.Errorf("%d answers are remembered, want 1", len(d.by))
	}
}

// Two at once: one is done, and both get its answer.
func TestTwoAtOnceAreDoneOnce(t *testing.T) {
	d := newDesk()
	under, go1 := make(chan struct{}), make(chan struct{})
	r := &pb.CreateFileRequest{Name: "one", RequestId: "a"}
	type got struct {
		reply any
		err   error
	}
	out := make(chan got, 2)
	slow := func(ctx context.Context, req any) (any, error) {
		close(under)
		<-go1
		return d.handle(ctx, req)
	}
	send := func() {
		reply, err := d.do(context.Background(), "m", r, slow) // twice would close under twice
		out <- got{reply, err}
	}
	go send()
	<-under
	go send()
	close(go1)
	a, b := <-out, <-out
	if a.err != nil || b.err != nil || a.reply != b.reply || d.done != 1 {
		t.Errorf("got %v and %v, done %d times", a, b, d.done)
	}
}

// However much is answered, little of it is remembered: the newest.
func TestAnswersAreBounded(t *testing.T) {
	d := newDesk()
	large := strings.Repeat("x", 1<<20)
	for i := range 40 {
		p := ledger.Participant{Address: ledger.Address{byte(i)}}
		ctx := context.WithValue(context.Background(), callerKey{}, callerOf(p))
		_, err := d.do(ctx, "m", &pb.CreateFileRequest{RequestId: "a"}, func(context.Context, any) (any, error) {
			return &pb.CreateFileResponse{Hash: []byte(large)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.by); n == 0 || n > 16 || len(d.ended) != n || d.by[onceName{ledger.Address{39}, "m", "a"}] == nil {
		t.Errorf("%d answers of a MiB are remembered, of %d; the newest: %v", n, len(d.ended), d.by[onceName{ledger.Address{39}, "m", "a"}] != nil)
	}
}

// unnamed are the methods that change something and take no request id, and why.
var unnamed = map[string]string{
	pb.GrantService_ChangeGrant_FullMethodName:              "the chain takes a change once",
	pb.QueryService_Ask_FullMethodName:                      "an ask has its own, for ever",
	pb.QueryService_StartAsk_FullMethodName:                 "likewise",
	pb.QueryService_CancelOperation_FullMethodName:          "cancelling twice is cancelling",
	pb.VisaService_CreateVisa_FullMethodName:                "a visa is a bearer's, which nobody keeps",
	pb.SessionService_CreateNonce_FullMethodName:            "a nonce is good once",
	pb.SessionService_OpenSession_FullMethodName:            "a token is kept nowhere",
	pb.SessionService_OpenInstitutionSession_FullMethodName: "likewise",
	pb.SessionService_CloseSessions_FullMethodName:          "closing twice is closing",
	pb.PatientService_InvitePatients_FullMethodName:         "codes are kept nowhere",
	pb.PatientService_RedeemCode_FullMethodName:             "a code is good once",
	pb.PatientService_ChangeKey_FullMethodName:              "a key ends once",
	pb.PatientService_SetContacts_FullMethodName:            "by revision",
	pb.PatientService_CarryNotice_FullMethodName:            "a notice is shown once",
	pb.PatientService_RevokeMandate_FullMethodName:          "revoking twice is revoking",
	pb.RecordService_RevokeAccess_FullMethodName:            "likewise",
	pb.RecordService_SetOpinion_FullMethodName:              "by revision",
	pb.RecordService_ReplyToDoubt_FullMethodName:            "a doubt is replied to once",
	pb.RecordService_BreakGlass_FullMethodName:              "an emergency is known by its document's hash",
	pb.RecordService_CountersignEmergency_FullMethodName:    "an emergency is countersigned once",
	pb.RecordService_PointAtRecords_FullMethodName:          "what was pointed at is not pointed at again",
	pb.ConceptService_SearchConcepts_FullMethodName:         "reads",
	pb.ConceptService_NameConcepts_FullMethodName:           "reads",
	pb.DecisionService_ReplayDecision_FullMethodName:        "reads",
	pb.DecisionService_ExplainDecision_FullMethodName:       "reads",
}

// Whatever creates something takes a request id, of a bounded length, or there is a reason why not.
func TestWhatCreatesTakesARequestID(t *testing.T) {
	for name := range access {
		service, method, _ := strings.Cut(name[1:], "/")
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
		if err != nil {
			t.Fatal(err)
		}
		id := d.(protoreflect.MethodDescriptor).Input().Fields().ByName("request_id")
		takes := id != nil && id.Kind() == protoreflect.StringKind
		if exempt := unnamed[name] != "" || reads(method); takes == exempt {
			t.Errorf("%s: takes a request id: %t", name, takes)
		}
	}
}
