package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// asked has the researcher ask something new and returns the request id.
func (w *web) asked() ledger.Hash {
	w.tb.Helper()
	w.questions++
	a := &pb.AskResponse{}
	ok(w.tb, w.as(researcher, w.marketAt).Invoke(w.tb.Context(), pb.QueryService_Ask_FullMethodName,
		w.order(researcher, w.Query(1000+w.questions), nil), a))
	return receiptOf(w.world, a).Statement.Ask.RequestID
}

// upload sends a file to the verifier, in a form that begins with so much else.
func (w *web) upload(field string, content []byte, before ...byte) (httpAnswer, string) {
	w.tb.Helper()
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	ok(w.tb, writer.WriteField("other", string(before)))
	part, err := writer.CreateFormFile(field, "receipt.json")
	ok(w.tb, err)
	_, err = part.Write(content)
	ok(w.tb, err)
	ok(w.tb, writer.Close())
	r := w.plain(http.MethodPost, w.marketURL+"/verify", form.Bytes())
	r.Header.Set("Content-Type", writer.FormDataContentType())
	got, b := w.do(r)
	return got, string(b)
}

// checkHTML checks that every element is closed, that there is one language and
// one first heading, and that nothing in the page runs.
func checkHTML(t *testing.T, at, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s is not well formed: %v\n%s", at, err, page)
			return
		}
		start, isStart := token.(xml.StartElement)
		if !isStart {
			continue
		}
		count[start.Name.Local]++
		for _, a := range start.Attr {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
				t.Errorf("%s: <%s> has %s=%q", at, start.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	if !strings.Contains(page, `<html lang="en">`) || !strings.HasPrefix(page, "<!DOCTYPE html>") {
		t.Errorf("%s does not say what it is", at)
	}
	if count["style"] > 0 || regexp.MustCompile(`<script(?: [^>]*)?>[^<]`).MatchString(page) {
		t.Errorf("%s has an inline script or style", at)
	}
	if at != "docs" && (count["h1"] != 1 || count["main"] != 1 || count["script"] > 0 || count["table"] != count["caption"]) {
		t.Errorf("%s has %v", at, count)
	}
}

// Every page is well formed and under the strict policy.
func TestPagesAreSound(t *testing.T) {
	w := newWeb(t)
	request, study := w.asked(), w.grant.Hash()
	for path, code := range map[string]int{
		"/register": 200, "/register?before=1": 200, "/register/studies": 200, "/register/studies/" + study.String(): 200,
		"/receipts/" + request.String(): 200, "/verify": 200,
		"/nothing": 404, "/receipts/" + study.String(): 404, "/receipts/0x12": 404, "/register/studies/" + request.String(): 404,
		"/register?before=yesterday": 404, "/register/studies?before=-1": 404,
	} {
		got, page := w.page(path)
		h := got.Header
		if got.StatusCode != code || h.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %s, %s; want %d", path, got.Status, h.Get("Content-Type"), code)
		}
		if h.Get("Content-Security-Policy") != pagePolicy || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, h)
		}
		checkHTML(t, path, page)
	}
	got, _ := w.page("/")
	if got.StatusCode != http.StatusFound || got.Header.Get("Location") != "/register" {
		t.Errorf("/: %s", got.Status)
	}
	got, sheet := w.page("/style.css")
	if got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/css") ||
		!strings.Contains(sheet, "prefers-color-scheme: dark") || !strings.Contains(sheet, "@media print") {
		t.Errorf("style: %s %s", got.Status, sheet)
	}
}

// anchored brings the receipts log to the chain, where it is final at once, and
// has the marketplace take note of that.
func (w *web) anchored() {
	w.tb.Helper()
	for range 2 {
		ok(w.tb, w.market.Record(w.tb.Context()))
	}
}

