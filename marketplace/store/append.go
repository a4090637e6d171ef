package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"runtime"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Append implements [recordindex.Store].
func (p *Provider) Append(ctx context.Context, drafts []recordindex.Draft, seal func(recordindex.Draft, uint64) (recordindex.Sealed, error)) (added int, err error) {
	err = p.write(ctx, "adding pointers", func(tx *sql.Tx) error {
		all, err := numbered(ctx, tx, drafts)
		if err != nil {
			return err
		}
		if err := sealAll(all, seal); err != nil {
			return err
		}
		added = len(all)
		return p.addPointers(ctx, tx, all)
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// appended is a draft with its number in its cell, and what is kept besides.
type appended struct {
	recordindex.Draft
	number uint64
	recordindex.Sealed
}

// cellOf is a cell of a patient's.
type cellOf struct {
	patient int64
	kind    records.Kind
	month   records.Month
}

// locatedIn is a locator in a cell.
type locatedIn struct {
	cellOf
	locator string
}

// lastPointers finds for each draft of a JSON array, [place, patient, kind, month, locator], the next number in its cell and the record of the last
// pointer with its locator there, in one statement: to run one costs more than what it finds of a draft.
const lastPointers = `
	SELECT CAST(j.value ->> 0 AS BIGINT),
		(SELECT coalesce(max(p.number) + 1, 0) FROM pointers AS p
			WHERE p.patient = CAST(j.value ->> 1 AS BIGINT) AND p.kind = j.value ->> 2 AND p.month = CAST(j.value ->> 3 AS BIGINT)),
		(SELECT p.record FROM pointers AS p
			WHERE p.patient = CAST(j.value ->> 1 AS BIGINT) AND p.kind = j.value ->> 2 AND p.month = CAST(j.value ->> 3 AS BIGINT) AND p.locator = j.value ->> 4
			ORDER BY p.number DESC LIMIT 1)
	FROM json_each(CAST(? AS TEXT)) AS j`

// numbered are the drafts that want a pointer, each as if there were those before it already.
func numbered(ctx context.Context, tx *sql.Tx, drafts []recordindex.Draft) (all []appended, err error) {
	wanted := make([][5]any, len(drafts))
	for i, d := range drafts {
		wanted[i] = [5]any{i, d.Patient, string(d.Kind), int64(d.Month), d.Locator} // a month as the number that the table has
	}
	list, err := json.Marshal(wanted)
	if err != nil {
		return nil, err
	}
	next, last := map[cellOf]uint64{}, map[locatedIn]ledger.Hash{}
	err = each(ctx, tx, func(r row) error {
		var i int
		var number uint64
		var record ledger.Hash
		if err := r.Scan(&i, &number, ifAny(record[:])); err != nil {
			return err
		}
		d := drafts[i]
		cell := cellOf{d.Patient, d.Kind, d.Month}
		if next[cell] = number; !record.IsZero() {
			last[locatedIn{cell, d.Locator}] = record
		}
		return nil
	}, lastPointers, string(list))
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		cell := cellOf{d.Patient, d.Kind, d.Month}
		at := locatedIn{cell, d.Locator}
		if record, there := last[at]; there && record == d.Record {
			continue
		}
		last[at] = d.Record
		all = append(all, appended{Draft: d, number: next[cell]})
		next[cell]++
	}
	return all, nil
}

// sealAll seals on all cores: it takes as long as the rest of adding a pointer.
func sealAll(all []appended, seal func(recordindex.Draft, uint64) (recordindex.Sealed, error)) error {
	share := max(1, (len(all)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	errs := make([]error, (len(all)+share-1)/share)
	var sealing sync.WaitGroup
	for i := range errs {
		sealing.Go(func() {
			for j := i * share; j < min((i+1)*share, len(all)) && errs[i] == nil; j++ {
				all[j].Sealed, errs[i] = seal(all[j].Draft, all[j].number)
			}
		})
	}
	sealing.Wait()
	return errors.Join(errs...)
}

// addPointers keeps pointers and queues their leaves.
func (p *Provider) addPointers(ctx context.Context, tx *sql.Tx, all []appended) error {
	var leaf int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM index_leaves`).Scan(&leaf); err != nil {
		return err
	}
	leaves, pointers := make([]any, 0, 3*len(all)), make([]any, 0, 9*len(all))
	for _, a := range all {
		leaf++
		leaves = append(leaves, leaf, int(lanePointers), a.Leaf[:])
		pointers = append(pointers, leaf, a.Patient, string(a.Kind), int64(a.Month), int64(a.number), a.Locator, a.Record[:], []byte(a.Value), a.Salt[:])
	}
	if err := p.indexLeaves.insert(ctx, tx, len(all), leaves); err != nil {
		return err
	}
	return p.pointers.insert(ctx, tx, len(all), pointers)
}
