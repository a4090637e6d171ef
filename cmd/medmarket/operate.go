package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/store"
)

// limitFlags are those by which a process keeps callers from overrunning it.
type limitFlags struct {
	PerKey     float64 `help:"Requests a second that one key is served, on the average; for four seconds' worth at once." default:"100"`
	PerAddress float64 `help:"Requests a second that one network address is served which come from no key that is known: anonymous ones, pages, refused ones." default:"50"`
	Proxied    bool    `help:"A proxy is in front of REST and pages and names callers in X-Forwarded-For; nobody else can reach their addresses."`
}

func (f *limitFlags) limits() server.Limits {
	return server.Limits{PerKey: f.PerKey, PerAddress: f.PerAddress, Proxied: f.Proxied}
}

func (f *limitFlags) check() error {
	if !(f.PerKey > 0 && f.PerKey <= 1e6) || !(f.PerAddress > 0 && f.PerAddress <= 1e6) {
		return errors.New("--per-key and --per-address must be above zero, and at most a million")
	}
	return nil
}

// parts are what must be ready for a process to serve, by the names that anybody hears who asks.
type parts struct {
	registered atomic.Bool // the party is a final participant, and everything is open
	check      map[string]func(context.Context) error
	log        *slog.Logger
}

// missing names the parts that are not ready. Why is for the log.
func (p *parts) missing(ctx context.Context) (names []string) {
	if !p.registered.Load() {
		names = append(names, "registration")
	}
	for name, check := range p.check {
		if err := check(ctx); err != nil {
			p.log.WarnContext(ctx, "not ready", "part", name, "err", err)
			names = append(names, name)
		}
	}
	return names
}

// marketServer configures the marketplace's server.
func (s *system) marketServer(ctx context.Context, db *store.Market) (server.Config, error) {
	s.ready = &parts{log: s.cfg.log, check: map[string]func(context.Context) error{
		"chain": freshChain(s.reader.FinalTime, s.cfg.staleAfter),
		"store": func(ctx context.Context) error { _, err := db.Account(ctx, s.keys.marketplace.Address()); return err },
	}}
	cfg := serverConfig(s.network.MarketplaceOrigin, s.domain(), s.reader, s.cfg.institutions, s.cfg.log)
	cfg.Limits, cfg.Ready = s.cfg.limits, s.ready.missing
	spans, err := s.sendTraces(ctx, s.cfg.traces, s.cfg.log)
	if spans != nil {
		cfg.Traces = spans
	}
	return cfg, err
}

// freshChain fails if the chain cannot be read, or has had no final block for so long that nothing is released; 0 is the default
// of [provider.Config].
func freshChain(finalTime func(context.Context) (int64, error), staleAfter time.Duration) func(context.Context) error {
	if staleAfter <= 0 {
		staleAfter = provider.DefaultStaleAfter
	}
	return func(ctx context.Context) error {
		sealed, err := finalTime(ctx)
		if err != nil {
			return err
		}
		if age := time.Since(time.Unix(sealed, 0)); age > staleAfter {
			return fmt.Errorf("the last final block is %s old", age.Round(time.Second))
		}
		return nil
	}
}

// collector is where an OpenTelemetry collector takes spans; empty if there is none.
func collector(endpoint string) (at string, err error) {
	if endpoint == "" {
		return "", nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("--traces %s: want http://host:port or https://host:port", endpoint)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// sendTraces sends spans to an OTLP endpoint until the process closes. No endpoint, no spans.
func (p *process) sendTraces(ctx context.Context, endpoint string, log *slog.Logger) (*trace.TracerProvider, error) {
	at, err := collector(endpoint)
	if at == "" || err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("spans could not be sent", "err", err) }))
	to, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(at), otlptracehttp.WithTimeout(stopWithin))
	if err != nil {
		return nil, fmt.Errorf("--traces: %w", err)
	}
	// Only this is said of the process, not its machine, user or arguments.
	who := resource.NewSchemaless(attribute.String("service.name", "medmarket"))
	provider := trace.NewTracerProvider(trace.WithBatcher(to), trace.WithResource(who))
	p.closers = append(p.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil { // a collector that is away fails nobody's work
			log.Warn("the last spans could not be sent", "err", err)
		}
		return nil
	})
	return provider, nil
}