// G6: everyone sees who asked what, for what, at which cost, as of when.
func TestG6RegisterShowsEveryQuery(t *testing.T) {
	w := newWeb(t)
	_, page := w.page("/register")
	if !strings.Contains(page, "No question was answered yet.") || !strings.Contains(page, "is on the chain yet.") {
		t.Errorf("an empty register says\n%s", page)
	}
	ok(t, w.call(steward, pb.PreferenceService_SetDatasetProfile_FullMethodName, datasetProfile(w.world, steward)))
	first, second := w.asked(), w.asked()
	w.anchored()
	third := w.asked()
	const titled = "A hospital (" + providertest.Dataset + ")"
	entry, err := w.market.RegisteredQuery(t.Context(), third)
	ok(t, err)
	anchor, _, err := w.market.NewestAnchor(t.Context())
	ok(t, err)
	who, study := w.Researcher.Address().String(), w.grant.Hash().String()
	for path, wants := range map[string][]string{
		"/register": {
			first.String(), second.String(), third.String(), study, who[:10], "by sex", "(HMB)", "0.0045", anchor.Root.String(),
			"<small>1,002 nano-rho</small>", "0.00 credits<", "<td data-label=\"Dataset\">" + titled, titled + ", at most",
		},
		"/register/studies":          {study, entry.Protocol, "(HMB)", titled + ", at most"},
		"/register/studies/" + study: {first.String(), second.String(), third.String(), who, w.Committee.Address().String(), "final and not revoked", "<dd>" + titled + ", at most"},
		"/receipts/" + third.String(): {who, study, w.Address().String(), "not anchored on the chain yet", fmt.Sprint("log index ", entry.AsOf),
			"<code>201826</code> Type 2 diabetes mellitus (Condition, SNOMED 44054006)", titled + ", version", "<dd>A hospital, <code>" + w.Address().String()},
	} {
		_, page := w.page(path)
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q:\n%s", path, want, page)
			}
		}
		if i, j := strings.Index(page, third.String()), strings.Index(page, first.String()); j >= 0 && i > j {
			t.Errorf("%s is not newest first", path)
		}
	}
	_, page = w.page("/register")
	if got := strings.Count(page, "(not anchored yet)"); got != 1 {
		t.Errorf("%d of three receipts are not anchored, want the last", got)
	}
}

