package server

import (
	"log/slog"
	"net/http"
	"time"
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
	document, err := documents.ReadFile(a.document)
	if err != nil {
		return nil, err
	}
	docs, err := newDocs(a.title, document)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", rest)
	mux.Handle("GET /openapi.json", docs)
	mux.Handle("GET /docs/", docs)
	return &Server{Server: s.grpc, handler: mux, edge: s.edge}, nil
}

// HTTP returns a server of REST (/v1/), its OpenAPI document (/openapi.json) and
// a page about it (/docs/); all other paths are of pages, if there are any. The
// caller gives it a listener and shuts it down.
func (s *Server) HTTP(pages http.Handler) *http.Server {
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/openapi.json", "/docs/"} {
		mux.Handle(path, s.handler)
	}
	if pages == nil {
		pages = http.RedirectHandler("/docs/", http.StatusFound)
		mux.Handle("GET /{$}", pages)
	} else {
		mux.Handle("/", pages)
	}
	return &http.Server{
		Handler:           secure(mux),
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.edge.cfg.Log.Handler(), slog.LevelDebug),
	}
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
