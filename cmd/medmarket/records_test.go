package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// ran runs a command to its end, whatever that is.
func ran(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	program, err := exec.LookPath("medmarket")
	must(t, err)
	var out, said bytes.Buffer
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stdout, c.Stderr = &out, &said
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), said.String(), c.ProcessState.ExitCode()
}

// visited writes the tables of a hospital that has patient 7 and one more, and imports them into file.
func visited(t *testing.T, file string, events map[string]string) {
	t.Helper()
	folder := t.TempDir()
	tables := map[string]string{
		"person":               "person_id,gender_concept_id,year_of_birth\n7,8532,1970\n8,8507,1980\n",
		"condition_occurrence": "condition_occurrence_id,person_id,condition_concept_id,condition_start_date\n",
		"drug_exposure":        "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date\n",
		"measurement":          "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number\n",
		"concept":              "concept_id,concept_name,vocabulary_id,concept_code\n1332418,amlodipine,RxNorm,17767\n",
	}
	for table, header := range tables {
		must(t, os.WriteFile(filepath.Join(folder, table+".csv"), []byte(header+events[table]), 0o600))
	}
	_, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder, File: file, Key: []byte("secret")})
	must(t, err)
}

// ward is hospitals as processes, a patient who was at the first of them, and a doctor at the last.
type ward struct {
	dir       string
	market    *system
	card      string
	hospitals []*elsewhere
	stewards  []string // key files
	patient   string   // key file
	doctor    string   // key file
}

// newWard opens a hospital for each of the tables of events.
func newWard(t *testing.T, tables ...map[string]string) *ward {
	t.Helper()
	w := &ward{dir: t.TempDir()}
	var cards []string
	for i, events := range tables {
		name := fmt.Sprint("hospital-", i+1)
		file := filepath.Join(w.dir, name+".duckdb")
		visited(t, file, events)
		h := newElsewhere(t, name, file)
		w.hospitals, cards = append(w.hospitals, h), append(cards, h.card)
		w.stewards = append(w.stewards, w.key(t, "steward-"+strconv.Itoa(i)))
	}
	w.patient, w.doctor = w.key(t, "patient"), w.key(t, "doctor")
	must(t, os.WriteFile(w.clinicians(), fmt.Appendf(nil, `{"clinicians": [%q, %q], "countersign_days": 7}`, w.address(t, w.doctor), w.address(t, w.stewards[0])), 0o600))
	w.market = marketOnly(t, cards...)
	w.card = marketCardOf(t, w.market.cfg.dir)
	operator, err := newPerson(w.market.keys.operator, w.market.network)
	must(t, err)
	t.Cleanup(func() { must(t, operator.close()) })
	for i, h := range w.hospitals {
		w.open(t, h)
		key, err := readKey(w.stewards[i])
		must(t, err)
		must(t, operator.register(t.Context(), key.Address(), filepath.Base(h.dir), pb.Role_ROLE_STEWARD))
	}
	return w
}

func (w *ward) open(t *testing.T, h *elsewhere) {
	t.Helper()
	h.open(t, w.market.network, w.card, "--reference-year", "2024", "--record", "50ms", "--publish", "50ms", "--break-glass", w.clinicians())
}

// clinicians is the file of those who may break the glass: the doctor, and the steward of the first hospital.
func (w *ward) clinicians() string { return filepath.Join(w.dir, "clinicians.json") }

func (w *ward) address(t *testing.T, file string) string {
	t.Helper()
	key, err := readKey(file)
	must(t, err)
	return key.Address().String()
}

func (w *ward) key(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(w.dir, name+".key")
	_, err := openKey(file)
	must(t, err)
	return file
}

// network is the network.json of a hospital.
func (w *ward) network(i int) string { return filepath.Join(w.hospitals[i].dir, "network.json") }

