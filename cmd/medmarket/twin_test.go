package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// loner is a patient whom a hospital has or has not, with a preference document
// that nobody shares: a class of one.
type loner struct {
	name       string
	row        string // of person.csv
	condition  bool
	preference func() policy.ReleasePreference
	withdraws  bool // between the questions
}

// TestG1ClassOfOne: what a hospital and a marketplace show to others does not tell
// who is there. The same is done in three towns that differ only in one patient and
// her class of one: nobody; X, who is counted and then withdraws; Y in her place,
// whose own cap the first question spends. Receipts, proofs, the register and its
// pages, accounts, refusals, logs and metrics are the same byte for byte, once noise,
// hashes and keys, times, ports and what the chain did by itself meanwhile are blotted
// out. Sizes are not blotted out: a hash stays as long as it is, a list as well.
func TestG1ClassOfOne(t *testing.T) {
	t.Parallel()
	research := func(change func(*policy.ReleasePreference)) func() policy.ReleasePreference {
		return func() policy.ReleasePreference {
			p := anyHealthResearch.preference()
			change(&p)
			return p.Normalize()
		}
	}
	towns := []*loner{
		{name: "nobody"},
		{
			name: "X", row: "41,8532,1950\n", condition: true, withdraws: true,
			preference: research(func(p *policy.ReleasePreference) { p.RecipientTypes = []policy.RecipientType{policy.Academic} }),
		},
		{
			name: "Y", row: "42,8507,1999\n",
			preference: research(func(p *policy.ReleasePreference) {
				p.Categories = []policy.CategoryScope{{Category: policy.Conditions, Finest: policy.LevelExact}, {Category: policy.Demographics, Finest: policy.LevelExact}}
				p.OwnCap = &policy.Loss{NanoRho: 2500}
			}),
		},
	}
	seen := make([]record, len(towns))
	t.Run("towns", func(t *testing.T) {
		for i, one := range towns {
			t.Run(one.name, func(t *testing.T) {
				t.Parallel()
				seen[i] = outsideOf(t, one)
			})
		}
	})
	for i, one := range towns[1:] {
		if diff := cmp.Diff(seen[0], seen[i+1]); diff != "" {
			t.Errorf("with %s the others see something else than without (-without +with):\n%s", one.name, diff)
		}
	}
	size := 0
	for _, e := range seen[0] {
		size += len(e)
	}
	t.Logf("bench: %d things seen, %d bytes", len(seen[0]), size)
}

