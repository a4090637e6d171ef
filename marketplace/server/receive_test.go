package server_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// raw sends bytes as they are in place of a message.
type raw struct{ encoding.CodecV2 }

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }

// sendRaw calls a method of the marketplace with these messages and returns how it ended.
func (w *world) sendRaw(method string, messages ...[]byte) error {
	w.tb.Helper()
	both := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := w.dial(w.marketAt).NewStream(w.tb.Context(), both, method, grpc.ForceCodecV2(raw{}))
	ok(w.tb, err)
	for _, m := range messages {
		if err := stream.SendMsg(m); errors.Is(err, io.EOF) {
			break // refused before it has all of it
		}
	}
	ok(w.tb, stream.CloseSend())
	var none []byte
	return stream.RecvMsg(&none)
}

// What is no call of the API at all has its reason over gRPC as it has over REST.
func TestGRPCRefusals(t *testing.T) {
	garbage := []byte("\xff\xff\xff\xff")
	large := func(mib int) []byte { return bytes.Repeat([]byte("x"), mib<<20+1) }
	const anchor = pb.RegisterService_GetAnchor_FullMethodName
	table := server.Documented(t)
	w := newWorld(t)
	for name, c := range map[string]struct {
		method   string
		messages [][]byte
		reason   string
	}{
		"unknown service":                    {"/medmarket.v1.Patient471108154711/Get", [][]byte{nil}, "UNKNOWN_PATH"},
		"unknown method":                     {"/medmarket.v1.QueryService/Patient471108154711", [][]byte{nil}, "UNKNOWN_PATH"},
		"unknown method that would be open":  {"/grpc.health.v1.Health/Patient471108154711", [][]byte{nil}, "UNKNOWN_PATH"},
		"unknown service that would be open": {"/grpc.reflection.v9.Patient471108154711/Get", nil, "UNKNOWN_PATH"},
		"garbage":                            {quoteMethod, [][]byte{garbage}, "MALFORMED"},
		"garbage where anyone may call":      {anchor, [][]byte{garbage}, "MALFORMED"},
		"garbage to health":                  {"/grpc.health.v1.Health/Check", [][]byte{garbage}, "MALFORMED"},
		"no message":                         {anchor, nil, "MALFORMED"},
		"two messages":                       {anchor, [][]byte{nil, nil}, "MALFORMED"},
		"above the bound":                    {quoteMethod, [][]byte{large(2)}, "MESSAGE_TOO_LARGE"},
		"far above the bound":                {quoteMethod, [][]byte{large(7)}, "MESSAGE_TOO_LARGE"},
	} {
		before := w.digest()
		err := w.sendRaw(c.method, c.messages...)
		if got := table[c.reason].Code; reason(err) != c.reason || status.Code(err).String() != got {
			t.Errorf("%s: got %v %q (%v), want %s %s", name, status.Code(err), reason(err), err, got, c.reason)
		}
		if diff := cmp.Diff(before, w.digest()); diff != "" {
			t.Errorf("%s: refused, and this changed (-before +after):\n%s", name, diff)
		}
	}
	if err := w.sendRaw(anchor, nil); err != nil { // an empty message is one
		t.Errorf("a right call: %v", err)
	}
	if log := w.log.String(); strings.Contains(log, "471108154711") {
		t.Errorf("the log says %s", log)
	}
}

// A path of REST in an odd spelling is refused in JSON, not sent elsewhere.
func TestRESTOddPaths(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"//v1/grants", "/v1//grants", "/v1", "/docs/../v1/grants", "/v1/../v1/grants", "/./v1/x"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://medmarket"+path, nil)
		ok(t, err)
		if got := w.serveHTTP(w.marketServer, r, nil); got.reason != "UNKNOWN_PATH" || got.http != http.StatusNotFound {
			t.Errorf("%s: got %+v", path, got)
		}
	}
}
