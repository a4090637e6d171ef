package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// registry makes a folder of records: a line of person.csv for each of 1 to n,
// unless line says otherwise ("" leaves a number out).
func registry(t testing.TB, n int, line map[int]string) string {
	t.Helper()
	dir := t.TempDir()
	var people, conditions strings.Builder
	people.WriteString("person_id,gender_concept_id,year_of_birth,person_source_value\n")
	conditions.WriteString("condition_occurrence_id,person_id,condition_concept_id\n")
	for i := 1; i <= n; i++ {
		text, ok := line[i]
		if !ok {
			text = fmt.Sprintf("%d,%d,%d,mrn-%d", i, 8507+25*(i%2), 1930+i, i)
		}
		if text != "" {
			people.WriteString(text + "\n")
		}
		fmt.Fprintf(&conditions, "%d,%d,201826\n", i, i)
	}
	must(t, os.WriteFile(filepath.Join(dir, "person.csv"), []byte(people.String()), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "condition_occurrence.csv"), []byte(conditions.String()), 0o600))
	return dir
}

// reimport closes the town, loads other records into its file and opens it again.
func (w *town) reimport(t *testing.T, omop string, accepted ...int64) error {
	t.Helper()
	w.close(t)
	e, cfg := quietEnv(t), w.s.cfg
	_, err := importRecords(e, omop, string(cfg.records))
	must(t, err)
	cfg.accepted = accepted
	s, err := openSystem(e.ctx, cfg, func(string) {})
	if err != nil {
		return err
	}
	w.s, w.closed = s, false
	w.cast, err = newCast(s)
	must(t, err)
	return nil
}

// loss is what a patient is told that she has lost at most, nano-rho.
func (w *town) loss(t *testing.T, number int64) int64 {
	t.Helper()
	return w.preference(t, number).GetLossAtMost().GetNanoRho()
}

func (w *town) preference(t *testing.T, number int64) *pb.GetPreferenceResponse {
	t.Helper()
	p, err := newPerson(w.key(t, number), w.s.network)
	must(t, err)
	defer func() { must(t, p.close()) }()
	r, err := pb.NewPreferenceServiceClient(p.clinic).GetPreference(t.Context(), &pb.GetPreferenceRequest{})
	must(t, err)
	return r
}

func (w *town) key(t *testing.T, number int64) *ledger.Key {
	t.Helper()
	for _, one := range w.pop.people {
		if one.number == number {
			return one.key
		}
	}
	t.Fatalf("patient %d has no key", number)
	return nil
}

// spent is what the dataset has spent, and its version.
func (w *town) spent(t *testing.T) (nanoRho int64, version string) {
	t.Helper()
	r, err := pb.NewDatasetServiceClient(w.cast.researcher.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	return r.GetDatasets()[0].GetSpent().GetNanoRho(), r.GetDatasets()[0].GetVersion()
}

// order signs an ask of the usual question at a margin, and returns its cost in nano-rho.
func (w *town) order(t *testing.T, margin float64) (*pb.AskRequest, int64) {
	t.Helper()
	w.Margin = margin
	q, err := w.cast.researcher.quote(t.Context(), w.query())
	must(t, err)
	order, err := w.cast.researcher.order(terms{grant: w.grant, use: duo.Use{Permission: duo.HMB}}, q)
	must(t, err)
	return order, q.GetCost().GetNanoRho()
}

func (w *town) send(t *testing.T, order *pb.AskRequest) (*pb.AskResponse, error) {
	t.Helper()
	return pb.NewQueryServiceClient(w.cast.researcher.market).Ask(t.Context(), order)
}

// failed checks that an order ends in the one error there is after a charge.
func (w *town) failed(t *testing.T, order *pb.AskRequest) {
	t.Helper()
	if _, err := w.send(t, order); err == nil || !strings.HasPrefix(explain(err).Error(), "QUERY_FAILED: ") {
		t.Fatalf("error %v, want QUERY_FAILED", err)
	}
}

// unkept has the hospital's store keep no answer while f runs.
func (w *town) unkept(t *testing.T, f func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.s.cfg.dir, hospitalStore))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), `CREATE TRIGGER unkept BEFORE INSERT ON releases BEGIN SELECT RAISE(ABORT, 'unkept'); END`)
	must(t, err)
	f()
	_, err = db.ExecContext(t.Context(), `DROP TRIGGER unkept`)
	must(t, err)
}

