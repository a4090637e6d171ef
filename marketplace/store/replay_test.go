package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/policy"
)

// audited is a hospital with a past, whose file is closed.
type audited struct {
	*providertest.Hospital
	file                         string
	first, last, failed, between ledger.Hash // requests; failed has no answer, between is of the policy's first revision
}

// openPast has a hospital decide four times, while preferences, keys, policy and records change.
func openPast(t *testing.T) *audited {
	t.Helper()
	a := &audited{file: filepath.Join(t.TempDir(), "hospital.sqlite")}
	db := openFile(t, a.file)
	var records []providertest.Record
	for i := range int64(6) {
		records = append(records, providertest.Record{Patient: i + 1, Female: i%2 == 0})
	}
	a.Hospital = providertest.Open(t, db, noisetest.None(t), records)
	must(t, a.SetPolicy(t.Context(), a.SignPolicy(a.Policy())))
	a.EnrolAll(1, 2, 3, 4, 6)
	census, capped := providertest.Anything(), providertest.Anything()
	census.RecipientTypes = []policy.RecipientType{policy.Government}
	capped.OwnCap, capped.Period.End = &policy.Loss{NanoRho: 5_000_000}, providertest.Start+5000
	a.Prefer(providertest.Anything(), 1, 2)
	a.Prefer(census, 3)
	a.Prefer(capped, 4)
	small := a.Grant()
	small.ID, small.Datasets = "small", []policy.DatasetCeiling{{Dataset: providertest.Dataset, NanoRho: 150_000}}
	scarce, grant := a.Approve(small), a.Approve(a.Grant())
	under := scarce
	ask := func(name string) ledger.Hash {
		q := a.Question(name, under, a.Query(100_000), nil)
		if _, err := a.Release(t.Context(), q); err != nil && !errors.Is(err, provider.ErrFailed) {
			t.Fatal(err)
		}
		return q.Ask.RequestID
	}
	a.first = ask("first")
	a.Prefer(providertest.Withdrawal(), 1)
	var refused *provider.RefusedError
	if _, err := a.Release(t.Context(), a.Question("once more", scarce, a.Query(100_000), nil)); !errors.As(err, &refused) {
		t.Fatal(err)
	}
	under = grant
	a.between = ask("between")
	second := a.Policy()
	second.Revision, second.EmbargoUntil = 2, 7
	must(t, a.SetPolicy(t.Context(), a.SignPolicy(second)))
	next := providertest.NewKey(t)
	must(t, db.ChangeKey(t.Context(), a.Patient(2).Address(), next.Address(), 1))
	a.Metadata.Version = "2" // imported anew
	a.Restart()
	a.Record(census, 5)
	a.Engine.Before = func(context.Context, provider.Active) error { return errors.New("no answer") }
	a.failed = ask("failed")
	a.Engine.Before = nil
	a.last = ask("last")
	must(t, db.Close())
	return a
}

