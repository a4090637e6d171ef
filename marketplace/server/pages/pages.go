package pages

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

//go:embed templates/*.html style.css
var files embed.FS

// pagePolicy lets a page load its one style sheet and send forms here, nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Bounds.
const (
	pageTimeout = 30 * time.Second
	slotTimeout = 5 * time.Second // how long a page waits for its turn
	maxUpload   = 16 << 20        // bytes of a receipt
	maxForm     = 64 << 10        // bytes of a form around it
	maxUploads  = 8               // held in memory at once
)

// Config configures the pages. Every field is required unless it says otherwise.
type Config struct {
	Market *marketplace.Market
	Trust  verifier.Trust // what receipts are checked against
	// Organisations are names of some that are on the chain by a fingerprint; default: those alone that hospitals name.
	Organisations []string
	Checks        int              // verifications at once; default 2
	Now           func() time.Time // default time.Now
	Log           *slog.Logger
}

// pages makes every page. It is safe for concurrent use.
type pages struct {
	cfg       Config
	templates *template.Template
	style     []byte
	checks    slots
	uploads   slots
}

// New checks cfg and returns the pages.
func New(cfg Config) (http.Handler, error) {
	if cfg.Market == nil || cfg.Log == nil || cfg.Trust.Genesis.IsZero() {
		return nil, errors.New("pages: Market, Trust and Log are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Checks == 0 {
		cfg.Checks = 2
	}
	p := &pages{cfg: cfg, checks: make(slots, cfg.Checks), uploads: make(slots, maxUploads)}
	var err error
	if p.templates, err = template.New("").Funcs(words).ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if p.style, err = files.ReadFile("style.css"); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/register", http.StatusFound))
	mux.HandleFunc("GET /style.css", p.sheet)
	mux.Handle("GET /register", p.page(p.register))
	mux.Handle("GET /register/studies", p.page(p.studies))
	mux.Handle("GET /register/studies/{id}", p.page(p.study))
	mux.Handle("GET /receipts/{id}", p.page(p.receipt))
	mux.Handle("GET /verify", p.page(p.form))
	mux.Handle("POST /verify", p.page(p.verify))
	mux.Handle("/", p.page(func(*http.Request) (view, error) { return view{}, errNotFound }))
	return mux, nil
}

// view is a page before it is written.
type view struct {
	Template string
	Title    string
	Data     any
}

var (
	errNotFound = errors.New("there is no such page")
	errTooMany  = errors.New("too many receipts are being checked; try again in a moment")
	errUpload   = errors.New("choose a receipt file of at most 16 MB")
)

// page serves what make returns, or a page that says why not.
func (p *pages) page(produce func(*http.Request) (view, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := p.cfg.Now()
		ctx, cancel := context.WithTimeout(r.Context(), pageTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload+maxForm)
		v, err := p.safely(produce, r.WithContext(ctx))
		id, code := requestID(), http.StatusOK
		if err != nil {
			v, code = failure(err, id)
		}
		var out bytes.Buffer
		if written := p.write(&out, v); written != nil {
			err, code = written, http.StatusInternalServerError
			out.Reset()
			out.WriteString("internal error; request " + id)
		}
		attrs := []slog.Attr{
			slog.String("method", r.Pattern), slog.String("request", id), slog.Int("code", code),
			slog.Duration("took", p.cfg.Now().Sub(started)),
		}
		level := slog.LevelInfo
		if code == http.StatusInternalServerError {
			level, attrs = slog.LevelError, append(attrs, slog.Any("err", err))
		}
		p.cfg.Log.LogAttrs(ctx, level, "request", attrs...)
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		if code == http.StatusServiceUnavailable {
			h.Set("Retry-After", "5")
		}
		w.WriteHeader(code)
		_, _ = w.Write(out.Bytes()) // the reader has gone if it fails
	})
}

// safely makes a panic an error that tells nothing of its value.
func (p *pages) safely(produce func(*http.Request) (view, error), r *http.Request) (v view, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("panic: %T", recovered)
		}
	}()
	return produce(r)
}

func (p *pages) write(out *bytes.Buffer, v view) error {
	return p.templates.ExecuteTemplate(out, v.Template, v)
}

// failure is the page for an error. What is not known is told only by its id.
func failure(err error, id string) (view, int) {
	code, said := http.StatusInternalServerError, "Something went wrong here. Request "+id+"."
	switch {
	case errors.Is(err, errNotFound):
		code, said = http.StatusNotFound, "There is no such page."
	case errors.Is(err, marketplace.ErrUnknownGrant):
		code, said = http.StatusNotFound, "No approved study has this id."
	case errors.Is(err, marketplace.ErrUnknownReceipt):
		code, said = http.StatusNotFound, "No answered question has this id."
	case errors.Is(err, errTooMany):
		code, said = http.StatusServiceUnavailable, "Too many receipts are being checked. Try again in a moment."
	case errors.Is(err, errTooLarge):
		code, said = http.StatusRequestEntityTooLarge, "A receipt has at most 16 MB here. The verify command has no such bound."
	case errors.Is(err, errUpload):
		code, said = http.StatusBadRequest, "Choose a receipt file first."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		code, said = http.StatusServiceUnavailable, "That took too long. Try again in a moment."
	}
	return view{Template: "failure.html", Title: http.StatusText(code), Data: said}, code
}

func (p *pages) sheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(p.style)
}

// slots bounds how much is done at once.
type slots chan struct{}

// take waits a while for a slot and returns what gives it back; errTooMany.
func (s slots) take(ctx context.Context) (free func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, slotTimeout)
	defer cancel()
	select {
	case s <- struct{}{}:
		return func() { <-s }, nil
	case <-ctx.Done():
		return nil, errTooMany
	}
}

// requestID names a request in the log and on the page of an internal error.
func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}
