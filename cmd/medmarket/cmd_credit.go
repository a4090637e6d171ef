package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger/eth"
)

type creditCommand struct {
	Show      creditShowCommand      `cmd:"" help:"Show your credit on the chain and with the marketplace (researcher)."`
	Statement creditStatementCommand `cmd:"" help:"Every change of your credit, with block and receipt, held against the chain (researcher)."`

	Claim  creditClaimCommand  `cmd:"" help:"Claim the work of the final blocks you sealed (researcher)."`
	Escrow creditEscrowCommand `cmd:"" help:"Set credit aside for the marketplace (researcher)."`

	Release creditReleaseCommand `cmd:"" help:"Take back what is left in escrow: announce it, and say it again when the time is over (researcher)."`
}

// ledgerOf calls f with a writer to the chain with p's key. What contracts refuse
// comes back in words.
func (p *person) ledgerOf(e *env, f func(*eth.Transactor) error) (err error) {
	defer func() { err = dialled("the chain at "+p.net.Chain, refusedByContract(err)) }()
	client, err := eth.Dial(e.ctx, p.net.Chain)
	if err != nil {
		return err
	}
	defer client.Close()
	c, err := eth.New(e.ctx, eth.Config{
		Client: client, Addresses: p.net.Contracts, Domain: p.net.Trust.Domain(), Confirmations: p.net.Trust.Confirmations,
	})
	if err != nil {
		return err
	}
	t, err := eth.NewTransactor(c, p.key)
	if err != nil {
		return err
	}
	return f(t)
}

type creditShowCommand struct {
	access
	outcome
}

func (c *creditShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		a, err := p.account(e.ctx)
		if err != nil {
			return err
		}
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			free, err := t.Credit(e.ctx, p.address())
			if err != nil {
				return err
			}
			held, err := t.Account(e.ctx, p.address(), p.net.Trust.Marketplaces[0])
			if err != nil {
				return err
			}
			words := fmt.Sprintf("free %s, escrowed %s, drawn %s, burnt %s credits",
				credits(free), credits(a.GetEscrow()), credits(a.GetDrawn()), credits(a.GetSettled()))
			if held.ReleaseAt > 0 {
				when, err := p.releaseTime(e, t, held)
				if err != nil {
					return err
				}
				words += fmt.Sprintf("\na release is announced: %s credits are no longer for asking, and can be taken back %s", credits(held.Held), when)
			}
			return c.say(e, map[string]any{ // in expected hashes
				"free": free, "escrowed": a.GetEscrow(), "drawn": a.GetDrawn(), "burnt": a.GetSettled(), "held": held.Held, "release_at": held.ReleaseAt,
			}, "%s", words)
		})
	})
}

// releaseTime says when escrow whose release is announced can be taken back.
func (p *person) releaseTime(e *env, t *eth.Transactor, a eth.Account) (string, error) {
	head, err := t.Head(e.ctx)
	if err != nil {
		return "", err
	}
	if head >= a.ReleaseAt {
		return "now, by `medmarket credit release`", nil
	}
	left := time.Duration((a.ReleaseAt-head)*p.net.Trust.Rule.TargetSpacing) * time.Second
	return fmt.Sprintf("in about %s, from block %d on (the head is %d)", roughly(left), a.ReleaseAt, head), nil
}

// roughly is a duration for people.
func roughly(d time.Duration) string {
	if d < 2*time.Hour {
		return fmt.Sprintf("%d minutes", max(2, (d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%.1f hours", d.Hours())
}

type creditClaimCommand struct {
	access
	outcome
	waiting
}

func (c *creditClaimCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			claimed, err := t.Claim(e.ctx) // some may be, before an error
			return errors.Join(err, c.say(e, map[string]any{"blocks": claimed.Blocks, "work": claimed.Work},
				"claimed %d blocks, %s credits", claimed.Blocks, credits(int64(claimed.Work))))
		})
	})
}

type creditEscrowCommand struct {
	access
	outcome
	waiting
	Credits float64 `arg:"" help:"How many credits."`
}

func (c *creditEscrowCommand) Run(e *env) error {
	if !(c.Credits > 0) || c.Credits > 1e9 {
		return &exitError{exitUsage, errors.New("credits must be above 0")}
	}
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			work := int64(c.Credits * (1 << 20))
			if err := t.AddEscrow(e.ctx, p.net.Trust.Marketplaces[0], work); err != nil {
				return err
			}
			return c.say(e, map[string]any{"work": work}, "escrowed %s credits; to be spent once the block is final", credits(work))
		})
	})
}

type creditReleaseCommand struct {
	access
	outcome
	waiting
}

func (c *creditReleaseCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			market := p.net.Trust.Marketplaces[0]
			a, err := t.Account(e.ctx, p.address(), market)
			if err != nil {
				return err
			}
			head, err := t.Head(e.ctx)
			if err != nil {
				return err
			}
			when, err := p.releaseTime(e, t, a)
			if err != nil {
				return err
			}
			facts := map[string]any{"held": a.Held, "release_at": a.ReleaseAt} // as it was before
			switch {
			case a.Held == 0:
				facts["state"] = "empty"
				return c.say(e, facts, "nothing is in escrow, or it is not final yet")
			case a.ReleaseAt == 0:
				if err := t.AnnounceRelease(e.ctx, p.address(), market); err != nil {
					return err
				}
				facts["state"] = "announced"
				return c.say(e, facts, "announced; once that is final nothing more can be asked from this escrow, and `medmarket credit show` says when it can be taken back")
			case head < a.ReleaseAt:
				facts["state"] = "waiting"
				return c.say(e, facts, "%s credits can be taken back %s. Escrowing more takes the announcement back", credits(a.Held), when)
			default:
				if err := t.Withdraw(e.ctx, p.address(), market); err != nil {
					return err
				}
				facts["state"] = "taken back"
				return c.say(e, facts, "taken back; free again once the block is final")
			}
		})
	})
}