// visits enrols the patient at the first so many hospitals, each of which points at her records.
func (w *ward) visits(t *testing.T, hospitals int) {
	t.Helper()
	key, err := readKey(w.patient)
	must(t, err)
	for i := range hospitals {
		awaitNodes(t, "the steward is final", func() bool {
			_, _, code := ran(t, "prefer", "enrol", "--network", w.network(i), "--key", w.stewards[i], "7", key.Address().String())
			return code == 0
		})
		medmarket(t, "records", "point", "--network", w.network(i), "--key", w.stewards[i], "--patient", "7,8")
	}
}

// share has the patient share what the first so many hospitals have of two kinds with the doctor, in a file.
func (w *ward) share(t *testing.T, hospitals int, access string) (said string) {
	t.Helper()
	card := filepath.Join(w.dir, "doctor.json")
	must(t, os.WriteFile(card, []byte(medmarket(t, "records", "card", "--key", w.doctor)), 0o600))
	var at []string
	for i := range hospitals {
		at = append(at, w.network(i))
	}
	return medmarket(t, "records", "share", "--network", strings.Join(at, ","), "--key", w.patient, "--to", card, "--kind", "medication,conditions", "--out", access)
}

// charts are the hospitals of an access file as the doctor reaches them.
func (w *ward) charts(t *testing.T, access string) []*chart {
	t.Helper()
	n, err := readNetwork(w.network(0))
	must(t, err)
	key, err := readKey(w.doctor)
	must(t, err)
	s, err := openSharing(access, key)
	must(t, err)
	all, closeAll, err := openCharts(s, key, n)
	must(t, err)
	t.Cleanup(func() { must(t, closeAll()) })
	return all
}

// timeline is what the doctor sees, each as day, kind and hospital.
func (w *ward) timeline(t *testing.T, access string) (lines []string, anchored bool, offline, stderr string, code int) {
	t.Helper()
	out, stderr, code := ran(t, "records", "timeline", "--network", w.network(len(w.hospitals)-1), "--key", w.doctor, "--json", access)
	var seen struct {
		Pointers []historyLine `json:"pointers"`
		Offline  []string      `json:"offline"`
	}
	must(t, json.Unmarshal([]byte(out), &seen))
	anchored = true
	for _, l := range seen.Pointers {
		lines, anchored = append(lines, fmt.Sprintf("%s %s %d", l.Time, l.Kind, w.whose(t, l.Provider))), anchored && l.Anchored
	}
	return lines, anchored, strings.Join(seen.Offline, "\n"), stderr, code
}

// whose is the number of a hospital, from 1.
func (w *ward) whose(t *testing.T, a ledger.Address) int {
	t.Helper()
	for i, h := range w.hospitals {
		card, err := readHospitalCard(h.card)
		must(t, err)
		if card.Address == a {
			return i + 1
		}
	}
	t.Fatalf("%s is no hospital", a)
	return 0
}

