package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Server offers one party's services: over gRPC itself, over REST by [Server.HTTP].
type Server struct {
	*grpc.Server
	rest, docs http.Handler
	edge       *edge
	streams    *streams
	visaKeys   []byte // JWK set; nil: none are issued
}

// services are registered once and reached in two ways: by gRPC, and from
// within the process by the REST gateway. Both pass the same edge.
type services struct {
	grpc    *grpc.Server
	edge    *edge
	methods map[string]method // by full name
}

type method struct {
	handle grpc.MethodHandler
	impl   any
}

// RegisterService implements [grpc.ServiceRegistrar]. To gRPC each method is a
// stream, of which receive reads one message.
func (s *services) RegisterService(d *grpc.ServiceDesc, impl any) {
	own := *d
	own.Methods, own.Streams = nil, slices.Clone(d.Streams)
	for _, m := range d.Methods {
		name := "/" + d.ServiceName + "/" + m.MethodName
		s.methods[name] = method{m.Handler, impl}
		own.Streams = append(own.Streams, grpc.StreamDesc{
			StreamName: m.MethodName, Handler: s.receive(name), ClientStreams: true, ServerStreams: true,
		})
	}
	s.grpc.RegisterService(&own, impl)
}

// Invoke implements [grpc.ClientConnInterface]: a call from within the process,
// through the interceptor that calls from outside pass. Who calls is in ctx
// (withCaller); metadata that a client would send is not.
func (s *services) Invoke(ctx context.Context, name string, args, reply any, _ ...grpc.CallOption) error {
	m, ok := s.methods[name]
	in, isMessage := args.(proto.Message)
	out, wantsMessage := reply.(proto.Message)
	if !ok || !isMessage || !wantsMessage {
		return fmt.Errorf("no such method in this process: %s", name)
	}
	r, err := m.handle(m.impl, ctx, func(v any) error {
		proto.Merge(v.(proto.Message), in)
		return nil
	}, s.edge.unary)
	if err != nil {
		return err
	}
	proto.Merge(out, r.(proto.Message))
	return nil
}

// NewStream implements [grpc.ClientConnInterface]; no service has streams.
func (s *services) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "no streams")
}
