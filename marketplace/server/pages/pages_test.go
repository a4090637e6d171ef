package pages

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

var update = flag.Bool("update", false, "write the golden files again")

func TestMain(m *testing.M) {
	// Started by the noise library's logger when the program starts; nobody can stop it.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

func name(s string) ledger.Hash { return ledger.HashBytes([]byte(s)) }

func person(s string) ledger.Address {
	h := name(s)
	return ledger.Address(h[:20])
}

// registered is a question on record that uses every kind of group.
func registered() marketplace.Registered {
	return marketplace.Registered{
		Request: name("request"), Researcher: person("ada"), Organisation: name("University"), Grant: name("grant"),
		Protocol: `Diabetes <by> age & "sex"`, Purpose: ledger.Purpose{Permission: string(duo.DS), Diseases: []string{"MONDO:0005148"}},
		Question: dp.Statement{
			Query: dp.Query{Dataset: "st-ada", NanoRho: 1_000_000, GroupBy: []dp.Group{
				{Kind: dp.Sex}, {Kind: dp.AgeBand, Edges: []int{0, 18, 65}},
				{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Drug, true, 1, 2, 3, 4, 5, 6, 7)},
			}},
			Metadata: dp.Metadata{Dataset: "st-ada", Version: "sha256:00", ReferenceYear: 2026},
		},
		Provider: person("hospital"), Cost: accountant.Cost{NanoRho: 1_000_000}, Work: 3 << 20, AsOf: 128, Time: 1_795_553_010, Index: 7,
	}
}

func study() marketplace.RegisteredStudy {
	return marketplace.RegisteredStudy{ID: name("grant"), CreatedAt: 1_795_000_000, Grant: policy.Grant{
		ID: "study-3", Protocol: `Diabetes <by> age & "sex"`, Committee: person("committee").String(),
		Researchers: []string{person("ada").String(), person("bob").String()}, SponsorType: policy.Academic, Countries: []string{"DE"},
		Purposes: []policy.DataUse{{Permission: duo.HMB}, {Permission: "DUO:unknown"}},
		Datasets: []policy.DatasetCeiling{{Dataset: "st-ada", NanoRho: 50_000_000}},
		Period:   policy.Period{End: 1_827_088_983},
	}}
}

func checked(err error) result {
	r := result{
		Verified: err == nil, Pending: errors.Is(err, verifier.ErrPending), Steps: verifier.Steps(err), Genesis: name("genesis"), Trusted: 6,
	}
	if r.Verified {
		r.Block = 40
	}
	return r
}

// named calls concept 1 by a name that would be markup if it were not escaped.
func named(id int64) string {
	if id == 1 {
		return "<b>Diabetes</b> mellitus"
	}
	return cohort.ByID(id)
}

// TestGolden compares every page, as bytes, with the one on file.
func TestGolden(t *testing.T) {
	said := question(registered().Question, named)
	anchored, pending := query{registered(), said, true}, query{registered(), said, false}
	q, called := facts{registered(), said, "", ""}, facts{registered(), said, "St. Ada <University>", "University <of> X"}
	names := organisations{name("University"): called.Of}
	titled := titles{"st-ada": called.Title}
	mismatch := checked(&ledger.MismatchError{Part: "plan", Err: errors.New(`hash <0x00>, the ask names another`)})
	matches, waits := checked(nil), checked(verifier.ErrPending)
	older := name("older")
	listed := []marketplace.VocabularyConcept{{ID: 1, Name: "<b>Diabetes</b> mellitus", Domain: "Condition", Vocabulary: "SNOMED", Code: "73211009"}}
	anchored.Time -= 86_400
	newest := &marketplace.Anchor{Size: 8, Root: name("root"), Block: 40}
	for file, v := range map[string]view{
		"register-empty.html": {"register.html", "Register", registerPage{Log: name("log")}},
		"register.html": {"register.html", "Register", registerPage{
			Log: name("log"), Studies: []marketplace.RegisteredStudy{study()},
			queries: queries{Anchor: newest, Titles: titled, Names: names, Queries: []query{pending, anchored}, Older: 7},
		}},
		"studies.html":        {"studies.html", "Studies", studiesPage{Titles: titled, Studies: []marketplace.RegisteredStudy{study()}, Older: &older}},
		"study.html":          {"study.html", `Study: <b>`, studyPage{RegisteredStudy: study(), Final: true, Whose: map[string]string{person("committee").String(): "Ethics <Committee>", person("bob").String(): called.Of}, queries: queries{Queries: []query{anchored}}}},
		"receipt.html":        {"receipt.html", "Receipt", receiptPage{called, listed, matches}},
		"receipt-waits.html":  {"receipt.html", "Receipt", receiptPage{q, nil, waits}},
		"verify.html":         {"verify.html", "Verify a receipt", verifyPage{}},
		"verify-matches.html": {"verify.html", "Verify a receipt", verifyPage{Facts: &q, Result: &matches}},
		"verify-differs.html": {"verify.html", "Verify a receipt", verifyPage{Result: &mismatch}},
		"failure.html":        {"failure.html", "Not Found", "There is no such page."},
	} {
		var out bytes.Buffer
		if err := render(t, &out, v); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		path := filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-file +now; -update writes it):\n%s", file, diff)
		}
	}
}