// Four hospitals as processes of their own: visits at three, and a new doctor at the fourth with a key for two kinds sees exactly
// those, in the order of care, and fetches them; a record that was changed behind the gateway's back is named; a hospital offline is
// named and the rest shown; taken back, the next fetch is refused; and the patient sees who saw what.
func TestRecordsAcrossFourHospitals(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: four processes and a chain; make test does it")
	}
	t.Parallel()
	w := newWard(t,
		map[string]string{"condition_occurrence": "1,7,201826,2020-05-01\n2,8,5,2020-05-01\n", "measurement": "1,7,3004410,2020-05-01,7.5\n"},
		map[string]string{"condition_occurrence": "1,7,320128,2023-11-20\n", "drug_exposure": "1,7,1503297,2021-02-03,2021-05-03\n"},
		map[string]string{"drug_exposure": "1,7,1332418,2024-01-15,2199-01-01\n"},
		map[string]string{"condition_occurrence": "1,8,10,2024-01-01\n"},
	)
	w.visits(t, 3)
	access := filepath.Join(w.dir, "access")
	w.share(t, 3, access)
	all := []string{"2020-05-01 conditions 1", "2021-02-03 medication 2", "2023-11-20 conditions 2", "2024-01-15 medication 3"}
	awaitNodes(t, "the pointers are on the chain", func() bool {
		lines, anchored, _, stderr, code := w.timeline(t, access)
		if diff := cmp.Diff(all, lines); diff != "" || code != 0 {
			t.Fatalf("timeline, %d %s (-want +got):\n%s", code, stderr, diff)
		}
		return anchored
	})
	if _, stderr, code := ran(t, "records", "timeline", "--network", w.network(3), "--key", w.stewards[0], access); code == 0 || !strings.Contains(stderr, "sealed to another key") {
		t.Errorf("another opens the access file: %d %s", code, stderr)
	}
	w.fetched(t, access, 4, "")

	// The second hospital's records are changed, and the third is gone. The second is at another port then: she shares once more.
	must(t, w.hospitals[1].stop())
	visited(t, w.hospitals[1].records, map[string]string{"condition_occurrence": "1,7,999,2023-11-20\n", "drug_exposure": "1,7,1503297,2021-02-03,2021-05-03\n"})
	w.open(t, w.hospitals[1])
	shared := w.share(t, 3, access)
	w.fetched(t, access, 3, "2023-11-20: RECORD_ALTERED")
	if out, _, _ := ran(t, "records", "fetch", "--network", w.network(3), "--key", w.doctor, "--kind", "conditions", "--out", filepath.Join(w.dir, "conditions"), access); !strings.Contains(out, "most recent care: 2023-11-20\n") {
		t.Errorf("the most recent care, whose record is not had:\n%s", out)
	}
	w.hospitals[2].kill()
	lines, _, offline, stderr, code := w.timeline(t, access)
	if diff := cmp.Diff(all[:3], lines); diff != "" || code != exitFailed || !strings.Contains(offline, "cannot reach") || !strings.Contains(stderr, "not all hospitals answered") {
		t.Errorf("with one offline: %d %s %s (-want +got):\n%s", code, offline, stderr, diff)
	}

	w.opined(t, access)
	w.inEmergency(t)
	w.byOthers(t, access)

	// Taken back at the first hospital, which then shows nothing of it.
	w.revoked(t, access, strings.Fields(strings.SplitN(shared, "\n", 2)[0])[2])
	lines, _, offline, _, _ = w.timeline(t, access)
	if diff := cmp.Diff(all[1:3], lines); diff != "" || !strings.Contains(offline, "NO_ACCESS") {
		t.Errorf("taken back: %s (-want +got):\n%s", offline, diff)
	}
	exported := filepath.Join(w.dir, "log.json")
	seen := medmarket(t, "records", "log", "--network", w.network(0), "--key", w.patient, "--out", exported)
	w.checked(t, exported, seen)
	doctor, err := readKey(w.doctor)
	must(t, err)
	if n := strings.Count(seen, doctor.Address().String()+" saw"); n < 6 || !strings.Contains(seen, "the record of [conditions] in 2020-05") || !strings.Contains(seen, ", on the chain") {
		t.Errorf("%d lines in her log:\n%s", n, seen)
	}
}

// checked has anybody check an exported log, which says what she saw, and find what was changed in it.
func (w *ward) checked(t *testing.T, file, seen string) {
	t.Helper()
	trust := filepath.Join(w.dir, "log-trust.json")
	n, err := readNetwork(w.network(0))
	must(t, err)
	b, err := json.Marshal(n.Trust)
	must(t, err)
	must(t, os.WriteFile(trust, b, 0o600))
	if out := medmarket(t, "records", "check", file, "--trust", trust); !strings.HasPrefix(out, seen) || strings.HasSuffix(out, " 0 of them proven on the chain\n") {
		t.Errorf("the exported log:\n%s", out)
	}
	whole, err := os.ReadFile(file)
	must(t, err)
	w.fromKnown(t, n, whole, trust)
	replaced := func(old, by string) string { return strings.Replace(string(whole), old, by, 1) }
	flipped := func(before string) string { // the digit behind it
		at := strings.Index(string(whole), before) + len(before)
		return string(whole[:at]) + map[bool]string{true: "1", false: "0"}[whole[at] == '0'] + string(whole[at+1:])
	}
	for what, changed := range map[string]string{
		"another reader": replaced(w.address(t, w.doctor), w.address(t, w.patient)), "another time": replaced(`"at": 1`, `"at": 2`), "another chain": replaced(`"headers": [`, `"headers": ["0xc0", `),
		"another root": flipped(`"root": "0x`), "another hospital": flipped(`"provider": "0x`), "another salt": flipped(`"salt": "0x`),
	} {
		must(t, os.WriteFile(file, []byte(changed), 0o600))
		if out, stderr, code := ran(t, "records", "check", file, "--trust", trust); code != exitMismatch || changed == string(whole) {
			t.Errorf("%s: %d %s%s", what, code, out, stderr)
		}
	}
}

