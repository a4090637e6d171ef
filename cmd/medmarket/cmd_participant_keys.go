package main

import (
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// participantVoteSignerCommand is a signer's vote on who is one.
type participantVoteSignerCommand struct {
	access
	outcome
	waiting
	Address ledger.Address `arg:"" help:"Address of the key that is voted on; a provider's."`
	Out     bool           `help:"Vote them out, or take back the vote to have them in."`
}

func (c *participantVoteSignerCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			if err := t.VoteSigner(e.ctx, c.Address, !c.Out); err != nil {
				return err
			}
			member, err := p.signsNow(e, t, c.Address)
			if err != nil {
				return err
			}
			state := "is no signer"
			if member {
				state = "is a signer"
			}
			return c.say(e, map[string]any{"address": c.Address, "signer": member},
				"voted; by now %s %s. It takes more than two thirds of the signers, and counts once the block is final", c.Address, state)
		})
	})
}

// signsNow reports whether a key is a signer's in the newest block.
func (p *person) signsNow(e *env, t *eth.Transactor, who ledger.Address) (bool, error) {
	signers, err := t.SignersNow(e.ctx)
	return slices.Contains(signers, who), err
}

// participantApprovalsCommand sets m of a committee's m-of-n.
type participantApprovalsCommand struct {
	access
	outcome
	waiting
	Organisation string `arg:"" help:"Name of the committee's organisation."`
	Approvals    uint8  `arg:"" help:"How many members must approve, 1 to 16."`
}

func (c *participantApprovalsCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			if err := t.SetApprovals(e.ctx, organisation(c.Organisation), c.Approvals); err != nil {
				return err
			}
			return c.say(e, map[string]any{"organisation": c.Organisation, "approvals": c.Approvals},
				"of the committee of %s %d must approve from now on. Grants that as many have signed already: `medmarket grant conclude`", c.Organisation, c.Approvals)
		})
	})
}

// participantAcceptCommand is the new key's part in a replacement. It needs no server.
type participantAcceptCommand struct {
	access
	outcome
	Lost ledger.Address `arg:"" help:"Address of the lost key."`
}

func (c *participantAcceptCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r := ledger.KeyRotation{Account: c.Lost, Next: p.address()}
		sig := p.key.Sign(p.net.Trust.Domain().KeyRotationDigest(r))
		return c.say(e, map[string]any{"address": r.Next, "signature": sig}, "%s %s", r.Next, hexOf(sig[:]))
	})
}

type participantReplaceCommand struct {
	access
	outcome
	waiting
	Lost      ledger.Address   `arg:"" help:"Address of the lost key."`
	Next      ledger.Address   `arg:"" help:"Address of the new key, never registered before."`
	Signature ledger.Signature `arg:"" help:"What 'participant accept' printed after the address."`
}

func (c *participantReplaceCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			if err := t.Replace(e.ctx, ledger.KeyRotation{Account: c.Lost, Next: c.Next}, c.Signature); err != nil {
				return err
			}
			return c.say(e, map[string]any{"former": c.Lost, "address": c.Next}, "%s has the roles on the chain; in force once the block is final", c.Next)
		})
	})
}
