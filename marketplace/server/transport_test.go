package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/server"
)

// transport is a way in. What is refused over one is refused over each, for the
// same reason and in the same words; a further one is added to transports.
type transport struct {
	name string
	send func(w *world, s sending) outcome
}

var transports = []transport{{"gRPC", overGRPC}, {"REST", overREST}}

// sending is a request and how it is sent.
type sending struct {
	caller  string
	method  string
	request proto.Message
	headers func(map[string]string) // changes what signs the request; nil: it is right
	twice   bool                    // sent, and sent again as it is
}

// outcome is what a caller sees of the last time that a request was sent. Code
// is of gRPC, http that of REST; each transport has one of them.
type outcome struct {
	code    codes.Code
	http    int
	reason  string
	policy  string // reasons of the policy, joined
	message string
}

// signatureHeaders are the keys of what signs a request.
var signatureHeaders = []string{"medmarket-address", "medmarket-nonce", "medmarket-issued-at-ms", "medmarket-signature"}

func overGRPC(w *world, s sending) outcome {
	w.tb.Helper()
	edit := func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		md, _ := metadata.FromOutgoingContext(ctx)
		values := map[string]string{}
		for _, key := range signatureHeaders {
			values[key] = md.Get(key)[0]
		}
		if s.headers != nil {
			s.headers(values)
		}
		ctx = metadata.NewOutgoingContext(ctx, metadata.New(values))
		if s.twice {
			ok(w.tb, invoke(ctx, method, req, reply, cc, opts...))
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
	at, audience := w.party(s.method)
	listener := w.marketAt
	if at == w.clinicServer {
		listener = w.clinicAt
	}
	conn := w.dial(listener, grpc.WithChainUnaryInterceptor(server.SignRequests(w.keys[s.caller], w.Domain, audience), edit))
	err := conn.Invoke(w.tb.Context(), s.method, s.request, reply(w, s.method))
	return outcome{
		code: status.Code(err), reason: reason(err), policy: infoOf(err).GetMetadata()["reasons"], message: status.Convert(err).Message(),
	}
}

// party is who serves a method, and her address.
func (w *world) party(method string) (*server.Server, ledger.Address) {
	if slices.Contains(hospitals, descriptor(w, method).Parent()) {
		return w.clinicServer, w.Address()
	}
	return w.marketServer, w.market.Address()
}

func overREST(w *world, s sending) outcome {
	w.tb.Helper()
	verb, path, body := restOf(w, s.method, s.request)
	r := httptest.NewRequestWithContext(w.tb.Context(), verb, path, nil)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	at, audience := w.party(s.method)
	ok(w.tb, server.SignHTTP(r, body, w.keys[s.caller], w.Domain, audience))
	if s.headers != nil {
		values := map[string]string{}
		for _, key := range signatureHeaders {
			values[key] = r.Header.Get(key)
			r.Header.Del(key)
		}
		s.headers(values)
		for key, v := range values {
			r.Header.Set(key, v)
		}
	}
	if s.twice {
		if first := w.serveHTTP(at, r, body); first.http != http.StatusOK {
			w.tb.Fatalf("the first time: %+v", first)
		}
	}
	return w.serveHTTP(at, r, body)
}

// serveHTTP has a server answer r with the given body.
func (w *world) serveHTTP(at *server.Server, r *http.Request, body []byte) outcome {
	w.tb.Helper()
	r = r.Clone(r.Context())
	r.Body = http.NoBody
	if body != nil {
		r.Body = httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/", bytes.NewReader(body)).Body
	}
	rec := httptest.NewRecorder()
	at.HTTP(nil).Handler.ServeHTTP(rec, r)
	if rec.Code == http.StatusOK {
		return outcome{http: rec.Code}
	}
	// Not by protojson: what a caller without our types sees.
	var s struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Details []struct {
			Reason   string            `json:"reason"`
			Domain   string            `json:"domain"`
			Metadata map[string]string `json:"metadata"`
		} `json:"details"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &s); err != nil || len(s.Details) != 1 || s.Details[0].Domain != "medmarket" {
		w.tb.Fatalf("%d with body %q: %v", rec.Code, rec.Body, err)
	}
	return outcome{
		code: codes.Code(s.Code), http: rec.Code, message: s.Message,
		reason: s.Details[0].Reason, policy: s.Details[0].Metadata["reasons"],
	}
}

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

// restOf writes a request as REST wants it: by the annotation of its method.
func restOf(w *world, method string, request proto.Message) (verb, path string, body []byte) {
	w.tb.Helper()
	rule, _ := proto.GetExtension(descriptor(w, method).Options(), annotations.E_Http).(*annotations.HttpRule)
	verb, path = http.MethodGet, rule.GetGet()
	if path == "" {
		verb, path = http.MethodPost, rule.GetPost()
	}
	m := proto.Clone(request).ProtoReflect()
	path = inBraces.ReplaceAllStringFunc(path, func(braced string) string {
		f := m.Descriptor().Fields().ByName(protoreflect.Name(braced[1 : len(braced)-1]))
		value := inURL(m.Get(f))
		m.Clear(f)
		return value
	})
	if rule.GetBody() == "*" {
		var err error
		body, err = protojson.MarshalOptions{UseProtoNames: true}.Marshal(m.Interface())
		ok(w.tb, err)
		return verb, path, body
	}
	query := url.Values{}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		query.Set(string(f.Name()), inURL(v))
		return true
	})
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return verb, path, body
}

// inURL writes addresses and hashes in hex, other bytes in base64.
func inURL(v protoreflect.Value) string {
	b, isBytes := v.Interface().([]byte)
	switch {
	case !isBytes:
		return fmt.Sprint(v.Interface())
	case len(b) == len(ledger.Address{}), len(b) == len(ledger.Hash{}):
		return fmt.Sprintf("%#x", b)
	default:
		return base64.RawURLEncoding.EncodeToString(b)
	}
}

// seenIn compares what is seen with a sample, in which … stands for anything.
func (o outcome) matches(sample string) bool {
	parts := strings.Split(sample, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `.+`) + `$`).MatchString(o.message)
}
