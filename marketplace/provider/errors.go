package provider

import (
	"errors"
	"strings"

	"github.com/medmarket/medmarket/policy"
)

// Sentinels. None of them changes anything or costs anything, but [ErrFailed].
var (
	ErrMalformed       = errors.New("malformed document")
	ErrSignature       = errors.New("signature is not by the one who must sign")
	ErrExpired         = errors.New("signature has expired")
	ErrNotEnrolled     = errors.New("key is not enrolled at this hospital")
	ErrAlreadyEnrolled = errors.New("patient or key is already enrolled")
	ErrUnknownPatient  = errors.New("no such patient at this hospital")
	ErrCode            = errors.New("the code is not good: it has a typing error, was used or replaced, has expired, or was tried too often")
	ErrTooOften        = errors.New("too many tries within a minute")
	ErrNoMandate       = errors.New("no mandate of this key that runs")
	ErrTooManyMandates = errors.New("too many others speak for this patient already")
	ErrCapRaised       = errors.New("only the patient herself raises her own cap, or gives it up: carry hers, or a lower one")
	ErrWidens          = errors.New("a delegate may narrow or withdraw, and permit nothing new")
	ErrHasKey          = errors.New("patient has a key and speaks for herself; only a withdrawal or denial is recorded for her")
	ErrTooManyChanges  = errors.New("too many preferences of this patient within a day; a withdrawal is always taken")
	ErrStaleRevision   = errors.New("revision is not the next one")
	ErrNoPreference    = errors.New("no preference on record")
	ErrNoPolicy        = errors.New("the dataset has no policy yet")
	ErrPlanMismatch    = errors.New("plan is not for this dataset, version and disclosure rule")
	ErrRequestReused   = errors.New("request id was used for another ask")
	ErrNoTile          = errors.New("the log has no such tile")
	ErrNoInterval      = errors.New("no interval of the hospital's log ends at that log index")
	ErrNotReached      = errors.New("the hospital's log has not reached that log index")
	ErrNoEntry         = errors.New("the hospital had no entry of the patient at that log index")
	ErrCheckpointStale = errors.New("the chain's last final block is too old to release anything on it")
	ErrAllowance       = errors.New("the chain does not allow the hospital to spend more yet; nothing was charged")
	ErrNoCredit        = errors.New("the escrow does not cover the price and what this hospital has charged before; nothing was charged")
	ErrPrice           = errors.New("the price is above what the researcher signed; nothing was charged")
	ErrNotReady        = errors.New("the hospital is renewing its records, or cannot count this in them; nothing was charged")
	ErrUnknownRequest  = errors.New("request id was never charged here")
	ErrReplay          = errors.New("the decision cannot be made again as it was")

	// ErrFailed is the one error after the charge: it says nothing of the
	// cause, and the charge stands.
	ErrFailed = errors.New("the query failed after it was charged; the charge stands")
)

// RefusedError is a decision against a query, with every reason. Nothing was
// read and nothing was charged.
type RefusedError struct {
	Reasons []policy.ReasonCode
	Columns []string // those that are not released; both the question's and the policy's are public
}

// Refusal is the error of a decision that does not allow what it was made from.
func Refusal(in policy.Input, d policy.Decision) *RefusedError {
	return &RefusedError{Reasons: d.Reasons, Columns: in.Unreleased()}
}

func (e *RefusedError) Error() string {
	s := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		s[i] = string(r)
	}
	text := "refused: " + strings.Join(s, ", ")
	if len(e.Columns) > 0 {
		text += "; not released: " + strings.Join(e.Columns, ", ")
	}
	return text
}

// RedoError is returned by [Store.Finish] when patients who were counted are
// no longer permitted: the attempt leaves no trace and must be computed again
// without them.
type RedoError struct{ Excluded []int64 }

func (e *RedoError) Error() string { return "preferences changed while the query ran" }
