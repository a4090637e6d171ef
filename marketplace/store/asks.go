package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// errNegative: a cost or price below zero would give budget back.
var errNegative = errors.New("negative amount")

// Reserve implements [marketplace.Store]. If several of its errors apply it
// returns the first of ErrUnknownGrant (the grant is not a study here),
// ErrGrantBudget, ErrNoCredit, ErrVoucher (also for a voucher of another
// researcher).
func (m *Market) Reserve(ctx context.Context, r marketplace.Reservation) (e marketplace.Entry, err error) {
	ask, err := ledger.Canonical(r.Ask)
	if err != nil {
		return e, fmt.Errorf("reserving: %w", err)
	}
	err = m.write(ctx, "reserving", func(tx *sql.Tx) error {
		onRecord, found, err := entry(ctx, tx, r.Ask.RequestID)
		if err != nil {
			return err
		}
		if found && onRecord.AskHash != r.AskHash {
			return marketplace.ErrRequestReused
		}
		if found {
			e = onRecord
			return nil
		}
		study, err := studyNumber(ctx, tx, r.Ask.Grant)
		if err != nil {
			return err
		}
		budget := study
		if !r.Study.IsZero() {
			budget, err = studyNumber(ctx, tx, r.Study)
		}
		if err != nil {
			return err
		}
		for _, t := range r.Takings {
			if err := takeAllocation(ctx, tx, budget, t); err != nil {
				return err
			}
		}
		if err := draw(ctx, tx, r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO asks (request, ask_hash, ask, researcher, study, work, marketplace, cumulative, signature, reserved_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.Ask.RequestID[:], r.AskHash[:], ask, r.Researcher[:], study, r.Work(),
			r.Voucher.Marketplace[:], int64(r.Voucher.Cumulative), r.Signature[:], r.At)
		if err != nil {
			return err
		}
		for place, t := range r.Takings {
			_, err := tx.ExecContext(ctx, `INSERT INTO ask_hospitals (request, place, budget, dataset, nano_rho, work) VALUES (?, ?, ?, ?, ?, ?)`,
				r.Ask.RequestID[:], place, budget, t.Dataset, t.NanoRho, t.Work)
			if err != nil {
				return err
			}
		}
		e, _, err = entry(ctx, tx, r.Ask.RequestID)
		return err
	})
	return e, err
}

// studyNumber is the number of a grant document; ErrUnknownGrant.
func studyNumber(ctx context.Context, tx *sql.Tx, grant ledger.Hash) (number int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT number FROM studies WHERE document = ?`, grant[:]).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = marketplace.ErrUnknownGrant
	}
	return number, err
}

// takeAllocation takes the cost at a hospital from what a study's grant allows at the dataset.
func takeAllocation(ctx context.Context, tx *sql.Tx, study int64, t marketplace.Taking) error {
	var taken int64
	err := tx.QueryRowContext(ctx, `SELECT taken FROM allocations WHERE study = ? AND dataset = ?`, study, t.Dataset).Scan(&taken)
	if absent(err) != nil {
		return err
	}
	if t.NanoRho < 0 || t.Work < 0 {
		return errNegative
	}
	if t.NanoRho > t.Allocation-taken {
		return marketplace.ErrGrantBudget
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO allocations (study, dataset, allocation, taken) VALUES (?, ?, ?, ?)
		ON CONFLICT (study, dataset) DO UPDATE SET allocation = excluded.allocation, taken = excluded.taken`,
		study, t.Dataset, t.Allocation, taken+t.NanoRho)
	return err
}