// TestG3RefreshKeepsLossesAndLimits imports other records under a hospital that
// has been asked: what was recorded and charged of a patient follows her number,
// what was charged and not answered stays charged, and a number cannot come to mean
// someone else.
func TestG3RefreshKeepsLossesAndLimits(t *testing.T) {
	omoptest.NotUnderRace(t)
	t.Parallel()
	w := newTown(t, townConfig{omop: registry(t, 60, nil), condition: 201826, margin: 2000, asks: 10, block: 1 << 14})
	const free, capped = 1, 2 // both permit any health research
	answered, one := w.order(t, 2000)
	_, two := w.order(t, 3000) // another question: the same one would be shown its answer again
	w.setCap(t, capped, policy.Loss{NanoRho: one + two})

	first, err := w.send(t, answered)
	must(t, err)
	unanswered, _ := w.order(t, 3000)
	w.unkept(t, func() { w.failed(t, unanswered) }) // charged
	spent, version := w.spent(t)
	if spent != one+two || w.loss(t, free) != spent || w.loss(t, capped) != spent {
		t.Fatalf("before: dataset %d, patients %d and %d, want %d", spent, w.loss(t, free), w.loss(t, capped), one+two)
	}
	before := w.preference(t, free)

	// 1 is known to be younger, 60 has gone, 61 and 62 are new.
	must(t, w.reimport(t, registry(t, 62, map[int]string{1: "1,8532,1999,mrn-1", 60: ""})))
	report := w.refreshReport(t)
	if diff := cmp.Diff([]int64{61, 2, 1}, []int64{report.Persons, report.New, report.Gone}); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if now, other := w.spent(t); now != spent || other == version {
		t.Errorf("after: spent %d, want %d; version %s before and %s now", now, spent, version, other)
	}
	after := w.preference(t, free)
	if !bytes.Equal(after.GetPreference().GetContent(), before.GetPreference().GetContent()) || after.GetAsOf() != before.GetAsOf() {
		t.Errorf("preference after %v, before %v", after, before)
	}

	// The one that was charged and not answered stays so; the answered one is as it was.
	w.failed(t, unanswered)
	again, err := w.send(t, answered)
	must(t, err)
	if !bytes.Equal(statementOf(t, again), statementOf(t, first)) {
		t.Error("the answer from before reads otherwise now")
	}
	if now, _ := w.spent(t); now != spent {
		t.Errorf("asking again spent %d", now-spent)
	}

	// Asked anew, the losses go on from where they were; her cap is reached and stays so.
	anew, three := w.order(t, 2000)
	reply, err := w.send(t, anew)
	must(t, err)
	if bytes.Equal(statementOf(t, reply), statementOf(t, first)) {
		t.Error("the old version's answer was shown for the new one")
	}
	if now, _ := w.spent(t); now != spent+three {
		t.Errorf("spent %d, want %d", now, spent+three)
	}
	if w.loss(t, free) != spent+three || w.loss(t, capped) != spent {
		t.Errorf("losses %d and %d, want %d and %d", w.loss(t, free), w.loss(t, capped), spent+three, spent)
	}
	w.reused(t)
	if got := w.loss(t, free); got != spent+three {
		t.Errorf("loss under a number that was answered for: %d, want %d", got, spent+three)
	}
}

// reused has the numbers of two patients mean others.
func (w *town) reused(t *testing.T) {
	t.Helper()
	other := registry(t, 62, map[int]string{1: "1,8532,1999,mrn-77", 2: "2,8507,1932,mrn-60", 60: ""})
	err := w.reimport(t, other)
	var numbers *provider.NumbersError
	if !errors.As(err, &numbers) || numbers.Reused != 2 || numbers.Changed != 1 {
		t.Fatalf("error %v, want one of 2 reused and 1 changed", err)
	}
	report := w.refreshReport(t)
	if diff := cmp.Diff([]any{[]int64{1, 2}, []provider.Moved{{Number: 2, Before: 60}}, []int64{}},
		[]any{report.Reused, report.Changed, report.Accepted}); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if err := w.reimport(t, other, 1); !errors.As(err, &numbers) || numbers.Reused != 1 {
		t.Fatalf("with one of them answered for: error %v", err)
	}
	must(t, w.reimport(t, other, 2, 1))
}

func (w *town) refreshReport(t *testing.T) (r provider.Refresh) {
	t.Helper()
	path := filepath.Join(w.s.cfg.dir, refreshReport)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the report has mode %o", info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, json.Unmarshal(b, &r))
	return r
}

// setCap has a patient set a cap of her own, with her second preference.
func (w *town) setCap(t *testing.T, number int64, most policy.Loss) {
	t.Helper()
	p, err := newPerson(w.key(t, number), w.s.network)
	must(t, err)
	defer func() { must(t, p.close()) }()
	d := anyHealthResearch.preference()
	d.OwnCap = &most
	doc, err := p.sign(ledger.KindReleasePreference,
		provider.PreferenceStatement{Provider: w.pop.provider, Grantor: provider.Self(), Preference: d}, 2)
	must(t, err)
	_, err = pb.NewPreferenceServiceClient(p.clinic).SetPreferences(t.Context(), &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{doc}})
	must(t, err)
}

func statementOf(t *testing.T, r *pb.AskResponse) []byte {
	t.Helper()
	var receipt ledger.Receipt
	must(t, ledger.ParseCanonical(r.GetReceipt(), &receipt))
	b, err := ledger.Canonical(receipt.Statement)
	must(t, err)
	return b
}

func TestReadNumbers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "numbers")
	must(t, os.WriteFile(file, []byte("# same patients, new labels\n 7 \n\n-3\r\n"), 0o600))
	got, err := readNumbers(file)
	must(t, err)
	if diff := cmp.Diff([]int64{7, -3}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(t, os.WriteFile(file, []byte("7\n4711 Ada\n"), 0o600))
	if _, err := readNumbers(file); err == nil || strings.Contains(err.Error(), "4711") || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %v", err)
	}
}