// fromKnown has her export the log again, with headers from the block of the first one's anchor on, which is known to whom trusts it alone.
func (w *ward) fromKnown(t *testing.T, n network, whole []byte, genesis string) {
	t.Helper()
	headers := func(b []byte) (first *ledger.AnchorProof) {
		var log exportedLog
		must(t, json.Unmarshal(b, &log))
		if first = log.Pages[0].Anchor; first == nil {
			t.Fatal("the log has no anchor")
		}
		return first
	}
	first := headers(whole)
	n.Trust.Known = new(verify.AnchoredIn(*first, n.Trust.Chain()))
	file, trust, exported := filepath.Join(w.hospitals[0].dir, "known.json"), filepath.Join(w.dir, "known-trust.json"), filepath.Join(w.dir, "short.json")
	for file, v := range map[string]any{file: n, trust: n.Trust} {
		b, err := json.Marshal(v)
		must(t, err)
		must(t, os.WriteFile(file, b, 0o600))
	}
	medmarket(t, "records", "log", "--network", file, "--key", w.patient, "--out", exported)
	short, err := os.ReadFile(exported)
	must(t, err)
	if again := headers(short); again.Block < first.Block || len(again.Headers) != int(again.Block-first.Block+n.Trust.Confirmations)+1 {
		t.Errorf("%d headers from block %d to %d", len(again.Headers), first.Block, again.Block)
	}
	if out := medmarket(t, "records", "check", exported, "--trust", trust); strings.HasSuffix(out, " 0 of them proven on the chain\n") {
		t.Errorf("from a block that is known:\n%s", out)
	}
	if _, stderr, code := ran(t, "records", "check", exported, "--trust", genesis); code != exitMismatch {
		t.Errorf("from a block that is not known: %d %s", code, stderr)
	}
}

// fetched has the doctor fetch all that an access shows: so many are had, and one is named, if any.
func (w *ward) fetched(t *testing.T, access string, had int, named string) {
	t.Helper()
	out, stderr, code := ran(t, "records", "fetch", "--network", w.network(3), "--key", w.doctor, "--out", filepath.Join(t.TempDir(), "records"), "--json", access)
	var got struct {
		Records    []historyLine `json:"records"`
		MostRecent string        `json:"most_recent"`
		Current    []drug        `json:"current_medication"`
		Past       []drug        `json:"past_medication"`
	}
	must(t, json.Unmarshal([]byte(out), &got))
	files := 0
	for _, l := range got.Records {
		if l.File != "" {
			content, err := os.ReadFile(l.File)
			must(t, err)
			if ledger.HashBytes(content) != l.Record {
				t.Errorf("%s is not the record", l.File)
			}
			files++
		}
	}
	if wantCode := map[bool]int{true: 0, false: exitMismatch}[named == ""]; files != had || code != wantCode || !strings.Contains(stderr, named) {
		t.Errorf("fetched %d of %d, exit code %d: %s", files, had, code, stderr)
	}
	if got.MostRecent != "2024-01-15" || !slices.Equal(got.Current, []drug{{Concept: "1332418", System: omopConcepts, Name: "amlodipine", Since: "2024-01-15", Until: "2199-01-01"}}) || !slices.Equal(got.Past, []drug{{Concept: "1503297", System: omopConcepts, Since: "2021-02-03", Until: "2021-05-03"}}) {
		t.Errorf("summary %+v", got)
	}
}

