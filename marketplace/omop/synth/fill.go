package synth

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// progressEvery is a number of patients.
const progressEvery = 1000

// writer appends rows; the first error sticks.
type writer struct {
	to  map[string]*duckdb.Appender
	err error
}

func (w *writer) row(table string, values ...driver.Value) {
	if w.err == nil {
		w.err = w.to[table].AppendRow(values...)
	}
}

// fill makes up the patients one after the other.
func fill(ctx context.Context, conn *sql.Conn, c Config) (s Summary, err error) {
	err = conn.Raw(func(raw any) error {
		w := &writer{to: make(map[string]*duckdb.Appender)}
		for _, t := range cdmTables {
			a, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "", t.name)
			if err != nil {
				return errors.Join(err, w.close())
			}
			w.to[t.name] = a
		}
		w.vocabulary()
		for i := 1; i <= c.Patients && w.err == nil; i++ {
			p := newPatient(c.Seed, int64(i))
			w.patient(&p)
			s.add(&p)
			if i%progressEvery == 0 || i == c.Patients {
				if err := ctx.Err(); err != nil {
					return errors.Join(err, w.close())
				}
				c.Progress(i, c.Patients)
			}
		}
		return errors.Join(w.err, w.close())
	})
	if err != nil {
		return Summary{}, fmt.Errorf("making up patients: %w", err)
	}
	s.ReferenceYear = lastYear + 1
	return s, nil
}

func (w *writer) close() error {
	var errs []error
	for _, a := range w.to {
		errs = append(errs, a.Close())
	}
	return errors.Join(errs...)
}

func (s *Summary) add(p *patient) {
	s.Patients++
	s.Visits += int64(len(p.visits))
	s.Conditions += int64(len(p.conditions))
	s.Drugs += int64(len(p.drugs))
	s.Measurements += int64(len(p.measurements))
}

// time is midnight of the day.
func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// patient appends all rows of one patient.
func (w *writer) patient(p *patient) {
	born := p.born.time()
	w.row("person", p.number, p.sex, int32(born.Year()), int32(born.Month()), int32(born.Day()), p.race, p.ethnicity)
	w.row("observation_period", p.number, p.number, p.from.time(), p.to.time(), fromEHR)
	id := func(ordinal int) int64 { return p.number*mostRecords + int64(ordinal) }
	for i, v := range p.visits {
		w.row("visit_occurrence", id(i), p.number, v.kind, v.day.time(), v.end.time(), fromEHR)
	}
	for i, c := range p.conditions {
		w.row("condition_occurrence", id(i), p.number, c.concept, p.visits[c.visit].day.time(), fromEHR, id(c.visit))
	}
	for i, d := range p.drugs {
		from := p.visits[d.visit].day
		w.row("drug_exposure", id(i), p.number, d.concept, from.time(), (from + day(d.days) - 1).time(), fromEHR, float64(d.days), int32(d.days), id(d.visit))
	}
	for i, m := range p.measurements {
		var low, high driver.Value
		if usual, ok := usualRanges[m.concept]; ok {
			low, high = usual[0], usual[1]
		}
		w.row("measurement", id(i), p.number, m.concept, p.visits[m.visit].day.time(), fromEHR, m.value, m.unit, low, high, id(m.visit))
	}
	w.later(p, id)
}

// later appends what patient.care made up, and the eras.
func (w *writer) later(p *patient, id func(int) int64) {
	for i, x := range p.procedures {
		w.row("procedure_occurrence", id(i), p.number, x.concept, p.visits[x.visit].day.time(), fromEHR, id(x.visit))
	}
	for i, x := range p.devices {
		w.row("device_exposure", id(i), p.number, x.concept, p.visits[x.visit].day.time(), fromEHR, id(x.visit))
	}
	for i, x := range p.observations {
		w.row("observation", id(i), p.number, x.concept, p.visits[x.visit].day.time(), fromEHR, x.answer, id(x.visit))
	}
	if p.dead {
		w.row("death", p.number, p.to.time(), fromEHR, p.cause)
	}
	for i, e := range p.conditionEras() {
		w.row("condition_era", id(i), p.number, e.concept, e.from.time(), e.to.time(), int32(e.records))
	}
	for i, e := range p.drugEras() {
		w.row("drug_era", id(i), p.number, e.concept, e.from.time(), e.to.time(), int32(e.records), int32(e.gap))
	}
}

// vocabulary appends the tables that do not depend on patients.
func (w *writer) vocabulary() {
	always, never := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range vocabulary {
		domain, vocabulary, class, standard := c.describe()
		w.row("concept", c.id, c.name, domain, vocabulary, class, standard, c.code, always, never)
	}
	for _, a := range ancestors() {
		w.row("concept_ancestor", a.above, a.below, int32(a.min), int32(a.max))
	}
	released := time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
	w.row("cdm_source", "medmarket synthetic hospital", "SYNTHETIC", "medmarket",
		"Synthetic: every patient and every record is made up by a program; nobody in it has lived.",
		released, released, "v5.4", int64(756265), "made up, ids of the public OMOP vocabularies")
}
