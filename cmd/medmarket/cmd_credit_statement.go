package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/audit"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type creditStatementCommand struct {
	access
	sheetFormat
	Since uint64 `help:"Begin after this block; what was before is in the opening balance. Default: from the beginning."`
}

func (c *creditStatementCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			a, err := c.account(e.ctx, p, t)
			if err != nil {
				return err
			}
			s, err := audit.NewStatement(a, p.net.Trust, time.Now().Unix())
			if err != nil {
				return fmt.Errorf("the statement does not come to what the chain holds: %w", err)
			}
			return c.write(e.stdout, statementSheet(s), s)
		})
	})
}

// account reads what there is on the chain, and what the marketplace says.
func (c *creditStatementCommand) account(ctx context.Context, p *person, t *eth.Transactor) (a audit.Account, err error) {
	a = audit.Account{Researcher: p.address(), Marketplace: p.net.Trust.Marketplaces[0], Since: c.Since}
	if a.Until, err = t.FinalBlock(ctx); err != nil {
		return a, err
	}
	if a.Since > a.Until {
		return a, &exitError{exitUsage, fmt.Errorf("block %d is not final yet, or there is none", a.Since)}
	}
	if a.Events, err = t.CreditHistory(ctx, a.Researcher, a.Until); err != nil {
		return a, err
	}
	if a.Closing, err = t.CreditBalance(ctx, a.Researcher, a.Marketplace, a.Until); err != nil {
		return a, err
	}
	if a.Since > 0 {
		if a.Opening, err = t.CreditBalance(ctx, a.Researcher, a.Marketplace, a.Since); err != nil && !errors.Is(err, eth.ErrNoContract) {
			return a, err
		}
		if a.SinceTime, err = t.BlockTime(ctx, a.Since); err != nil {
			return a, err
		}
	}
	for range 3 { // an ask meanwhile
		before, err := p.account(ctx)
		if err != nil {
			return a, err
		}
		if a.Drawings, err = p.drawn(ctx); err != nil {
			return a, err
		}
		after, err := p.account(ctx)
		if err != nil {
			return a, err
		}
		if a.Drawn = after.GetDrawn(); before.GetDrawn() == a.Drawn {
			break
		}
	}
	return a, nil
}

// drawn is what her questions have drawn, with their receipts.
func (p *person) drawn(ctx context.Context) (all []audit.Drawing, err error) {
	err = p.drawings(ctx, &pb.ListDrawingsRequest{}, func(d *pb.Drawing) error {
		if len(d.GetRequestId()) != 32 || len(d.GetGrant()) != 32 {
			return errors.New("the marketplace lists a malformed question")
		}
		one := audit.Drawing{
			Request: ledger.Hash(d.GetRequestId()), Grant: ledger.Hash(d.GetGrant()), Datasets: d.GetDatasets(), Work: d.GetWork(), Time: d.GetTime(), Complete: d.GetComplete(),
		}
		if one.Complete {
			receipt, err := pb.NewReceiptServiceClient(p.market).GetReceipt(ctx, &pb.GetReceiptRequest{RequestId: d.GetRequestId(), Unproven: true})
			if err != nil {
				return err
			}
			one.Receipt = receipt.GetReceipt()
		}
		all = append(all, one)
		return nil
	})
	return all, err
}

// lineWords say what a line of a statement is.
var lineWords = map[audit.LineKind]string{
	ledger.CreditClaimed: "claimed", ledger.CreditEscrowed: "escrowed", ledger.CreditSettled: "settled (burnt)", ledger.CreditReturned: "returned from escrow",
	ledger.CreditInherited: "inherited from an earlier key", ledger.CreditMoved: "moved to the present key", audit.LineDrawn: "drawn by a question",
}

func statementSheet(s audit.Statement) sheet {
	balance := func(b audit.Balance) string {
		return fmt.Sprintf("free %s, in escrow %s, burnt %s, drawn %s credits", credits(b.Free), credits(b.Escrowed), credits(b.Burnt), credits(b.Drawn))
	}
	out := sheet{
		Title: "Statement of credit", Facts: [][2]string{
			{"researcher", s.Researcher.String()}, {"marketplace", s.Marketplace.String()},
			{"opening balance", fmt.Sprintf("%s, after block %d", balance(s.Opening), s.Since)},
			{"closing balance", fmt.Sprintf("%s, after block %d", balance(s.Closing), s.Until)},
		},
		Columns: []string{"time", "what", "credits", "work", "block", "transaction", "receipt", "details", "free", "in escrow", "burnt", "drawn"},
		Notes: []string{
			"Opening and closing balances are what the chain holds after those blocks; what is drawn is what the receipts say. What is drawn is settled on the chain later.",
		},
	}
	for _, l := range s.Lines {
		out.Rows = append(out.Rows, []string{
			instant(l.Time), lineWords[l.Kind], credits(l.Work), fmt.Sprint(l.Work), numberOrNone(l.Block), hashOrNone(l.Transaction), hashOrNone(l.Receipt), lineDetails(l),
			credits(l.After.Free), credits(l.After.Escrowed), credits(l.After.Burnt), credits(l.After.Drawn),
		})
	}
	return out
}

func lineDetails(l audit.Line) string {
	var words []string
	if l.Kind == ledger.CreditClaimed {
		words = append(words, fmt.Sprintf("work of block %d", l.Sealed))
	}
	if len(l.Datasets) > 0 {
		words = append(words, strings.Join(l.Datasets, ", ")+" under grant "+l.Grant.String())
	}
	if l.Open {
		words = append(words, "not answered yet")
	}
	if !l.Account.IsZero() {
		words = append(words, "account "+l.Account.String())
	}
	return strings.Join(words, "; ")
}

func numberOrNone(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func hashOrNone(h ledger.Hash) string {
	if h.IsZero() {
		return ""
	}
	return h.String()
}