func openFile(t *testing.T, file string) *store.Provider {
	t.Helper()
	db, err := store.OpenProvider(t.Context(), store.Config{File: file, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	return db
}

// after has change made to a copy of the file, and the node started on it.
func (a *audited) after(t *testing.T, change func(*sql.DB)) {
	t.Helper()
	content, err := os.ReadFile(a.file)
	must(t, err)
	file := filepath.Join(t.TempDir(), "copy.sqlite")
	must(t, os.WriteFile(file, content, 0o600))
	raw, err := sql.Open("sqlite", "file:"+file+"?_pragma=ignore_check_constraints(1)")
	must(t, err)
	change(raw)
	must(t, raw.Close())
	db := openFile(t, file)
	t.Cleanup(func() { must(t, db.Close()) })
	a.Store = db
	a.Restart()
}

// TestReplayIsByteForByte: every decision is the same when it is made again, whatever has happened since.
func TestReplayIsByteForByte(t *testing.T) {
	a := openPast(t)
	a.after(t, func(*sql.DB) {})
	all, err := a.Decisions(t.Context(), 0, 0, 1<<40)
	must(t, err)
	if len(all) != 4 || all[0].Request != a.first || all[3].Request != a.last {
		t.Fatalf("decisions %+v", all)
	}
	for _, d := range all {
		r, err := a.Replay(t.Context(), d.Request, true)
		if err != nil || r.Difference != "" || r.DecisionName != d || r.Digest.IsZero() {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if one, err := a.Decisions(t.Context(), all[0].AsOf, all[1].At, all[1].At+1); err != nil || len(one) == 0 || one[0] != all[1] {
		t.Errorf("of a period: %+v, %v", one, err)
	}
	if _, err := a.Replay(t.Context(), ledger.Hash{1}, false); !errors.Is(err, provider.ErrUnknownRequest) {
		t.Errorf("a request that was never charged: %v", err)
	}
	x, err := a.Explain(t.Context(), a.first, nil)
	must(t, err)
	reasons := map[policy.ReasonCode]int{}
	for _, c := range x.Classes {
		reasons[c.Reason]++
	}
	if !x.Decision.Allowed() || x.Policy.Revision != 1 || reasons[policy.PatientEligible] != 1 || reasons[policy.PatientRecipientType] != 1 || len(x.Scopes) != 3 {
		t.Errorf("why: %+v", x)
	}
}

// TestReplayNamesWhatChanged: one thing on record is another, and is named.
func TestReplayNamesWhatChanged(t *testing.T) {
	a := openPast(t)
	query := func(text string, args ...any) func(*testing.T, *sql.DB) {
		return func(t *testing.T, db *sql.DB) {
			t.Helper()
			for _, name := range []string{"spent_never_falls", "odometer_never_falls", "class_stays"} {
				_, err := db.ExecContext(t.Context(), `DROP TRIGGER `+name)
				must(t, err)
			}
			r, err := db.ExecContext(t.Context(), text, args...)
			must(t, err)
			if n, err := r.RowsAffected(); err != nil || n == 0 {
				t.Fatalf("nothing was changed: %v", err)
			}
		}
	}
	in := func(column, was, is string) string {
		return column + ` = CAST(replace(CAST(` + column + ` AS TEXT), '` + was + `', '` + is + `') AS BLOB) WHERE instr(` + column + `, '` + was + `')`
	}
	flip := func(table, column string) func(*testing.T, *sql.DB) {
		return func(t *testing.T, db *sql.DB) { flipByte(t, db, table, column) }
	}
	for name, c := range map[string]struct {
		change  func(*testing.T, *sql.DB)
		request ledger.Hash
		want    string // how the difference begins
	}{
		"a word of the grounds":     {query(`UPDATE charges SET ` + in("grounds", `"vocabulary":"DUO`, `"vocabulary":"DUP`)), a.first, "vocabulary: "},
		"no grounds":                {query(`UPDATE charges SET grounds = x'7b'`), a.first, "grounds: "},
		"the ask":                   {query(`UPDATE charges SET ` + in("grounds", `"at_least_as_of":0`, `"at_least_as_of":1`)), a.first, "ask: "},
		"the name of the ask":       {flip("charges", "ask"), a.first, "ask: "},
		"the purpose in the policy": {query(`UPDATE policies SET ` + in("content", `"embargo_until":0`, `"embargo_until":1`)), a.first, "dataset policy: "},
		"the class document":        {query(`UPDATE classes SET ` + in("document", `"any"`, `"DE"`)), a.first, "class document 0x"},
		"an odometer":               {query(`UPDATE classes SET base_nano_rho = base_nano_rho + 1`), a.first, "digest: "},
		"what was charged earlier":  {query(`UPDATE charges SET nano_rho = nano_rho + 1 WHERE number = 1`), a.last, "digest: "},
		"a class that was charged":  {query(`UPDATE charges SET classes = x'' WHERE number = 1`), a.first, "class 0x"},
		"a class that was there":    {query(`UPDATE classes SET since = 99 WHERE since = 1`), a.first, "classes: "},
		"what a scope had spent":    {query(`UPDATE charge_scopes SET spent_nano_rho = spent_nano_rho + 1 WHERE charge = 1`), a.first, "scope "},
		"the same, later":           {query(`UPDATE charge_scopes SET spent_nano_rho = spent_nano_rho + 1 WHERE charge = 1`), a.between, "scope "},
		"the cost":                  {query(`UPDATE charges SET nano_rho = nano_rho + 1`), a.first, "cost: "},
		"the time":                  {query(`UPDATE charges SET now = now + 1`), a.first, "digest: "},
		"the salt":                  {flip("charges", "salt"), a.failed, "digest: "},
		"the digest":                {flip("charges", "decision"), a.failed, "digest: "},
		"the answer":                {query(`UPDATE releases SET ` + in("document", `"vector":[`, `"vector":[1`)), a.first, "answer: "},
		"the log's root":            {flip("charges", "root"), a.failed, "log: "},
		"a leaf of the log":         {flip("log_hashes", "hash"), a.failed, "log: "},
		"the map's root":            {flip("intervals", "map_root"), a.failed, "checkpoint: "},
		"the map's root, answered":  {flip("intervals", "map_root"), a.first, "answer: "},
		"a preference":              {query(`UPDATE events SET ` + in("content", `"any"`, `"DE"`)), a.last, "active set: a patient is in another class"},
		"a signature":               {flip("events", "signature"), a.last, "active set: the preferences on record lead to map root"},
		"what she had lost":         {query(`UPDATE events SET carried_nano_rho = carried_nano_rho + 1`), a.last, "active set: the preferences on record lead to map root"},
		"her class":                 {query(`UPDATE events SET class = 2 WHERE seq = 2`), a.last, "active set: a patient is in another class"},
		"her end":                   {query(`UPDATE events SET until = until + 1 WHERE until > 0`), a.last, "active set: a patient is in another class"},
		"her own cap":               {query(`UPDATE events SET cap_nano_rho = NULL, cap_delta = NULL`), a.last, "active set: a patient is in another class"},
	} {
		t.Run(name, func(t *testing.T) {
			a.after(t, func(db *sql.DB) { c.change(t, db) })
			r, err := a.Replay(t.Context(), c.request, strings.HasPrefix(c.want, "active set"))
			if err != nil || !strings.HasPrefix(r.Difference, c.want) {
				t.Errorf("difference %q (%v), want %q", r.Difference, err, c.want)
			}
		})
	}
}

// TestRefusalsAreReplayedOrNamed: a refusal is the same when it is made again, whatever was charged and said since; and one thing on record that is
// another is named.
func TestRefusalsAreReplayedOrNamed(t *testing.T) {
	a := openPast(t)
	a.after(t, func(*sql.DB) {})
	kept, err := a.Refusals(t.Context(), 0, 0, 1<<40)
	must(t, err)
	if len(kept) != 1 {
		t.Fatalf("refusals %+v", kept)
	}
	refused := kept[0].DecisionName
	if r, err := a.Replay(t.Context(), refused.Refusal, false); err != nil || r.Difference != "" || r.DecisionName != refused || r.Digest != refused.Refusal {
		t.Errorf("%+v, %v", r, err)
	}
	x, err := a.Explain(t.Context(), refused.Refusal, nil)
	must(t, err)
	if x.Policy.Revision != 1 || x.Decision.Outcome != policy.OutcomeDeny || len(x.Decision.Reasons) != 1 || x.Decision.Reasons[0] != policy.ReasonGrantEpsilon {
		t.Errorf("why: %+v", x)
	}
	grounds := func(was, is string) string {
		return `UPDATE refusals SET grounds = CAST(replace(CAST(grounds AS TEXT), '` + was + `', '` + is + `') AS BLOB) WHERE instr(grounds, '` + was + `')`
	}
	for name, c := range map[string]struct{ change, want string }{
		"a word of the grounds":     {grounds(`"vocabulary":"DUO`, `"vocabulary":"DUP`), "vocabulary: "},
		"no grounds":                {`UPDATE refusals SET grounds = x'7b'`, "grounds: "},
		"the ask":                   {grounds(`"at_least_as_of":0`, `"at_least_as_of":1`), "ask: "},
		"the name of the ask":       {`UPDATE refusals SET ask = decision`, "ask: "},
		"what stood against it":     {grounds(`"refused":["GRANT_EPSILON`, `"refused":["GRANT_EPSILOM`) + `; UPDATE refusals SET reasons = 'GRANT_EPSILOM'`, "outcome: "},
		"that it had been charged":  {grounds(`"refused":[`, `"recheck":true,"refused":[`) + `; UPDATE refusals SET recheck = 1`, "outcome: "},
		"what the chain said":       {grounds(`"Expiry":`, `"Expiry":1`), "outcome: "},
		"the purpose in the policy": {`UPDATE policies SET content = CAST(replace(CAST(content AS TEXT), '"embargo_until":0', '"embargo_until":1') AS BLOB)`, "dataset policy: "},
		"whose it is":               {`UPDATE refusals SET organisation = ask`, "name: "},
		"why":                       {`UPDATE refusals SET reasons = 'GRANT_REVOKED'`, "name: "},
		"when":                      {`UPDATE refusals SET recheck = 1`, "name: "},
		"when, of the grounds":      {grounds(`"refused":[`, `"recheck":true,"refused":[`), "name: "},
		"the request":               {`UPDATE refusals SET request = ask`, "name: "},
		"what had been spent":       {`UPDATE charge_scopes SET spent_nano_rho = 0 WHERE charge = 1`, "outcome: "},
		"a charge before it":        {`UPDATE refusals SET as_of = 64`, "outcome: "},
		"the log index":             {`UPDATE refusals SET as_of = as_of + 64`, "digest: "},
		"the last event":            {`UPDATE refusals SET last_event = last_event + 1`, "digest: "},
		"the time":                  {`UPDATE refusals SET now = now + 1`, "digest: "},
		"the salt":                  {`UPDATE refusals SET salt = ask`, "digest: "},
	} {
		t.Run(name, func(t *testing.T) {
			a.after(t, func(db *sql.DB) {
				r, err := db.ExecContext(t.Context(), c.change)
				must(t, err)
				if n, err := r.RowsAffected(); err != nil || n == 0 {
					t.Fatalf("nothing was changed: %v", err)
				}
			})
			r, err := a.Replay(t.Context(), refused.Refusal, false)
			if err != nil || !strings.HasPrefix(r.Difference, c.want) {
				t.Errorf("difference %q (%v), want %q", r.Difference, err, c.want)
			}
		})
	}
}

// flipByte flips a bit in the middle of a column, in every row.
func flipByte(t *testing.T, db *sql.DB, table, column string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT rowid, `+column+` FROM `+table)
	must(t, err)
	defer rows.Close() // before the file is
	flipped := map[int64][]byte{}
	for rows.Next() {
		var id int64
		var b []byte
		must(t, rows.Scan(&id, &b))
		b[len(b)/2] ^= 1
		flipped[id] = b
	}
	must(t, rows.Err())
	for id, b := range flipped {
		_, err := db.ExecContext(t.Context(), `UPDATE `+table+` SET `+column+` = ? WHERE rowid = ?`, b, id)
		must(t, err)
	}
}
