package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// operated is a world whose operator says what his servers are to do.
func operated(t *testing.T, change func(*server.Config)) *web {
	w := newWorld(t)
	w.configure = change
	w.serve(nil)
	return newWebOf(t, w)
}

// until calls until it fails, which it must within some time's limits.
func until(t *testing.T, call func() error) error {
	t.Helper()
	for range 100 {
		if err := call(); err != nil {
			return err
		}
	}
	t.Fatal("a hundred requests at once were all served")
	return nil
}

// retry is for how long a refusal tells to wait, over gRPC.
func retry(err error) time.Duration {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

// One key that calls too often is told when to come again, over gRPC and REST; it takes nothing from others.
func TestAKeyThatCallsTooOften(t *testing.T) {
	w := operated(t, func(c *server.Config) { c.Limits = server.Limits{PerKey: 2, PerAddress: 2} })
	account := func(name string) error {
		return w.call(name, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	}
	err := until(t, func() error { return account(researcher) })
	if status.Code(err) != codes.ResourceExhausted || reason(err) != "TOO_MANY_REQUESTS" || retry(err) != time.Second {
		t.Errorf("got %v (%s), to wait %v", err, reason(err), retry(err))
	}
	verb, path, body := restOf(w.world, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	r := w.plain(verb, w.marketURL+path, body)
	ok(t, server.SignHTTP(r, body, w.keys[researcher], w.Domain, w.market.Address()))
	if answer, out := w.do(r); answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "1" {
		t.Errorf("over REST: %s, Retry-After %q, %s", answer.Status, answer.Header.Get("Retry-After"), out)
	}
	ok(t, account(otherResearcher))
}

// Strangers at one address share what it has: anonymous calls, signatures that are wrong, and keys that nobody knows. Whoever is known comes
// through beside them, a patient with her withdrawal, too (G8).
func TestG8StrangersTakeNothingFromPatients(t *testing.T) {
	anonymously := func(w *web) error {
		return w.call(anonymous, pb.RegisterService_ListStudies_FullMethodName, &pb.ListStudiesRequest{})
	}
	for name, c := range map[string]func(w *web) error{
		"anonymous": anonymously,
		"pages": func(w *web) error {
			if answer, _ := w.do(w.plain(http.MethodGet, w.marketURL+"/register", nil)); answer.StatusCode == http.StatusTooManyRequests {
				return status.Error(codes.ResourceExhausted, answer.Header.Get("Retry-After"))
			}
			return nil
		},
		"not signed": func(w *web) error {
			err := w.call(anonymous, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
			if status.Code(err) == codes.Unauthenticated {
				return nil
			}
			return err
		},
		"not signed, over REST": func(w *web) error {
			_, err := w.rest(anonymous, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
			if status.Code(err) == codes.Unauthenticated {
				return nil
			}
			return err
		},
		"new keys": func(w *web) error {
			w.keys["new"] = providertest.NewKey(t)
			err := w.call("new", pb.PatientService_RedeemCode_FullMethodName, matrix[pb.PatientService_RedeemCode_FullMethodName].request(w.world, patient))
			if status.Code(err) != codes.ResourceExhausted {
				return nil
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := operated(t, func(c *server.Config) { c.Limits = server.Limits{PerKey: 50, PerAddress: 2} })
			if err := until(t, func() error { return c(w) }); status.Code(err) != codes.ResourceExhausted {
				t.Errorf("got %v", err)
			}
			ok(t, w.call(patient, pb.PreferenceService_GetPreference_FullMethodName, &pb.GetPreferenceRequest{}))
			ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{}))
		})
	}
}

// Anybody may ask whether the server is alive and ready; it says which part is not ready, and nothing else.
func TestReadiness(t *testing.T) {
	var missing atomic.Pointer[[]string]
	var asked atomic.Int64
	w := operated(t, func(c *server.Config) {
		c.Ready = func(context.Context) []string {
			asked.Add(1)
			if m := missing.Load(); m != nil {
				return slices.Clone(*m)
			}
			return nil
		}
	})
	get := func(path string) string {
		answer, out := w.do(w.plain(http.MethodGet, w.marketURL+path, nil))
		return fmt.Sprintf("%d %s", answer.StatusCode, out)
	}
	health := func() string {
		r, err := healthpb.NewHealthClient(w.dial(w.marketAt)).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "medmarket.v1.QueryService"})
		ok(t, err)
		return r.GetStatus().String()
	}
	want := func(ready, rpc string) {
		t.Helper()
		if got := get("/readyz"); got != ready {
			t.Errorf("ready: %s, want %s", got, ready)
		}
		if got := health(); got != rpc {
			t.Errorf("over gRPC: %s, want %s", got, rpc)
		}
		if got := get("/healthz"); got != `200 {"alive":true}` {
			t.Errorf("alive: %s", got)
		}
	}
	want(`200 {"ready":true,"not_ready":[]}`, "SERVING")
	if n := asked.Load(); n > 2 {
		t.Errorf("asked %d times within a second", n)
	}
	missing.Store(&[]string{"store", "chain"})
	w.shift.Add(int64(2 * time.Second))
	want(`503 {"ready":false,"not_ready":["chain","store"]}`, "NOT_SERVING")
	missing.Store(nil)
	w.shift.Add(int64(2 * time.Second))
	want(`200 {"ready":true,"not_ready":[]}`, "SERVING")

	watch, err := healthpb.NewHealthClient(w.dial(w.marketAt)).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	ok(t, err)
	said := func() string {
		r, err := watch.Recv()
		if err != nil {
			return status.Code(err).String()
		}
		return r.GetStatus().String()
	}
	if got := said(); got != "SERVING" {
		t.Errorf("watched: %s", got)
	}
	w.marketServer.Drain()
	if got := said(); got != "NOT_SERVING" {
		t.Errorf("watched while it drains: %s", got)
	}
	if got := said(); got != "Unavailable" {
		t.Errorf("the watch ended with %s", got)
	}
	want(`503 {"ready":false,"not_ready":["stopping"]}`, "NOT_SERVING")
	ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})) // calls go on
	if _, err := healthpb.NewHealthClient(w.dial(w.marketAt)).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "nosuch"}); status.Code(err) != codes.NotFound {
		t.Errorf("a service that there is not: %v", err)
	}
}

// G1: a span says what the log says: method, code, and when. Nothing of what was asked, of who asked, or of the answer is there, and no
// caller joins it to a trace of hers.
func TestG1TracesHaveNoContent(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	w := operated(t, func(c *server.Config) { c.Traces = trace.NewTracerProvider(trace.WithSyncer(spans)) })
	ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{}))
	r := w.plain("PATIENT-471108154711", w.marketURL+"/v1/grants/patient-471108154711", nil)
	r.Header.Set("traceparent", "00-4711081547110815471108154711aaaa-4711081547110815-01")
	answer, err := w.client.Do(r)
	ok(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	ok(t, err)
	ok(t, answer.Body.Close())
	var got []string
	for _, s := range spans.GetSpans() {
		line := s.Name
		for _, a := range s.Attributes {
			line += " " + string(a.Key) + "=" + a.Value.String()
		}
		got = append(got, line)
		if s.Parent.IsValid() || len(s.Events) > 0 || len(s.Links) > 0 || s.EndTime.Before(s.StartTime) {
			t.Errorf("a span says more: %+v", s)
		}
	}
	want := []string{
		"/medmarket.v1.QueryService/GetAccount rpc.system=grpc rpc.response.status_code=OK",
		"REST other rpc.system=grpc rpc.response.status_code=Unimplemented",
	}
	if !slices.Equal(got, want) {
		t.Errorf("spans:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
