package duckdb

import (
	"context"
	"errors"
	"fmt"

	driver "github.com/duckdb/duckdb-go/v2"
)

var (
	// ErrEngine is what every EngineError is.
	ErrEngine = errors.New("database error")
	// ErrNotImported: the file was not made by this version's Import.
	ErrNotImported = errors.New("not a file made by import")
	// ErrPath: DuckDB puts the journal of a file with a question mark in its path
	// somewhere else.
	ErrPath = errors.New("path of the file has a question mark")
	// ErrKey: real records were to be imported without a key.
	ErrKey = errors.New("records that are not called synthetic need a key")
	// ErrMemberships: a patient is in two classes, or a class is not below 2^31.
	ErrMemberships = errors.New("memberships are not a function from patients to classes")
)

// EngineError replaces an error of the database, whose text may quote records.
type EngineError struct {
	Op   string // what was being done, in our words
	Code string // from a closed list, e.g. "out_of_memory"; "other" if not on it
}

func (e *EngineError) Error() string { return e.Op + ": database error " + e.Code }

// Is makes errors.Is(err, ErrEngine) true.
func (e *EngineError) Is(target error) bool { return target == ErrEngine }

// NotOMOPError says why a folder is not one of OMOP tables.
type NotOMOPError struct {
	Table  string // lower case, e.g. "person"; empty if it concerns the folder
	Column string // empty if it concerns the table
	Why    string
}

func (e *NotOMOPError) Error() string {
	where := "folder"
	switch {
	case e.Column != "":
		where = e.Table + "." + e.Column
	case e.Table != "":
		where = "table " + e.Table
	}
	return "not OMOP: " + where + " " + e.Why
}

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
	return &EngineError{Op: op, Code: code}
}
