package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/alecthomas/kong"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
)

// waiting bounds how long a command waits for the chain.
type waiting struct {
	Timeout time.Duration `help:"Longest wait for the chain. What was sent before may still come into a block." default:"10m"`
}

func (w waiting) limit() time.Duration { return w.Timeout }

// tooLongError ends what waits for the chain too long.
type tooLongError struct{ after time.Duration }

func (e tooLongError) Error() string {
	return fmt.Sprintf("gave up after %s: is anybody sealing blocks (`medmarket chain status`)? What was sent may still come into a block; --timeout waits longer", e.after)
}

// limited is ctx with the limit of a command that has one.
func limited(ctx context.Context, command *kong.Node) (context.Context, context.CancelFunc) {
	if command != nil && command.Target.CanInterface() {
		if w, ok := command.Target.Interface().(interface{ limit() time.Duration }); ok {
			return context.WithTimeoutCause(ctx, w.limit(), tooLongError{w.limit()})
		}
	}
	return ctx, func() {}
}

// errStopped is of a command that somebody stopped while it waited.
var errStopped = errors.New("stopped before it was done; what was sent may still take effect")

// gaveUp says why a command failed whose limit is over, or that was stopped.
func gaveUp(ctx context.Context, err error) error {
	var tooLong tooLongError
	switch {
	case err == nil:
		return nil
	case errors.As(context.Cause(ctx), &tooLong):
		return fmt.Errorf("%w (%w)", tooLong, err)
	case ctx.Err() != nil && (errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled):
		return errStopped // the transport's words say no more
	}
	return err
}

// readAddress is how the command line takes addresses.
func readAddress(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("address", &text); err != nil {
		return err
	}
	a, err := ledger.ReadAddress(text)
	if err != nil {
		return err
	}
	target.Set(reflect.ValueOf(a))
	return nil
}
