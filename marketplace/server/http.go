package server

import (
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/medmarket/medmarket/policy/passport"
)

// Bounds of the HTTP server. What is written may have waited for a block.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	writeTimeout      = restTimeout + time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeader         = 16 << 10
)

// server finishes a server: REST and its documentation beside gRPC.
func (s *services) server(a api) (*Server, error) {
	rest, err := newREST(s, a.services)
	if err != nil {
		return nil, err
	}
	document, err := a.document()
	if err != nil {
		return nil, err
	}
	docs, err := newDocs(a.title, document)
	if err != nil {
		return nil, err
	}
	return &Server{Server: s.grpc, rest: rest, docs: docs, edge: s.edge, streams: rest.streams}, nil
}

// HTTP returns a server of REST (/v1/), its OpenAPI document (/openapi.json), a
// page about it (/docs/), whether it is alive (/healthz) and ready (/readyz) and the keys of visas, if it issues any; all other paths are of pages, if there are any. The
// caller gives it a listener ([Server.Listener]) and shuts it down.
func (s *Server) HTTP(pages http.Handler) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", live)
	mux.Handle("GET /readyz", s.edge.ready)
	mux.Handle("GET /openapi.json", s.docs)
	mux.Handle("GET /docs/", s.docs)
	if s.visaKeys != nil {
		mux.Handle("GET "+passport.KeyPath, visaKeys(s.visaKeys))
	}
	if pages == nil {
		pages = http.RedirectHandler("/docs/", http.StatusFound)
		mux.Handle("GET /{$}", pages)
	} else {
		mux.Handle("/", s.edge.pages(pages))
	}
	h := &http.Server{
		Handler:           secure(s.restOr(mux)),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.edge.cfg.Log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(s.streams.end)
	return h
}

// restOr serves REST, and other paths by next, which would answer an odd
// spelling of a path of REST by sending the caller elsewhere.
func (s *Server) restOr(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(path.Clean(r.URL.Path)+"/", "/v1/") {
			s.rest.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load nothing and run nothing. Pages and /docs/ set
// their own, which lets in what they bring along.
const contentPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
