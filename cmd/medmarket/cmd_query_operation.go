package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// start has a signed ask go on by itself. It is kept as one is that was sent.
func (c *reply) start(e *env, p *person, order *pb.AskRequest) error {
	r, err := pb.NewQueryServiceClient(p.market).StartAsk(e.ctx, &pb.StartAskRequest{Ask: order})
	switch {
	case err == nil:
	case settled(err, false):
		return errors.Join(err, os.Remove(c.kept()))
	default:
		return err
	}
	request := hexOf(r.GetOperation().GetRequestId())
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"request_id": request, "state": stateOf(r.GetOperation())})
	}
	fmt.Fprintf(e.stdout, "started: medmarket query status %s\n", request)
	return nil
}

type statusCommand struct {
	access
	reply
	Request ledger.Hash `arg:"" help:"Request id, as ask printed it."`
	Wait    bool        `help:"Wait until it is answered, or is not going to be."`
}

func (c *statusCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		for last := ""; ; {
			r, err := pb.NewQueryServiceClient(p.market).GetOperation(e.ctx, &pb.GetOperationRequest{RequestId: c.Request[:]})
			if err != nil {
				return err
			}
			op := r.GetOperation()
			if !c.Wait || op.GetState() != pb.OperationState_OPERATION_STATE_RUNNING {
				return c.show(e, p, op)
			}
			if now := progressOf(op); now != last {
				fmt.Fprintln(e.stderr, now)
				last = now
			}
			if !waited(e.ctx, time.Second) {
				return e.ctx.Err()
			}
		}
	})
}

// show shows an operation; one that is answered as ask does.
func (c *statusCommand) show(e *env, p *person, op *pb.Operation) error {
	if op.GetState() == pb.OperationState_OPERATION_STATE_ANSWERED {
		r, err := c.save(e, p, op.GetAnswer(), true)
		if err != nil {
			return err
		}
		return errors.Join(c.print(e, p, r, op.GetAnswer().GetRepeated()), c.forget(c.Request))
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"request_id": c.Request, "state": stateOf(op), "hospitals": progressLines(op), "reason": op.GetReason(), "message": op.GetMessage(), "charged": op.GetCharged(),
		})
	}
	fmt.Fprintln(e.stdout, progressOf(op))
	if op.GetState() == pb.OperationState_OPERATION_STATE_OPEN {
		fmt.Fprintf(e.stdout, "nobody is at it, and its price is taken: query resume goes on with %s, query cancel gives back what was not charged\n", c.kept())
	}
	return nil
}

// forget removes the ask that is kept, if it is the one of a request.
func (c *reply) forget(request ledger.Hash) error {
	b, err := os.ReadFile(c.kept())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var order pb.AskRequest
	var a ledger.Ask
	if proto.Unmarshal(b, &order) != nil || ledger.ParseCanonical(order.GetAsk(), &a) != nil || a.RequestID != request {
		return nil
	}
	return os.Remove(c.kept())
}

// stateOf is an operation's state in a word.
func stateOf(op *pb.Operation) string {
	return word(op.GetState().String(), "OPERATION_STATE_")
}

// progressLines are the states of the hospitals, by dataset.
func progressLines(op *pb.Operation) map[string]string {
	out := map[string]string{}
	for _, h := range op.GetHospitals() {
		out[h.GetDataset()] = h.GetState()
	}
	return out
}

// progressOf says how far an operation is.
func progressOf(op *pb.Operation) string {
	parts := []string{stateOf(op)}
	for _, h := range op.GetHospitals() {
		parts = append(parts, h.GetDataset()+" "+h.GetState())
	}
	if op.GetMessage() != "" {
		parts = append(parts, op.GetReason()+": "+op.GetMessage())
	}
	return strings.Join(parts, "; ")
}

type cancelCommand struct {
	access
	reply
	Request ledger.Hash `arg:"" help:"Request id, as ask printed it."`
}

func (c *cancelCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewQueryServiceClient(p.market).CancelOperation(e.ctx, &pb.CancelOperationRequest{RequestId: c.Request[:]})
		if err != nil {
			return err
		}
		op := r.GetOperation()
		words := map[pb.OperationState]string{
			pb.OperationState_OPERATION_STATE_CANCELLED: "cancelled; it costs nothing",
			pb.OperationState_OPERATION_STATE_OPEN:      "stopped too late: a hospital has charged it, and that stands. query resume fetches the answer",
			pb.OperationState_OPERATION_STATE_ANSWERED:  "it is answered already: query status fetches the answer",
		}[op.GetState()]
		if op.GetState() == pb.OperationState_OPERATION_STATE_CANCELLED {
			err = c.forget(c.Request)
		}
		if c.JSON {
			return errors.Join(err, printJSON(e.stdout, map[string]any{"request_id": c.Request, "state": stateOf(op), "charged": op.GetCharged()}))
		}
		fmt.Fprintln(e.stdout, words)
		return err
	})
}

type asksCommand struct {
	access
	Open bool `help:"Only those that are not answered."`
	JSON bool `help:"Print one JSON array." name:"json"`
}

func (c *asksCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		ask := &pb.ListDrawingsRequest{}
		if c.Open {
			ask.Filter = "complete = false"
		}
		list := []map[string]any{}
		err := p.drawings(e.ctx, ask, func(d *pb.Drawing) error {
			state := map[bool]string{true: "answered", false: "open"}[d.GetComplete()]
			list = append(list, map[string]any{
				"request_id": ledger.Bytes(d.GetRequestId()), "grant": ledger.Bytes(d.GetGrant()), "datasets": d.GetDatasets(), "work": d.GetWork(), "time": d.GetTime(), "state": state,
			})
			if !c.JSON {
				fmt.Fprintf(e.stdout, "%s  %-8s  %s  %s credits  %s\n", hexOf(d.GetRequestId()), state, instant(d.GetTime()), credits(d.GetWork()), strings.Join(d.GetDatasets(), ", "))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.stdout, list)
		}
		return nil
	})
}

// drawings calls do for each of her asks that a request lists, page by page.
func (p *person) drawings(ctx context.Context, ask *pb.ListDrawingsRequest, do func(*pb.Drawing) error) error {
	for {
		r, err := pb.NewQueryServiceClient(p.market).ListDrawings(ctx, ask)
		if err != nil {
			return err
		}
		for _, d := range r.GetDrawings() {
			if err := do(d); err != nil {
				return err
			}
		}
		if ask.PageToken = r.GetNextPageToken(); ask.PageToken == "" {
			return nil
		}
	}
}