// draw takes the price from the researcher's escrow.
func draw(ctx context.Context, tx *sql.Tx, r marketplace.Reservation) error {
	a, err := account(ctx, tx, r.Researcher)
	if err != nil {
		return err
	}
	if a == (marketplace.Account{}) {
		a = marketplace.Account{Drawn: r.Burnt, Settled: r.Burnt}
	}
	if r.Work() > r.Escrow-a.Drawn {
		return marketplace.ErrNoCredit
	}
	drawn := a.Drawn + r.Work()
	if r.Voucher.Cumulative != uint64(drawn) || r.Voucher.Researcher != r.Researcher {
		return marketplace.ErrVoucher
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO accounts (researcher, escrow, drawn, settled) VALUES (?, ?, ?, ?)
		ON CONFLICT (researcher) DO UPDATE SET escrow = excluded.escrow, drawn = excluded.drawn`,
		r.Researcher[:], r.Escrow, drawn, a.Settled)
	return err
}

// Cancel implements [marketplace.Store]. The request id is free again.
func (m *Market) Cancel(ctx context.Context, request ledger.Hash) error {
	return m.write(ctx, "cancelling", func(tx *sql.Tx) error {
		var budget, work int64
		var researcher ledger.Address
		err := tx.QueryRowContext(ctx, `
			SELECT a.researcher, h.budget, a.work FROM asks AS a JOIN ask_hospitals AS h ON h.request = a.request AND h.place = 0
			WHERE a.request = ?1 AND NOT EXISTS (SELECT 1 FROM receipts WHERE request = ?1)`, request[:]).
			Scan(fixed(researcher[:]), &budget, &work)
		if err != nil {
			return absent(err)
		}
		if err := giveBack(ctx, tx, request, everywhere); err != nil {
			return err
		}
		// What was reserved goes with it, and the books that it opened and nothing else uses: it leaves no trace.
		if _, err := tx.ExecContext(ctx, `DELETE FROM asks WHERE request = ?`, request[:]); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM allocations AS b WHERE b.study = ? AND b.taken = 0
				AND NOT EXISTS (SELECT 1 FROM ask_hospitals AS a WHERE a.budget = b.study AND a.dataset = b.dataset)`, budget)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE accounts SET drawn = drawn - ? WHERE researcher = ?`, work, researcher[:]); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM accounts WHERE researcher = ?1 AND drawn = 0 AND settled = 0
				AND NOT EXISTS (SELECT 1 FROM asks WHERE researcher = ?1)`, researcher[:])
		return err
	})
}

// everywhere, for giveBack, is at all hospitals.
const everywhere = -1

// giveBack gives back what an ask has taken from the allocation at one hospital, or everywhere.
func giveBack(ctx context.Context, tx *sql.Tx, request ledger.Hash, place int) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE allocations AS b SET taken = b.taken - (
			SELECT sum(a.nano_rho) FROM ask_hospitals AS a
			WHERE a.request = ?1 AND a.budget = b.study AND a.dataset = b.dataset AND (?2 < 0 OR a.place = ?2))
		WHERE EXISTS (
			SELECT 1 FROM ask_hospitals AS a
			WHERE a.request = ?1 AND a.budget = b.study AND a.dataset = b.dataset AND (?2 < 0 OR a.place = ?2))`, request[:], place)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE ask_hospitals SET nano_rho = 0 WHERE request = ?1 AND (?2 < 0 OR place = ?2)`, request[:], place)
	return err
}

// Kept implements [marketplace.Store].
func (m *Market) Kept(ctx context.Context, request ledger.Hash) (all []marketplace.Kept, err error) {
	err = m.read(ctx, "reading what hospitals have answered", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanKept, `SELECT work, release FROM ask_hospitals WHERE request = ? ORDER BY place`, request[:])
		if err == nil && len(all) == 0 {
			return marketplace.ErrUnknownReceipt
		}
		return err
	})
	return all, err
}

func scanKept(r row) (k marketplace.Kept, err error) {
	var document []byte
	if err := r.Scan(&k.Work, &document); err != nil || document == nil {
		return k, err
	}
	k.Release = &ledger.SignedRelease{}
	return k, json.Unmarshal(document, k.Release)
}

