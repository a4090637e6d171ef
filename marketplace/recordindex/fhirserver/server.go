package fhirserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Bounds of what is read for one request.
const (
	maxPage  = 16 << 20 // bytes of one page
	maxRead  = 64 << 20 // bytes of all
	maxPages = 200
	perPage  = 200 // resources that are asked for at once
	within   = 20 * time.Second
)

// Config configures a [Server]. Every field is required unless it says otherwise.
type Config struct {
	Base          string            // URL below which the resource types are: https, or http on this machine
	Token         string            // bearer token; default: none is sent
	PatientSystem string            // system of the identifier that is the hospital's patient number; default: the number is the Patient's id
	Transport     http.RoundTripper // default: http.DefaultTransport
	Log           *slog.Logger
}

// Server is a hospital's FHIR server. It is safe for concurrent use.
type Server struct {
	cfg    Config
	base   *url.URL
	token  func() string // a function, so that it is not printed
	client *http.Client
}

var _ recordindex.Documents = (*Server)(nil)

// New checks cfg. It asks the server nothing yet.
func New(cfg Config) (*Server, error) {
	base, err := url.Parse(cfg.Base)
	switch {
	case err != nil || base.Host == "" || base.RawQuery != "" || base.User != nil || base.Fragment != "":
		return nil, errors.New("fhirserver: Base is a URL with a host, and without a user, query or fragment")
	case base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())):
		return nil, errors.New("fhirserver: Base begins with https, unless it is on this machine")
	case cfg.Log == nil:
		return nil, errors.New("fhirserver: Log is required")
	case strings.ContainsAny(cfg.PatientSystem, "|,$\\"):
		return nil, errors.New("fhirserver: PatientSystem is a URI")
	}
	token := cfg.Token
	cfg.Token = ""
	return &Server{
		cfg: cfg, base: base, token: func() string { return token },
		client: &http.Client{Timeout: within, Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// failed says in the log what went wrong, without the server's words or whom it was about, and to who asks nothing of it.
func (s *Server) failed(ctx context.Context, what string) error {
	s.cfg.Log.WarnContext(ctx, "the FHIR server gave no records", "err", what)
	return recordindex.ErrUnavailable
}

// reading is what one request reads.
type reading struct {
	*Server
	left  int // bytes that may be read yet
	pages int // likewise
}

// searchset is as much of a Bundle as is read.
type searchset struct {
	Type  string `json:"resourceType"`
	Of    string `json:"type"`
	Links []struct {
		Relation string `json:"relation"`
		URL      string `json:"url"`
	} `json:"link"`
	Entries []struct {
		Resource json.RawMessage `json:"resource"`
		Search   struct {
			Mode string `json:"mode"`
		} `json:"search"`
	} `json:"entry"`
}

// read reads a page, and reports whether it is one.
func (s *searchset) read(b []byte) bool {
	return json.Unmarshal(b, s) == nil && s.Type == "Bundle" && s.Of == "searchset"
}

// search calls see with each resource of a type that matches, page by page.
func (r *reading) search(ctx context.Context, resourceType string, query url.Values, see func(json.RawMessage) error) error {
	query.Set("_count", strconv.Itoa(perPage))
	at := r.base.JoinPath(resourceType)
	at.RawQuery = query.Encode()
	for at != nil {
		page, err := r.page(ctx, at)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if e.Search.Mode != "" && e.Search.Mode != "match" {
				continue // an OperationOutcome, or what was included
			}
			if err := see(e.Resource); err != nil {
				return err
			}
		}
		if at, err = r.next(page); err != nil {
			return r.failed(ctx, err.Error())
		}
	}
	return nil
}

var errLink = errors.New("it links to a page that is not its own")

// next is the page after one, nil if there is none.
func (r *reading) next(page searchset) (*url.URL, error) {
	for _, l := range page.Links {
		if l.Relation != "next" {
			continue
		}
		to, err := url.Parse(l.URL)
		if err != nil {
			return nil, errLink
		}
		to = r.base.JoinPath("/").ResolveReference(to)
		if to.Scheme != r.base.Scheme || to.Host != r.base.Host || to.User != nil || !strings.HasPrefix(path.Clean("/"+to.Path)+"/", r.base.JoinPath("/").Path) {
			return nil, errLink
		}
		return to, nil
	}
	return nil, nil //nolint:nilnil // the last page
}

// page reads one page.
func (r *reading) page(ctx context.Context, at *url.URL) (page searchset, err error) {
	if r.pages--; r.pages < 0 {
		return page, recordindex.ErrTooLarge
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return page, r.failed(ctx, "it links to what is no URL")
	}
	q.Header.Set("Accept", "application/fhir+json")
	q.Header.Set("Cache-Control", "no-cache")
	if token := r.token(); token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := r.client.Do(q)
	if ctx.Err() != nil {
		return page, ctx.Err()
	}
	if err != nil {
		return page, r.failed(ctx, "it does not answer") // the error holds the URL, and so whom it is about
	}
	defer answer.Body.Close()
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); answer.StatusCode != http.StatusOK || err != nil || kind != "application/fhir+json" && kind != "application/json" {
		return page, r.failed(ctx, fmt.Sprintf("it answers with status %d, or not with FHIR JSON", answer.StatusCode))
	}
	most := min(maxPage, r.left)
	b, err := io.ReadAll(io.LimitReader(answer.Body, int64(most)+1))
	switch {
	case ctx.Err() != nil:
		return page, ctx.Err()
	case err != nil:
		return page, r.failed(ctx, "its answer breaks off")
	case len(b) > most:
		return page, recordindex.ErrTooLarge
	}
	r.left -= len(b)
	if !page.read(b) {
		return page, r.failed(ctx, "its answer is no Bundle of what was searched for")
	}
	return page, nil
}
