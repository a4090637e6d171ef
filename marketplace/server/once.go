package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
)

// errReused: a caller names her requests apart.
var errReused = errors.New("request id was used for another request within ten minutes")

// Bounds on the answers that are remembered. The oldest are forgotten first.
const (
	answersKept = 10 * time.Minute
	maxAnswers  = 10_000
	maxKept     = 16 << 20 // bytes of all
)

// once answers a request that its caller sends again under the same request id (AIP-155) as it was answered, and does nothing:
// for ten minutes, within which this process remembers maxAnswers. Errors are not remembered: what was refused may be sent again.
type once struct {
	now func() time.Time

	mu    sync.Mutex
	by    map[onceName]*onceAnswer
	ended []*onceAnswer // by the time that they ended
	size  int           // bytes of ended
}

type onceName struct {
	caller     ledger.Address
	method, id string
}

type onceAnswer struct {
	name  onceName
	body  ledger.Hash
	done  chan struct{}
	reply any // set before done is closed; nil: it was refused
	size  int
	at    time.Time
}

func newOnce(now func() time.Time) *once { return &once{now: now, by: map[onceName]*onceAnswer{}} }

// do handles a request, unless it was handled before. Who calls is in ctx.
func (o *once) do(ctx context.Context, method string, req any, handle func(context.Context, any) (any, error)) (any, error) {
	named, ok := req.(interface{ GetRequestId() string })
	if !ok || named.GetRequestId() == "" {
		return handle(ctx, req)
	}
	body, err := bodyHash(req)
	if err != nil {
		return nil, err
	}
	for name := (onceName{callerFrom(ctx).Address, method, named.GetRequestId()}); ; {
		a, first := o.begin(name, body)
		switch {
		case a.body != body:
			return nil, errReused
		case first:
			return o.answer(ctx, a, req, handle)
		}
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if a.reply != nil {
			return a.reply, nil
		}
	}
}

// answer handles a request that is the first, and remembers how it was answered.
func (o *once) answer(ctx context.Context, a *onceAnswer, req any, handle func(context.Context, any) (any, error)) (any, error) {
	defer o.end(a)
	reply, err := handle(ctx, req)
	if err == nil {
		a.reply = reply
	}
	return reply, err
}

// begin returns the answer to a request, which may be under way, or makes it; first says that the caller has to end it.
func (o *once) begin(name onceName, body ledger.Hash) (a *onceAnswer, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget()
	if a = o.by[name]; a != nil {
		return a, false
	}
	a = &onceAnswer{name: name, body: body, done: make(chan struct{})}
	o.by[name] = a
	return a, true
}

// end remembers the answer, or that there was none.
func (o *once) end(a *onceAnswer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m, ok := a.reply.(proto.Message); ok {
		a.at, a.size = o.now(), proto.Size(m)
		o.ended, o.size = append(o.ended, a), o.size+a.size
		o.forget()
	} else {
		delete(o.by, a.name)
	}
	close(a.done)
}

// forget drops what is too old or too much. The caller holds mu.
func (o *once) forget() {
	n := 0
	for _, a := range o.ended {
		if o.now().Sub(a.at) < answersKept && len(o.ended)-n <= maxAnswers && o.size <= maxKept {
			break
		}
		delete(o.by, a.name)
		o.size -= a.size
		n++
	}
	o.ended = o.ended[n:]
}
