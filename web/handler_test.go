package web_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/web"
)

func site() web.Site {
	return web.Site{Side: web.Hospital, Name: "St Ada", Dataset: "st-ada", Party: ledger.Address{1}, ChainID: 7, Genesis: ledger.Hash{2}, Marketplace: "https://market.example"}
}

func handler(t *testing.T) http.Handler {
	t.Helper()
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h, err := web.New(web.Config{Site: site(), Next: next})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// answer is what came back, unzipped.
type answer struct {
	code   int
	header http.Header
	body   string
}

func get(t *testing.T, h http.Handler, path, encoding string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{w.Code, w.Header(), string(b)}
}

// Nothing that is not a file of the application runs or applies, nobody frames it, and it speaks to this server alone.
func TestPagePolicy(t *testing.T) {
	page := get(t, handler(t), "/", "")
	policy := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q has no %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("the policy %q lets in more than our own files", policy)
	}
	if regexp.MustCompile(`<script(?: [^>]*)?>[^<]|<style| style=| on[a-z]+=`).MatchString(page.body) {
		t.Errorf("something inline in\n%s", page.body)
	}
}

// Whatever a page loads is here, under a name that changes with it, so that it may be kept for ever; the page may not.
func TestAssets(t *testing.T) {
	h := handler(t)
	page := get(t, h, "/", "gzip")
	if page.header.Get("Cache-Control") != "no-cache" || page.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("page: %v", page.header)
	}
	assets := regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(assets) < 2 {
		t.Fatalf("the page names %d assets", len(assets))
	}
	for _, a := range assets {
		zipped, plain := get(t, h, a[1], "gzip, br"), get(t, h, a[1], "")
		head := zipped.header
		if zipped.code != http.StatusOK || head.Get("Content-Type") == "" || !strings.Contains(head.Get("Cache-Control"), "immutable") || head.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d, %v", a[1], zipped.code, head)
		}
		if zipped.body != plain.body || plain.body == "" {
			t.Errorf("%s differs when it is zipped", a[1])
		}
		if !regexp.MustCompile(`-[\w-]{8}\.\w+$`).MatchString(a[1]) {
			t.Errorf("%s has no hash in its name", a[1])
		}
	}
}

func TestSite(t *testing.T) {
	got := get(t, handler(t), "/site.json", "")
	var said web.Site
	if err := json.Unmarshal([]byte(got.body), &said); err != nil {
		t.Fatal(err)
	}
	if said.Name != "St Ada" || said.Party != (ledger.Address{1}) || said.Hospitals == nil || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %s, %v", got.body, got.header)
	}
}

// All other paths are the next handler's: those of the register, and what nobody has.
func TestNext(t *testing.T) {
	h := handler(t)
	for _, path := range []string{"/register", "/assets/nothing.js", "/index.html", "/assets/"} {
		if got := get(t, h, path, ""); got.code != http.StatusTeapot {
			t.Errorf("%s: %d", path, got.code)
		}
	}
}

func TestNewWantsItsFields(t *testing.T) {
	for name, change := range map[string]func(*web.Site){
		"no side": func(s *web.Site) { s.Side = "" }, "no party": func(s *web.Site) { s.Party = ledger.Address{} }, "no genesis": func(s *web.Site) { s.Genesis = ledger.Hash{} },
	} {
		s := site()
		change(&s)
		if _, err := web.New(web.Config{Site: s}); err == nil {
			t.Errorf("%s: pages", name)
		}
	}
}
