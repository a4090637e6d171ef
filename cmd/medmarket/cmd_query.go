package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type queryCommand struct {
	Quote  quoteCommand  `cmd:"" help:"Plan and price a question; free (researcher)."`
	Ask    askCommand    `cmd:"" help:"Ask a question at its quoted cost and price (researcher)."`
	Resume resumeCommand `cmd:"" help:"Send an ask again that was broken off, under its request id (researcher)."`
	List   asksCommand   `cmd:"" help:"List your asks: answered, or open, which still hold their price (researcher)."`
	Status statusCommand `cmd:"" help:"See how far an ask is that query ask --detach started, and fetch its answer (researcher)."`
	Cancel cancelCommand `cmd:"" help:"Stop an ask that is not answered; before a hospital has charged it costs nothing (researcher)."`
	Import circeCommand  `cmd:"" help:"Turn a cohort definition of OHDSI's ATLAS into the cohort of a question, offline."`
}

type askCommand struct {
	access
	question
	reply
	shown
	Grant   ledger.Hash `help:"Id of the grant." required:""`
	Purpose string      `help:"What the question is for: DUO code or shorthand." default:"HMB"`
	Disease []string    `help:"With the purpose DS: the diseases that it is about, as MONDO identifiers."`
	Methods bool        `help:"Methods are developed with the data."`
	Partial bool        `help:"Of several hospitals: take what has been answered if some are down, slow or failed. Without it the ask stays open, for query resume."`
	Detach  bool        `help:"Do not wait for the answer: query status fetches it, query cancel stops it."`
	AsOf    uint64      `help:"Log index that the hospital must have reached, such as the token that prefer set printed; else it refuses (SNAPSHOT_STALE)." name:"at-least-as-of"`
}

// reply is where an answer goes.
type reply struct {
	Receipt string `help:"File to write the receipt to. The signed ask is kept beside it, in FILE.ask, until there is an answer." default:"receipt.json" type:"path"`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

func (c *askCommand) Run(e *env) error {
	if _, err := os.Stat(c.kept()); err == nil {
		return fmt.Errorf("%s holds an ask that was broken off and may have been paid: finish it by query resume, or remove it", c.kept())
	}
	query, err := c.query(e)
	if err != nil {
		return err
	}
	use, err := duo.Parse(c.Purpose)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%w: %s", errUse, c.Purpose)}
	}
	return c.with(func(p *person) error {
		q, err := p.quote(e.ctx, query)
		if err != nil {
			return err
		}
		order, err := p.order(terms{grant: c.Grant, use: duo.Use{Permission: use, Diseases: c.Disease, Methods: c.Methods}, asOf: c.AsOf, partial: c.Partial}, q)
		if err != nil {
			return err
		}
		if order.Passport, err = c.passport(p, nil); err != nil {
			return err
		}
		kept, err := proto.Marshal(order)
		if err != nil {
			return err
		}
		if err := writeFile(c.kept(), kept, 0o600); err != nil {
			return err
		}
		if c.Detach {
			return c.start(e, p, order)
		}
		return c.send(e, p, order, false)
	})
}

// resumeCommand sends an ask again that got no answer.
type resumeCommand struct {
	access
	reply
	shown
	Partial bool `help:"Of several hospitals: take what there is."`
}

func (c *resumeCommand) Run(e *env) error {
	kept, err := os.ReadFile(c.kept())
	if err != nil {
		return fmt.Errorf("no ask was broken off: %w", err)
	}
	order := &pb.AskRequest{}
	if err := proto.Unmarshal(kept, order); err != nil {
		return fmt.Errorf("%s: %w", c.kept(), err)
	}
	return c.with(func(p *person) error {
		if c.Partial {
			p.takePartial(order)
		}
		// What was signed about the visas has expired meanwhile, and perhaps they have.
		if order.Passport, err = c.passport(p, order.GetPassport().GetVisas()); err != nil {
			return err
		}
		return c.send(e, p, order, true)
	})
}

// kept is where the signed ask is until there is an answer.
func (c *reply) kept() string { return c.Receipt + ".ask" }

// uncertain are reasons after which an ask may have been charged, and is to be
// sent again; one is no reason, since the connection was lost. A nonce that was
// used before says that somebody has delivered this very request.
var uncertain = []string{"TIMED_OUT", "HOSPITAL_UNAVAILABLE", "QUERY_FAILED", "INTERNAL", "REQUEST_REPLAYED", ""}

// unheard are reasons by which the sender is refused. They settle an ask that is
// sent for the first time, but say nothing of one that was sent before.
var unheard = []string{"UNAUTHENTICATED", "REQUEST_STALE", "TOO_MANY_REQUESTS", "FORBIDDEN", "WRONG_SIGNATURE", "MESSAGE_TOO_LARGE", "UNKNOWN_PATH"}

// settled reports whether an ask that ended with err was not charged and will not be.
func settled(err error, sentBefore bool) bool {
	reason := errorInfo(err).GetReason()
	return !slices.Contains(uncertain, reason) && (!sentBefore || !slices.Contains(unheard, reason))
}

