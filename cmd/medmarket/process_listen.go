package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
)

// stopWithin is what calls under way are given when the process stops. An ask that is cut off is charged once, and
// is finished by asking again.
const stopWithin = 5 * time.Second

// serve listens on addr and returns the address it got. The server stops with
// the process, giving calls under way stopWithin.
func (p *process) serve(g *grpc.Server, addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	p.goRun(func() {
		if err := g.Serve(l); err != nil {
			p.fail(fmt.Errorf("gRPC server on %s: %w", l.Addr(), err))
		}
	})
	p.closers = append(p.closers, func() error {
		forced := time.AfterFunc(stopWithin, g.Stop)
		defer forced.Stop()
		g.GracefulStop()
		return nil
	})
	return l.Addr().String(), nil
}

// serveMetrics serves metrics at /metrics of addr, and returns the address it got; none is served without one.
func (p *process) serveMetrics(metrics http.Handler, addr string) (string, error) {
	if addr == "" {
		return "", nil
	}
	l, err := p.listen(addr)
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	h := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	p.serveHTTP(h, func(l net.Listener) net.Listener { return l }, l)
	return l.Addr().String(), nil
}

// listen opens a listener that closes with the process, whether or not it is served.
func (p *process) listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return l, nil
}

// originOf is where clients reach what listens on l: what is said of it, else its address.
func originOf(said string, l net.Listener) string {
	if said != "" {
		return said
	}
	return "http://" + l.Addr().String()
}

// serveHTTP is serve for HTTP, on what wrap makes of a listener.
func (p *process) serveHTTP(h *http.Server, wrap func(net.Listener) net.Listener, l net.Listener) {
	p.goRun(func() {
		if err := h.Serve(wrap(l)); !errors.Is(err, http.ErrServerClosed) {
			p.fail(fmt.Errorf("HTTP server on %s: %w", l.Addr(), err))
		}
	})
	p.closers = append(p.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if h.Shutdown(ctx) == nil {
			return nil
		}
		return h.Close()
	})
}
