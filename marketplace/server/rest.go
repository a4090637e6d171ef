package server

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// restTimeout ends a REST request that its caller has not ended: time enough
// for what waits for a block.
const restTimeout = 4 * time.Minute

var (
	errNoPath    = errors.New("no such path")
	errVerb      = errors.New("this path does not take this method")
	errMediaType = errors.New("a body must be application/json")
)

// rest serves one party's services as JSON. It checks the signature over the
// bytes that came in and hands the request, and who signed it, to the edge that
// gRPC passes.
type rest struct {
	services *services
	gateway  *runtime.ServeMux
	streams  *streams
}

// startKey is when a REST request began.
type startKey struct{}

func newREST(s *services, routes []route) (*rest, error) {
	r := &rest{services: s, streams: newStreams(s)}
	r.gateway = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, strictJSON()),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithDisablePathLengthFallback(), runtime.WithDisableHTTPMethodOverride(),
		runtime.WithErrorHandler(r.gatewayError), runtime.WithRoutingErrorHandler(r.routingError),
	)
	ctx := context.Background() //nolint:forbidigo // generated code takes it and does not use it
	for _, to := range routes {
		if err := to(ctx, r.gateway, s); err != nil {
			return nil, fmt.Errorf("server: REST: %w", err)
		}
	}
	return r, nil
}

func (s *rest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := s.services.edge.cfg.Now()
	ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), startKey{}, started), restTimeout)
	defer cancel()
	r = s.services.edge.limits.withAddress(r.WithContext(ctx))
	w.Header().Set("Cache-Control", "no-store")
	defer func() {
		if v := recover(); v != nil {
			s.fail(w, r, newPanicError(v))
		}
	}()
	in, err := s.admit(w, r)
	if err != nil {
		s.fail(w, r, s.services.edge.limits.refused(r.Context(), err))
		return
	}
	if !s.streams.wanted(in) {
		s.gateway.ServeHTTP(w, in)
		return
	}
	if err := s.streams.serve(w, in); err != nil {
		s.gatewayError(in.Context(), nil, nil, w, in, err)
	}
}

// admit reads the body, checks the signature or session if there is one, and returns the
// request as the gateway is to see it. A request without either goes on:
// the edge refuses it unless the method is public.
func (s *rest) admit(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%w: body: %w", errMalformed, err)
	}
	ctx := r.Context()
	who, err := s.who(r, body)
	if err != nil {
		return nil, err
	}
	if !who.key.IsZero() {
		ctx = withCaller(ctx, who)
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); len(body) > 0 && (err != nil || media != "application/json") {
		return nil, errMediaType
	}
	in := r.Clone(ctx)
	in.Body = io.NopCloser(strings.NewReader(string(body)))
	in.URL.Path, in.URL.RawPath = hexPath(in.URL.Path), ""
	in.URL.RawQuery, err = hexQuery(in.URL.RawQuery)
	return in, err
}

// who signed a request, or whose session it shows; nobody if it has neither.
func (s *rest) who(r *http.Request, body []byte) (verified, error) {
	e := s.services.edge
	if who, shown, err := e.session(r.Header.Values); shown {
		return who, err
	}
	if !signed(r.Header.Values) {
		return verified{}, nil
	}
	key, err := e.auth.check(r.Context(), r.Header.Values, restMethod(r.Method, r.RequestURI), ledger.HashBytes(body))
	return verified{key: key}, err
}

// signed reports whether a request claims to be: a part of a signature is one
// that is wrong.
func signed(get func(string) []string) bool {
	for _, key := range signatureKeys {
		if len(get(key)) > 0 {
			return true
		}
	}
	return false
}

// hexPath writes addresses and hashes in a path, 0x and hex digits, as the
// gateway reads bytes: base64.
func hexPath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = unhex(s)
	}
	return strings.Join(segments, "/")
}

func hexQuery(raw string) (string, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", fmt.Errorf("%w: query", errMalformed)
	}
	for _, list := range values {
		for i, v := range list {
			list[i] = unhex(v)
		}
	}
	return values.Encode(), nil
}

