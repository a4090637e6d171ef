package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"google.golang.org/grpc/status"
)

// Listener makes the refusals that net/http writes by itself, of requests that no
// handler sees since they cannot be read, answers in JSON with a reason like all
// others. An HTTP server of [Server.HTTP] serves on it.
func (s *Server) Listener(l net.Listener) net.Listener { return unreadListener{l, s.edge} }

type unreadListener struct {
	net.Listener
	edge *edge
}

// Accept implements [net.Listener].
func (l unreadListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return unreadConn{c, l.edge}, nil
}

type unreadConn struct {
	net.Conn
	edge *edge
}

// ownHeaders are the headers of what net/http writes by itself, in one piece. No
// answer of a handler has them: secure puts others in front.
var ownHeaders = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

// Write implements [net.Conn].
func (c unreadConn) Write(b []byte) (int, error) {
	line, _, own := bytes.Cut(b, ownHeaders)
	if !own || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || bytes.ContainsAny(line, "\r\n") {
		return c.Conn.Write(b)
	}
	err := fmt.Errorf("%w: a request line or header that cannot be read", errMalformed)
	if bytes.HasPrefix(line, []byte("HTTP/1.1 431 ")) {
		err = fmt.Errorf("%w, of which headers %d", errTooLarge, maxHeader)
	}
	ctx := context.Background() //nolint:forbidigo // of a request that there is not
	code, body := statusJSON(status.Convert(c.edge.answer(ctx, "REST unread", c.edge.cfg.Now(), err)))
	answer := http.Response{
		StatusCode: code, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}}, Close: true,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
	return len(b), answer.Write(c.Conn)
}

// CloseWrite ends what is written and leaves what is read open, as net/http does
// before it hangs up on somebody who is still writing.
func (c unreadConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
