package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func TestEngineSuite(t *testing.T) {
	omoptest.EngineSuite(t, func(t testing.TB, folder string) omoptest.Engine {
		h := newHospital(t)
		h.load(t, folder)
		h.prepare(t)
		return h.open(t)
	})
}

// records makes tables of the CDM's own types, with two women and a man.
func (h hospital) records(t testing.TB) {
	t.Helper()
	for _, text := range []string{
		"CREATE SCHEMA cdm",
		"CREATE TABLE cdm.person (person_id INTEGER NOT NULL, gender_concept_id INTEGER, year_of_birth INTEGER, race_concept_id INTEGER, person_source_value VARCHAR(50))",
		"INSERT INTO cdm.person VALUES (1, 8532, 1950, 8527, 'mrn-1'), (2, 8532, 1960, NULL, NULL), (3, 8507, 1970, 0, 'mrn-3')",
		"CREATE TABLE cdm.measurement (measurement_id INTEGER, person_id INTEGER, measurement_concept_id INTEGER, measurement_date DATE, value_as_number NUMERIC)",
		"INSERT INTO cdm.measurement VALUES (1, 1, 11, '2020-01-01', 5), (2, 1, 11, '2020-01-02', 7), (3, 3, 11, '2020-01-01', 9)",
		"SELECT pg_stat_force_next_flush()",
	} {
		exec(t, h.Conn, text)
	}
	h.grant(t)
}

func plan(t testing.TB, e *postgres.Engine, q dp.Query) dp.Plan {
	t.Helper()
	q.Dataset, q.NanoRho = "hospital", dp.MaxNanoRho
	p, err := dp.NewPlan(q, dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	women   = dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}}}
	labs    = cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}
	highest = dp.Query{GroupBy: women.GroupBy, Measures: []dp.Measure{
		{Kind: dp.Histogram, Value: &dp.Value{Events: &labs, Field: dp.FieldValue, Reduce: dp.ReduceMax}, Edges: []float64{0, 6, 8, 10}},
	}}
)

// everyone is the active set of those that follow follows.
var everyone = omoptest.Everyone(9)

func follow(t testing.TB, e *postgres.Engine) error {
	t.Helper()
	return e.Follow(t.Context(), []int64{1, 2, 3, 4, 5, 6, 7, 8, 9})
}

func count(t testing.TB, e *postgres.Engine, q dp.Query, a provider.Active) ([]int64, error) {
	t.Helper()
	p := plan(t, e, q)
	exact, err := e.Count(t.Context(), p, a)
	if err != nil {
		return nil, err
	}
	return dp.Release(p, exact, noisetest.None(t))
}

func wantWomen(t testing.TB, e *postgres.Engine, want int64) {
	t.Helper()
	if got, err := count(t, e, women, everyone); err != nil || got[0] != want {
		t.Errorf("%v, %v; want %d women", got, err, want)
	}
}

// A table of patients that is not there any more is not counted in, and the engine says so: the next question makes it anew.
func TestLostCopyIsStale(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	h.prepare(t)
	e := h.open(t)
	for what, text := range map[string]string{
		"the server forgot it":     "TRUNCATE medmarket.stamp", // as a crash does to what is not logged
		"somebody else's":          "UPDATE medmarket.stamp SET holder = 'another'",
		"the connection was ended": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'medmarket' AND datname = current_database()",
	} {
		t.Run(what, func(t *testing.T) {
			if err := follow(t, e); err != nil {
				t.Fatal(err)
			}
			wantWomen(t, e, 2)
			exec(t, h.Conn, text)
			_, err := count(t, e, women, everyone)
			if errors.Is(err, omop.ErrEngine) { // what found out that the connection was gone
				_, err = count(t, e, women, everyone)
			}
			if !errors.Is(err, provider.ErrStale) || e.Follows() {
				t.Errorf("%v, follows %v; want ErrStale", err, e.Follows())
			}
			if err := follow(t, e); err != nil {
				t.Fatal(err)
			}
			wantWomen(t, e, 2)
		})
	}
}

// A count ends with its context, on the server too, and leaves the engine usable.
func TestDeadlineEndsStatement(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	h.prepare(t)
	e := h.open(t)
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"BEGIN", "LOCK TABLE medmarket.patient IN ACCESS EXCLUSIVE MODE"} {
		exec(t, h.Conn, text)
	}
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Count(soon, plan(t, e, highest), everyone); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
	var running bool
	const waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'medmarket' AND datname = current_database() AND state = 'active')"
	if err := h.QueryRow(t.Context(), waiting).Scan(&running); err != nil || running {
		t.Errorf("the statement goes on: %v, %v", running, err)
	}
	exec(t, h.Conn, "ROLLBACK")
	wantWomen(t, e, 2)
}