// revoked takes the access of the first hospital back: the next fetch is refused, within 50 ms with MEDMARKET_LONG.
func (w *ward) revoked(t *testing.T, access, id string) {
	t.Helper()
	first := w.charts(t, access)[0]
	fetch := func() error {
		_, err := first.conn.GetRecord(t.Context(), &pb.GetRecordRequest{Access: first.document, Place: &pb.PointerPlace{Kind: "conditions", Month: "2020-05"}})
		return err
	}
	must(t, fetch())
	medmarket(t, "records", "revoke", "--network", w.network(0), "--key", w.patient, strings.TrimSpace(id))
	start := time.Now()
	err := fetch()
	took := time.Since(start)
	if info := errorInfo(err); info.GetReason() != "NO_ACCESS" {
		t.Errorf("the fetch after it was taken back: %v", err)
	}
	t.Logf("bench: records_revoked_ms %.1f ms", float64(took.Microseconds())/1000)
	if long && took > 50*time.Millisecond {
		t.Errorf("the refusal took %s", took)
	}
}

// opined has the patient question a pointer of the first hospital, which the doctor then sees, and reject him for a while.
func (w *ward) opined(t *testing.T, access string) {
	t.Helper()
	doctor, err := readKey(w.doctor)
	must(t, err)
	as := func(verb string, of ...string) {
		t.Helper()
		medmarket(t, append([]string{"records", verb, "--network", w.network(0), "--key", w.patient}, of...)...)
	}
	mine := func() string {
		return medmarket(t, "records", "mine", "--network", w.network(0)+","+w.network(1), "--key", w.patient)
	}
	before := mine()
	if !strings.Contains(before, "conditions/2020-05/0: new to you") || !strings.Contains(before, "reader "+doctor.Address().String()) || strings.Count(before, "new to you") != 6 { // four pointers, and one reader at each
		t.Errorf("before she says anything:\n%s", before)
	}
	as("question", "--pointer", "conditions/2020-05/0", "--why", "I was abroad")
	if out, _, _ := ran(t, "records", "timeline", "--network", w.network(3), "--key", w.doctor, access); !strings.Contains(out, "the patient questions it") {
		t.Errorf("the doctor is not told:\n%s", out)
	}
	w.replied(t)
	as("reject", "--reader", doctor.Address().String())
	if _, _, offline, _, _ := w.timeline(t, access); !strings.Contains(offline, "NO_ACCESS") {
		t.Errorf("a reader whom she rejected: %s", offline)
	}
	as("accept", "--reader", doctor.Address().String())
	after := mine()
	if !strings.Contains(after, "conditions/2020-05/0: questioned") || !strings.Contains(after, "; accepted") || strings.Count(after, "new to you") != 4 {
		t.Errorf("after she said it:\n%s", after)
	}
	if log := medmarket(t, "records", "log", "--network", w.network(0), "--key", w.patient); !strings.Contains(log, "questioned the pointer conditions/2020-05/0") || !strings.Contains(log, "rejected reader "+doctor.Address().String()) {
		t.Errorf("her log:\n%s", log)
	}
}

