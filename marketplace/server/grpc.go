package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Config is what both servers need. Every field is required unless it says otherwise.
type Config struct {
	Domain      ledger.Domain // the chain that signatures are bound to
	Participant func(context.Context, ledger.Address) (ledger.Participant, error)
	Origin      string // scheme and host by which clients reach REST, as in https://hospital.example: they sign in to it
	// Institutions, whose people may sign in; default none.
	Institutions Institutions
	Limits       Limits // of callers
	// Ready names the parts of the process that are not ready to serve; it is asked once a second at most, and anybody hears
	// what it says. Default: all always are.
	Ready func(context.Context) []string
	// Vocabulary names the concepts of the questions that a hospital tells its patients and stewards of. Default: they go by their ids.
	Vocabulary marketplace.Vocabulary
	// Traces gets a span of each request: method, code, beginning and end. Default: nobody does. At a hospital that
	// would tell when its patients came.
	Traces trace.TracerProvider
	Now    func() time.Time // default time.Now
	Log    *slog.Logger
}

// names are what the concepts of questions are called. What is told of them is whole without.
func (c Config) names(ctx context.Context, questions ...dp.Query) cohort.Names {
	names, err := marketplace.Names(ctx, c.Vocabulary, questions...)
	if err != nil {
		c.Log.WarnContext(ctx, "naming concepts", "err", err)
	}
	return names
}

// NewMarket returns a server with the marketplace's services; over gRPC health
// and reflection too.
func NewMarket(cfg Config, m *marketplace.Market) (*Server, error) {
	if m == nil {
		return nil, errors.New("server: a marketplace is required")
	}
	s, err := newServices(cfg, m.Address(), nobodyElse)
	if err != nil {
		return nil, err
	}
	pb.RegisterParticipantServiceServer(s, &participantService{market: m})
	pb.RegisterDatasetServiceServer(s, &datasetService{market: m})
	pb.RegisterConceptServiceServer(s, &conceptService{market: m})
	pb.RegisterGrantServiceServer(s, &grantService{market: m})
	pb.RegisterVisaServiceServer(s, &visaService{market: m})
	pb.RegisterQueryServiceServer(s, &queryService{market: m})
	pb.RegisterReceiptServiceServer(s, &receiptService{market: m})
	pb.RegisterLiveServiceServer(s, &liveService{market: m})
	pb.RegisterRegisterServiceServer(s, &registerService{market: m})
	finish(s)
	out, err := s.server(marketAPI)
	if err == nil {
		out.visaKeys = m.VisaKeys()
	}
	return out, err
}

// NewProvider returns a server with the services that a hospital offers to its
// patients and stewards, and to readers of its record index; over gRPC health and reflection too.
func NewProvider(cfg Config, n *provider.Node, x *recordindex.Index) (*Server, error) {
	if n == nil || x == nil || n.Address() != x.Address() {
		return nil, errors.New("server: a node and the record index of the same hospital are required")
	}
	s, err := newServices(cfg, n.Address(), n.Knows)
	if err != nil {
		return nil, err
	}
	pb.RegisterPreferenceServiceServer(s, &preferenceService{node: n})
	pb.RegisterPatientServiceServer(s, &patientService{node: n, names: cfg.names})
	pb.RegisterDecisionServiceServer(s, &decisionService{node: n, notReady: s.edge.ready.missing, names: cfg.names})
	pb.RegisterRecordServiceServer(s, &recordService{node: n, index: x})
	finish(s)
	return s.server(hospitalAPI)
}

// Of one connection: calls under way, and how long it may do nothing.
const (
	maxCalls = 64
	maxIdle  = 10 * time.Minute
)

// nobodyElse is known at the marketplace besides participants.
func nobodyElse(context.Context, ledger.Address) (bool, error) { return false, nil }

// newServices takes who is known there besides participants.
func newServices(cfg Config, own ledger.Address, known func(context.Context, ledger.Address) (bool, error)) (*services, error) {
	if cfg.Participant == nil || cfg.Log == nil || cfg.Domain.Genesis.IsZero() {
		return nil, errors.New("server: Domain, Participant and Log are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	sessions, err := newSessions(cfg.Origin, cfg.Domain.ChainID, cfg.Now, func(ctx context.Context, key ledger.Address) (bool, error) {
		if p, err := cfg.Participant(ctx, key); err != nil || p.Roles != 0 {
			return err == nil, err
		}
		return known(ctx, key)
	})
	if err != nil {
		return nil, err
	}
	sessions.by = byInstitution{cfg.Institutions, cfg.Domain, own, cfg.Participant}
	within, err := newLimits(cfg.Limits, cfg.Now)
	if err != nil {
		return nil, err
	}
	e := &edge{
		cfg: cfg, auth: newAuthenticator(cfg.Domain, own, cfg.Now), sessions: sessions, metrics: newMetrics(), limits: within, once: newOnce(cfg.Now), known: known,
		ready: newReadiness(cfg.Ready, cfg.Now), traces: tracesOf(cfg.Traces),
	}
	s := &services{edge: e, methods: map[string]method{}}
	s.grpc = grpc.NewServer(grpc.MaxRecvMsgSize(maxTransport), grpc.MaxConcurrentStreams(maxCalls),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: maxIdle, Time: maxIdle / 5}), grpc.ForceServerCodecV2(newCodec()),
		grpc.UnaryInterceptor(e.unary), grpc.StreamInterceptor(s.stream), grpc.UnknownServiceHandler(s.unknown))
	return s, nil
}

