package duckdb

import (
	"context"
	"errors"
	"fmt"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/medmarket/medmarket/marketplace/omop"
)

var (
	// ErrNotImported: the file was not made by this version's Import.
	ErrNotImported = errors.New("not a file made by import")
	// ErrPath: DuckDB puts the journal of a file with a question mark in its path
	// somewhere else.
	ErrPath = errors.New("path of the file has a question mark")
	// ErrKey: real records were to be imported without a key.
	ErrKey = errors.New("records that are not called synthetic need a key")
)

var codes = map[driver.ErrorType]string{
	driver.ErrorTypeOutOfRange:   "out_of_range",
	driver.ErrorTypeConversion:   "conversion",
	driver.ErrorTypeInvalidInput: "invalid_input",
	driver.ErrorTypeOutOfMemory:  "out_of_memory",
	driver.ErrorTypeIO:           "io",
	driver.ErrorTypeConstraint:   "constraint",
	driver.ErrorTypeCatalog:      "catalog",
	driver.ErrorTypeBinder:       "binder",
	driver.ErrorTypeTransaction:  "transaction",
	driver.ErrorTypeInterrupt:    "interrupted",
	driver.ErrorTypePermission:   "permission",
	driver.ErrorTypeFatal:        "fatal",
	driver.ErrorTypeInternal:     "internal",
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
	var e *driver.Error
	if errors.As(err, &e) && codes[e.Type] != "" {
		code = codes[e.Type]
	}
	return &omop.EngineError{Op: op, Code: code}
}