// replied has the steward of the first hospital reply to what the patient questioned, once; she sees it.
func (w *ward) replied(t *testing.T) {
	t.Helper()
	as := func(key, verb string, args ...string) (stdout, stderr string, code int) {
		t.Helper()
		return ran(t, append([]string{"records", verb, "--network", w.network(0), "--key", key}, args...)...)
	}
	if out, _, _ := as(w.stewards[0], "doubts", "--waiting"); !strings.Contains(out, `patient 7 questioned conditions/2020-05/0: "I was abroad"; nobody has replied`) {
		t.Errorf("doubts that wait:\n%s", out)
	}
	for what, key := range map[string]string{"another hospital's steward": w.stewards[1], "the patient": w.patient} {
		if _, stderr, code := as(key, "doubts"); code == 0 || !strings.Contains(stderr, "FORBIDDEN") {
			t.Errorf("%s lists doubts: %d %s", what, code, stderr)
		}
	}
	reply := []string{"--patient", "7", "--pointer", "conditions/2020-05/0", "--why", "you were seen by telephone"}
	if _, stderr, code := as(w.stewards[0], "reply", reply...); code != 0 {
		t.Errorf("the reply: %d %s", code, stderr)
	}
	if _, stderr, code := as(w.stewards[0], "reply", reply...); code == 0 || !strings.Contains(stderr, "no doubt of conditions/2020-05/0 that waits") {
		t.Errorf("twice: %d %s", code, stderr)
	}
	const want = `the hospital replies that the record stands: "you were seen by telephone"`
	for verb, key := range map[string]string{"mine": w.patient, "log": w.patient, "doubts": w.stewards[0]} {
		if out, stderr, _ := as(key, verb); !strings.Contains(out, want) {
			t.Errorf("%s:\n%s%s", verb, out, stderr)
		}
	}
}