// Whatever a column of the CDM's type holds, counting succeeds, and only finite numbers are values.
func TestHostileValues(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	for _, text := range []string{
		"INSERT INTO cdm.person VALUES (4, 8532, 2147483647), (5, 8532, -2147483648), (6, 8532, NULL), (7, 8507, 1900)",
		"INSERT INTO cdm.measurement SELECT 100 + row_number() OVER (), p, 11, d, v FROM unnest(ARRAY[2, 4, 5, 6]) AS p," +
			" unnest(ARRAY['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', NULL]::DATE[]) AS d," +
			" unnest(ARRAY['NaN', 'infinity', '-infinity', 1e400, -1e400, NULL]::NUMERIC[]) AS v",
		"INSERT INTO cdm.measurement VALUES (NULL, 7, 11, NULL, 1e-400), (NULL, NULL, 11, NULL, 1), (2147483647, 7, NULL, NULL, 9)",
		"CREATE TABLE cdm.observation (observation_id BIGINT, person_id BIGINT, observation_concept_id BIGINT, observation_date TIMESTAMPTZ, value_as_number DOUBLE PRECISION)",
		"INSERT INTO cdm.observation SELECT 1, p, 11, d, v FROM unnest(ARRAY[1, 2]) AS p, unnest(ARRAY['infinity', '-infinity', '4713-01-01 BC', '294276-12-31', NULL]::TIMESTAMPTZ[]) AS d," +
			" unnest(ARRAY['NaN', 'infinity', 'NaN', 1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 7]::DOUBLE PRECISION[]) AS v",
		"SELECT pg_stat_force_next_flush()",
	} {
		exec(t, h.Conn, text)
	}
	h.grant(t)
	h.prepare(t)
	e := h.open(t)
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	// Female and male, below 6, 8 and 10: patient 1 has 7, 3 has 9, and 7 what is 0 to a double.
	got, err := count(t, e, highest, everyone)
	if want := []int64{0, 1, 0, 1, 0, 1}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	seen := cohort.Events{Records: &cohort.Records{Domain: cohort.Observation}}
	for _, reduce := range []dp.Reduce{dp.ReduceFirst, dp.ReduceLast, dp.ReduceMin, dp.ReduceMax, dp.ReduceMean, dp.ReduceSum} {
		for _, events := range []*cohort.Events{&labs, &seen} {
			v := &dp.Value{Events: events, Field: dp.FieldValue, Reduce: reduce}
			q := dp.Query{GroupBy: []dp.Group{{Kind: dp.AgeBand, Edges: []int{0, 50}}}, Measures: []dp.Measure{
				{Kind: dp.Variance, Value: v, Low: -3, High: 8}, {Kind: dp.Quantiles, Value: v, Low: 0, High: 10, Ranks: []float64{0.5}},
				{Kind: dp.Mean, Value: &dp.Value{Events: events, Field: dp.FieldAge, Reduce: dp.ReduceFirst}, Low: 0, High: 100},
			}}
			if _, err := count(t, e, q, everyone); err != nil {
				t.Errorf("%s: %v", reduce, err)
			}
		}
	}
}

// No error says what is in the records, not even where Postgres's own does.
func TestErrorsAreOpaque(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	h.prepare(t)
	e := h.open(t)
	exec(t, h.Conn, "REVOKE SELECT ON cdm.person FROM medmarket")
	err := follow(t, e)
	var failed *omop.EngineError
	if !errors.As(err, &failed) || failed.Code != "permission" || strings.Contains(err.Error(), "cdm") {
		t.Errorf("%v, want an EngineError of permission", err)
	}
	exec(t, h.Conn, "GRANT SELECT ON cdm.person TO medmarket")
	// A number that came twice since: the counters would tell, so it is put where they do not look.
	exec(t, h.Conn, "CREATE OR REPLACE VIEW medmarket.person AS SELECT 4711 AS person_id, p.gender_concept_id, p.year_of_birth, p.race_concept_id, NULL::BIGINT AS ethnicity_concept_id, ''::TEXT COLLATE \"C\" AS person_source_value FROM cdm.person AS p")
	err = e.Follow(t.Context(), []int64{4711})
	if !errors.As(err, &failed) || failed.Code != "constraint" || strings.Contains(err.Error(), "4711") {
		t.Errorf("%v, want an EngineError of constraint", err)
	}
}

// Nothing goes to another machine in the clear.
func TestPlainConnectionsAreRefused(t *testing.T) {
	for connection, refused := range map[string]bool{
		"host=db.example.org dbname=omop":                                   true, // libpq prefers TLS, and goes on without
		"host=db.example.org dbname=omop sslmode=disable":                   true,
		"host=db.example.org dbname=omop sslmode=allow":                     true,
		"postgres://medmarket@db.example.org/omop?sslmode=prefer":           true,
		"postgres://medmarket@192.0.2.1/omop":                               true,
		"host=localhost,db.example.org dbname=omop sslmode=disable":         true,
		"host=127.0.0.1 port=1 connect_timeout=1 dbname=omop sslmode=allow": false,
		"host=/nowhere dbname=omop":                                         false,
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{Connection: connection, Log: slog.New(slog.DiscardHandler)})
		if err == nil || errors.Is(err, postgres.ErrPlain) != refused {
			t.Errorf("%s: %v, want ErrPlain: %v", connection, err, refused)
		}
	}
	_, err := postgres.Open(t.Context(), postgres.Config{Connection: "password='geheim host=x", Log: slog.New(slog.DiscardHandler)})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("a string that cannot be read: %v", err)
	}
}
