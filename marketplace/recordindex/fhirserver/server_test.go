package fhirserver_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/fhirserver"
	"github.com/medmarket/medmarket/marketplace/recordindex/r4"
)

// chart is a FHIR server: pages of resources, by type. Its patient 7 has the id p7.
type chart struct {
	pages   map[string][]string // resources of each page, by type
	links   map[string]string   // of the next page, in place of its own
	of      string              // type of the pages; "": searchset
	status  int
	kind    string // content type
	asked   []string
	tokens  []string
	stalled func(context.Context) // called before it answers
}

func (c *chart) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.asked, c.tokens = append(c.asked, r.URL.String()), append(c.tokens, r.Header.Get("Authorization"))
	if c.stalled != nil {
		c.stalled(r.Context())
	}
	w.Header().Set("Content-Type", c.kind)
	w.WriteHeader(c.status)
	answer := `{"resourceType":"OperationOutcome","issue":[{"diagnostics":"patient p7 Jane Roe"}]}`
	if c.status == http.StatusOK {
		answer = c.page(r)
	}
	_, _ = io.WriteString(w, answer) // who asks may have gone
}

// page is the one that is asked for.
func (c *chart) page(r *http.Request) string {
	t := strings.TrimPrefix(r.URL.Path, "/fhir/")
	number, _ := strconv.Atoi(r.URL.Query().Get("page")) // the first is not numbered
	pages := c.pages[t]
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"` + cmp.Or(c.of, "searchset") + `","entry":[`)
	if number < len(pages) {
		b.WriteString(pages[number])
	}
	b.WriteString(`]`)
	if number+1 < len(pages) {
		link := fmt.Sprintf("http://%s/fhir/%s?page=%d", r.Host, t, number+1)
		if c.links[t] != "" {
			link = c.links[t]
		}
		fmt.Fprintf(&b, `,"link":[{"relation":"self","url":"x"},{"relation":"next","url":%q}]`, link)
	}
	b.WriteString(`}`)
	return b.String()
}

func entry(resource string) string {
	return `{"fullUrl":"http://inside/x","resource":` + resource + `,"search":{"mode":"match"}}`
}

// whois is a patient of a number.
func whois(id, number string) string {
	return entry(fmt.Sprintf(`{"resourceType":"Patient","id":%q,"identifier":[{"system":"urn:other","value":"1"},{"system":"urn:mrn","value":%q}]}`, id, number))
}

func of(t, id, rest string) string {
	return entry(fmt.Sprintf(`{"resourceType":%q, "id":%q, "subject":{"reference":"Patient/p7"}, %s}`, t, id, rest))
}

func newChart() *chart {
	return &chart{status: http.StatusOK, kind: "application/fhir+json; charset=utf-8", links: map[string]string{}, pages: map[string][]string{
		"Patient":   {whois("p7", "7")},
		"Condition": {of("Condition", "c2", `"onsetDateTime":"2024-03-02T23:59:00-05:00"`) + "," + of("Condition", "c1", `"onsetPeriod":{"start":"2024-03-02"}`), of("Condition", "c3", `"recordedDate":"2024-04-09"`)},
		"Observation": {of("Observation", "o1", `"code":{},"effectiveDateTime":"2024-03-02","category":[{"coding":[{"code":"laboratory"}]}],"valueQuantity":{"value":1.50}`) + "," +
			of("Observation", "o2", `"code":{},"effectivePeriod":{"start":"2024-03-02"},"category":[{"coding":[{"code":"vital-signs"}]}]`) + "," + of("Observation", "o3", `"code":{},"effectiveDateTime":"2024-03"`)},
		"MedicationRequest":   {of("MedicationRequest", "m1", `"authoredOn":"2024-03-02"`)},
		"MedicationStatement": {of("MedicationStatement", "m1", `"effectivePeriod":{"start":"2024-03-02"}`)},
		"Procedure":           {""},
		"Encounter":           {of("Encounter", "e1", `"class":{},"period":{"start":"2024-03-02T08:00:00Z"}`) + `,{"resource":{"resourceType":"OperationOutcome"},"search":{"mode":"outcome"}}`},
	}}
}

// open serves a chart; said is what is logged.
func open(t *testing.T, c *chart, change func(*fhirserver.Config)) (s *fhirserver.Server, said *bytes.Buffer) {
	t.Helper()
	at := httptest.NewServer(c)
	t.Cleanup(at.Close)
	said = new(bytes.Buffer)
	cfg := fhirserver.Config{Base: at.URL + "/fhir", Token: "secret-token", PatientSystem: "urn:mrn", Log: slog.New(slog.NewTextHandler(said, nil))}
	if change != nil {
		change(&cfg)
	}
	s, err := fhirserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, said
}

func read(t *testing.T, s *fhirserver.Server, kind records.Kind, day string) map[string]string {
	t.Helper()
	all, err := s.Documents(t.Context(), 7, kind, day)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range all {
		out[fmt.Sprint(d.Kind, " ", d.Day)] = string(d.Content)
	}
	return out
}

// Each kind and day is a Bundle of the resources as the server has them, in one order, across pages.
func TestDocuments(t *testing.T) {
	c := newChart()
	s, _ := open(t, c, nil)
	got := read(t, s, "", "")
	bundle := func(resources ...string) string {
		return `{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + strings.Join(resources, `},{"resource":`) + `}]}`
	}
	resource := func(kind, id, rest string) string {
		return fmt.Sprintf(`{"resourceType":%q,"id":%q,"subject":{"reference":"Patient/p7"},%s}`, kind, id, rest)
	}
	want := map[string]string{
		"conditions 2024-03-02":   bundle(resource("Condition", "c1", `"onsetPeriod":{"start":"2024-03-02"}`), resource("Condition", "c2", `"onsetDateTime":"2024-03-02T23:59:00-05:00"`)),
		"conditions 2024-04-09":   bundle(resource("Condition", "c3", `"recordedDate":"2024-04-09"`)),
		"laboratory 2024-03-02":   bundle(resource("Observation", "o1", `"code":{},"effectiveDateTime":"2024-03-02","category":[{"coding":[{"code":"laboratory"}]}],"valueQuantity":{"value":1.50}`)),
		"observations 2024-03-02": bundle(resource("Observation", "o2", `"code":{},"effectivePeriod":{"start":"2024-03-02"},"category":[{"coding":[{"code":"vital-signs"}]}]`)),
		"medication 2024-03-02":   bundle(resource("MedicationRequest", "m1", `"authoredOn":"2024-03-02"`), resource("MedicationStatement", "m1", `"effectivePeriod":{"start":"2024-03-02"}`)),
		"visits 2024-03-02":       bundle(resource("Encounter", "e1", `"class":{},"period":{"start":"2024-03-02T08:00:00Z"}`)),
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	one := read(t, s, recordindex.Conditions, "2024-03-02")
	if diff := gocmp.Diff(map[string]string{"conditions 2024-03-02": want["conditions 2024-03-02"]}, one); diff != "" {
		t.Errorf("of a kind and day (-want +got):\n%s", diff)
	}
	for i, token := range c.tokens {
		if token != "Bearer secret-token" {
			t.Errorf("%s was asked with %q", c.asked[i], token)
		}
	}
	if !strings.HasPrefix(c.asked[0], "/fhir/Patient?") || !strings.Contains(c.asked[0], "identifier=urn%3Amrn%7C7") {
		t.Errorf("asked for the patient by %s", c.asked[0])
	}
	byID, _ := open(t, newChart(), func(cfg *fhirserver.Config) { cfg.PatientSystem = "" })
	if all, err := byID.Documents(t.Context(), 7, recordindex.Conditions, ""); !errors.Is(err, recordindex.ErrUnavailable) {
		t.Errorf("resources of p7 pass for those of 7: %v, %v", all, err)
	}
	c.pages["Patient"] = []string{""}
	if got := read(t, s, "", ""); len(got) != 0 {
		t.Errorf("of nobody: %v", got)
	}
}

