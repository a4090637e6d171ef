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
		budget, err := takeAllocation(ctx, tx, r)
		if err != nil {
			return err
		}
		if err := draw(ctx, tx, r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO asks (request, ask_hash, ask, researcher, study, budget, dataset, nano_rho, work, marketplace, cumulative, signature, reserved_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.Ask.RequestID[:], r.AskHash[:], ask, r.Researcher[:], study, budget, r.Ask.Dataset, r.NanoRho, r.Work,
			r.Voucher.Marketplace[:], int64(r.Voucher.Cumulative), r.Signature[:], r.At)
		if err != nil {
			return err
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

// takeAllocation takes the cost from what the grant allows at the dataset and
// returns the number of the study whose allocation that is.
func takeAllocation(ctx context.Context, tx *sql.Tx, r marketplace.Reservation) (study int64, err error) {
	first := r.Study
	if first.IsZero() {
		first = r.Ask.Grant
	}
	if study, err = studyNumber(ctx, tx, first); err != nil {
		return 0, err
	}
	var taken int64
	err = tx.QueryRowContext(ctx, `SELECT taken FROM allocations WHERE study = ? AND dataset = ?`, study, r.Ask.Dataset).Scan(&taken)
	if absent(err) != nil {
		return 0, err
	}
	if r.NanoRho < 0 {
		return 0, errNegative
	}
	if r.NanoRho > r.Allocation-taken {
		return 0, marketplace.ErrGrantBudget
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO allocations (study, dataset, allocation, taken) VALUES (?, ?, ?, ?)
		ON CONFLICT (study, dataset) DO UPDATE SET allocation = excluded.allocation, taken = excluded.taken`,
		study, r.Ask.Dataset, r.Allocation, taken+r.NanoRho)
	return study, err
}

// draw takes the price from the researcher's escrow.
func draw(ctx context.Context, tx *sql.Tx, r marketplace.Reservation) error {
	a, err := account(ctx, tx, r.Researcher)
	if err != nil {
		return err
	}
	if r.Work < 0 {
		return errNegative
	}
	if r.Work > r.Escrow-a.Drawn {
		return marketplace.ErrNoCredit
	}
	drawn := a.Drawn + r.Work
	if r.Voucher.Cumulative != uint64(drawn) || r.Voucher.Researcher != r.Researcher {
		return marketplace.ErrVoucher
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO accounts (researcher, escrow, drawn, settled) VALUES (?, ?, ?, 0)
		ON CONFLICT (researcher) DO UPDATE SET escrow = excluded.escrow, drawn = excluded.drawn`,
		r.Researcher[:], r.Escrow, drawn)
	return err
}

// Cancel implements [marketplace.Store]. The request id is free again.
func (m *Market) Cancel(ctx context.Context, request ledger.Hash) error {
	return m.write(ctx, "cancelling", func(tx *sql.Tx) error {
		var study, nanoRho, work int64
		var dataset string
		var researcher ledger.Address
		err := tx.QueryRowContext(ctx, `
			DELETE FROM asks WHERE request = ?1 AND NOT EXISTS (SELECT 1 FROM receipts WHERE request = ?1)
			RETURNING budget, dataset, nano_rho, researcher, work`, request[:]).
			Scan(&study, &dataset, &nanoRho, fixed(researcher[:]), &work)
		if err != nil {
			return absent(err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE allocations SET taken = taken - ? WHERE study = ? AND dataset = ?`, nanoRho, study, dataset)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE accounts SET drawn = drawn - ? WHERE researcher = ?`, work, researcher[:])
		if err != nil {
			return err
		}
		return forget(ctx, tx, study, dataset, researcher)
	})
}

// forget removes the books that a reservation opened and nothing else uses, so
// that cancelling it leaves no trace.
func forget(ctx context.Context, tx *sql.Tx, study int64, dataset string, researcher ledger.Address) error {
	_, err := tx.ExecContext(ctx, `
		DELETE FROM allocations WHERE study = ?1 AND dataset = ?2 AND taken = 0
			AND NOT EXISTS (SELECT 1 FROM asks WHERE budget = ?1 AND dataset = ?2)`, study, dataset)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM accounts WHERE researcher = ?1 AND drawn = 0 AND settled = 0
			AND NOT EXISTS (SELECT 1 FROM asks WHERE researcher = ?1)`, researcher[:])
	return err
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