// unhex leaves alone what is not an address or a hash. Neither is base64 of
// something else: its length is not one that base64 has.
func unhex(s string) string {
	digits, isHex := strings.CutPrefix(s, "0x")
	if b, err := hex.DecodeString(digits); isHex && err == nil && (len(b) == len(ledger.Address{}) || len(b) == len(ledger.Hash{})) {
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return s
}

// gatewayError answers with what the edge made of an error, or, for a request
// that the gateway could not read, with what we make of it.
func (s *rest) gatewayError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	st, isStatus := status.FromError(err)
	switch {
	case isStatus && passedEdge(st):
		writeStatus(w, st)
	case isStatus && st.Code() == codes.InvalidArgument:
		s.fail(w, r.WithContext(ctx), fmt.Errorf("%w: %s", errMalformed, st.Message()))
	default:
		s.fail(w, r.WithContext(ctx), err)
	}
}

// passedEdge reports whether the edge made a status: those of its making name a
// reason, or are the end of the caller's own call.
func passedEdge(s *status.Status) bool {
	return reasonOf(s) != "" || s.Code() == codes.Canceled || s.Code() == codes.DeadlineExceeded
}

func (s *rest) routingError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	err := errNoPath
	if code == http.StatusMethodNotAllowed {
		err = errVerb
	}
	s.fail(w, r.WithContext(ctx), err)
}

// fail answers a request that did not reach the edge. The log names the verb
// alone: a path can hold what someone is not to be linked with.
func (s *rest) fail(w http.ResponseWriter, r *http.Request, err error) {
	started, _ := r.Context().Value(startKey{}).(time.Time) // ServeHTTP sets it
	writeStatus(w, status.Convert(s.services.edge.answer(r.Context(), "REST "+verb(r.Method), started, err)))
}

// verb is a method of HTTP as the log may name it.
func verb(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	default:
		return "other"
	}
}

func reasonOf(s *status.Status) string {
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// httpCodes are those that differ from what the status code stands for.
var httpCodes = map[pb.ErrorReason]int{
	pb.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE:      http.StatusRequestEntityTooLarge,
	pb.ErrorReason_ERROR_REASON_UNSUPPORTED_MEDIA_TYPE: http.StatusUnsupportedMediaType,
	pb.ErrorReason_ERROR_REASON_UNKNOWN_PATH:           http.StatusNotFound,
	pb.ErrorReason_ERROR_REASON_METHOD_NOT_ALLOWED:     http.StatusMethodNotAllowed,
}

// writeStatus writes s as google.rpc.Status in JSON.
func writeStatus(w http.ResponseWriter, s *status.Status) {
	code, body := statusJSON(s)
	w.Header().Set("Content-Type", "application/json")
	if after := retryAfter(s); after > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(after, 10))
	}
	w.WriteHeader(code)
	_, _ = io.WriteString(w, body) // the caller has gone if it fails
}

// retryAfter is for how many seconds a caller should wait, if s says so.
func retryAfter(s *status.Status) int64 {
	for _, d := range s.Details() {
		if wait, ok := d.(*errdetails.RetryInfo); ok {
			return wait.GetRetryDelay().GetSeconds()
		}
	}
	return 0
}

// statusJSON is s as google.rpc.Status in JSON, and the HTTP status that it has.
func statusJSON(s *status.Status) (code int, body string) {
	code = runtime.HTTPStatusFromCode(s.Code())
	if c, differs := httpCodes[pb.ErrorReason(pb.ErrorReason_value["ERROR_REASON_"+reasonOf(s)])]; differs {
		code = c
	}
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(s.Proto())
	if err != nil {
		return http.StatusInternalServerError, "{}"
	}
	return code, string(b)
}

// strictMarshaler refuses what a lenient one passes over: unknown fields, and
// what follows the message.
type strictMarshaler struct{ *runtime.JSONPb }

func strictJSON() runtime.Marshaler {
	return strictMarshaler{&runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}}}
}

// NewDecoder implements [runtime.Marshaler].
func (strictMarshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		m, isMessage := v.(proto.Message)
		switch {
		case !isMessage:
			return errors.New("a body is one message")
		case len(b) == 0:
			return io.EOF // an empty message
		}
		return protojson.Unmarshal(b, m)
	})
}
