package tiles_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/server/tiles"
	"github.com/medmarket/medmarket/marketplace/store"
)

var id = ledger.HashBytes([]byte("log"))

// hospital is a store's log as a node shows it.
type hospital struct{ *store.Provider }

// Tile is what [provider.Node.Tile] does.
func (h hospital) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	if level == 0 && width%64 != 0 {
		return nil, provider.ErrNoTile
	}
	return h.Provider.Tile(ctx, level, n, width)
}

// open starts a server over a new log.
func open(t *testing.T) (*store.Provider, *client) {
	t.Helper()
	p, err := store.OpenProvider(t.Context(), store.Config{File: filepath.Join(t.TempDir(), "provider.db"), Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { must(t, p.Close()) })
	h, err := tiles.New(tiles.Config{
		Log: hospital{p}, ID: id, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := &client{t: t, url: s.URL}
	c.vkey = strings.TrimSpace(string(c.get("/checkpoint/key")))
	return p, c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish closes intervals.
func publish(t *testing.T, p *store.Provider, intervals int) {
	t.Helper()
	for range intervals {
		_, err := p.Publish(t.Context(), 1500)
		must(t, err)
	}
}

// client is an independent one: x/mod's note and tile reader.
type client struct {
	t    *testing.T
	url  string
	vkey string
	seen []string // paths of tiles
}

// answer is what came back.
type answer struct {
	code int
	kept string // Cache-Control
	body []byte
}

func (c *client) do(path string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+path, http.NoBody)
	must(c.t, err)
	got, err := http.DefaultTransport.RoundTrip(r)
	must(c.t, err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	must(c.t, err)
	return answer{code: got.StatusCode, kept: got.Header.Get("Cache-Control"), body: body}
}

func (c *client) get(path string) []byte {
	c.t.Helper()
	a := c.do(path)
	if a.code != http.StatusOK {
		c.t.Fatalf("%s: %d", path, a.code)
	}
	return a.body
}

// checkpoint fetches and checks one.
func (c *client) checkpoint() tlog.Tree {
	c.t.Helper()
	v, err := note.NewVerifier(c.vkey)
	must(c.t, err)
	n, err := note.Open(c.get("/checkpoint"), note.VerifierList(v))
	must(c.t, err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != tiles.Origin(id) || lines[3] != "" {
		c.t.Fatalf("checkpoint %q", n.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(c.t, err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(c.t, err)
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}
}

// Height, ReadTiles and SaveTiles implement [tlog.TileReader].
func (c *client) Height() int { return ledger.TileHeight }

func (c *client) ReadTiles(all []tlog.Tile) (data [][]byte, err error) {
	for _, t := range all {
		path := strings.Replace(t.Path(), fmt.Sprintf("tile/%d/", ledger.TileHeight), "/tile/", 1)
		c.seen = append(c.seen, path)
		data = append(data, c.get(path))
	}
	return data, nil
}

func (c *client) SaveTiles([]tlog.Tile, [][]byte) {}

// TestG6ClientChecksTheLog: from checkpoint and tiles alone, a client that shares no code
// with the hospital's proves leaves and that later checkpoints go on from earlier ones.
func TestG6ClientChecksTheLog(t *testing.T) {
	p, c := open(t)
	var before []tlog.Tree
	for _, intervals := range []int{1, 2, 1, 5} { // to 64, 192, 256 and 576 leaves
		publish(t, p, intervals)
		tree := c.checkpoint()
		for _, old := range before {
			proof, err := tlog.ProveTree(tree.N, old.N, tlog.TileHashReader(tree, c))
			must(t, err)
			must(t, tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
			if tlog.CheckTree(proof, tree.N, tree.Hash, old.N, tree.Hash) == nil {
				t.Error("another root passes for the earlier one")
			}
		}
		before = append(before, tree)
		for _, at := range []int64{0, tree.N / 2, tree.N - 1} {
			leaves, err := tlog.TileHashReader(tree, c).ReadHashes([]int64{tlog.StoredHashIndex(0, at)})
			must(t, err)
			path, _, err := p.Inclusion(t.Context(), uint64(tree.N), uint64(at))
			must(t, err)
			must(t, ledger.LogProof{Index: uint64(at), Size: uint64(tree.N), Root: ledger.Hash(tree.Hash), Path: path}.Check(ledger.Hash(leaves[0])))
		}
	}
	if tiles := strings.Join(c.seen, " "); !strings.Contains(tiles, "/tile/1/000.p/2") || !strings.Contains(tiles, "/tile/0/002.p/64") {
		t.Errorf("the client read %s", tiles)
	}
}

// What is not there is not found, and what is there may be kept for ever.
func TestPaths(t *testing.T) {
	p, c := open(t)
	publish(t, p, 5) // 320 leaves
	for path, want := range map[string]int{
		"/tile/0/000": 256 * 32, "/tile/0/001.p/64": 64 * 32, "/tile/0/000.p/128": 128 * 32, "/tile/1/000.p/1": 32,
		"/tile/0/001": 0, "/tile/0/001.p/128": 0, "/tile/0/000.p/63": 0, "/tile/0/001.p/1": 0, "/tile/1/000.p/2": 0, "/tile/2/000.p/1": 0,
		"/tile/0/002.p/64": 0, "/tile/0/x999/999": 0, "/tile/9/000": 0, "/tile/-1/000": 0, "/tile/data/000": 0, "/tile/entries/000": 0,
		"/tile/0/0": 0, "/tile/0/000.p/256": 0, "/tile/0/000.p/0": 0, "/tile/0/": 0, "/tile/": 0, "/tile/0/" + strings.Repeat("x999/", 40) + "999": 0,
	} {
		a := c.do(path)
		switch {
		case want == 0 && a.code != http.StatusNotFound:
			t.Errorf("%s: %d", path, a.code)
		case want > 0 && (a.code != http.StatusOK || len(a.body) != want):
			t.Errorf("%s: %d, %d bytes, want %d", path, a.code, len(a.body), want)
		case want > 0 && !strings.Contains(a.kept, "immutable"):
			t.Errorf("%s: Cache-Control %q", path, a.kept)
		}
	}
	first := c.get("/tile/0/000")
	publish(t, p, 3)
	if !bytes.Equal(first, c.get("/tile/0/000")) {
		t.Error("a whole tile has changed")
	}
}

// TestG7TilesTellNothing: of two hospitals that differ in what one patient did, checkpoint
// and tiles have the same number and sizes.
func TestG7TilesTellNothing(t *testing.T) {
	var shapes []string
	for _, events := range []int{0, 1, 200} {
		p, c := open(t)
		key := ledger.Address{1}
		must(t, p.Enrol(t.Context(), []provider.Enrolment{{Patient: 7, Key: key}}, 1))
		for i := range events {
			h := ledger.HashBytes([]byte{byte(i)})
			_, err := p.Record(t.Context(), []provider.Event{{
				Key: key, Document: ledger.SignedDocument{Content: []byte(`"x"`), Revision: uint64(i) + 1}, ClassHash: h, ClassDocument: []byte("x"), Salt: h, Leaf: h,
			}})
			must(t, err)
		}
		var shape strings.Builder
		for range 5 {
			publish(t, p, 1)
			fmt.Fprintln(&shape, len(c.get("/checkpoint")), c.checkpoint().N)
			for _, path := range []string{"/tile/0/000", "/tile/0/000.p/64", "/tile/0/001.p/64", "/tile/1/000.p/1"} {
				a := c.do(path)
				fmt.Fprintln(&shape, path, a.code, len(a.body), a.kept)
			}
		}
		shapes = append(shapes, shape.String())
	}
	if shapes[0] != shapes[1] || shapes[0] != shapes[2] {
		t.Errorf("what is shown depends on a patient:\n%s", strings.Join(shapes, "\n"))
	}
}

// slow is a log that hangs.
type slow struct {
	begun chan struct{}
	end   chan struct{}
}

func (s slow) LogRoot(context.Context) (uint64, ledger.Hash, error) {
	s.begun <- struct{}{}
	<-s.end
	return 0, ledger.Hash{}, errors.New("disk: secret")
}

func (s slow) Tile(context.Context, int, int64, int) ([]byte, error) { return nil, provider.ErrNoTile }

// Only so many readers are served at once, and none is told what went wrong.
func TestReadersAreBounded(t *testing.T) {
	s := slow{begun: make(chan struct{}), end: make(chan struct{})}
	h, err := tiles.New(tiles.Config{
		Log: s, ID: id, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	call := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/checkpoint", http.NoBody))
		return w
	}
	const most = 16
	done := make(chan *httptest.ResponseRecorder)
	for range most {
		go func() { done <- call() }()
		<-s.begun
	}
	if w := call(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d", w.Code)
	}
	close(s.end)
	for range most {
		if w := <-done; w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	}
}
