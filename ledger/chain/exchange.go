package chain

import (
	"context"
	"time"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

// pace makes a peer that asks for much wait: nothing more is read from it.
func (p *peer) pace(cost float64) {
	now := time.Now()
	p.tokens = min(burst, p.tokens+refill*now.Sub(p.filled).Seconds()) - cost
	p.filled = now
	if p.tokens >= 0 {
		return
	}
	timer := time.NewTimer(time.Duration(-p.tokens / refill * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.net.node.life.Done():
	}
}

// strike counts a claim that came to nothing.
func (p *peer) strike(why error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.strikes = max(0, p.strikes-now.Sub(p.struck).Seconds()) + strike
	p.struck = now
	if p.strikes >= maxStrikes {
		return offend(longBan, "too many strikes, the last: %w", why)
	}
	p.net.node.log.Debug("peer struck", "peer", p.id, "err", why)
	return nil
}

// reply queues an answer. Who asks without reading the answers is dropped.
func (p *peer) reply(m mpow.Message) error {
	if len(p.out) >= maxAnswers {
		return offend(shortBan, "%d answers are waiting to be read", maxAnswers)
	}
	p.out <- m // the reader alone fills it up to maxAnswers; one place is for requests
	return nil
}

// deliver hands an answer to whoever asked.
func (p *peer) deliver(m mpow.Message, id uint64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil || p.asked != id || p.answer != m.Code() {
		return offend(longBan, "answer %d was not asked for", m.Code())
	}
	p.waiting <- m // it has room for the one answer
	p.waiting = nil
	return nil
}

// ask sends the request that build makes for a new id and waits for the answer.
func (p *peer) ask(ctx context.Context, answer uint64, build func(id uint64) mpow.Message) (mpow.Message, error) {
	waiting := make(chan mpow.Message, 1)
	p.mu.Lock()
	p.asked++
	id := p.asked
	p.waiting, p.answer = waiting, answer
	p.mu.Unlock()

	late := time.NewTimer(p.net.timeout)
	defer late.Stop()
	select {
	case p.out <- build(id):
	case <-late.C:
		return nil, offend(shortBan, "peer does not read")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case m := <-waiting:
		return m, nil
	case <-late.C:
		return nil, offend(shortBan, "no answer %d within %s", answer, p.net.timeout)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