// Keep implements [marketplace.Store]; ErrUnknownReceipt if the request is not reserved (any more).
func (m *Market) Keep(ctx context.Context, request ledger.Hash, place int, r ledger.SignedRelease) error {
	document, err := ledger.Canonical(r)
	if err != nil {
		return fmt.Errorf("keeping an answer: %w", err)
	}
	return m.write(ctx, "keeping an answer", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE ask_hospitals SET release = coalesce(release, ?) WHERE request = ? AND place = ?`,
			document, request[:], place)
		return changed(result, err, marketplace.ErrUnknownReceipt)
	})
}

// storedReceipt is how a receipt is kept: what the marketplace signed, in the
// canonical form whose hash is the leaf ([ledger.Receipt.Leaf]). Inclusion and
// anchor are made anew whenever it is shown.
type storedReceipt struct {
	Statement   ledger.Statement `json:"statement"`
	Marketplace ledger.Address   `json:"marketplace"`
	Signature   ledger.Signature `json:"signature"`
}

// Complete implements [marketplace.Store]; ErrUnknownReceipt if the request is
// not reserved (any more).
func (m *Market) Complete(ctx context.Context, request ledger.Hash, r ledger.Receipt, leaf ledger.Hash) (e marketplace.Entry, err error) {
	document, err := ledger.Canonical(storedReceipt{r.Statement, r.Marketplace, r.Signature})
	if err != nil {
		return e, fmt.Errorf("completing: %w", err)
	}
	question, err := marketplace.Question(r.Statement.Ask)
	if err != nil {
		return e, fmt.Errorf("completing: %w", err)
	}
	err = m.write(ctx, "completing", func(tx *sql.Tx) error {
		onRecord, found, err := entry(ctx, tx, request)
		if err != nil {
			return err
		}
		if !found {
			return marketplace.ErrUnknownReceipt
		}
		if onRecord.Receipt != nil {
			e = onRecord
			return nil
		}
		if err := settleParts(ctx, tx, request, onRecord.Work, r.Statement); err != nil {
			return err
		}
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		index, err := l.add(ctx, leaf)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO receipts (request, study, question, as_of, document, log_index)
			SELECT request, study, ?, ?, ?, ? FROM asks WHERE request = ?`,
			question[:], clamp(r.AsOf()), document, int64(index), request[:])
		if err != nil {
			return err
		}
		e, _, err = entry(ctx, tx, request)
		return err
	})
	return e, err
}

// settleParts gives back what a statement says was not earned, of the work that was reserved for it, and the cost at those who
// refused. The receipt has what was kept.
func settleParts(ctx context.Context, tx *sql.Tx, request ledger.Hash, reserved int64, s ledger.Statement) error {
	if s.Work < 0 || s.Work > reserved {
		return errNegative
	}
	for place, asked := range s.Ask.Each() {
		for _, m := range s.Missing {
			if m.Provider == asked.Provider && m.State == ledger.MissingRefused {
				if err := giveBack(ctx, tx, request, place); err != nil {
					return err
				}
			}
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE ask_hospitals SET release = NULL WHERE request = ? AND release IS NOT NULL`, request[:]); err != nil {
		return err
	}
	if s.Work == reserved {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `UPDATE asks SET work = ? WHERE request = ?`, s.Work, request[:]); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET drawn = drawn - ? WHERE researcher = ?`, reserved-s.Work, s.Researcher[:])
	return err
}

// Entry implements [marketplace.Store].
func (m *Market) Entry(ctx context.Context, request ledger.Hash) (e marketplace.Entry, found bool, err error) {
	err = m.read(ctx, "reading an ask", func(tx *sql.Tx) error {
		e, found, err = entry(ctx, tx, request)
		return err
	})
	return e, found, err
}

func entry(ctx context.Context, tx *sql.Tx, request ledger.Hash) (marketplace.Entry, bool, error) {
	e, err := scanEntry(tx.QueryRowContext(ctx, `
		SELECT `+entryColumns+`
		FROM asks AS a LEFT JOIN receipts AS r ON r.request = a.request WHERE a.request = ?`, request[:]))
	return e, err == nil, absent(err)
}

const entryColumns = `a.ask_hash, a.work, r.document, r.log_index`

func scanEntry(row row) (e marketplace.Entry, err error) {
	var document []byte
	var index sql.NullInt64
	err = row.Scan(fixed(e.AskHash[:]), &e.Work, &document, &index)
	if err != nil || !index.Valid {
		return e, err
	}
	var r storedReceipt
	if err := json.Unmarshal(document, &r); err != nil {
		return e, fmt.Errorf("receipt on record: %w", err)
	}
	e.Receipt = &ledger.Receipt{Statement: r.Statement, Marketplace: r.Marketplace, Signature: r.Signature}
	e.Index = uint64(index.Int64)
	return e, nil
}
