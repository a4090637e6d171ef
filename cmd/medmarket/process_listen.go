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

// serve listens on addr and returns the address it got. The server stops with
// the process, giving calls under way five seconds.
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
		forced := time.AfterFunc(5*time.Second, g.Stop)
		defer forced.Stop()
		g.GracefulStop()
		return nil
	})
	return l.Addr().String(), nil
}

// metricsServer serves metrics at /metrics.
func metricsServer(metrics http.Handler) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	return &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
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
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if h.Shutdown(ctx) == nil {
			return nil
		}
		return h.Close()
	})
}