// Whatever the server does, who asks learns no more than that records cannot be had, or are too large; nor does the log tell of whom.
func TestNothingLeaks(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*chart)
		want   error
	}{
		"an error":       {func(c *chart) { c.status = http.StatusInternalServerError }, recordindex.ErrUnavailable},
		"a refusal":      {func(c *chart) { c.status = http.StatusUnauthorized }, recordindex.ErrUnavailable},
		"a redirect":     {func(c *chart) { c.status = http.StatusFound }, recordindex.ErrUnavailable},
		"a page of HTML": {func(c *chart) { c.kind = "text/html" }, recordindex.ErrUnavailable},
		"no JSON":        {func(c *chart) { c.pages["Condition"] = []string{"Jane Roe"} }, recordindex.ErrUnavailable},
		"another patient's": {func(c *chart) {
			c.pages["Encounter"] = []string{entry(`{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/p77"}}`)}
		}, recordindex.ErrUnavailable},
		"that of another server's patient of the same id": {func(c *chart) {
			c.pages["Encounter"] = []string{entry(`{"resourceType":"Encounter","id":"e","class":{},"subject":{"reference":"https://elsewhere.example/fhir/Patient/p7"}}`)}
		}, recordindex.ErrUnavailable},
		"a patient of another number": {func(c *chart) { c.pages["Patient"] = []string{whois("p7", "77")} }, recordindex.ErrUnavailable},
		"a patient of no number":      {func(c *chart) { c.pages["Patient"] = []string{entry(`{"resourceType":"Patient","id":"p7"}`)} }, recordindex.ErrUnavailable},
		"a Bundle of another type":    {func(c *chart) { c.of = "collection" }, recordindex.ErrUnavailable},
		"nobody's":                    {func(c *chart) { c.pages["Encounter"] = []string{entry(`{"resourceType":"Encounter","id":"e"}`)} }, recordindex.ErrUnavailable},
		"another type":                {func(c *chart) { c.pages["Encounter"] = []string{of("Procedure", "p", `"a":1`)} }, recordindex.ErrUnavailable},
		"no id":                       {func(c *chart) { c.pages["Encounter"] = []string{of("Encounter", "../x", `"a":1`)} }, recordindex.ErrUnavailable},
		"two patients": {func(c *chart) {
			c.pages["Patient"] = []string{whois("p7", "7") + "," + whois("p8", "7")}
		}, recordindex.ErrUnavailable},
		"a link elsewhere":                {func(c *chart) { c.links["Condition"] = "http://127.0.0.1:1/fhir/Condition?page=1" }, recordindex.ErrUnavailable},
		"a link to another way":           {func(c *chart) { c.links["Condition"] = "ftp:x" }, recordindex.ErrUnavailable},
		"a link above":                    {func(c *chart) { c.links["Condition"] = "/admin?page=1" }, recordindex.ErrUnavailable},
		"a link above, written otherwise": {func(c *chart) { c.links["Condition"] = "/fhir/%2e%2e/admin?page=1" }, recordindex.ErrUnavailable},
		"a link for ever":                 {func(c *chart) { c.links["Condition"] = "Condition?page=0" }, recordindex.ErrTooLarge},
		"a page without end":              {func(c *chart) { c.pages["Condition"] = []string{strings.Repeat(" ", 17<<20)} }, recordindex.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			chart := newChart()
			c.change(chart)
			s, said := open(t, chart, nil)
			all, err := s.Documents(t.Context(), 7, "", "")
			if err != c.want || all != nil { //nolint:errorlint // the sentinel itself: nothing is wrapped around it
				t.Errorf("%v, want %v and nothing else; %d documents", err, c.want, len(all))
			}
			for _, secret := range []string{"p7", "Jane", "secret-token", "identifier"} {
				if strings.Contains(said.String(), secret) {
					t.Errorf("the log tells %q: %s", secret, said)
				}
			}
			if errors.Is(c.want, recordindex.ErrUnavailable) && said.Len() == 0 {
				t.Error("the log says nothing")
			}
		})
	}
	s, said := open(t, newChart(), func(cfg *fhirserver.Config) { cfg.Base = "http://127.0.0.1:1" })
	if _, err := s.Documents(t.Context(), 7, "", ""); !errors.Is(err, recordindex.ErrUnavailable) || strings.Contains(said.String(), "identifier") {
		t.Errorf("nobody there: %v, %s", err, said)
	}
}

