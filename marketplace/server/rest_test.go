package server_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// TestG2AccessMatrixOverREST calls every method as everyone over REST: the same
// comes of it as over gRPC. TestEveryMethodHasARow sees to it that no method is missing.
func TestG2AccessMatrixOverREST(t *testing.T) {
	for _, method := range methods() {
		r := matrix[method]
		t.Run(strings.TrimPrefix(method, "/medmarket.v1."), func(t *testing.T) {
			w := newWeb(t)
			for _, name := range order(r) {
				request := r.request(w.world, name)
				before := w.chain.written()
				out, err := w.rest(name, method, request)
				if got := reason(err); got != expected(r, name) {
					t.Errorf("%s: got %q (%v), want %q", name, got, err, expected(r, name))
				}
				if err != nil && w.chain.written() != before {
					t.Errorf("%s was refused, and something was written to the chain", name)
				}
				if err == nil {
					ok(t, protojson.Unmarshal(out, reply(w.world, method)))
				}
			}
		})
	}
}

// restSigned is a REST request before it is sent, with all that can be wrong about it.
type restSigned struct {
	key      *ledger.Key
	audience ledger.Address
	method   string // that is signed for
	body     []byte // that is signed for
	nonce    ledger.Hash
	issued   time.Time
	headers  func(http.Header) // has the last word; nil: nothing is changed
}

// sign adds the headers to a request.
func (s restSigned) sign(w *web, r *http.Request) {
	w.tb.Helper()
	sig, err := s.key.Sign(w.Domain.RequestDigest(ledger.Request{
		Audience: s.audience, Method: s.method, BodyHash: ledger.HashBytes(s.body), Nonce: s.nonce, IssuedAtMS: s.issued.UnixMilli(),
	})).MarshalText()
	ok(w.tb, err)
	r.Header.Set("Medmarket-Address", s.key.Address().String())
	r.Header.Set("Medmarket-Nonce", s.nonce.String())
	r.Header.Set("Medmarket-Issued-At-Ms", strconv.FormatInt(s.issued.UnixMilli(), 10))
	r.Header.Set("Medmarket-Signature", string(sig))
	if s.headers != nil {
		s.headers(r.Header)
	}
}

func (w *web) restSigned(name string) restSigned {
	return restSigned{
		key: w.Researcher, audience: w.market.Address(), method: "POST /v1/quotes?",
		nonce: ledger.HashBytes([]byte(name)), issued: time.Now(),
	}
}

func TestSignedRESTRequest(t *testing.T) {
	w := newWeb(t)
	body, err := protojson.Marshal(&pb.QuoteRequest{Query: query()})
	ok(t, err)
	drop := func(name string) func(*restSigned) {
		return func(s *restSigned) { s.headers = func(h http.Header) { h.Del(name) } }
	}
	for name, c := range map[string]struct {
		change func(*restSigned)
		want   string
	}{
		"right":                 {func(*restSigned) {}, ""},
		"another verb":          {func(s *restSigned) { s.method = "GET /v1/quotes?a=b" }, "UNAUTHENTICATED"},
		"another path":          {func(s *restSigned) { s.method = "POST /v1/asks?a=b" }, "UNAUTHENTICATED"},
		"another query":         {func(s *restSigned) { s.method = "POST /v1/quotes?a=c" }, "UNAUTHENTICATED"},
		"without its query":     {func(s *restSigned) { s.method = "POST /v1/quotes" }, "UNAUTHENTICATED"},
		"the method of gRPC":    {func(s *restSigned) { s.method = pb.QueryService_Quote_FullMethodName }, "UNAUTHENTICATED"},
		"another body":          {func(s *restSigned) { s.body = append([]byte(" "), body...) }, "UNAUTHENTICATED"},
		"no body":               {func(s *restSigned) { s.body = nil }, "UNAUTHENTICATED"},
		"another server":        {func(s *restSigned) { s.audience = w.Address() }, "UNAUTHENTICATED"},
		"signed by another key": {func(s *restSigned) { s.key = w.keys[patient] }, "FORBIDDEN"},
		"stale":                 {func(s *restSigned) { s.issued = s.issued.Add(-61 * time.Second) }, "REQUEST_STALE"},
		"before the start":      {func(s *restSigned) { s.issued = s.issued.Add(-2 * time.Minute) }, "REQUEST_STALE"},
		"future":                {func(s *restSigned) { s.issued = s.issued.Add(time.Minute) }, "REQUEST_STALE"},
		"no address":            {drop("Medmarket-Address"), "UNAUTHENTICATED"},
		"no nonce":              {drop("Medmarket-Nonce"), "UNAUTHENTICATED"},
		"no time":               {drop("Medmarket-Issued-At-Ms"), "UNAUTHENTICATED"},
		"no signature":          {drop("Medmarket-Signature"), "UNAUTHENTICATED"},
		"two nonces": {func(s *restSigned) {
			s.headers = func(h http.Header) { h.Add("Medmarket-Nonce", ledger.HashBytes(nil).String()) }
		}, "UNAUTHENTICATED"},
		"another's address": {func(s *restSigned) {
			s.headers = func(h http.Header) { h.Set("Medmarket-Address", w.Committee.Address().String()) }
		}, "UNAUTHENTICATED"},
		"as metadata": {func(s *restSigned) {
			s.headers = func(h http.Header) {
				for name, values := range maps.Clone(h) {
					if strings.HasPrefix(name, "Medmarket-") {
						h.Del(name)
						h["Grpc-Metadata-"+name] = values
					}
				}
			}
		}, "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.restSigned(name)
			s.method, s.body = "POST /v1/quotes?a=b", body
			c.change(&s)
			r := w.plain(http.MethodPost, w.marketURL+"/v1/quotes?a=b", body)
			s.sign(w, r)
			got, out := w.do(r)
			if err := statusOf(t, got, out); reason(err) != c.want {
				t.Errorf("got %q (%v), want %q", reason(err), err, c.want)
			}
		})
	}
}

