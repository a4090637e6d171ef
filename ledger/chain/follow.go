package chain

import (
	"context"
	"errors"
	"math/big"
)

// errIdle ends a session in which a peer had nothing for us although it claimed to.
var errIdle = errors.New("peer did not deliver the work it claims")

// follow brings in what the peer claims to have, for as long as it is more than we
// have.
func (p *peer) follow(ctx context.Context) error {
	for {
		select {
		case <-p.claims:
		case <-ctx.Done():
			return nil
		}
		if err := p.catchUp(ctx); err != nil {
			return err
		}
	}
}

func (p *peer) catchUp(ctx context.Context) error {
	for ctx.Err() == nil {
		c := p.claimed()
		if wanted, err := p.net.node.wants(c); err != nil {
			return &failure{err}
		} else if !wanted {
			return nil
		}
		release, err := p.slot(ctx, c)
		if err != nil {
			return err
		}
		s := &session{peer: p, node: p.net.node, claim: c, work: new(big.Int)}
		err = s.run(ctx)
		release()
		if ctx.Err() != nil {
			return nil
		}
		if err := p.conclude(c, s.work.Cmp(c.work) >= 0, err); err != nil {
			return err
		}
	}
	return nil
}

// conclude draws the conclusion from a session about c that ended with err; shown says
// that the peer showed headers with the work it claims.
func (p *peer) conclude(c claim, shown bool, err error) error {
	if ban, fault := faulty(err); fault {
		return &offence{err, ban}
	}
	if err != nil && !errors.Is(err, ErrUnknownParent) && !errors.Is(err, ErrBelowFinal) {
		return &failure{err}
	}
	n := p.net.node
	if wanted, err := n.wants(c); err != nil {
		return &failure{err}
	} else if !wanted || !p.forget(c) {
		return nil
	}
	if c.justified < n.agreed.Load() && (shown || errors.Is(err, ErrBelowFinal)) {
		return nil // it will hear from us that its fork is out
	}
	if err == nil {
		err = errIdle
	}
	return p.strike(err)
}

// wants says whether a peer claims something better than our chain.
func (n *Node) wants(c claim) (bool, error) {
	if c.justified > n.agreed.Load() {
		return true, nil
	}
	return n.outweighed(c.work)
}

// slot waits until a session with the peer may begin. Peers of our own choice, and
// single blocks on a block we have, need not wait, so that strangers who dawdle
// cannot stop us.
func (p *peer) slot(ctx context.Context, c claim) (release func(), err error) {
	if p.conn.Trusted() || p.net.node.extends(c) {
		return func() {}, nil
	}
	select {
	case p.net.slots <- struct{}{}:
		return func() { <-p.net.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// extends says whether the claimed head is announced and its parent ours.
func (n *Node) extends(c claim) bool {
	return c.header != nil && n.eth.BlockChain().HasHeader(c.header.ParentHash, c.header.Number.Uint64()-1)
}
