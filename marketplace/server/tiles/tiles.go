package tiles

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Log is what is shown.
type Log interface {
	// LogRoot returns the size and root of the log.
	LogRoot(ctx context.Context) (size uint64, root ledger.Hash, err error)
	// Tile returns hashes of a tile; [provider.ErrNoTile].
	Tile(ctx context.Context, level int, n int64, width int) ([]byte, error)
}

// Config configures a [Handler]. Every field is required.
type Config struct {
	Log    Log
	ID     ledger.Hash        // of the log
	Key    ed25519.PrivateKey // signs checkpoints, and nothing else
	Logger *slog.Logger
}

// Handler serves the checkpoint and the tiles of one log.
type Handler struct {
	cfg      Config
	signer   signer
	verifier string // the signer's key as a note's verifier knows it
	mux      *http.ServeMux
	slots    chan struct{} // held while the log is read
}

// Bounds of what is served at once: beyond it a reader is told to come again.
const (
	maxReads    = 16
	readTimeout = 10 * time.Second
)

// Origin names a log in its checkpoints.
func Origin(log ledger.Hash) string { return "medmarket/log/" + log.String() }

// signer signs notes with Ed25519.
type signer struct {
	note.Verifier // of the same key
	key           ed25519.PrivateKey
}

// Sign implements [note.Signer].
func (s signer) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

// New checks cfg and returns a handler.
func New(cfg Config) (*Handler, error) {
	if cfg.Log == nil || cfg.ID.IsZero() || len(cfg.Key) != ed25519.PrivateKeySize || cfg.Logger == nil {
		return nil, errors.New("tiles: Log, ID, Key and Logger are required")
	}
	h := &Handler{cfg: cfg, mux: http.NewServeMux(), slots: make(chan struct{}, maxReads)}
	var err error
	if h.verifier, err = note.NewEd25519VerifierKey(Origin(cfg.ID), cfg.Key.Public().(ed25519.PublicKey)); err != nil {
		return nil, fmt.Errorf("tiles: %w", err)
	}
	h.signer.key = cfg.Key
	if h.signer.Verifier, err = note.NewVerifier(h.verifier); err != nil {
		return nil, fmt.Errorf("tiles: %w", err)
	}
	h.mux.Handle("GET /{$}", http.RedirectHandler("/docs/", http.StatusFound))
	h.mux.HandleFunc("GET /checkpoint", h.read(h.checkpoint))
	h.mux.HandleFunc("GET /checkpoint/key", h.key)
	h.mux.HandleFunc("GET /tile/{path...}", h.read(h.tile))
	return h, nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	h.mux.ServeHTTP(w, r)
}

// read bounds and answers what reads the log.
func (h *Handler) read(do func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case h.slots <- struct{}{}:
			defer func() { <-h.slots }()
		default:
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many readers at once", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
		defer cancel()
		switch err := do(w, r.WithContext(ctx)); {
		case errors.Is(err, provider.ErrNoTile):
			http.Error(w, "the log has no such tile", http.StatusNotFound)
		case err != nil:
			h.cfg.Logger.WarnContext(r.Context(), "the log could not be shown", "err", err)
			http.Error(w, "internal", http.StatusInternalServerError)
		}
	}
}

func (h *Handler) checkpoint(w http.ResponseWriter, r *http.Request) error {
	size, root, err := h.cfg.Log.LogRoot(r.Context())
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", h.signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, h.signer)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	return write(w, "text/plain; charset=utf-8", signed)
}

func (h *Handler) key(w http.ResponseWriter, _ *http.Request) {
	_ = write(w, "text/plain; charset=utf-8", []byte(h.verifier+"\n")) // the reader has gone
}

func (h *Handler) tile(w http.ResponseWriter, r *http.Request) error {
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", ledger.TileHeight, r.PathValue("path"))) // x/mod's paths name the height too
	if err != nil || t.L < 0 {
		return provider.ErrNoTile
	}
	data, err := h.cfg.Log.Tile(r.Context(), t.L, t.N, t.W)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return write(w, "application/octet-stream", data)
}

// write answers; that the reader has gone is nobody's fault.
func write(w http.ResponseWriter, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	return nil
}
