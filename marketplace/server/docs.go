package server

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/swaggest/swgui/v5/static"
)

//go:embed docs
var docFiles embed.FS

// docsPolicy is the strictest that Swagger UI works under: its scripts come from
// here and are files, its styles are partly written into elements.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs serves an OpenAPI document and Swagger UI for it. It asks nobody else for
// anything: every file is in this program.
type docs struct {
	files map[string]docFile // by path
}

type docFile struct {
	media   string
	content []byte
	zipped  []byte // instead of content
}

// newDocs reads all that it serves, so that it cannot fail later.
func newDocs(title string, document []byte) (*docs, error) {
	d := &docs{files: map[string]docFile{"/openapi.json": {media: "application/json", content: document}}}
	index, err := template.ParseFS(docFiles, "docs/index.html")
	if err != nil {
		return nil, fmt.Errorf("server: docs: %w", err)
	}
	var page bytes.Buffer
	if err := index.Execute(&page, title); err != nil {
		return nil, fmt.Errorf("server: docs: %w", err)
	}
	start, err := docFiles.ReadFile("docs/start.js")
	if err != nil {
		return nil, fmt.Errorf("server: docs: %w", err)
	}
	d.files["/docs/"] = docFile{media: "text/html; charset=utf-8", content: page.Bytes()}
	d.files["/docs/start.js"] = docFile{media: "text/javascript; charset=utf-8", content: start}
	for name, media := range map[string]string{
		"swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	} {
		zipped, err := static.FS.ReadFile(name + ".gz")
		if err != nil {
			return nil, fmt.Errorf("server: docs: %w", err)
		}
		d.files["/docs/"+name] = docFile{media: media, zipped: zipped}
	}
	return d, nil
}

func (d *docs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := d.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", docsPolicy)
	w.Header().Set("Content-Type", f.media)
	if f.zipped == nil {
		_, _ = w.Write(f.content) // the caller has gone if it fails
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(f.zipped)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.zipped))
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, plain) //nolint:gosec // unpacks a file of this program, not of a stranger
}
