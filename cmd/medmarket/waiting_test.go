package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Who stops a command, or waits too long, is told so in words, not in those of the transport.
func TestWhyItGaveUp(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	over, cancel := context.WithTimeoutCause(t.Context(), 0, tooLongError{time.Second})
	defer cancel()
	disk := errors.New("disk full")
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want string
	}{
		"stopped in a call":      {stopped, fmt.Errorf("asking: %w", status.Error(codes.Canceled, "context canceled")), errStopped.Error()},
		"stopped elsewhere":      {stopped, context.Canceled, errStopped.Error()},
		"stopped, and it failed": {stopped, disk, "disk full"},
		"a server that stops":    {t.Context(), status.Error(codes.Canceled, "draining"), "draining"},
		"too long":               {over, context.DeadlineExceeded, "gave up after 1s"},
	} {
		if got := gaveUp(c.ctx, c.err); got == nil || !strings.Contains(got.Error(), c.want) || c.want == errStopped.Error() && got.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	if err := gaveUp(stopped, nil); err != nil {
		t.Errorf("it was done, and says %v", err)
	}
}
