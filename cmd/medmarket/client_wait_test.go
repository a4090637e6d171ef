package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// refusing refuses so many calls, each with three seconds to wait, and counts all.
func refusing(t *testing.T, refusals int, calls *int) grpc.UnaryInvoker {
	s, err := status.New(codes.ResourceExhausted, "too many").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	return func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
		if *calls++; *calls <= refusals {
			return s.Err()
		}
		return nil
	}
}

func TestWhoIsTooFastWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, from := 0, time.Now()
		if err := patiently(t.Context(), "", nil, nil, nil, refusing(t, 2, &calls)); err != nil || calls != 3 || time.Since(from) != 6*time.Second {
			t.Errorf("%v after %d calls and %v", err, calls, time.Since(from))
		}
		calls = 0
		if err := patiently(t.Context(), "", nil, nil, nil, refusing(t, 1000, &calls)); status.Code(err) != codes.ResourceExhausted || calls != mostWaits+1 {
			t.Errorf("refused for ever: %v after %d calls", err, calls)
		}
		calls = 0
		ended, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := patiently(ended, "", nil, nil, nil, refusing(t, 1000, &calls)); status.Code(err) != codes.ResourceExhausted || calls != 1 {
			t.Errorf("in one second: %v after %d calls", err, calls)
		}
		calls = 0
		other := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
			calls++
			return status.Error(codes.ResourceExhausted, "a bound of something else")
		}
		if err := patiently(t.Context(), "", nil, nil, nil, other); err == nil || calls != 1 {
			t.Errorf("without a time to wait: %v after %d calls", err, calls)
		}
	})
}

func TestFetchWaits(t *testing.T) {
	calls := 0
	log := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte("tile")) // a test's client reads it or fails
	}))
	defer log.Close()
	if body, err := fetch(t.Context(), log.URL, 10); err != nil || string(body) != "tile" {
		t.Errorf("%q, %v", body, err)
	}
}
