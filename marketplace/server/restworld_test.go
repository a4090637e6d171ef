package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/server/pages"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// web is a world whose REST servers and pages listen on real ports.
type web struct {
	*world
	marketURL, clinicURL string
	client               *http.Client // follows no redirect
	questions            int64        // asked so far
}

func newWeb(tb testing.TB) *web {
	tb.Helper()
	return newWebOf(tb, newWorld(tb))
}

// newWebOf is a web of a world that is there.
func newWebOf(tb testing.TB, w *world) *web {
	tb.Helper()
	public, err := pages.New(pages.Config{Market: w.market, Trust: w.trust(), Log: slog.New(slog.NewJSONHandler(w.log, nil))})
	ok(tb, err)
	transport := &http.Transport{}
	out := &web{
		world: w, marketURL: listenHTTP(tb, w.marketServer, public), clinicURL: listenHTTP(tb, w.clinicServer, nil),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	tb.Cleanup(transport.CloseIdleConnections) // before the servers stop
	return out
}

// trust is what the world's receipts can be checked against, but for their anchors.
func (w *world) trust() verifier.Trust {
	return verifier.Trust{
		ChainID: w.Domain.ChainID, Genesis: w.Domain.Genesis, Rule: pow.Rule{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: 1},
		Confirmations: 1, Anchors: ledger.Address{1},
		Marketplaces: []ledger.Address{w.market.Address()}, Providers: []ledger.Address{w.Address()},
	}
}

func listenHTTP(tb testing.TB, of *server.Server, public http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(tb, err)
	done, s := make(chan error, 1), of.HTTP(public)
	go func() { done <- s.Serve(of.Listener(l)) }()
	tb.Cleanup(func() {
		// Not Close: it would leave a connection behind that takes leave of its client.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 10*time.Second)
		defer cancel()
		ok(tb, s.Shutdown(ctx))
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			tb.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

// rule is the path of a method, by its annotation.
func (w *web) rule(method string) (verb, path string) {
	w.tb.Helper()
	rule, _ := proto.GetExtension(descriptor(w.world, method).Options(), annotations.E_Http).(*annotations.HttpRule)
	switch {
	case rule.GetGet() != "":
		return http.MethodGet, rule.GetGet()
	case rule.GetPost() != "" && rule.GetBody() == "*":
		return http.MethodPost, rule.GetPost()
	}
	w.tb.Fatalf("%s has no rule of REST that this test knows", method)
	return "", ""
}

// base is where a method is served.
func (w *web) base(method string) string {
	if at, _ := w.party(method); at == w.clinicServer {
		return w.clinicURL
	}
	return w.marketURL
}

// plain is an unsigned request.
func (w *web) plain(verb, url string, body []byte) *http.Request {
	w.tb.Helper()
	r, err := http.NewRequestWithContext(w.tb.Context(), verb, url, bytes.NewReader(body))
	ok(w.tb, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// rest calls a method over REST; its error is the status in the answer.
func (w *web) rest(name, method string, m proto.Message) (out []byte, err error) {
	w.tb.Helper()
	verb, path, body := restOf(w.world, method, m)
	r := w.plain(verb, w.base(method)+path, body)
	_, party := w.party(method)
	if name != anonymous {
		ok(w.tb, server.SignHTTP(r, body, w.keys[name], w.Domain, party))
	}
	answer, out := w.do(r)
	return out, statusOf(w.tb, answer, out)
}

// httpAnswer is what came back, but for its body.
type httpAnswer struct {
	Status     string
	StatusCode int
	Header     http.Header
}

// do sends r and reads the whole answer.
func (w *web) do(r *http.Request) (httpAnswer, []byte) {
	w.tb.Helper()
	back, err := w.client.Do(r)
	ok(w.tb, err)
	defer back.Body.Close()
	b, err := io.ReadAll(back.Body)
	ok(w.tb, err)
	return httpAnswer{back.Status, back.StatusCode, back.Header}, b
}

// statusOf is the error that an answer says, nil for 200.
func statusOf(tb testing.TB, a httpAnswer, body []byte) error {
	tb.Helper()
	if a.StatusCode == http.StatusOK {
		return nil
	}
	s := &statuspb.Status{}
	if err := protojson.Unmarshal(body, s); err != nil {
		tb.Fatalf("%s: %q is not a google.rpc.Status: %v", a.Status, body, err)
	}
	return status.FromProto(s).Err()
}

// page reads a page of the marketplace.
func (w *web) page(path string) (httpAnswer, string) {
	w.tb.Helper()
	a, b := w.do(w.plain(http.MethodGet, w.marketURL+path, nil))
	return a, string(b)
}
