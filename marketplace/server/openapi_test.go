package server_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// document is as much of an OpenAPI 3.1 document as is checked here.
type document struct {
	OpenAPI string `json:"openapi"`
	Info    struct {
		Title, Version string
	} `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Tags       []struct{ Name string }         `json:"tags"`
	Security   []map[string][]string           `json:"security"`
	Components struct {
		Schemas         map[string]any            `json:"schemas"`
		SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
	} `json:"components"`
}

type securityScheme struct{ Type, In, Name, Description string }

type content struct {
	Schema  map[string]any
	Example json.RawMessage
}

type operation struct {
	OperationID string `json:"operationId"`
	Summary     string
	Tags        []string
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   map[string]any
	}
	RequestBody *struct {
		Content map[string]content
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string
		Content     map[string]content
	}
	Security *[]map[string][]string `json:"security"`
}

// read fetches the document of a server, as a document and as plain JSON.
func (w *web) document(base string) (d document, plain any) {
	w.tb.Helper()
	got, b := w.do(w.plain(http.MethodGet, base+"/openapi.json", nil))
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/json" {
		w.tb.Fatalf("%s %v", got.Status, got.Header)
	}
	ok(w.tb, json.Unmarshal(b, &d))
	dec := json.NewDecoder(bytes.NewReader(b))
	ok(w.tb, dec.Decode(&plain))
	return d, plain
}

func (d document) each(f func(path, verb string, o operation)) {
	for path, item := range d.Paths {
		for verb, o := range item {
			f(path, verb, o)
		}
	}
}

// Every method has an operation, and the other way round, with what the
// specification asks of one.
func TestOpenAPIHasEveryMethod(t *testing.T) {
	w := newWeb(t)
	var got []string
	for _, base := range []string{w.marketURL, w.clinicURL} {
		d, _ := w.document(base)
		d.each(func(path, verb string, o operation) {
			service, method, _ := strings.Cut(o.OperationID, "_")
			name := "/medmarket.v1." + service + "/" + method
			got = append(got, name)
			r, listed := matrix[name]
			if !listed {
				return
			}
			wantVerb, wantPath := w.rule(name)
			if w.base(name) != base && service != "SessionService" || !strings.EqualFold(verb, wantVerb) || path != wantPath {
				t.Errorf("%s is said to be at %s %s of %s", name, verb, path, base)
			}
			if public := expected(r, anonymous) != "UNAUTHENTICATED"; public != (o.Security != nil) {
				t.Errorf("%s: needs no signature: %t, the document says %v", name, public, o.Security)
			}
		})
	}
	slices.Sort(got)
	got = slices.Compact(got) // both offer sessions
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(matrix)), got); diff != "" {
		t.Errorf("methods and operations differ (-matrix +documents):\n%s", diff)
	}
}

// Every operation of a document is served: what an unsigned caller gets is the
// answer of a method, not that there is none.
func TestOpenAPIIsServed(t *testing.T) {
	w := newWeb(t)
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for _, base := range []string{w.marketURL, w.clinicURL} {
		d, _ := w.document(base)
		if len(d.Paths) == 0 {
			t.Errorf("%s: no paths", base)
		}
		d.each(func(path, verb string, _ operation) {
			id := w.grant.Hash().String()
			if strings.HasPrefix(path, "/v1/concepts/") { // where an id is a number
				id = "201826"
			}
			r := w.plain(strings.ToUpper(verb), base+parameter.ReplaceAllString(path, id), nil)
			got, out := w.do(r)
			if got := reason(statusOf(t, got, out)); got != "" && got != "UNAUTHENTICATED" && got != "UNKNOWN_RECEIPT" && !strings.HasSuffix(path, "sessions") {
				t.Errorf("%s %s: %s", verb, path, got)
			}
		})
	}
}

// TestOpenAPIIsValid checks the documents against what OpenAPI 3.1 demands of
// the parts they have.
func TestOpenAPIIsValid(t *testing.T) {
	w := newWeb(t)
	for _, base := range []string{w.marketURL, w.clinicURL} {
		d, plain := w.document(base)
		if d.OpenAPI != "3.1.0" || d.Info.Title == "" || d.Info.Version == "" {
			t.Errorf("%s: version %q, info %v", base, d.OpenAPI, d.Info)
		}
		known := []string{"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security", "tags", "externalDocs"}
		for key := range plain.(map[string]any) {
			if !slices.Contains(known, key) {
				t.Errorf("%s: the document has no field %q", base, key)
			}
		}
		checkReferences(t, plain, plain)
		for name, s := range d.Components.Schemas {
			if !regexp.MustCompile(`^[a-zA-Z0-9._-]+$`).MatchString(name) {
				t.Errorf("%q is no name of a component", name)
			}
			checkSchema(t, name, s)
		}
		checkSecurity(t, d)
		checkOperations(t, d)
	}
}

func checkSecurity(t *testing.T, d document) {
	t.Helper()
	if len(d.Security) != 2 || len(d.Security[0]) != 4 || len(d.Security[1]) != 1 {
		t.Errorf("a request needs %v", d.Security)
	}
	var headers []string
	for name, s := range d.Components.SecuritySchemes {
		if _, session := d.Security[1][name]; session && s.Type == "http" && s.Description != "" {
			continue
		}
		if _, needed := d.Security[0][name]; !needed || s.Type != "apiKey" || s.In != "header" || s.Description == "" {
			t.Errorf("%s is %v", name, s)
		}
		headers = append(headers, s.Name)
	}
	slices.Sort(headers)
	if want := []string{"Medmarket-Address", "Medmarket-Issued-At-Ms", "Medmarket-Nonce", "Medmarket-Signature"}; !slices.Equal(headers, want) {
		t.Errorf("headers %v", headers)
	}
}

func checkOperations(t *testing.T, d document) {
	t.Helper()
	ids := map[string]bool{}
	d.each(func(path, verb string, o operation) {
		at := verb + " " + path
		if ids[o.OperationID] || o.OperationID == "" || o.Summary == "" || o.Responses["200"].Description == "" {
			t.Errorf("%s: operation id %q, summary %q, responses %v", at, o.OperationID, o.Summary, o.Responses)
		}
		ids[o.OperationID] = true
		for _, tag := range o.Tags {
			if !slices.ContainsFunc(d.Tags, func(t struct{ Name string }) bool { return t.Name == tag }) {
				t.Errorf("%s: tag %q is not declared", at, tag)
			}
		}
		var inPath []string
		for _, p := range o.Parameters {
			if p.In == "path" {
				inPath = append(inPath, "{"+p.Name+"}")
			}
			if (p.In != "path" && p.In != "query") || (p.In == "path" && !p.Required) || p.Schema == nil {
				t.Errorf("%s: parameter %v", at, p)
			}
			checkSchema(t, at, p.Schema)
		}
		if want := regexp.MustCompile(`\{[^}]*\}`).FindAllString(path, -1); !slices.Equal(inPath, want) {
			t.Errorf("%s: has parameters %v", at, inPath)
		}
		if (verb == "post") != (o.RequestBody != nil) {
			t.Errorf("%s: body %v", at, o.RequestBody)
		}
		if o.Responses["default"].Content["application/json"].Schema["$ref"] != "#/components/schemas/google.rpc.Status" {
			t.Errorf("%s: errors are %v", at, o.Responses["default"])
		}
	})
}

// checkReferences follows every $ref.
func checkReferences(t *testing.T, root, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if target, isText := inner.(string); key == "$ref" && isText && !resolves(root, target) {
				t.Errorf("%s leads nowhere", target)
			}
			checkReferences(t, root, inner)
		}
	case []any:
		for _, inner := range v {
			checkReferences(t, root, inner)
		}
	}
}

func resolves(root any, target string) bool {
	path, local := strings.CutPrefix(target, "#/")
	for _, key := range strings.Split(path, "/") {
		m, isObject := root.(map[string]any)
		if root = m[key]; !isObject || root == nil {
			return false
		}
	}
	return local
}

// checkSchema checks the types of a schema and of those in it, and that bytes
// say what they are in.
func checkSchema(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if typ, has := v["type"].(string); has &&
			!slices.Contains([]string{"string", "integer", "number", "boolean", "array", "object", "null"}, typ) {
			t.Errorf("%s: type %q", at, typ)
		}
		if v["type"] == "array" && v["items"] == nil {
			t.Errorf("%s: a list of what?", at)
		}
		if said, _ := v["description"].(string); v["format"] == "byte" && said != "" && !strings.Contains(said, "base64") {
			t.Errorf("%s: %q does not say how the bytes are written", at, said)
		}
		for _, inner := range v {
			checkSchema(t, at, inner)
		}
	case []any:
		for _, inner := range v {
			checkSchema(t, at, inner)
		}
	}
}

// The page about the API loads nothing from anywhere else and runs no script
// but files from here.
func TestDocsPage(t *testing.T) {
	w := newWeb(t)
	for _, base := range []string{w.marketURL, w.clinicURL} {
		got, b := w.do(w.plain(http.MethodGet, base+"/docs/", nil))
		policy := got.Header.Get("Content-Security-Policy")
		if got.StatusCode != http.StatusOK || !strings.Contains(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "http") {
			t.Errorf("%s %q", got.Status, policy)
		}
		checkHTML(t, "docs", string(b))
		for _, file := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(b), -1) {
			if strings.Contains(file[1], "//") {
				t.Errorf("loads %s", file[1])
			}
			got, content := w.do(w.plain(http.MethodGet, base+"/docs/"+file[1], nil))
			if got.StatusCode == http.StatusMovedPermanently || got.StatusCode == http.StatusTemporaryRedirect { // ../openapi.json
				got, content = w.do(w.plain(http.MethodGet, base+got.Header.Get("Location"), nil))
			}
			if got.StatusCode != http.StatusOK || len(content) == 0 {
				t.Errorf("%s: %s", file[1], got.Status)
			}
		}
	}
	got, _ := w.do(w.plain(http.MethodGet, w.clinicURL+"/", nil))
	if got.StatusCode != http.StatusFound || got.Header.Get("Location") != "/docs/" {
		t.Errorf("the hospital's root: %s %v", got.Status, got.Header)
	}
}