// send sends a signed ask and keeps it for as long as there may be an answer to
// come: not after one that is on disk, nor after a refusal.
func (c *reply) send(e *env, p *person, order *pb.AskRequest, sentBefore bool) error {
	answer, err := pb.NewQueryServiceClient(p.market).Ask(e.ctx, order)
	switch {
	case err == nil:
	case settled(err, sentBefore):
		return errors.Join(err, os.Remove(c.kept()))
	default:
		fmt.Fprintf(e.stderr, "the ask may have been charged and is kept in %s: `medmarket query resume` sends it again, and it is charged once\n", c.kept())
		return err
	}
	r, err := c.save(e, p, answer, answer.GetRepeated())
	if err != nil {
		return err
	}
	return errors.Join(c.print(e, p, r, answer.GetRepeated()), os.Remove(c.kept()))
}

// save writes the receipt of an answer to its file: of an older answer the whole receipt, with the proof of its anchor, if the
// marketplace has it. An answer comes without, so that it is as long however long the chain is.
func (c *reply) save(e *env, p *person, answer *pb.AskResponse, older bool) (r ledger.Receipt, err error) {
	if err := ledger.ParseCanonical(answer.GetReceipt(), &r); err != nil {
		return r, err
	}
	if err := writeFile(c.Receipt, answer.GetReceipt(), 0o644); err != nil || !older {
		return r, err
	}
	whole, anchored, err := p.receipt(e.ctx, r.Statement.Ask.RequestID, 0)
	switch {
	case err != nil:
		fmt.Fprintf(e.stderr, "%s has no proof of its anchor (%v); `medmarket receipt %s` fetches it\n", c.Receipt, err, r.Statement.Ask.RequestID)
		return r, nil
	case !anchored:
		return r, nil
	}
	if err := ledger.ParseCanonical(whole, &r); err != nil {
		return r, err
	}
	return r, writeFile(c.Receipt, whole, 0o644)
}

// print shows an answer. The cost and price are those of the ask that it
// answered, which was an earlier one if it is repeated.
func (c *reply) print(e *env, p *person, r ledger.Receipt, repeated bool) error {
	s := r.Statement
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"request_id": s.Ask.RequestID, "groups": s.Answer, "nano_rho": s.NanoRho, "delta": s.Delta, "nano_epsilon": s.NanoEpsilon, "work": s.Work, "time": s.Time,
			"as_of": r.AsOf(), "repeated": repeated,
			"hospitals": hospitalsOf(s), "partial": len(s.Missing) > 0, "counted_at_each": s.CountedAtEach,
		})
	}
	names := func(concepts []int64) map[int64]string { return p.conceptNames(e.ctx, concepts) }
	if err := printAnswer(e.stdout, s, names); err != nil {
		return err
	}
	printHospitals(e.stdout, s)
	if repeated {
		fmt.Fprintf(e.stdout, "shown again, free, as of log index %d at %s; receipt %s in %s\n",
			r.AsOf(), instant(s.Time), s.Ask.RequestID, c.Receipt)
		return nil
	}
	state := "not anchored yet"
	if r.Anchor != nil {
		state = "anchored on the chain"
	}
	fmt.Fprintf(e.stdout, "cost %d nano-rho%s, price %s credits; as of log index %d; receipt %s, %s, in %s\n",
		s.NanoRho, besides(s.Delta, s.NanoEpsilon), credits(s.Work), r.AsOf(), s.Ask.RequestID, state, c.Receipt)
	return nil
}

// besides says what a question's cost has beside nano-rho: a delta, in 2^-63, or what it costs where epsilons add.
func besides(delta, nanoEpsilon int64) string {
	if nanoEpsilon > 0 {
		return fmt.Sprintf("; with Laplace noise, %.4f epsilon of the dataset's budget", float64(nanoEpsilon)/accountant.NanoPerEpsilon)
	}
	return andDelta(delta)
}

// andDelta says what a loss has beside nano-rho, in 2^-63.
func andDelta(delta int64) string {
	if delta == 0 {
		return ""
	}
	return fmt.Sprintf(" and a delta of %.2g", accountant.DeltaOf(delta))
}

type receiptCommand struct {
	access
	outcome
	Request ledger.Hash `arg:"" help:"Request id, as ask printed it."`
	Out     string      `help:"File to write." default:"receipt.json" type:"path"`
	Known   uint64      `help:"Number of a block that whoever checks the receipt knows, by 'known' in the trust file: headers begin there. 0: with the genesis block, 1.4 kB a block."`
}

func (c *receiptCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		content, anchored, err := p.receipt(e.ctx, c.Request, c.Known)
		if err != nil {
			return err
		}
		if err := writeFile(c.Out, content, 0o644); err != nil {
			return err
		}
		state := "not anchored yet; fetch it again later"
		if anchored {
			state = "anchored on the chain"
		}
		return c.say(e, map[string]any{"file": c.Out, "anchored": anchored}, "%s: %s", c.Out, state)
	})
}
