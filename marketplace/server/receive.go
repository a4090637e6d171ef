package server

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// maxMessage bounds a request, in bytes: a full batch of preferences fits.
const maxMessage = 2 << 20

// maxTransport is where gRPC itself stops reading, for which it gives no reason:
// the most that a call can have us hold.
const maxTransport = 4 * maxMessage

// errTooLarge is a request above maxMessage.
var errTooLarge = fmt.Errorf("a request has at most %d bytes", maxMessage)

// frame is a message as it came in. gRPC itself would answer one that it cannot
// read, and give no reason.
type frame []byte

// codec reads a frame as it is and everything else as protobuf.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(grpcproto.Name)} }

// Unmarshal implements [encoding.CodecV2].
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		*f = data.Materialize()
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

// receive makes the handler of a method out of one that is called: its message
// is read here, so that what cannot be read is refused by the edge.
func (s *services) receive(name string) grpc.StreamHandler {
	return func(_ any, ss grpc.ServerStream) error {
		m, started := s.methods[name], s.edge.cfg.Now()
		reply, err := m.handle(m.impl, ss.Context(), func(v any) error {
			err := readMessage(ss, v.(proto.Message))
			if errors.Is(err, errMalformed) || errors.Is(err, errTooLarge) {
				return s.edge.answer(ss.Context(), name, started, err)
			}
			return err // the caller has it, or has gone
		}, s.edge.unary)
		if err != nil {
			return err
		}
		return ss.SendMsg(reply)
	}
}

// readMessage reads the one message of a call into m.
func readMessage(ss grpc.ServerStream, m proto.Message) error {
	var f, more frame
	switch err := ss.RecvMsg(&f); {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: there is none", errMalformed)
	case err != nil:
		return err
	case len(f) > maxMessage:
		return errTooLarge
	}
	if err := proto.Unmarshal(f, m); err != nil {
		return fmt.Errorf("%w: %w", errMalformed, err)
	}
	switch err := ss.RecvMsg(&more); {
	case err == nil:
		return fmt.Errorf("%w: there is a second one", errMalformed)
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// stream lets through what passes the edge by itself and what anyone may call.
// No service of ours has any other stream.
func (s *services) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	_, passesEdge := s.methods[info.FullMethod]
	if passesEdge || srv == nil || open(info.FullMethod) { // srv is nil for a method that nothing has
		return handle(srv, ss)
	}
	return s.edge.answer(ss.Context(), info.FullMethod, s.edge.cfg.Now(), fmt.Errorf("%w: %s", errForbidden, info.FullMethod))
}

// unknown answers a call of a method that there is not. The log does not name
// it: it is whatever the caller wrote.
func (s *services) unknown(_ any, ss grpc.ServerStream) error {
	return s.edge.answer(ss.Context(), "unknown", s.edge.cfg.Now(), errNoPath)
}