func finish(s *services) {
	pb.RegisterSessionServiceServer(s, &sessionService{sessions: s.edge.sessions})
	healthpb.RegisterHealthServer(s, &healthService{ready: s.edge.ready, has: func(name string) bool {
		_, has := s.grpc.GetServiceInfo()[name]
		return has || name == ""
	}})
	reflection.Register(s.grpc)
}

// edge is what every call passes: who, shape, role, then the handler; its
// errors become statuses here and nowhere else.
type edge struct {
	cfg      Config
	auth     *authenticator
	sessions *sessions
	metrics  *metrics
	limits   *limits
	once     *once
	known    func(context.Context, ledger.Address) (bool, error) // besides participants
	ready    *readiness
	traces   trace.Tracer
}

// open reports whether a method needs no signature: health and reflection say
// nothing about anyone.
func open(method string) bool {
	return strings.HasPrefix(method, "/grpc.health.v1.") || strings.HasPrefix(method, "/grpc.reflection.")
}

func (e *edge) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if open(info.FullMethod) {
		return handle(ctx, req)
	}
	started := e.cfg.Now()
	reply, err := e.call(ctx, req, info.FullMethod, handle)
	if s := e.answer(ctx, info.FullMethod, started, err); s != nil {
		return nil, s
	}
	return reply, nil
}

// answer makes the status that the caller sees of err, and logs and counts the request.
func (e *edge) answer(ctx context.Context, method string, started time.Time, err error) error {
	id := requestID()
	told, s := toStatus(ctx, err, id)
	code, ended := status.Code(s).String(), e.cfg.Now()
	took := ended.Sub(started)
	e.metrics.seen(method, code, took)
	e.span(ctx, method, code, started, ended)
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("request", id), slog.String("code", code), slog.Duration("took", took),
	}
	if !told {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("err", err))
	}
	e.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
	return s
}

// call lets a request through to its handler within the time its method has, and
// makes a panic of either an error that is unknown to the caller.
func (e *edge) call(ctx context.Context, req any, method string, handle grpc.UnaryHandler) (reply any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, timeLimit(method), errTimedOut)
	defer func() {
		if errors.Is(err, context.DeadlineExceeded) && errors.Is(context.Cause(ctx), errTimedOut) {
			err = errTimedOut
		}
		cancel()
	}()
	if ctx, err = e.admit(ctx, method, req); err != nil {
		return nil, err
	}
	if m, ok := req.(proto.Message); ok {
		if err := protovalidate.Validate(m); err != nil {
			return nil, fmt.Errorf("%w: %w", errMalformed, err)
		}
	}
	return e.once.do(ctx, method, req, handle)
}

// admit says who calls, and lets through whom the method is for, within the limits of callers.
func (e *edge) admit(ctx context.Context, method string, req any) (_ context.Context, err error) {
	if access[method].public {
		return ctx, e.limits.stranger(ctx)
	}
	who, known := verifiedCaller(ctx)
	if !known {
		if who, err = e.who(ctx, method, req); err != nil {
			return ctx, e.limits.refused(ctx, err)
		}
	}
	if err := e.limits.key(who.key); err != nil {
		return ctx, err
	}
	if ctx, err = admit(ctx, method, who, e.cfg.Participant); err != nil {
		return ctx, e.limits.refused(ctx, err)
	}
	if callerFrom(ctx).Roles != 0 {
		return ctx, nil
	}
	if is, err := e.known(ctx, who.key); err != nil || is {
		return ctx, err
	}
	return ctx, e.limits.stranger(ctx) // keys cost nothing: new ones share what their address has
}

// who signed a gRPC request, or whose session it shows.
func (e *edge) who(ctx context.Context, method string, req any) (verified, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if who, shown, err := e.session(md.Get); shown {
		return who, err
	}
	key, err := e.auth.caller(ctx, method, req)
	return verified{key: key}, err
}

// session returns whose session a request shows; shown is false if it shows none. One
// that is signed as well is refused: it is not clear which of the two should count.
func (e *edge) session(get func(string) []string) (who verified, shown bool, err error) {
	token, shown := tokenIn(get(mdToken))
	if !shown {
		return who, false, nil
	}
	if signed(get) {
		return who, true, fmt.Errorf("%w: a session and a signature", errUnauthenticated)
	}
	who, err = e.sessions.holder(token)
	return who, true, err
}

// panicError is a panic below the edge. Of its value only the type is shown,
// unless the runtime made it, since anything could be in it.
type panicError struct {
	value any
	stack []byte
}

func newPanicError(value any) error { return &panicError{value: value, stack: debug.Stack()} }

func (e *panicError) Error() string {
	if r, ok := e.value.(runtime.Error); ok {
		return fmt.Sprintf("panic: %s\n%s", r, e.stack)
	}
	return fmt.Sprintf("panic: %T\n%s", e.value, e.stack)
}

// requestID names a request in the log and in an internal error.
func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}
