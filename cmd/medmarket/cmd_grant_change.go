package main

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/review"
)

// grantChange is what a member of a committee decides on a grant that is on the
// chain. It goes there directly: no marketplace can hold it up.
type grantChange struct {
	access
	outcome
	waiting
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	Payer string      `help:"Key file of whoever pays for the transaction, if the committee's own key has no coins; it decides nothing." type:"existingfile" optional:""`
}

// change calls f with a writer to the chain, the grant as it is final there, and
// the member who signs.
func (c *grantChange) change(e *env, f func(t *eth.Transactor, p *person, r ledger.GrantRecord) error) error {
	return c.with(func(p *person) error {
		payer, err := p.payer(c.Payer)
		if err != nil {
			return err
		}
		return payer.ledgerOf(e, func(t *eth.Transactor) error {
			who, err := t.Participant(e.ctx, p.address())
			if err != nil {
				return err
			}
			record, found, err := t.GrantOf(e.ctx, c.Grant, who.Organisation)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("no committee of your key's organisation has approved %s, or it is not final yet: see `medmarket grant show`", c.Grant)
			}
			return f(t, p, record)
		})
	})
}

type grantSuspendCommand struct {
	grantChange
	Reason string `help:"Why." required:""`
}

func (c *grantSuspendCommand) Run(e *env) error {
	return c.change(e, func(t *eth.Transactor, p *person, r ledger.GrantRecord) error {
		sig := p.key.Sign(p.net.Trust.Domain().GrantSuspensionDigest(c.Grant, r.Suspensions))
		if err := t.SuspendGrant(e.ctx, c.Grant, r.Suspensions, sig); err != nil {
			return err
		}
		return c.done(e, p, "suspended on the chain; nothing is answered under it once the block is final", review.Suspend, c.Reason, nil)
	})
}

type grantResumeCommand struct {
	grantChange
	Text string `help:"What was found."`
}

func (c *grantResumeCommand) Run(e *env) error {
	return c.change(e, func(t *eth.Transactor, p *person, r ledger.GrantRecord) error {
		sig := p.key.Sign(p.net.Trust.Domain().GrantResumptionDigest(c.Grant, r.Suspensions))
		if err := t.ResumeGrant(e.ctx, c.Grant, r.Suspensions, sig); err != nil {
			return err
		}
		return c.done(e, p, "signed on the chain; the grant is in force again once enough members have signed and that is final", review.Resume, c.Text, nil)
	})
}

type grantRevokeCommand struct {
	grantChange
	Reason string `help:"Why." required:""`
}

func (c *grantRevokeCommand) Run(e *env) error {
	return c.change(e, func(t *eth.Transactor, p *person, _ ledger.GrantRecord) error {
		if err := t.RevokeGrant(e.ctx, c.Grant, p.key.Sign(p.net.Trust.Domain().GrantRevocationDigest(c.Grant))); err != nil {
			return err
		}
		return c.done(e, p, "revoked on the chain, for good; nothing is answered under it once the block is final", review.Revoke, c.Reason, nil)
	})
}

// grantConcludeCommand has signatures count that were given when more were wanted.
type grantConcludeCommand struct{ grantChange }

func (c *grantConcludeCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		payer, err := p.payer(c.Payer)
		if err != nil {
			return err
		}
		return payer.ledgerOf(e, func(t *eth.Transactor) error {
			who, err := t.Participant(e.ctx, p.address())
			if err != nil {
				return err
			}
			if err := t.ConcludeGrant(e.ctx, c.Grant, who.Organisation); err != nil {
				return err
			}
			return c.say(e, map[string]any{"grant": c.Grant}, "the signatures suffice; the grant is in force once the block is final")
		})
	})
}

// payer is who pays for a transaction that carries p's signature: the holder of a key
// file, or p herself if none is named. Only the chain is spoken to as the payer.
func (p *person) payer(keyFile string) (*person, error) {
	if keyFile == "" {
		return &person{key: p.key, net: p.net}, nil
	}
	key, err := readKey(keyFile)
	return &person{key: key, net: p.net}, err
}
