package marketplace

import (
	"errors"
	"fmt"
)

// Sentinels. None of them changes or costs anything.
var (
	ErrMalformed      = errors.New("malformed request")
	ErrSignature      = errors.New("signature is not by the one who must sign")
	ErrExpired        = errors.New("signature has expired")
	ErrUnknownDataset = errors.New("no such dataset")
	ErrUnknownConcept = errors.New("no such concept")
	ErrNoVocabulary   = errors.New("this marketplace was given no vocabulary")
	ErrUnknownGrant   = errors.New("no such grant")
	ErrUnknownReceipt = errors.New("no such receipt")
	ErrUnknownPerson  = errors.New("not a registered participant of that role")
	ErrGrantExists    = errors.New("the grant is approved already")
	ErrStaleStep      = errors.New("another step was taken meanwhile; look at the study again")
	ErrUnknownFile    = errors.New("no such file in this study")
	ErrTooManyStudies = errors.New("too many of your studies wait for a decision: withdraw one, or wait")
	// ErrTooManyOperations: wait for one, or cancel it.
	ErrTooManyOperations = errors.New("too many asks of yours run already")
	ErrTooManyFiles      = errors.New("the study has 32 files already")
	ErrGrantBudget       = errors.New("the grant's allocation is spent")
	ErrNoCredit          = errors.New("the escrow does not cover the price")
	ErrVoucher           = errors.New("the voucher must promise exactly what is drawn plus the price")
	ErrPrice             = errors.New("the price or cost is above what the researcher signed")
	ErrRequestReused     = errors.New("request id was used for another ask")
	ErrPlanMismatch      = errors.New("the plan is not for the dataset's present version and disclosure rule")
	ErrNoVisas           = errors.New("this marketplace issues no visas")
	ErrNotInForce        = errors.New("the grant is not in force")
	ErrUnavailable       = errors.New("the hospital did not answer; ask again under the same request id")
)

// ErrNoAnswer is ErrUnavailable for a hospital that sent something else than its answer, which is its to mend.
var ErrNoAnswer = fmt.Errorf("%w; what it sent is no answer to the ask", ErrUnavailable)