// outsideOf lives through the story of one town and returns what others see of it.
func outsideOf(t *testing.T, one *loner) record {
	lines := &lineLog{}
	w := newTown(t, townConfig{
		omop: hospitalWith(t, one), condition: 201826, margin: 2000, asks: 20, block: 1 << 14,
		log: slog.New(slog.NewJSONHandler(lines, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	v := &view{town: w, t: t, one: one}
	for i := range w.pop.people {
		switch p := &w.pop.people[i]; {
		case p.number > 40:
			v.her = p
		case v.other == nil && p.choice == anyHealthResearch:
			v.other = p
		}
	}
	if (v.her == nil) != (one.preference == nil) {
		t.Fatalf("%s: she is in the town: %t", one.name, v.her != nil)
	}
	lines.cut()
	v.live(t.Context())
	w.close(t)
	for _, line := range lines.cut() {
		v.note("log", line)
	}
	return v.seen
}

// hospitalWith makes the records of 40 patients, and of one more.
func hospitalWith(t *testing.T, one *loner) string {
	t.Helper()
	dir := t.TempDir()
	people := "person_id,gender_concept_id,year_of_birth\n"
	conditions := "condition_occurrence_id,person_id,condition_concept_id,condition_start_date\n"
	for i := 1; i <= 40; i++ {
		people += fmt.Sprintf("%d,%d,%d\n", i, 8507+25*(i%2), 1930+2*i)
		if i%3 == 0 {
			conditions += fmt.Sprintf("%d,%d,201826,2019-01-01\n", i, i)
		}
	}
	people += one.row
	if one.condition {
		conditions += "99,41,201826,2019-01-01\n"
	}
	for name, content := range map[string]string{"person.csv": people, "condition_occurrence.csv": conditions} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// view is what others than the patient see of a town.
type view struct {
	*town
	t          *testing.T
	one        *loner
	her, other *patient // the loner, nil if there is none; one of the largest class
	seen       record
}

// live asks, is refused and looks around, while the loner signs and withdraws. The
// steward brings her documents together with those of another patient, so that no
// call is made for her alone.
func (v *view) live(ctx context.Context) {
	v.bring(ctx, 2, func() policy.ReleasePreference { return v.one.preference() })
	first := v.question(ctx, 2000, duo.HMB)
	v.receipt(ctx, first) // anchored before there is another
	v.question(ctx, 2001, duo.POA)
	v.bring(ctx, 3, func() policy.ReleasePreference {
		p := v.one.preference()
		if v.one.withdraws {
			p.Status = policy.Withdrawn
		}
		return p
	})
	second := v.question(ctx, 2002, duo.HMB)
	v.question(ctx, 2000, duo.HMB) // the first one again
	v.receipt(ctx, second)
	v.lookAround(ctx, first)
}

// bring has the steward bring the next documents of the other patient and of the
// loner, if there is one.
func (v *view) bring(ctx context.Context, revision uint64, document func() policy.ReleasePreference) {
	v.t.Helper()
	people := []patient{*v.other}
	if v.her != nil {
		people = append(people, *v.her)
	}
	must(v.t, v.pop.set(ctx, v.cast.steward, people, revision, func(int, int) {}, func(p patient) policy.ReleasePreference {
		if p.number == v.other.number {
			return anyHealthResearch.preference()
		}
		return document()
	}))
}

// question asks the demo's question for so many nano-rho.
func (v *view) question(ctx context.Context, nanoRho int64, use duo.Permission) ledger.Hash {
	v.t.Helper()
	query := v.query()
	query.Precision = &pb.Query_NanoRho{NanoRho: nanoRho}
	q, err := v.cast.researcher.quote(ctx, query)
	v.noteReply("quote", q, err)
	order, err := v.cast.researcher.order(terms{grant: v.grant, use: duo.Use{Permission: use}}, q)
	must(v.t, err)
	r, err := pb.NewQueryServiceClient(v.cast.researcher.market).Ask(ctx, order)
	v.noteReply("ask", r, err)
	var a ledger.Ask
	must(v.t, ledger.ParseCanonical(order.GetAsk(), &a))
	return a.RequestID
}

// receipt waits until a receipt is anchored.
func (v *view) receipt(ctx context.Context, id ledger.Hash) {
	v.t.Helper()
	var r *pb.GetReceiptResponse
	must(v.t, v.s.await(ctx, func() (done bool, err error) {
		r, err = pb.NewReceiptServiceClient(v.cast.researcher.market).GetReceipt(ctx, &pb.GetReceiptRequest{RequestId: id[:]})
		return r.GetAnchored(), err
	}))
	v.noteReply("receipt", r, nil)
}

// lookAround reads whatever there is to read.
func (v *view) lookAround(ctx context.Context, request ledger.Hash) {
	v.t.Helper()
	datasets, err := pb.NewDatasetServiceClient(v.cast.steward.market).ListDatasets(ctx, &pb.ListDatasetsRequest{})
	v.noteReply("datasets", datasets, err)
	account, err := v.cast.researcher.account(ctx)
	v.noteReply("account", account, err)
	grants, err := pb.NewGrantServiceClient(v.cast.committee.market).ListGrants(ctx, &pb.ListGrantsRequest{})
	v.noteReply("grants", grants, err)
	neighbour, err := newPerson(v.other.key, v.s.network)
	must(v.t, err)
	defer func() { must(v.t, neighbour.close()) }()
	preference, err := pb.NewPreferenceServiceClient(neighbour.clinic).GetPreference(ctx, &pb.GetPreferenceRequest{})
	v.noteReply("another's preference", preference, err)
	v.proofs(ctx, neighbour)
	for _, path := range []string{
		"/v1/register/anchor", "/v1/register/studies", "/v1/register/studies/" + v.grant.String(),
		"/v1/register/queries", "/v1/register/queries/" + request.String(),
		"/register", "/register/studies", "/register/studies/" + v.grant.String(), "/receipts/" + request.String(),
	} {
		v.page(ctx, path)
	}
	v.metrics(ctx)
}

// metrics reads the marketplace's metrics. Left out is what is read again and
// again while something waits for a block; times are blotted out.
func (v *view) metrics(ctx context.Context) {
	v.t.Helper()
	counted := 0
	for line := range strings.Lines(v.get(ctx, v.s.metrics, "/metrics")) {
		name, _, _ := strings.Cut(line, "{")
		switch {
		case strings.Contains(line, "Service/Get"):
			continue
		case strings.HasPrefix(name, "medmarket_request_seconds_bucket"), strings.HasPrefix(name, "medmarket_request_seconds_sum"):
			line = line[:strings.LastIndexByte(line, ' ')]
		default:
			counted++
		}
		v.seen = append(v.seen, "metrics: "+line)
	}
	if counted < 10 {
		v.t.Errorf("%d metrics", counted)
	}
}

// proofs fetches the anchored proofs of another patient's consent at both answers.
func (v *view) proofs(ctx context.Context, neighbour *person) {
	v.t.Helper()
	for _, asOf := range []uint64{64, 128} {
		var proof string
		must(v.t, v.s.await(ctx, func() (bool, error) {
			content, p, err := neighbour.consentProof(ctx, &pb.GetConsentProofRequest{AsOf: asOf})
			proof = string(content)
			return p.Anchor != nil, err
		}))
		v.note("proof of consent", proof)
	}
}

// page fetches a public page.
func (v *view) page(ctx context.Context, path string) {
	v.t.Helper()
	var header bytes.Buffer
	content := v.get(ctx, v.s.network.MarketplaceHTTP, path, &header)
	kind := "page " + strings.Split(path, "0x")[0]
	v.note(kind, header.String())
	v.note(kind, content)
}

// get fetches a page and writes its headers to those that are given.
func (v *view) get(ctx context.Context, host, path string, headers ...io.Writer) string {
	v.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+path, http.NoBody)
	must(v.t, err)
	reply, err := http.DefaultClient.Do(r)
	must(v.t, err)
	content, err := io.ReadAll(reply.Body)
	must(v.t, err)
	must(v.t, reply.Body.Close())
	if reply.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %s", path, reply.Status)
	}
	reply.Header.Del("Date")
	for _, w := range headers {
		must(v.t, reply.Header.Write(w))
	}
	return string(content)
}

// noteReply notes an answer or an error of the API.
func (v *view) noteReply(what string, m proto.Message, err error) {
	v.t.Helper()
	if err != nil {
		what, m = what+" fails", status.Convert(err).Proto()
	}
	content, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(m) // a noised 0 is a number like any other
	must(v.t, err)
	v.note(what, string(content))
}

// note adds to what was seen, blotted.
func (v *view) note(what, content string) {
	entry := what + ": " + blot(content)
	if n := len(v.seen); n > 0 && v.seen[n-1] == entry && what == "log" {
		return // waiting for a block shows again and again
	}
	v.seen = append(v.seen, entry)
}

// lineLog is a log of which no line is about the chain.
type lineLog struct {
	mu    sync.Mutex
	lines []string
}

// Write takes one line.
func (l *lineLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bytes.Contains(b, []byte(`"component":"go-ethereum"`)) {
		l.lines = append(l.lines, string(b))
	}
	return len(b), nil
}

// cut returns the lines so far and forgets them.
func (l *lineLog) cut() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}
