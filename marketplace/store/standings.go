package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// standing is what an event of a patient is held against; zero but for the tally before her first one.
type standing struct {
	revision uint64
	class    int64
	tally    provider.Tally
	earlier  sql.NullInt64 // when the document before provider.MaxDaily-1 others was recorded
}

// standings are those of a transaction that records, as far as they are known.
type standings struct {
	patients map[ledger.Address]int64 // by key
	of       map[int64]standing       // by patient; who has an event recorded is taken out
}

// earlierOf is when the document of a patient before so many others was recorded.
const earlierOf = `(SELECT recorded_at FROM events WHERE patient = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`

// standingsOf finds many patients by their keys, each in hex and alone in a JSON array of their own, in one statement: to run one costs more
// than what it finds of a patient.
const standingsOf = `
	SELECT n.key, n.patient, ` + tallyColumns + `,
		(SELECT recorded_at FROM events WHERE patient = n.patient ORDER BY seq DESC LIMIT 1 OFFSET ?2)
	FROM json_each(CAST(?1 AS TEXT)) AS j CROSS JOIN enrolments AS n CROSS JOIN events AS e
	WHERE n.key = unhex(j.value ->> 0)
		AND e.seq = (SELECT seq FROM events WHERE patient = n.patient ORDER BY seq DESC LIMIT 1)`

// lookAhead finds those who sign themselves and have signed before. Who is not found is sought for each event.
func (r *recorder) lookAhead(ctx context.Context, together []*recording) error {
	var keys [][1]string
	for _, one := range together {
		for _, e := range one.events {
			if e.Recorded == nil && e.Mandate == nil {
				keys = append(keys, [1]string{e.Key.String()[2:]})
			}
		}
	}
	if len(keys) < 2 {
		return nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	if err := r.findAll(ctx, string(list)); err != nil {
		return err
	}
	indexes := make([]ledger.Hash, 0, len(r.of))
	for patient := range r.of {
		indexes = append(indexes, r.commits.m.Index(patient))
	}
	return r.commits.nodes.lookAheadAll(indexes)
}

// findAll finds many by their keys, in JSON.
func (r *recorder) findAll(ctx context.Context, keys string) error {
	rows, err := within(ctx, r.tx, r.many).QueryContext(ctx, keys, provider.MaxDaily-1)
	if err != nil {
		return err
	}
	return over(rows, func(row row) error {
		var key ledger.Address
		var patient int64
		var earlier sql.NullInt64
		s, err := scanTally(prefixed{row, []any{fixed(key[:]), &patient}}, &earlier)
		if err != nil {
			return err
		}
		s.earlier = earlier
		s.tally.Odometer, err = r.odometer(s.class)
		r.patients[key], r.of[patient] = patient, s
		return err
	})
}

// prefixed is a row that begins with something else.
type prefixed struct {
	row
	first []any
}

// Scan implements row.
func (p prefixed) Scan(dest ...any) error { return p.row.Scan(append(p.first, dest...)...) }

// standing is that of a patient.
func (r *recorder) standing(ctx context.Context, patient int64) (s standing, err error) {
	s, known := r.of[patient]
	if known {
		return s, nil
	}
	if r.unwritten.patients[patient] {
		if err := r.write(ctx); err != nil {
			return s, err
		}
	}
	var earlier sql.NullInt64
	s, err = scanTally(within(ctx, r.tx, r.last).QueryRowContext(ctx, patient, provider.MaxDaily-1), &earlier)
	if errors.Is(err, sql.ErrNoRows) { // she has lost no more than what those were charged who were never asked
		s.tally.Carried, err = r.odometer(0)
		return s, err
	}
	if err != nil {
		return s, err
	}
	s.earlier = earlier
	s.tally.Odometer, err = r.odometer(s.class)
	return s, err
}
