package providerrpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// errorDomain keeps these reasons apart from those of the public API.
const errorDomain = "medmarket.provider"

// sentinels are the errors of package provider that cross the wire as
// themselves; all but ErrFailed and ErrRequestReused come before the charge.
var sentinels = map[pb.ErrorReason]error{
	pb.ErrorReason_ERROR_REASON_MALFORMED:           provider.ErrMalformed,
	pb.ErrorReason_ERROR_REASON_WRONG_SIGNATURE:     provider.ErrSignature,
	pb.ErrorReason_ERROR_REASON_SIGNATURE_EXPIRED:   provider.ErrExpired,
	pb.ErrorReason_ERROR_REASON_PLAN_MISMATCH:       provider.ErrPlanMismatch,
	pb.ErrorReason_ERROR_REASON_NO_POLICY:           provider.ErrNoPolicy,
	pb.ErrorReason_ERROR_REASON_REQUEST_ID_REUSED:   provider.ErrRequestReused,
	pb.ErrorReason_ERROR_REASON_CHECKPOINT_STALE:    provider.ErrCheckpointStale,
	pb.ErrorReason_ERROR_REASON_RECORDS_NOT_READY:   provider.ErrNotReady,
	pb.ErrorReason_ERROR_REASON_ALLOWANCE_NOT_FINAL: provider.ErrAllowance,
	pb.ErrorReason_ERROR_REASON_PRICE_ABOVE_SIGNED:  provider.ErrPrice,
	pb.ErrorReason_ERROR_REASON_NO_CREDIT:           provider.ErrNoCredit,
	pb.ErrorReason_ERROR_REASON_QUERY_FAILED:        provider.ErrFailed,
}

// encode turns an error of the node into a status; what it does not know says
// nothing.
func encode(err error) error {
	var refused *provider.RefusedError
	if errors.As(err, &refused) {
		reasons := make([]string, len(refused.Reasons))
		for i, r := range refused.Reasons {
			reasons[i] = string(r)
		}
		return withReason(pb.ErrorReason_ERROR_REASON_REFUSED, refused.Error(), map[string]string{
			"reasons": strings.Join(reasons, ","), "columns": strings.Join(refused.Columns, ","),
		})
	}
	for reason, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			return withReason(reason, err.Error(), nil)
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return status.Error(codes.DeadlineExceeded, "the time for the call is over")
	}
	return status.Error(codes.Internal, "internal error")
}

func withReason(reason pb.ErrorReason, message string, more map[string]string) error {
	s := status.New(codes.FailedPrecondition, message)
	with, err := s.WithDetails(&errdetails.ErrorInfo{
		Reason: reason.String(), Domain: errorDomain, Metadata: more,
	})
	if err != nil {
		return s.Err()
	}
	return with.Err()
}

// decode is the inverse of encode.
func decode(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, d := range status.Convert(err).Details() {
		info, ok := d.(*errdetails.ErrorInfo)
		if !ok || info.GetDomain() != errorDomain {
			continue
		}
		reason := pb.ErrorReason(pb.ErrorReason_value[info.GetReason()])
		if reason == pb.ErrorReason_ERROR_REASON_REFUSED {
			return refusedFrom(info.GetMetadata())
		}
		if sentinel := sentinels[reason]; sentinel != nil {
			return sentinel
		}
	}
	if status.Code(err) == codes.DeadlineExceeded { // the other side's clock may strike first
		err = context.DeadlineExceeded
	}
	return fmt.Errorf("%w: %w", marketplace.ErrUnavailable, err)
}

func refusedFrom(more map[string]string) error {
	e := &provider.RefusedError{}
	for r := range strings.SplitSeq(more["reasons"], ",") {
		if r != "" {
			e.Reasons = append(e.Reasons, policy.ReasonCode(r))
		}
	}
	if columns := more["columns"]; columns != "" {
		e.Columns = strings.Split(columns, ",")
	}
	return e
}
