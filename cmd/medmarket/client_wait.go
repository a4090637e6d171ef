package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// A caller who is too fast is told how long to wait. What walks a whole history waits, and asks again.
const (
	mostWaits   = 20
	longestWait = time.Minute
)

// patiently asks again, newly signed, once the server's limits allow it: as often as mostWaits, while ctx lasts.
func patiently(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	for n := 0; ; n++ {
		err := invoke(ctx, method, req, reply, cc, opts...)
		wait, told := retryDelay(err)
		if !told || n == mostWaits || !waited(ctx, wait) {
			return err
		}
	}
}

// retryDelay is how long a refusal says to wait.
func retryDelay(err error) (wait time.Duration, told bool) {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			return min(info.GetRetryDelay().AsDuration(), longestWait), true
		}
	}
	return 0, false
}

// retryAfter is the same of an HTTP answer.
func retryAfter(a *http.Response) (wait time.Duration, told bool) {
	if a.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0, false
	}
	return min(time.Duration(seconds)*time.Second, longestWait), true
}
