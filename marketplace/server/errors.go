package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/ledger/signin"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy/passport"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// errorDomain is the domain of every ErrorInfo.
const errorDomain = "medmarket"

// errorTable is the one place where errors become statuses. The first entry
// that matches holds; what matches none is internal.
var errorTable = []struct {
	err    error
	code   codes.Code
	reason pb.ErrorReason
}{
	{errReplayed, codes.Unauthenticated, pb.ErrorReason_ERROR_REASON_REQUEST_REPLAYED},
	{errStaleRequest, codes.Unauthenticated, pb.ErrorReason_ERROR_REASON_REQUEST_STALE},
	{errUnauthenticated, codes.Unauthenticated, pb.ErrorReason_ERROR_REASON_UNAUTHENTICATED},
	{errSignIn, codes.Unauthenticated, pb.ErrorReason_ERROR_REASON_UNAUTHENTICATED},
	{errForbidden, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_FORBIDDEN},
	{errMalformed, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_MALFORMED},
	{errReused, codes.AlreadyExists, pb.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED},
	{errBusy, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{errTooLarge, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE},
	{errTimedOut, codes.DeadlineExceeded, pb.ErrorReason_ERROR_REASON_TIMED_OUT},
	{errNoPath, codes.Unimplemented, pb.ErrorReason_ERROR_REASON_UNKNOWN_PATH},
	{errVerb, codes.Unimplemented, pb.ErrorReason_ERROR_REASON_METHOD_NOT_ALLOWED},
	{errMediaType, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_UNSUPPORTED_MEDIA_TYPE},

	{marketplace.ErrMalformed, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_MALFORMED},
	{marketplace.ErrSignature, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_WRONG_SIGNATURE},
	{marketplace.ErrExpired, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_SIGNATURE_EXPIRED},
	{marketplace.ErrUnknownDataset, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_DATASET},
	{marketplace.ErrUnknownConcept, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_CONCEPT},
	{marketplace.ErrNoVocabulary, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_NO_VOCABULARY},
	{marketplace.ErrUnknownGrant, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_GRANT},
	{marketplace.ErrUnknownReceipt, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_RECEIPT},
	{marketplace.ErrUnknownPerson, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_UNKNOWN_PARTICIPANT},
	{marketplace.ErrGrantExists, codes.AlreadyExists, pb.ErrorReason_ERROR_REASON_GRANT_EXISTS},
	{review.ErrNotNow, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_STEP_NOT_NOW},
	{review.ErrNotYours, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_STEP_NOT_YOURS},
	{marketplace.ErrStaleStep, codes.Aborted, pb.ErrorReason_ERROR_REASON_STALE_STEP},
	{marketplace.ErrUnknownFile, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_FILE},
	{marketplace.ErrTooManyStudies, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{marketplace.ErrTooManyOperations, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{marketplace.ErrTooManyFiles, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_FILES},
	{marketplace.ErrGrantBudget, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_GRANT_BUDGET_SPENT},
	{marketplace.ErrNoCredit, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_NO_CREDIT},
	{marketplace.ErrVoucher, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_VOUCHER_MISMATCH},
	{marketplace.ErrPrice, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_PRICE_ABOVE_SIGNED},
	{marketplace.ErrRequestReused, codes.AlreadyExists, pb.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED},
	{marketplace.ErrNoVisas, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_NO_VISAS},
	{passport.ErrMalformed, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_MALFORMED},
	{marketplace.ErrNotInForce, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_GRANT_NOT_IN_FORCE},
	{marketplace.ErrPlanMismatch, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_PLAN_MISMATCH},

	{provider.ErrMalformed, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_MALFORMED},
	{provider.ErrSignature, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_WRONG_SIGNATURE},
	{provider.ErrExpired, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_SIGNATURE_EXPIRED},
	{provider.ErrNotEnrolled, codes.NotFound, pb.ErrorReason_ERROR_REASON_NOT_ENROLLED},
	{provider.ErrAlreadyEnrolled, codes.AlreadyExists, pb.ErrorReason_ERROR_REASON_ALREADY_ENROLLED},
	{provider.ErrUnknownPatient, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_PATIENT},
	{provider.ErrCode, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_CODE_REFUSED},
	{provider.ErrTooOften, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{provider.ErrTooManyChanges, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{provider.ErrNoMandate, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_NO_MANDATE},
	{provider.ErrCapRaised, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_OWN_CAP_RAISED},
	{provider.ErrWidens, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_DELEGATE_WIDENS},
	{provider.ErrTooManyMandates, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_MANDATES},
	{provider.ErrHasKey, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_PATIENT_HAS_KEY},
	{provider.ErrStaleRevision, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_STALE_REVISION},
	{provider.ErrNoPreference, codes.NotFound, pb.ErrorReason_ERROR_REASON_NO_PREFERENCE},
	{provider.ErrNoPolicy, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_NO_POLICY},
	{provider.ErrPlanMismatch, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_PLAN_MISMATCH},
	{provider.ErrRequestReused, codes.AlreadyExists, pb.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED},
	{provider.ErrNoCredit, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_NO_CREDIT},
	{provider.ErrPrice, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_PRICE_ABOVE_SIGNED},
	{provider.ErrNoInterval, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_NO_INTERVAL},
	{provider.ErrNotReached, codes.OutOfRange, pb.ErrorReason_ERROR_REASON_NOT_REACHED},
	{provider.ErrNoEntry, codes.NotFound, pb.ErrorReason_ERROR_REASON_NO_ENTRY},
	{provider.ErrUnknownRequest, codes.NotFound, pb.ErrorReason_ERROR_REASON_UNKNOWN_DECISION},
	{provider.ErrReplay, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_DECISION_DIFFERS},
	{provider.ErrCheckpointStale, codes.Unavailable, pb.ErrorReason_ERROR_REASON_CHECKPOINT_STALE},
	{provider.ErrAllowance, codes.Unavailable, pb.ErrorReason_ERROR_REASON_ALLOWANCE_NOT_FINAL},
	{provider.ErrNotReady, codes.Unavailable, pb.ErrorReason_ERROR_REASON_RECORDS_NOT_READY},
	{recordindex.ErrNoAccess, codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_NO_ACCESS},
	{recordindex.ErrNoPointer, codes.NotFound, pb.ErrorReason_ERROR_REASON_NO_POINTER},
	{recordindex.ErrMissing, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_RECORD_MISSING},
	{recordindex.ErrAltered, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_RECORD_ALTERED},
	{recordindex.ErrSuperseded, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_RECORD_SUPERSEDED},
	{recordindex.ErrFaulty, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_RECORD_FAULTY},
	{recordindex.ErrNoEmergency, codes.NotFound, pb.ErrorReason_ERROR_REASON_NO_EMERGENCY},
	{recordindex.ErrTooLarge, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE},
	{recordindex.ErrMalformed, codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_MALFORMED},
	{recordindex.ErrTooOften, codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS},
	{consent.ErrPresent, codes.FailedPrecondition, pb.ErrorReason_ERROR_REASON_INDEX_PRESENT},
	{provider.ErrFailed, codes.Aborted, pb.ErrorReason_ERROR_REASON_QUERY_FAILED},
}

// errMalformed is a message that does not have the shape of the API.
var errMalformed = errors.New("malformed message")

// toStatus turns any error into the status that the caller sees. Known errors
// say what they are; an unknown one says only the request id. An end of ctx is
// the caller's own; any other time-out is an unknown error. told is false when
// the status leaves out what err says, so that the edge logs it.
func toStatus(ctx context.Context, err error, requestID string) (told bool, s error) {
	var refused *provider.RefusedError
	var invalid *dp.InvalidQueryError
	var incomplete *marketplace.IncompleteError
	var many *limitError
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &refused):
		codesOf := make([]string, len(refused.Reasons))
		for i, r := range refused.Reasons {
			codesOf[i] = string(r)
		}
		meta := map[string]string{"reasons": strings.Join(codesOf, ",")}
		if len(refused.Columns) > 0 {
			meta["columns"] = strings.Join(refused.Columns, ",")
		}
		return true, newStatus(codes.PermissionDenied, pb.ErrorReason_ERROR_REASON_REFUSED, refused.Error(), meta)
	case errors.As(err, &invalid):
		return true, newStatus(codes.InvalidArgument, pb.ErrorReason_ERROR_REASON_INVALID_QUERY, invalid.Error(),
			map[string]string{"field": invalid.Field})
	case errors.As(err, &many):
		return true, newStatus(codes.ResourceExhausted, pb.ErrorReason_ERROR_REASON_TOO_MANY_REQUESTS, many.Error(), nil,
			&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Duration(many.seconds()) * time.Second)})
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return true, status.FromContextError(ctx.Err()).Err()
	case errors.As(err, &incomplete):
		return false, newStatus(codes.Unavailable, pb.ErrorReason_ERROR_REASON_HOSPITAL_UNAVAILABLE, incomplete.Error(), nil)
	case errors.Is(err, signin.ErrNoAnswer): // its causes are addresses and the like
		return false, newStatus(codes.Unavailable, pb.ErrorReason_ERROR_REASON_INSTITUTION_UNAVAILABLE, signin.ErrNoAnswer.Error(), nil)
	case errors.Is(err, recordindex.ErrUnavailable): // likewise
		return false, newStatus(codes.Unavailable, pb.ErrorReason_ERROR_REASON_RECORD_UNAVAILABLE, recordindex.ErrUnavailable.Error(), nil)
	case errors.Is(err, marketplace.ErrUnavailable): // its causes are addresses and the like
		return false, newStatus(codes.Unavailable, pb.ErrorReason_ERROR_REASON_HOSPITAL_UNAVAILABLE,
			marketplace.ErrUnavailable.Error(), nil)
	}
	for _, e := range errorTable {
		if errors.Is(err, e.err) {
			return true, newStatus(e.code, e.reason, err.Error(), nil)
		}
	}
	return false, newStatus(codes.Internal, pb.ErrorReason_ERROR_REASON_INTERNAL, "internal error; request "+requestID, nil)
}

func newStatus(code codes.Code, reason pb.ErrorReason, message string, meta map[string]string, more ...protoadapt.MessageV1) error {
	s := status.New(code, message)
	info := &errdetails.ErrorInfo{
		Reason: strings.TrimPrefix(reason.String(), "ERROR_REASON_"), Domain: errorDomain, Metadata: meta,
	}
	if with, err := s.WithDetails(append([]protoadapt.MessageV1{info}, more...)...); err == nil {
		s = with
	}
	return s.Err()
}
