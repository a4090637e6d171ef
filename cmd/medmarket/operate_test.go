package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// Spans reach the collector at the latest when the process stops, with nothing about the machine; one that is away fails nobody's work.
func TestTracesAreSent(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/traces" {
			t.Errorf("sent to %s", r.URL.Path)
		}
		if _, err := io.Copy(&got, r.Body); err != nil {
			t.Error(err)
		}
	}))
	send := func() (logged string) {
		var log bytes.Buffer
		p := &process{}
		p.begin(t.Context())
		spans, err := p.sendTraces(t.Context(), collector.URL, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		_, span := spans.Tracer("test").Start(t.Context(), "/medmarket.v1.QueryService/Ask")
		span.End()
		if err := p.close(); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	if logged := send(); logged != "" {
		t.Errorf("logged %s", logged)
	}
	if !bytes.Contains(got.Bytes(), []byte("/medmarket.v1.QueryService/Ask")) || bytes.Contains(got.Bytes(), []byte("process.")) || bytes.Contains(got.Bytes(), []byte("host.")) {
		t.Errorf("sent %q", got.String())
	}
	collector.Close()
	if logged := send(); logged == "" {
		t.Error("that a collector is away is not logged")
	}
}

// Parts that are not ready are named; a chain without a final block for too long is one.
func TestPartsThatAreNotReady(t *testing.T) {
	t.Parallel()
	sealed, broken := time.Now().Unix(), errors.New("disk")
	var store error
	p := &parts{log: slog.New(slog.DiscardHandler), check: map[string]func(context.Context) error{
		"chain": freshChain(func(context.Context) (int64, error) { return sealed, nil }, time.Hour),
		"store": func(context.Context) error { return store },
	}}
	want := func(names ...string) {
		t.Helper()
		if got := slices.Sorted(slices.Values(p.missing(t.Context()))); !slices.Equal(got, names) {
			t.Errorf("missing %q, want %q", got, names)
		}
	}
	want("registration")
	p.registered.Store(true)
	want()
	sealed -= 2 * 3600
	want("chain")
	store = broken
	want("chain", "store")
}
