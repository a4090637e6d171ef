package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
)

// Whatever is done to the tables, nothing is counted in them until they are prepared again.
func TestChangedRecordsAreNotCounted(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	version := h.prepare(t).Version
	for _, change := range []string{
		"INSERT INTO cdm.person VALUES (4, 8532, 1980)",
		"UPDATE cdm.person SET year_of_birth = 1951 WHERE person_id = 1",
		"DELETE FROM cdm.measurement WHERE person_id = 3",
		"TRUNCATE cdm.measurement",
		"ALTER TABLE cdm.measurement ALTER COLUMN measurement_id SET DEFAULT 4; VACUUM FULL cdm.measurement",
		"DROP TABLE cdm.measurement CASCADE",
	} {
		t.Run(change, func(t *testing.T) {
			e := h.open(t)
			if err := follow(t, e); err != nil {
				t.Fatal(err)
			}
			if err := e.Unchanged(t.Context()); err != nil {
				t.Errorf("before the change: %v", err)
			}
			wantWomen(t, e, map[bool]int64{true: 2, false: 3}[strings.HasPrefix(change, "INSERT")])
			for text := range strings.SplitSeq(change+"; SELECT pg_stat_force_next_flush()", "; ") {
				exec(t, h.Conn, text)
			}
			if _, err := count(t, e, women, everyone); !errors.Is(err, postgres.ErrChanged) {
				t.Errorf("counted: %v, want ErrChanged", err)
			}
			if err := e.Ready(t.Context(), plan(t, e, women)); !errors.Is(err, postgres.ErrChanged) {
				t.Errorf("ready: %v, want ErrChanged", err)
			}
			if err := e.Unchanged(t.Context()); !errors.Is(err, postgres.ErrChanged) {
				t.Errorf("looked at: %v, want ErrChanged", err)
			}
			if err := follow(t, e); !errors.Is(err, postgres.ErrChanged) {
				t.Errorf("followed: %v, want ErrChanged", err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := postgres.Open(t.Context(), h.config()); !errors.Is(err, postgres.ErrChanged) {
				t.Errorf("opened: %v, want ErrChanged", err)
			}
			now := h.prepare(t).Version
			// A rewrite changes nothing, and of a table without rows it is the same that it is gone.
			if same := strings.HasPrefix(change, "ALTER") || strings.HasPrefix(change, "DROP"); (now == version) != same {
				t.Errorf("the same version: %v, want %v", now == version, same)
			}
			version = now
		})
	}
}

// G2, G6: where the counters begin anew after a change the records are not taken for what was prepared, nor where rows are
// hidden without any being written.
func TestG2CountersThatGoBackAreAChange(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	for _, change := range []string{
		"INSERT INTO cdm.person VALUES (4, 8532, 1980); SELECT pg_stat_force_next_flush(); SELECT pg_stat_reset()",
		"INSERT INTO cdm.person VALUES (5, 8532, 1980); SELECT pg_stat_force_next_flush(); SELECT pg_stat_reset_single_table_counters('cdm.person'::regclass)",
		"SELECT pg_stat_reset_shared('bgwriter')", // as a crash does, which loses all counters
		"ALTER TABLE cdm.person ENABLE ROW LEVEL SECURITY",
	} {
		exec(t, h.Conn, "SELECT pg_stat_reset()")
		h.prepare(t)
		e := h.open(t)
		for text := range strings.SplitSeq(change, "; ") {
			exec(t, h.Conn, text)
		}
		if err := e.Ready(t.Context(), plan(t, e, women)); !errors.Is(err, postgres.ErrChanged) {
			t.Errorf("%s: %v, want ErrChanged", change, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// G2, G6: while somebody may be writing nothing is counted, also if she began in the middle of it: her rows are
// counted, by Postgres, when her session is idle.
func TestG2RecordsBeingWrittenAreNotCounted(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	h.prepare(t)
	e := h.open(t)
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	for mode, written := range map[string]bool{
		"ROW SHARE": false, "ROW EXCLUSIVE": true, "SHARE UPDATE EXCLUSIVE": false, "SHARE": false, "SHARE ROW EXCLUSIVE": true, "EXCLUSIVE": true, "ACCESS EXCLUSIVE": true,
	} {
		exec(t, h.Conn, "BEGIN")
		exec(t, h.Conn, "LOCK TABLE cdm.measurement IN "+mode+" MODE")
		_, err := count(t, e, women, everyone)
		ready := e.Ready(t.Context(), plan(t, e, women))
		if errors.Is(err, postgres.ErrWritten) != written || errors.Is(ready, postgres.ErrWritten) != written || !written && errors.Join(err, ready) != nil {
			t.Errorf("%s: counted %v, ready %v; want ErrWritten: %v", mode, err, ready, written)
		}
		exec(t, h.Conn, "ROLLBACK")
		wantWomen(t, e, 2)
	}
	exec(t, h.Conn, "BEGIN")
	var last error
	for _, err := range e.Persons(t.Context()) {
		if last = err; err == nil {
			exec(t, h.Conn, "LOCK TABLE cdm.person IN ROW EXCLUSIVE MODE")
		}
	}
	if !errors.Is(last, postgres.ErrWritten) {
		t.Errorf("written meanwhile: %v, want ErrWritten", last)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), h.config()); !errors.Is(err, postgres.ErrWritten) {
		t.Errorf("opened: %v, want ErrWritten", err)
	}
	if _, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: key}); !errors.Is(err, postgres.ErrWritten) {
		t.Errorf("prepared: %v, want ErrWritten", err)
	}
}

// A procedure that commits as it goes is counted at its end only: its locks tell.
func TestG2AProcedureThatCommitsIsSeen(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	for _, text := range []string{
		"CREATE PROCEDURE cdm.load() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO cdm.person VALUES (4, 8532, 1980); COMMIT; INSERT INTO cdm.person VALUES (5, 8532, 1980); PERFORM pg_advisory_lock(1); END $$",
		"SELECT pg_advisory_lock(1)",
	} {
		exec(t, h.Conn, text)
	}
	h.prepare(t)
	e := h.open(t)
	loading, loaded := dial(t, superuser(h.connection)), make(chan error, 1)
	go func() {
		_, err := loading.Exec(t.Context(), "CALL cdm.load()")
		loaded <- err
	}()
	for waiting := false; !waiting; { // the first patient is committed
		if err := h.QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Ready(t.Context(), plan(t, e, women)); !errors.Is(err, postgres.ErrWritten) {
		t.Errorf("%v, want ErrWritten", err)
	}
	exec(t, h.Conn, "SELECT pg_advisory_unlock(1)")
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
}

// What does not change the records leaves them usable.
func TestUnchangedRecordsAreCounted(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	h.prepare(t)
	e := h.open(t)
	if err := e.Ready(t.Context(), plan(t, e, highest)); err != nil { // before it follows anybody
		t.Error(err)
	}
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"VACUUM ANALYZE cdm.person", "CREATE INDEX ON cdm.person (person_id)", "SELECT count(*) FROM cdm.person", "SELECT pg_stat_force_next_flush()"} {
		exec(t, h.Conn, text)
	}
	wantWomen(t, e, 2)
	if err := e.Ready(t.Context(), plan(t, e, women)); err != nil {
		t.Error(err)
	}
}
