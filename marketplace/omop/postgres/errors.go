package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/medmarket/medmarket/marketplace/omop"
)

var (
	// ErrNotPrepared: schema medmarket was not made by this version's Prepare.
	ErrNotPrepared = errors.New("the records in this database are not prepared")
	// ErrChanged: the hospital's tables may not hold any more what was prepared.
	ErrChanged = errors.New("the records may have changed since they were prepared")
	// ErrWritten: another session may be writing the hospital's tables.
	ErrWritten = errors.New("the records are being written")
	// ErrUncounted: the server does not count what is written, so that nobody could tell that records have changed.
	ErrUncounted = errors.New("the server has track_counts off, by which changes of the records are seen")
	// ErrInUse: another engine, or a Prepare, uses schema medmarket.
	ErrInUse = errors.New("the prepared records are in use by another medmarket")
	// ErrPlain: the connection to another machine might not be encrypted.
	ErrPlain = errors.New("the connection to another machine would not be encrypted: say sslmode=verify-full and sslrootcert")
)

// codes name SQLSTATEs and their classes.
var codes = map[string]string{
	"57014":          "interrupted",
	"53200":          "out_of_memory",
	"53100":          "io",
	lockNotAvailable: "locked",
	"42501":          "permission",
	"22":             "out_of_range",
	"23":             "constraint",
	"25":             "transaction",
	"40":             "transaction",
	"42":             "catalog",
	"54":             "limit",
	"57":             "shutdown",
	"58":             "io",
	"08":             "connection",
	"XX":             "internal",
}

// opaque hides what the database said. A cancelled context is told apart.
func opaque(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	code := "other"
	var e *pgconn.PgError
	if errors.As(err, &e) && len(e.Code) == 5 {
		if c := codes[e.Code]; c != "" {
			code = c
		} else if c := codes[e.Code[:2]]; c != "" {
			code = c
		}
	}
	return &omop.EngineError{Op: op, Code: code}
}
