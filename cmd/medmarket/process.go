package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// process is what a command holds that serves until it is told to stop.
type process struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	failed  chan error // a server that ended by itself
	closers []func() error
	drains  []func() // tell who asks that the process is about to stop, and return at once
}

// begin makes p ready, and the context that ends when p is closed.
func (p *process) begin(ctx context.Context) (life context.Context) {
	p.failed = make(chan error, 5)
	life, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return life
}

// hold keeps a file or folder until close.
func (p *process) hold(path string, shared bool) error {
	release, err := hold(path, shared)
	if err == nil {
		p.closers = append(p.closers, release)
	}
	return err
}

// goRun runs f until close; f ends when the process's life does.
func (p *process) goRun(f func()) { p.running.Go(f) }

// background runs f, which ends with the process's life and uses what was opened
// before: close waits for it before it closes that.
func (p *process) background(f func()) {
	var running sync.WaitGroup
	running.Go(f)
	p.closers = append(p.closers, func() error {
		running.Wait()
		return nil
	})
}

func (p *process) fail(err error) {
	select {
	case p.failed <- err:
	default: // one is enough to stop
	}
}

// wait serves until the process is told to stop or a server fails, then closes.
func (p *process) wait(e *env) error {
	var failure error
	select {
	case <-e.ctx.Done():
	case failure = <-p.failed:
	}
	fmt.Fprintln(e.stdout, "stopping…")
	return errors.Join(failure, p.close())
}

// close stops everything, last opened first, and waits for it.
func (p *process) close() error {
	var errs []error
	for _, drain := range p.drains {
		drain()
	}
	p.cancel()
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	p.running.Wait()
	return errors.Join(errs...)
}
