package server_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A colleague on the grant is shown the answer that there is, free, and may
// fetch its receipt; somebody else may not.
func TestAnAnswerIsShownAgain(t *testing.T) {
	w := newWorld(t)
	g := w.Grant()
	g.ID, g.Researchers = "of two", append(g.Researchers, w.keys[otherResearcher].Address().String())
	w.grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
	id, err := w.market.RequestGrant(t.Context(), w.grant)
	ok(t, err)
	ok(t, w.market.ApproveGrant(t.Context(), id, w.approval(w.Committee, g, w.grant)))

	send := func(name string) *pb.AskResponse {
		a := &pb.AskResponse{}
		ok(t, w.as(name, w.marketAt).Invoke(t.Context(), pb.QueryService_Ask_FullMethodName, ask(w, name), a))
		return a
	}
	first := send(researcher)
	if first.GetRepeated() || first.GetAnswer().GetAsOf() == 0 || first.GetAnswer().GetAsOf() != receiptOf(w, first).AsOf() {
		t.Errorf("the first answer is repeated: %t, as of %d", first.GetRepeated(), first.GetAnswer().GetAsOf())
	}
	first.Repeated = true
	for _, name := range []string{researcher, otherResearcher} {
		if again := send(name); !proto.Equal(again, first) {
			t.Errorf("%s was shown\n%v, want\n%v", name, again, first)
		}
	}
	request := receiptOf(w, first).Statement.Ask.RequestID
	for name, want := range map[string]string{researcher: "", otherResearcher: "", committee: ""} {
		r := &pb.GetReceiptRequest{RequestId: request[:]}
		if got := reason(w.call(name, pb.ReceiptService_GetReceipt_FullMethodName, r)); got != want {
			t.Errorf("receipt to %s: got %q, want %q", name, got, want)
		}
	}
}