// The register in pages: all entries, each once.
func TestRegisterPages(t *testing.T) {
	omoptest.NotUnderRace(t)
	w := newWeb(t)
	want := map[string]bool{}
	for range 52 {
		want[w.asked().String()] = true
	}
	got := map[string]bool{}
	for path := "/register"; path != ""; {
		_, page := w.page(path)
		for _, m := range regexp.MustCompile(`/receipts/(0x[0-9a-f]{64})`).FindAllStringSubmatch(page, -1) {
			if got[m[1]] {
				t.Errorf("%s is there twice", m[1])
			}
			got[m[1]] = true
		}
		next := regexp.MustCompile(`href="(\?before=\d+)" rel="next">Older q`).FindStringSubmatch(page)
		if path = ""; next != nil {
			path = "/register" + html.UnescapeString(next[1])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d of %d queries", len(got), len(want))
	}
}

// G6: the register as JSON, in pages: all queries, each once, newest first, and
// which of them are anchored; studies likewise.
func TestG6RegisterService(t *testing.T) {
	w := newWeb(t)
	var want []ledger.Hash
	for i := range 5 {
		want = append(want, w.asked())
		if i == 2 {
			w.anchored()
		}
	}
	slices.Reverse(want)
	for limit := int32(1); limit <= 6; limit++ {
		var got []ledger.Hash
		for token := ""; ; {
			page := &pb.ListQueriesResponse{}
			w.public(pb.RegisterService_ListQueries_FullMethodName, &pb.ListQueriesRequest{PageToken: token, PageSize: limit}, page)
			for _, q := range page.GetQueries() {
				got = append(got, ledger.Hash(q.GetRequestId()))
				if anchored := q.GetIndex() < 3; q.GetAnchored() != anchored || q.GetResearcher() == nil || q.GetCost().GetNanoRho() == 0 {
					t.Errorf("entry %v, want anchored %t", q, anchored)
				}
				one := &pb.GetQueryResponse{}
				w.public(pb.RegisterService_GetQuery_FullMethodName, &pb.GetQueryRequest{RequestId: q.GetRequestId()}, one)
				if diff := cmp.Diff(q, one.GetQuery(), protocmp.Transform()); diff != "" {
					t.Errorf("in the list and by itself:\n%s", diff)
				}
			}
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", limit, got, want)
		}
	}
	studies := &pb.ListStudiesResponse{}
	w.public(pb.RegisterService_ListStudies_FullMethodName, &pb.ListStudiesRequest{PageSize: 1}, studies)
	if id := w.grant.Hash(); len(studies.GetStudies()) != 1 || studies.GetNextPageToken() != "" || !bytes.Equal(studies.GetStudies()[0].GetId(), id[:]) {
		t.Errorf("studies %v", studies)
	}
	anchor := &pb.GetAnchorResponse{}
	w.public(pb.RegisterService_GetAnchor_FullMethodName, &pb.GetAnchorRequest{}, anchor)
	if log := w.market.Log(); anchor.GetSize() != 3 || !bytes.Equal(anchor.GetLog(), log[:]) {
		t.Errorf("anchor %v", anchor)
	}
}

// public calls a method over REST without a signature.
func (w *web) public(method string, request, reply proto.Message) {
	w.tb.Helper()
	out, err := w.rest(anonymous, method, request)
	ok(w.tb, err)
	ok(w.tb, protojson.Unmarshal(out, reply))
}

// secretValue stands in an answer; nothing public may show it.
const secretValue = 987654321

// secretReceipt is the receipt of an ask with that value in its answer.
func secretReceipt(t *testing.T, w *web) ledger.Receipt {
	t.Helper()
	r, err := w.market.Receipt(t.Context(), w.asked())
	ok(t, err)
	for i := range r.Statement.Answer {
		g := &r.Statement.Answer[i]
		g.Estimates = []ledger.Estimate{{Value: secretValue, Low: secretValue, High: secretValue}}
		r.Statement.Releases[0].Release.Vector[i] = secretValue
	}
	return r
}

// G1: an answer is the researcher's. Nothing that needs no signature shows one,
// of a stored receipt or of one that is uploaded.
func TestG1NoAnswerIsPublic(t *testing.T) {
	w := newWeb(t)
	r := secretReceipt(t, w)
	id := ledger.HashBytes([]byte("secret"))
	r.Statement.Ask.RequestID = id
	_, err := w.book.Reserve(t.Context(), marketplace.Reservation{
		Ask: r.Statement.Ask, AskHash: id, Researcher: r.Statement.Researcher, Escrow: 1 << 50,
		Takings: []marketplace.Taking{{Dataset: r.Statement.Ask.Dataset, NanoRho: 1, Allocation: 1 << 40, Work: r.Statement.Work}},
		Voucher: ledger.Voucher{Researcher: r.Statement.Researcher, Marketplace: r.Marketplace, Cumulative: uint64(w.drawn() + r.Statement.Work)},
	})
	ok(t, err)
	leaf, err := r.Leaf()
	ok(t, err)
	_, err = w.book.Complete(t.Context(), id, r, leaf)
	ok(t, err)

	path64 := base64.RawURLEncoding.EncodeToString(id[:])
	for _, path := range []string{
		"/register", "/register/studies", "/register/studies/" + w.grant.Hash().String(), "/receipts/" + id.String(),
		"/v1/register/queries", "/v1/register/queries/" + path64, "/v1/register/studies", "/v1/register/anchor",
	} {
		got, page := w.page(path)
		if got.StatusCode != http.StatusOK || strings.Contains(page, fmt.Sprint(secretValue)) {
			t.Errorf("%s: %s\n%s", path, got.Status, page)
		}
	}
	content, err := ledger.Canonical(r)
	ok(t, err)
	if !strings.Contains(string(content), fmt.Sprint(secretValue)) {
		t.Fatal("the receipt does not have the value")
	}
	for name, upload := range map[string][]byte{"altered": content, "cut": content[:len(content)/2], "spaced": append([]byte(" "), content...)} {
		got, page := w.upload("receipt", upload)
		if got.StatusCode != http.StatusOK || strings.Contains(page, fmt.Sprint(secretValue)) || !strings.Contains(page, "does not match") {
			t.Errorf("%s: %s\n%s", name, got.Status, page)
		}
		checkHTML(t, "/verify", page)
	}
}

// drawn is what the researcher's vouchers promise so far.
func (w *web) drawn() int64 {
	w.tb.Helper()
	a, err := w.book.Account(w.tb.Context(), w.Researcher.Address())
	ok(w.tb, err)
	return a.Drawn
}

// What people write is shown as it is written and is never part of a page.
func TestHostileTitles(t *testing.T) {
	w := newWeb(t)
	for i, title := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title></h1><style>*{}</style>`, `{{.}} &lt;b&gt; ' onclick='x`,
		"javascript:alert(1)",
	} {
		g := w.Grant()
		g.ID, g.Protocol = fmt.Sprint("hostile ", i), title
		signed := w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
		id, err := w.market.RequestGrant(t.Context(), signed)
		ok(t, err)
		ok(t, w.market.ApproveGrant(t.Context(), id, w.approval(w.Committee, g, signed)))
		w.grant = signed
		request := w.asked()
		for _, path := range []string{"/register", "/register/studies", "/register/studies/" + id.String(), "/receipts/" + request.String()} {
			_, page := w.page(path)
			checkHTML(t, path, page)
			if !strings.Contains(html.UnescapeString(page), title) || (strings.ContainsAny(title, "<") && strings.Contains(page, title)) {
				t.Errorf("%s: %q is not shown as text:\n%s", path, title, page)
			}
		}
	}
}

// A study is nobody's business before a committee approved it.
func TestRegisterHasApprovedStudiesOnly(t *testing.T) {
	w := newWeb(t)
	g := w.Grant()
	g.ID, g.Protocol = "pending", "a study in waiting"
	id, err := w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(t, err)
	for path, code := range map[string]int{"/register": 200, "/register/studies": 200, "/v1/register/studies": 200, "/register/studies/" + id.String(): 404} {
		got, page := w.page(path)
		if got.StatusCode != code || strings.Contains(page, g.Protocol) {
			t.Errorf("%s: %s\n%s", path, got.Status, page)
		}
	}
}

// G6: an uploaded receipt is checked, step by step.
func TestG6Upload(t *testing.T) {
	w := newWeb(t)
	r, err := w.market.Receipt(t.Context(), w.asked())
	ok(t, err)
	content, err := ledger.Canonical(r)
	ok(t, err)
	got, page := w.upload("receipt", content)
	if got.StatusCode != http.StatusOK || !strings.Contains(page, "not anchored on the chain yet") ||
		strings.Count(page, "<td>matches</td>") != 9 || !strings.Contains(page, r.Statement.Ask.RequestID.String()) {
		t.Errorf("%s\n%s", got.Status, page)
	}
	checkHTML(t, "/verify", page)
	r.Statement.Work++
	content, err = ledger.Canonical(r)
	ok(t, err)
	if _, page = w.upload("receipt", content); !strings.Contains(page, "<td>does not match: ") || strings.Contains(page, "What it says") {
		t.Errorf("an altered receipt:\n%s", page)
	}
}

// An upload that is no receipt file, too much of one, or nothing.
func TestUploadBounds(t *testing.T) {
	w := newWeb(t)
	for name, c := range map[string]struct {
		field   string
		content []byte
		code    int
	}{
		"nothing":          {"receipt", nil, 400},
		"another field":    {"file", []byte("{}"), 400},
		"no JSON":          {"receipt", []byte("receipt"), 200},
		"as much as may":   {"receipt", bytes.Repeat([]byte(" "), 16<<20), 200},
		"a byte more":      {"receipt", bytes.Repeat([]byte(" "), 16<<20+1), 413},
		"junk before it":   {"file", bytes.Repeat([]byte(" "), 17<<20), 400},
		"deep, no receipt": {"receipt", bytes.Repeat([]byte("["), 1<<20), 200},
	} {
		got, page := w.upload(c.field, c.content)
		if got.StatusCode != c.code {
			t.Errorf("%s: %s, want %d", name, got.Status, c.code)
		}
		checkHTML(t, "/verify", page)
		if c.code == http.StatusOK && !strings.Contains(page, "This receipt does not match.") {
			t.Errorf("%s: %s", name, page)
		}
	}
	got, page := w.upload("receipt", []byte("{}"), bytes.Repeat([]byte(" "), 17<<20)...)
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("a receipt after 17 MB of something else: %s\n%s", got.Status, page)
	}
	r := w.plain(http.MethodPost, w.marketURL+"/verify", []byte("{}"))
	if got, _ := w.do(r); got.StatusCode != http.StatusBadRequest {
		t.Errorf("no form: %s", got.Status)
	}
}

// What goes wrong inside is told only to the log.
func TestPageErrorIsOpaque(t *testing.T) {
	w := newWeb(t)
	w.asked()
	w.chain.Fail = func(string) error { return errors.New("dial tcp 10.0.0.7") }
	got, page := w.page("/register")
	if got.StatusCode != http.StatusInternalServerError || strings.Contains(page, "10.0.0.7") {
		t.Errorf("%s\n%s", got.Status, page)
	}
	id := regexp.MustCompile(`Request ([0-9a-f]{16})\.`).FindStringSubmatch(page)
	if len(id) != 2 || !strings.Contains(w.log.String(), id[1]) || !strings.Contains(w.log.String(), "10.0.0.7") {
		t.Errorf("page %v, log %s", id, w.log)
	}
	w.chain.Fail = func(string) error { panic("patient 471108154711") }
	got, page = w.page("/register")
	if got.StatusCode != http.StatusInternalServerError || strings.Contains(page+w.log.String(), "471108154711") {
		t.Errorf("%s\n%s\n%s", got.Status, page, w.log)
	}
}
