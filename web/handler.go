package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// The sides: whose pages they are.
const (
	Marketplace = "marketplace"
	Hospital    = "hospital"
)

// pagePolicy lets the application's own files in, and it speak to this server, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Site is what the pages must know of the server that they come from. Nothing in it is secret.
type Site struct {
	Side    string         `json:"side"`    // Marketplace or Hospital
	Name    string         `json:"name"`    // of the hospital; empty for a marketplace
	GRPC    string         `json:"grpc"`    // of the hospital, host:port, as access files name it; empty for a marketplace
	Dataset string         `json:"dataset"` // of the hospital; empty for a marketplace
	Party   ledger.Address `json:"party"`   // whom requests are signed for
	ChainID uint64         `json:"chain_id"`
	Genesis ledger.Hash    `json:"genesis"`
	// Marketplace is the origin of the public register, where that is another server.
	Marketplace string `json:"marketplace"`
	// Organisations are names of some that are on the chain by a fingerprint.
	Organisations []string `json:"organisations"`
	// Hospitals are those whose pages for patients a marketplace knows.
	Hospitals []Clinic `json:"hospitals"`
}

// Clinic is a hospital's pages.
type Clinic struct {
	Name   string `json:"name"`
	Origin string `json:"origin"`
}

// Config configures the pages. Every field is required unless it says otherwise.
type Config struct {
	Site Site
	Next http.Handler // of all paths that are not the application's; default: none are
}

// New returns the application at /, its files under /assets/ and what it must know at /site.json.
func New(cfg Config) (http.Handler, error) {
	if s := cfg.Site; s.Side != Marketplace && s.Side != Hospital || s.Genesis.IsZero() || s.Party.IsZero() {
		return nil, errors.New("web: side, party and genesis are required")
	}
	if cfg.Site.Hospitals == nil {
		cfg.Site.Hospitals = []Clinic{}
	}
	if cfg.Site.Organisations == nil {
		cfg.Site.Organisations = []string{}
	}
	site, err := json.Marshal(cfg.Site)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	mux := http.NewServeMux()
	if cfg.Next != nil {
		mux.Handle("/", cfg.Next)
	}
	mux.Handle("GET /site.json", &file{media: "application/json", cache: "no-store", content: site})
	return mux, fs.WalkDir(dist, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		at := strings.TrimPrefix(name, "dist/")
		f := &file{media: media[path.Ext(name)], cache: "public, max-age=31536000, immutable", content: content}
		if at == "index.html" {
			at, f.cache, f.page = "{$}", "no-cache", true
		}
		mux.Handle("GET /"+at, f)
		return nil
	})
}

// media are the types of what a build writes; another extension has none, and nosniff lets a browser do nothing with it.
var media = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

// file is one of the application's, zipped when it is first asked for.
type file struct {
	media, cache string
	page         bool // has the policy
	content      []byte
	zip          sync.Once
	zipped       []byte
}

// ServeHTTP implements [http.Handler].
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", f.cache)
	if f.page {
		h.Set("Content-Security-Policy", pagePolicy)
	}
	h.Set("Vary", "Accept-Encoding")
	content := f.content
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		f.zip.Do(f.compress)
		h.Set("Content-Encoding", "gzip")
		content = f.zipped
	}
	_, _ = w.Write(content) // the reader has gone if it fails
}

func (f *file) compress() {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(f.content) // to memory, where neither can fail
	_ = z.Close()
	f.zipped = b.Bytes()
}