func render(t *testing.T, out *bytes.Buffer, v view) error {
	t.Helper()
	parsed, err := template.New("").Funcs(words).ParseFS(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	return (&pages{templates: parsed}).write(out, v)
}

// Who finds all slots taken is told so after a while; who waits gets the one
// that becomes free.
func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := make(slots, 1)
		free, err := s.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		if _, err := s.take(t.Context()); !errors.Is(err, errTooMany) || time.Since(started) != slotTimeout {
			t.Errorf("got %v after %v", err, time.Since(started))
		}
		if _, code := failure(errTooMany, ""); code != http.StatusServiceUnavailable {
			t.Errorf("it is told as %d", code)
		}
		waiting := make(chan error)
		go func() {
			_, err := s.take(t.Context())
			waiting <- err
		}()
		synctest.Wait()
		free()
		if err := <-waiting; err != nil {
			t.Errorf("got %v once there was room", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.take(ended); err == nil {
			t.Error("a slot for someone who has gone")
		}
	})
}

// The bound is on verifications, of receipts on record and of uploads together.
func TestChecksTakeASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pages{cfg: Config{Now: time.Now}, checks: make(slots, 1)}
		p.checks <- struct{}{}
		if _, _, err := p.checkInTurn(t.Context(), []byte("{}")); !errors.Is(err, errTooMany) {
			t.Errorf("got %v", err)
		}
		<-p.checks
		if _, r, err := p.checkInTurn(t.Context(), []byte("{}")); err != nil || r.Verified || len(p.checks) != 0 {
			t.Errorf("got %v, %v, %d slots taken", r, err, len(p.checks))
		}
	})
}

// A timeline has a dot for each question, the oldest at its left end and the newest at its right.
func TestTimeline(t *testing.T) {
	at := func(unix ...int64) (all []query) {
		for _, u := range unix {
			q := query{Registered: registered()}
			q.Time = u
			all = append(all, q)
		}
		return all
	}
	if got, want := timelineOf(at(200, 150, 170, 300, 100)), (&timeline{From: 100, Until: 200, Dots: []int{990, 500, 696, 990, 10}}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	for _, none := range [][]query{nil, at(100), at(100, 100)} {
		if got := timelineOf(none); got != nil {
			t.Errorf("a picture of %d questions at one moment: %v", len(none), got)
		}
	}
}

// A dataset has a title by the hospital that says so, and by no other.
func TestTitles(t *testing.T) {
	content, err := ledger.Canonical(provider.DatasetProfile{Dataset: "st-ada", Revision: 1, Title: "St. Ada", Domains: []cohort.Domain{}, Bounds: []dp.Bound{}})
	if err != nil {
		t.Fatal(err)
	}
	d := provider.Description{Provider: person("hospital"), Profile: &ledger.SignedDocument{Content: content, Revision: 1}}
	if got := titleBy(person("hospital"), d); got != "St. Ada" {
		t.Errorf("got %q", got)
	}
	if got := titleBy(person("another"), d); got != "" {
		t.Errorf("another hospital's is called %q", got)
	}
	d.Profile.Content = []byte("{")
	if got := titleBy(person("hospital"), d) + titleOf(provider.Description{}); got != "" {
		t.Errorf("of no profile: %q", got)
	}
	if got := (titles{"st-ada": "St. Ada"}).Of("st-ada") + "; " + (titles{"st-ada": ""}).Of("st-ada"); got != "St. Ada (st-ada); st-ada" {
		t.Errorf("got %q", got)
	}
}

// An organisation has the name whose fingerprint it is, and no other.
func TestOrganisations(t *testing.T) {
	p := &pages{cfg: Config{Organisations: []string{"University", "Ethics Committee"}}}
	if got, want := p.organisations(), (organisations{name("University"): "University", name("Ethics Committee"): "Ethics Committee"}); !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}

func TestWhole(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1_234_567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := whole(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	q := registered().Question
	got := question(q, cohort.ByID)
	for _, want := range []string{"sex", "age (bands from 0, 18 and 65)", "whether there is at least 1 of [drug 1 or a kind of it or 2 or a kind of it", "Each of the 12 counts"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
	q.Query.GroupBy = nil
	if got := question(q, cohort.ByID); !strings.HasPrefix(got, "How many patients are there? ") {
		t.Errorf("without groups: %q", got)
	}
	q.Query.NanoRho = 0 // what cannot be planned has no margin, and does no harm
	if got := question(q, cohort.ByID); strings.Contains(got, "±") {
		t.Errorf("got %q", got)
	}
	if got := epsilon(-1); got != "–" {
		t.Errorf("epsilon of less than nothing is %q", got)
	}
	if got := use("DUO:1", nil); got != "DUO:1" {
		t.Errorf("an unknown use is %q", got)
	}
}

func TestNewWantsItsFields(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("pages of nothing")
	}
}