// A nonce is used once, over whichever of the two.
func TestNonceIsSharedByGRPCAndREST(t *testing.T) {
	w := newWeb(t)
	rest := func(nonce string) error {
		s := w.restSigned(nonce)
		s.method = "GET /v1/grants"
		r := w.plain(http.MethodGet, w.marketURL+"/v1/grants", nil)
		s.sign(w, r)
		got, out := w.do(r)
		return statusOf(t, got, out)
	}
	body := grantByID(w.world, "").(*pb.GetGrantRequest)
	grpc := func(nonce string) error {
		return signed{
			key: w.Researcher, domain: w.Domain, audience: w.market.Address(), method: pb.GrantService_GetGrant_FullMethodName, body: body,
			nonce: ledger.HashBytes([]byte(nonce)), issued: time.Now(),
		}.send(w.world, body)
	}
	ok(t, rest("one"))
	ok(t, grpc("two"))
	for name, call := range map[string]func() error{
		"REST, then REST": func() error { return rest("one") },
		"REST, then gRPC": func() error { return grpc("one") },
		"gRPC, then REST": func() error { return rest("two") },
	} {
		if got := reason(call()); got != "REQUEST_REPLAYED" {
			t.Errorf("%s: got %q, want REQUEST_REPLAYED", name, got)
		}
	}
}

