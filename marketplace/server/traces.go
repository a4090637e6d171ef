package server

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracesOf takes spans of a server's requests; nil takes none.
func tracesOf(p trace.TracerProvider) trace.Tracer {
	if p == nil {
		p = noop.NewTracerProvider()
	}
	return p.Tracer("github.com/medmarket/medmarket/marketplace/server")
}

// span records a request that has ended. It says what the log says: which method, how it ended, from when to when.
// A trace begins here, whatever the caller says of another: nobody outside joins our spans to theirs, or has them kept.
func (e *edge) span(ctx context.Context, method, code string, started, ended time.Time) {
	_, s := e.traces.Start(ctx, method, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(started),
		trace.WithAttributes(attribute.String("rpc.system", "grpc"), attribute.String("rpc.response.status_code", code)))
	s.End(trace.WithTimestamp(ended))
}