// A resource that is no FHIR R4 has the record that it would be in named, and nothing of it served; the others are. The log says where the fault is, and
// nothing of what is written there.
func TestFaultyResources(t *testing.T) {
	c := newChart()
	c.pages["Condition"] = []string{of("Condition", "c1", `"onsetDateTime":"2024-03-02"`) + "," + of("Condition", "c2", `"onsetDateTime":"2024-03-02","code":"Jane Roe"`),
		of("Condition", "c3", `"onsetDateTime":"2024-04-09"`) + "," + of("Condition", "c4", `"onsetDateTime":"Jane Roe"`)}
	s, said := open(t, c, nil)
	all, err := s.Documents(t.Context(), 7, recordindex.Conditions, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []recordindex.Document{
		{Kind: "conditions", Fault: "Condition.onsetDateTime is not of its form"},
		{Kind: "conditions", Day: "2024-03-02", Fault: "Condition.code is no object"},
		{Kind: "conditions", Day: "2024-04-09", Content: []byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","id":"c3","subject":{"reference":"Patient/p7"},"onsetDateTime":"2024-04-09"}}]}`)},
	}
	if diff := gocmp.Diff(want, all); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !strings.Contains(said.String(), "is no FHIR R4") || strings.Contains(said.String(), "Jane") {
		t.Errorf("the log: %s", said)
	}
	one, err := s.Documents(t.Context(), 7, recordindex.Conditions, "2024-03-02")
	if err != nil || gocmp.Diff(want[1:2], one) != "" {
		t.Errorf("of that day: %v, %v", one, err)
	}
}

// Each Bundle that is made keeps to the schema, and a reference may be the whole URL of the patient at this server.
func TestBundlesAreR4(t *testing.T) {
	c := newChart()
	s, _ := open(t, c, func(cfg *fhirserver.Config) {
		c.pages["Procedure"] = []string{entry(fmt.Sprintf(`{"resourceType":"Procedure","id":"p","subject":{"reference":"%s/Patient/p7"},"performedDateTime":"2024-03-02"}`, cfg.Base))}
	})
	all := read(t, s, "", "")
	if len(all) != 7 || all["procedures 2024-03-02"] == "" {
		t.Errorf("%d records: %v", len(all), all)
	}
	for what, content := range all {
		if err := r4.Check([]byte(content)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Who gives up is not waited for.
func TestGivingUp(t *testing.T) {
	c := newChart()
	ctx, cancel := context.WithCancel(t.Context())
	c.stalled = func(asked context.Context) { cancel(); <-asked.Done() }
	s, _ := open(t, c, nil)
	if _, err := s.Documents(ctx, 7, "", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestConfig(t *testing.T) {
	for base, want := range map[string]bool{
		"https://fhir.example/r4": true, "http://localhost:8080/fhir": true, "http://[::1]:1": true,
		"http://fhir.example/r4": false, "fhir.example": false, "https://user:pass@fhir.example": false, "https://fhir.example?x=1": false, "file:///etc": false, "": false,
	} {
		_, err := fhirserver.New(fhirserver.Config{Base: base, Log: slog.New(slog.DiscardHandler)})
		if (err == nil) != want {
			t.Errorf("%q: %v", base, err)
		}
	}
	s, err := fhirserver.New(fhirserver.Config{Base: "https://fhir.example", Token: "secret-token", Log: slog.New(slog.DiscardHandler)})
	if err != nil || strings.Contains(fmt.Sprintf("%+v %#v", s, *s), "secret-token") {
		t.Errorf("the token is printed, %v", err)
	}
}
