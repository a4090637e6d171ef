package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

const (
	readyFor    = time.Second     // how long an answer is used again: anybody may ask
	readyWithin = 5 * time.Second // how long the parts are waited for
)

// stopping is the part that is not ready once the server drains.
const stopping = "stopping"

// readiness is which parts of the process are not ready to serve. It is asked by anybody: names of parts are all that it tells.
type readiness struct {
	ask func(context.Context) []string
	now func() time.Time

	mu   sync.Mutex // held while asking
	last []string
	at   time.Time

	drained chan struct{} // closed by drain
	once    sync.Once
}

func newReadiness(ask func(context.Context) []string, now func() time.Time) *readiness {
	if ask == nil {
		ask = func(context.Context) []string { return nil }
	}
	return &readiness{ask: ask, now: now, drained: make(chan struct{})}
}

// missing are the parts that are not ready, in alphabetical order.
func (r *readiness) missing(ctx context.Context) []string {
	select {
	case <-r.drained:
		return []string{stopping}
	default:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); r.at.IsZero() || now.Sub(r.at) >= readyFor || now.Before(r.at) {
		// The answer is for all who ask, so that one who hangs up does not end it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyWithin)
		defer cancel()
		r.last, r.at = slices.Sorted(slices.Values(r.ask(ctx))), r.now()
	}
	return r.last
}

// Drain says to who asks from now on that the server is not ready, and ends streams that watch its health. Calls are served as before.
func (s *Server) Drain() { s.edge.ready.once.Do(func() { close(s.edge.ready.drained) }) }

// live answers that the process is alive, which is all it says.
func live(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"alive":true}`)) // the caller has gone if it fails
}

// ServeHTTP says whether the server is ready, and which part is not.
func (r *readiness) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	missing := r.missing(q.Context())
	body, _ := json.Marshal(struct { // strings always can be
		Ready    bool     `json:"ready"`
		NotReady []string `json:"not_ready"`
	}{len(missing) == 0, append([]string{}, missing...)})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if len(missing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(body) // the caller has gone if it fails
}

// healthService is readiness in gRPC's own words, the same for each service of the server.
type healthService struct {
	healthpb.UnimplementedHealthServer
	ready *readiness
	has   func(service string) bool
}

func (h *healthService) status(ctx context.Context) healthpb.HealthCheckResponse_ServingStatus {
	if len(h.ready.missing(ctx)) > 0 {
		return healthpb.HealthCheckResponse_NOT_SERVING
	}
	return healthpb.HealthCheckResponse_SERVING
}

// Check implements [healthpb.HealthServer].
func (h *healthService) Check(ctx context.Context, q *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	if !h.has(q.GetService()) {
		return nil, status.Error(codes.NotFound, "no such service")
	}
	return &healthpb.HealthCheckResponse{Status: h.status(ctx)}, nil
}

// Watch implements [healthpb.HealthServer]: it looks every other second, until the caller has gone or the server drains.
func (h *healthService) Watch(q *healthpb.HealthCheckRequest, to grpc.ServerStreamingServer[healthpb.HealthCheckResponse]) error {
	if !h.has(q.GetService()) {
		return status.Error(codes.NotFound, "no such service")
	}
	again := time.NewTicker(2 * readyFor)
	defer again.Stop()
	said := healthpb.HealthCheckResponse_UNKNOWN
	for {
		if now := h.status(to.Context()); now != said {
			if err := to.Send(&healthpb.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			said = now
		}
		select {
		case <-to.Context().Done():
			return status.FromContextError(to.Context().Err()).Err()
		case <-h.ready.drained:
			if said != healthpb.HealthCheckResponse_NOT_SERVING {
				_ = to.Send(&healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING}) // the end of the stream says it, too
			}
			return status.Error(codes.Unavailable, stopping)
		case <-again.C:
		}
	}
}