// What is wrong with a request before any method is reached has its reason and
// its HTTP code too.
func TestRESTRefusals(t *testing.T) {
	w := newWeb(t)
	quoteBody, err := protojson.Marshal(&pb.QuoteRequest{Query: query()})
	ok(t, err)
	for name, c := range map[string]struct {
		verb, path, body string
		header           [2]string
		reason           string
		code             int
	}{
		"unknown path":    {verb: "GET", path: "/v1/nothing", reason: "UNKNOWN_PATH", code: 404},
		"root of the API": {verb: "GET", path: "/v1/", reason: "UNKNOWN_PATH", code: 404},
		"wrong verb":      {verb: "DELETE", path: "/v1/grants", reason: "METHOD_NOT_ALLOWED", code: 405},
		"GET of a POST":   {verb: "GET", path: "/v1/asks", reason: "METHOD_NOT_ALLOWED", code: 405},
		"verb overridden": {verb: "POST", path: "/v1/account", header: [2]string{"X-HTTP-Method-Override", "GET"}, reason: "METHOD_NOT_ALLOWED", code: 405},
		"form as a GET": {
			verb: "POST", path: "/v1/register/anchor", header: [2]string{"Content-Type", "application/x-www-form-urlencoded"},
			reason: "METHOD_NOT_ALLOWED", code: 405,
		},
		"a form": {
			verb: "POST", path: "/v1/quotes", body: "query=1", header: [2]string{"Content-Type", "application/x-www-form-urlencoded"},
			reason: "UNSUPPORTED_MEDIA_TYPE", code: 415,
		},
		"no content type":   {verb: "POST", path: "/v1/quotes", body: "{}", header: [2]string{"Content-Type", ""}, reason: "UNSUPPORTED_MEDIA_TYPE", code: 415},
		"not JSON":          {verb: "POST", path: "/v1/quotes", body: "query", reason: "MALFORMED", code: 400},
		"unknown field":     {verb: "POST", path: "/v1/quotes", body: `{"query": null, "price": 1}`, reason: "MALFORMED", code: 400},
		"something follows": {verb: "POST", path: "/v1/quotes", body: string(quoteBody) + "{}", reason: "MALFORMED", code: 400},
		"a field twice":     {verb: "POST", path: "/v1/quotes", body: `{"query": null, "query": null}`, reason: "MALFORMED", code: 400},
		"a list":            {verb: "POST", path: "/v1/quotes", body: `[]`, reason: "MALFORMED", code: 400},
		"no base64":         {verb: "GET", path: "/v1/grants/!!", reason: "MALFORMED", code: 400},
		"short hash":        {verb: "GET", path: "/v1/register/studies/0x00", reason: "MALFORMED", code: 400},
		"broken query":      {verb: "GET", path: "/v1/register/queries?before=%zz", reason: "MALFORMED", code: 400},
		"limit in words":    {verb: "GET", path: "/v1/register/queries?page_size=all", reason: "MALFORMED", code: 400},
		"oversized":         {verb: "POST", path: "/v1/quotes", body: strings.Repeat(" ", 2<<20+1), reason: "MESSAGE_TOO_LARGE", code: 413},
		"wrong time-out":    {verb: "GET", path: "/v1/register/anchor", header: [2]string{"Grpc-Timeout", "soon"}, reason: "MALFORMED", code: 400},
	} {
		t.Run(name, func(t *testing.T) {
			var body []byte
			if c.body != "" {
				body = []byte(c.body)
			}
			r := w.plain(c.verb, w.marketURL+c.path, body)
			if c.header[0] != "" {
				r.Header.Set(c.header[0], c.header[1])
			}
			got, out := w.do(r)
			if err := statusOf(t, got, out); reason(err) != c.reason || got.StatusCode != c.code {
				t.Errorf("got %d %q (%v), want %d %q", got.StatusCode, reason(err), err, c.code, c.reason)
			}
		})
	}
}

// The largest body that may be is read, and refused for what is in it.
func TestRESTLargestBody(t *testing.T) {
	w := newWeb(t)
	r := w.plain(http.MethodPost, w.marketURL+"/v1/quotes", []byte(strings.Repeat(" ", 2<<20)))
	got, out := w.do(r)
	if got := reason(statusOf(t, got, out)); got != "MALFORMED" {
		t.Errorf("got %q, want MALFORMED", got)
	}
}

// Bytes in a path are base64url, or hex where they are an address or a hash.
func TestRESTPathSpellings(t *testing.T) {
	w := newWeb(t)
	id := w.grant.Hash()
	for _, spelling := range []string{
		id.String(), base64.URLEncoding.EncodeToString(id[:]), base64.RawURLEncoding.EncodeToString(id[:]),
	} {
		got, out := w.do(w.plain(http.MethodGet, w.marketURL+"/v1/register/studies/"+spelling, nil))
		ok(t, statusOf(t, got, out))
		got, out = w.do(w.plain(http.MethodGet, w.marketURL+"/v1/register/queries?grant="+spelling, nil))
		ok(t, statusOf(t, got, out))
	}
}