// byOthers has a guardian open her history at the first hospital, on the command line and over REST, and a delegate keep the doctor out, who sees nothing himself.
func (w *ward) byOthers(t *testing.T, access string) {
	t.Helper()
	at := func(key string, args ...string) string {
		t.Helper()
		return medmarket(t, append(args, "--network", w.network(0), "--key", key)...)
	}
	mandate := func(kind, key string) string {
		t.Helper()
		said := at(w.patient, "prefer", "delegate", w.address(t, key), "--as", kind, "--until", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
		words := strings.Fields(said)
		return words[len(words)-1]
	}
	guardian, delegate, card, ward := w.key(t, "guardian"), w.key(t, "delegate"), filepath.Join(w.dir, "guardian.json"), filepath.Join(w.dir, "for-guardian")
	asGuardian, asDelegate := mandate("guardian", guardian), mandate("delegate", delegate)
	if out := at(guardian, "records", "mine", "--mandate", asGuardian); !strings.Contains(out, "2020-05-01 laboratory") {
		t.Errorf("a guardian sees:\n%s", out)
	}
	must(t, os.WriteFile(card, []byte(medmarket(t, "records", "card", "--key", guardian)), 0o600))
	at(guardian, "records", "share", "--mandate", asGuardian, "--to", card, "--kind", "conditions", "--out", ward)
	if out := at(guardian, "records", "fetch", "--out", filepath.Join(w.dir, "of-ward"), ward); !strings.Contains(out, "2020-05-01 conditions") {
		t.Errorf("a guardian fetches:\n%s", out)
	}
	w.overREST(t, guardian, ward, asGuardian)

	for _, refused := range [][]string{{"mine"}, {"log"}, {"emergencies"}, {"accept", "--reader", w.address(t, w.doctor)}, {"question", "--pointer", "conditions/2020-05/0"}} {
		args := slices.Concat([]string{"records"}, refused, []string{"--mandate", asDelegate, "--network", w.network(0), "--key", delegate})
		if out, stderr, code := ran(t, args...); code == 0 || !strings.Contains(stderr, "NO_ACCESS") {
			t.Errorf("a delegate: records %v: %d %s%s", refused, code, out, stderr)
		}
	}
	at(delegate, "records", "reject", "--mandate", asDelegate, "--reader", w.address(t, w.doctor))
	if _, _, offline, _, _ := w.timeline(t, access); !strings.Contains(offline, "NO_ACCESS") {
		t.Errorf("a reader whom a delegate rejected: %s", offline)
	}
	at(w.patient, "records", "accept", "--reader", w.address(t, w.doctor))
}

// overREST has the holder of a mandate fetch the record that an access file leads to at the first hospital, and see the log.
func (w *ward) overREST(t *testing.T, key, access, mandate string) {
	t.Helper()
	var opened struct {
		Hospitals []struct {
			Document json.RawMessage `json:"document"`
		} `json:"hospitals"`
	}
	must(t, json.Unmarshal([]byte(medmarket(t, "records", "open", "--key", key, access)), &opened))
	rest := func(verb, path, body string, answer any) {
		t.Helper()
		args := []string{"rest", "--hospital", "--network", w.network(0), "--key", key, verb, path}
		if body != "" {
			file := filepath.Join(t.TempDir(), "body.json")
			must(t, os.WriteFile(file, []byte(body), 0o600))
			args = append(args, "--body", file)
		}
		must(t, json.Unmarshal([]byte(medmarket(t, args...)), answer))
	}
	var shown struct {
		Pointers []struct {
			Place json.RawMessage `json:"place"`
		} `json:"pointers"`
	}
	document := string(opened.Hospitals[0].Document)
	rest("POST", "/v1/shown-pointers", fmt.Sprintf(`{"access":%s}`, document), &shown)
	if len(shown.Pointers) != 1 {
		t.Fatalf("pointers over REST: %+v", shown)
	}
	var got struct {
		Record []byte `json:"record"`
	}
	rest("POST", "/v1/shown-records", fmt.Sprintf(`{"access":%s,"place":%s}`, document, shown.Pointers[0].Place), &got)
	if !strings.Contains(string(got.Record), `"resourceType":"Condition"`) {
		t.Errorf("the record over REST: %s", got.Record)
	}
	var log struct {
		Uses []struct {
			Content []byte `json:"content"`
		} `json:"uses"`
	}
	rest("GET", "/v1/access-uses?mandate="+mandate, "", &log)
	if n := len(log.Uses); n == 0 || !strings.Contains(string(log.Uses[n-1].Content), w.address(t, key)) {
		t.Errorf("the log over REST ends with what the holder saw: %+v", log.Uses)
	}
}

// inEmergency has the doctor see a record of the first hospital without an access; the patient is told, and a colleague countersigns.
func (w *ward) inEmergency(t *testing.T) {
	t.Helper()
	at := func(key string, args ...string) string {
		t.Helper()
		return medmarket(t, append(args, "--network", w.network(0), "--key", key)...)
	}
	emergency, folder := filepath.Join(w.dir, "emergency"), filepath.Join(w.dir, "in-emergency")
	declared := at(w.doctor, "records", "break-glass", "--patient", "7", "--kind", "conditions", "--reason", "unconscious after a fall", "--out", emergency)
	id := strings.Fields(declared)[1]
	if out := at(w.doctor, "records", "fetch", "--out", folder, emergency); !strings.Contains(out, "2020-05-01 conditions") {
		t.Errorf("fetched in an emergency:\n%s", out)
	}
	if out := at(w.patient, "prefer", "notices"); !strings.Contains(out, "a clinician declared an emergency to see your records, see `medmarket records log`: "+w.address(t, w.doctor)) {
		t.Errorf("her notices:\n%s", out)
	}
	if _, stderr, code := ran(t, "records", "countersign", "--network", w.network(0), "--key", w.doctor, id); code == 0 || !strings.Contains(stderr, "NO_ACCESS") {
		t.Errorf("he countersigns himself: %d %s", code, stderr)
	}
	for _, key := range []string{w.patient, w.stewards[0]} {
		if out := at(key, "records", "emergencies", "--waiting"); !strings.Contains(out, "nobody has countersigned it yet") || !strings.Contains(out, id) {
			t.Errorf("emergencies that wait:\n%s", out)
		}
	}
	at(w.stewards[0], "records", "countersign", id, "--why", "seen with him")
	if out := at(w.patient, "records", "emergencies"); !strings.Contains(out, "justified, says "+w.address(t, w.stewards[0])) {
		t.Errorf("emergencies:\n%s", out)
	}
	log := at(w.patient, "records", "log")
	for _, want := range []string{`declared an emergency to see [conditions]: "unconscious after a fall"`, `was justified: "seen with him"`} {
		if !strings.Contains(log, want) {
			t.Errorf("%s is not in her log:\n%s", want, log)
		}
	}
}
