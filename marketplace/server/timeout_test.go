package server

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

func TestTimeLimit(t *testing.T) {
	for method, want := range map[string]time.Duration{
		pb.QueryService_Quote_FullMethodName:                     10 * time.Second,
		pb.GrantService_ListGrants_FullMethodName:                10 * time.Second,
		pb.PreferenceService_GetPreference_FullMethodName:        10 * time.Second,
		pb.QueryService_Ask_FullMethodName:                       time.Minute,
		pb.ReceiptService_GetReceipt_FullMethodName:              time.Minute,
		pb.PreferenceService_SetPreferences_FullMethodName:       3 * time.Minute,
		pb.GrantService_ApproveGrant_FullMethodName:              3 * time.Minute,
		pb.ParticipantService_RegisterParticipant_FullMethodName: 3 * time.Minute,
	} {
		if got := timeLimit(method); got != want {
			t.Errorf("%s: %v, want %v", method, got, want)
		}
		if timeLimit(method) >= restTimeout {
			t.Errorf("%s: REST would end it first", method)
		}
	}
}

// A call that hangs ends at its limit and says so; the caller's own end is her
// own; an error that has nothing to do with time stays what it is.
func TestCallsEnd(t *testing.T) {
	hangs := func(ctx context.Context, _ any) (any, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("reading the escrow of 471108154711: %w", ctx.Err())
	}
	for name, c := range map[string]struct {
		patience time.Duration // of the caller; 0: without end
		handle   grpc.UnaryHandler
		after    time.Duration
		code     codes.Code
		reason   string
	}{
		"hangs":               {0, hangs, 10 * time.Second, codes.DeadlineExceeded, "TIMED_OUT"},
		"a patient caller":    {time.Minute, hangs, 10 * time.Second, codes.DeadlineExceeded, "TIMED_OUT"},
		"an impatient caller": {time.Second, hangs, time.Second, codes.DeadlineExceeded, ""},
		"another's deadline": {0, func(context.Context, any) (any, error) {
			return nil, context.DeadlineExceeded
		}, 0, codes.Internal, "INTERNAL"},
		"another error at the end": {0, func(ctx context.Context, _ any) (any, error) {
			<-ctx.Done()
			return nil, errForbidden
		}, 10 * time.Second, codes.PermissionDenied, "FORBIDDEN"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				within, err := newLimits(Limits{}, time.Now)
				if err != nil {
					t.Fatal(err)
				}
				e := &edge{cfg: Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)}, metrics: newMetrics(), traces: tracesOf(nil), limits: within}
				ctx, cancel := context.WithCancel(t.Context())
				if c.patience > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), c.patience)
				}
				defer cancel()
				began := time.Now()
				info := &grpc.UnaryServerInfo{FullMethod: pb.RegisterService_GetAnchor_FullMethodName}
				_, err = e.unary(ctx, &pb.GetAnchorRequest{}, info, c.handle)
				if took := time.Since(began); took != c.after {
					t.Errorf("ended after %v, want %v", took, c.after)
				}
				if status.Code(err) != c.code || infoOf(err).GetReason() != c.reason {
					t.Errorf("got %v, want %v %s", err, c.code, c.reason)
				}
			})
		})
	}
}