// JSON says all fields, by the names of the proto.
func TestRESTNames(t *testing.T) {
	w := newWeb(t)
	out, err := w.rest(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	ok(t, err)
	var fields map[string]string
	ok(t, json.Unmarshal(out, &fields))
	if fields["drawn"] != "0" || fields["settled"] != "0" || fields["escrow"] != strconv.Itoa(escrow) {
		t.Errorf("got %s", out)
	}
	out, err = w.rest(researcher, pb.DatasetService_ListDatasets_FullMethodName, &pb.ListDatasetsRequest{})
	ok(t, err)
	if !strings.Contains(string(out), `"work_per_nano_rho":`) {
		t.Errorf("got %s", out)
	}
}

// G1: what REST logs before a method is reached has nothing of the request.
func TestG1RESTLogHasNoContent(t *testing.T) {
	w := newWeb(t)
	for _, r := range []*http.Request{
		w.plain("PATIENT-471108154711", w.marketURL+"/v1/grants/patient-471108154711", nil),
		w.plain(http.MethodPost, w.marketURL+"/v1/quotes", []byte("patient-471108154711")),
		w.plain(http.MethodGet, w.marketURL+"/v1/register/studies/patient-471108154711?q=patient-471108154711", nil),
		w.plain(http.MethodGet, w.marketURL+"/receipts/patient-471108154711", nil),
		w.plain(http.MethodGet, w.marketURL+"/patient-471108154711", nil),
	} {
		r.Header.Set("User-Agent", "patient-471108154711")
		w.do(r)
	}
	if lines := w.lines(); len(lines) != 5 {
		t.Errorf("%d lines for 5 requests: %v", len(lines), lines)
	}
	if log := strings.ToLower(w.log.String()); strings.Contains(log, "471108154711") {
		t.Errorf("the log says %s", log)
	}
}

// A panic below REST stays inside, as below gRPC.
func TestRESTPanicIsOpaque(t *testing.T) {
	w := newWeb(t)
	w.chain.Fail = func(string) error { panic("patient 471108154711") }
	_, err := w.rest(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	if reason(err) != "INTERNAL" || strings.Contains(fmt.Sprint(err), "471108154711") || strings.Contains(w.log.String(), "471108154711") {
		t.Errorf("got %v, logged %s", err, w.log)
	}
}

// Nothing but what is served can be reached by a path, however it is spelt.
func TestPathTraversal(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{
		"/docs/../rest.go", "/docs/..%2f..%2fgo.mod", "/docs/%2e%2e/%2e%2e/go.mod", "/docs/....//go.mod", "/docs/..\\go.mod",
		"/style.css/../pages.go", "/templates/layout.html", "/openapi/marketplace.json", "/docs/index.html", "/docs/swagger-ui.css.gz",
		"/register/studies/../../go.mod", "/receipts/..%2f..%2fetc%2fpasswd", "/v1/../../etc/passwd", "//etc/passwd", "/v1/register/studies/..%2f..",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.marketURL, "http://"))
		ok(t, err)
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: medmarket\r\nConnection: close\r\n\r\n", path)
		ok(t, err)
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		ok(t, err)
		body, err := io.ReadAll(got.Body)
		ok(t, err)
		ok(t, errors.Join(got.Body.Close(), conn.Close()))
		if got.StatusCode == http.StatusOK || strings.Contains(string(body), "package ") {
			t.Errorf("%s: %s\n%s", path, got.Status, body)
		}
	}
}

// Whoever sends slowly or nothing is not waited for without end.
func TestHTTPServerHasBounds(t *testing.T) {
	w := newWorld(t)
	for _, s := range []*http.Server{w.marketServer.HTTP(nil), w.clinicServer.HTTP(nil)} {
		for name, d := range map[string]time.Duration{
			"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout, "WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout,
		} {
			if d <= 0 || d > 10*time.Minute {
				t.Errorf("%s is %v", name, d)
			}
		}
		if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 1<<16 {
			t.Errorf("MaxHeaderBytes is %d", s.MaxHeaderBytes)
		}
	}
}

// What a client signs with SignHTTP is what the server wants, query included.
func TestSignHTTP(t *testing.T) {
	w := newWeb(t)
	r := w.plain(http.MethodGet, w.marketURL+"/v1/grants?a=1&b=%20", nil)
	ok(t, server.SignHTTP(r, nil, w.Researcher, w.Domain, w.market.Address()))
	got, out := w.do(r)
	ok(t, statusOf(t, got, out))
	got, out = w.do(r) // its nonce is spent
	if got := reason(statusOf(t, got, out)); got != "REQUEST_REPLAYED" {
		t.Errorf("got %q, want REQUEST_REPLAYED", got)
	}
}
