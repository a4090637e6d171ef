package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// wire stands between a researcher and the marketplace, and breaks where it is told to.
type wire struct {
	pb.UnimplementedQueryServiceServer
	market pb.QueryServiceClient

	noQuote, lost, cut bool  // nothing is quoted; the ask is lost; its answer is
	refuse             error // the ask is refused; nil: it is not
}

var errCut = status.Error(codes.Unavailable, "connection reset by peer")

// forward passes on what signs a request.
func forward(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	out := metadata.MD{}
	for key, values := range md {
		if strings.HasPrefix(key, "medmarket-") {
			out[key] = values
		}
	}
	return metadata.NewOutgoingContext(ctx, out)
}

func (w *wire) Quote(ctx context.Context, r *pb.QuoteRequest) (*pb.QuoteResponse, error) {
	if w.noQuote {
		return nil, errCut
	}
	return w.market.Quote(forward(ctx), r)
}

func (w *wire) Ask(ctx context.Context, r *pb.AskRequest) (*pb.AskResponse, error) {
	if w.lost {
		return nil, errCut
	}
	if w.refuse != nil {
		return nil, w.refuse
	}
	a, err := w.market.Ask(forward(ctx), r)
	if w.cut && err == nil {
		return nil, errCut
	}
	return a, err
}

// desk is a researcher at her command line, whose line to the marketplace is w.
type desk struct {
	*town
	wire    *wire
	access  access
	receipt string
	margin  float64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := newTown(t, townConfig{omop: generated(t, 60), condition: 201826, margin: 2000, asks: 50, block: 1 << 14})
	d := &desk{
		town: w, wire: &wire{market: pb.NewQueryServiceClient(w.plain(t))},
		receipt: filepath.Join(t.TempDir(), "receipt.json"), margin: 3000,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := grpc.NewServer()
	pb.RegisterQueryServiceServer(s, d.wire)
	done := make(chan error, 1)
	go func() { done <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		must(t, <-done)
	})
	n := w.cast.researcher.net
	n.Marketplace = listener.Addr().String()
	content, err := json.Marshal(n)
	must(t, err)
	d.access = access{Network: filepath.Join(t.TempDir(), "network.json"), Key: filepath.Join(w.s.cfg.dir, "keys", "researcher.key")}
	must(t, os.WriteFile(d.access.Network, content, 0o600))
	return d
}

// ask runs query ask, resume query resume.
func (d *desk) ask(t *testing.T) error {
	t.Helper()
	c := &askCommand{
		access: d.access, question: question{Dataset: demoDataset, Group: []string{"sex"}, Margin: d.margin},
		reply: reply{Receipt: d.receipt}, Grant: d.grant, Purpose: "HMB",
	}
	return c.Run(quietEnv(t))
}

func (d *desk) resume(t *testing.T) error {
	t.Helper()
	c := &resumeCommand{access: d.access, reply: reply{Receipt: d.receipt}}
	return c.Run(quietEnv(t))
}

func (d *desk) has(t *testing.T, file string) bool {
	t.Helper()
	_, err := os.Stat(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// paid is what was drawn of the researcher's credit and spent of the dataset.
func (d *desk) paid(t *testing.T) (work, nanoRho int64) {
	t.Helper()
	a, err := d.cast.researcher.account(t.Context())
	must(t, err)
	r, err := pb.NewDatasetServiceClient(d.cast.researcher.market).ListDatasets(t.Context(), &pb.ListDatasetsRequest{})
	must(t, err)
	return a.GetDrawn(), r.GetDatasets()[0].GetSpent().GetNanoRho()
}

// TestG5Resume breaks an ask off at each step. What was sent is kept until the
// answer is on disk or it is certain that there is none to come; resuming
// finishes it under its request id, once, and pays once.
func TestG5Resume(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, c := range map[string]struct {
		breakIt, mend func(t *testing.T)
		kept          bool // the ask, after it was broken off
		paid          bool // by then
		again         bool // broken off in the same way when it is resumed too soon
	}{
		"before it is sent": {
			func(*testing.T) { d.wire.noQuote = true }, func(*testing.T) { d.wire.noQuote = false }, false, false, false,
		},
		"on its way": {
			func(*testing.T) { d.wire.lost = true }, func(*testing.T) { d.wire.lost = false }, true, false, true,
		},
		"the answer on its way": {
			func(*testing.T) { d.wire.cut = true }, func(*testing.T) { d.wire.cut = false }, true, true, true,
		},
		"before the receipt is written": {
			func(t *testing.T) { must(t, os.Mkdir(d.receipt, 0o700)) }, func(t *testing.T) { must(t, os.Remove(d.receipt)) }, true, true, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d.margin *= 0.9 // a question of its own
			work, nanoRho := d.paid(t)
			c.breakIt(t)
			if err := d.ask(t); err == nil {
				t.Fatal("it was not broken off")
			}
			if got := d.has(t, d.receipt+".ask"); got != c.kept {
				t.Fatalf("the ask is kept: %t", got)
			}
			midway, _ := d.paid(t)
			if (midway > work) != c.paid {
				t.Errorf("paid by then: %t", midway > work)
			}
			if c.again {
				if err := d.resume(t); err == nil || !d.has(t, d.receipt+".ask") {
					t.Errorf("resumed too soon: %v, and the ask is gone", err)
				}
			}
			c.mend(t)
			if !c.kept {
				if err := d.resume(t); err == nil || !strings.Contains(err.Error(), "no ask was broken off") {
					t.Errorf("resuming what was not sent: %v", err)
				}
				return
			}
			if err := d.ask(t); err == nil || !strings.Contains(err.Error(), "query resume") {
				t.Errorf("asking over an ask that was broken off: %v", err)
			}
			must(t, d.resume(t))
			d.finished(t, work, nanoRho)
		})
	}
}

// finished checks that one question was paid, once, since work and nanoRho were
// what was paid, and that its receipt is on disk.
func (d *desk) finished(t *testing.T, work, nanoRho int64) {
	t.Helper()
	content, err := os.ReadFile(d.receipt)
	must(t, err)
	var r ledger.Receipt
	must(t, ledger.ParseCanonical(content, &r))
	drawn, spent := d.paid(t)
	if s := r.Statement; drawn-work != s.Work || spent-nanoRho != s.NanoRho || s.Work == 0 {
		t.Errorf("paid %d hashes and %d nano-rho, the receipt says %d and %d", drawn-work, spent-nanoRho, s.Work, s.NanoRho)
	}
	if d.has(t, d.receipt+".ask") {
		t.Error("the ask is still there")
	}
	if err := d.resume(t); err == nil || !strings.Contains(err.Error(), "no ask was broken off") {
		t.Errorf("resuming what is finished: %v", err)
	}
	must(t, os.Remove(d.receipt))
}

// What is refused for good is not kept; what another key resumes, is.
func TestResumeAfterRefusals(t *testing.T) {
	omoptest.NotUnderRace(t)
	t.Parallel()
	d := newDesk(t)
	work, nanoRho := d.paid(t)
	d.wire.lost = true
	if err := d.ask(t); err == nil {
		t.Fatal("it was not broken off")
	}
	d.wire.lost = false

	hers := d.access.Key
	d.access.Key = filepath.Join(d.s.cfg.dir, "keys", "stranger.key")
	_, err := openKey(d.access.Key)
	must(t, err)
	if err := d.resume(t); err == nil || !d.has(t, d.receipt+".ask") {
		t.Errorf("resumed by a stranger: %v; the ask is kept: %t", err, d.has(t, d.receipt+".ask"))
	}
	d.access.Key = hers
	// A sender who is not heard learns nothing of what was sent before.
	d.wire.refuse = withReason(t, "REQUEST_STALE", nil)
	if err := d.resume(t); err == nil || !d.has(t, d.receipt+".ask") {
		t.Errorf("resumed unheard: %v; the ask is kept: %t", err, d.has(t, d.receipt+".ask"))
	}
	d.wire.refuse = nil
	must(t, d.resume(t))
	d.finished(t, work, nanoRho)

	// One that was never heard costs nothing and leaves nothing.
	d.wire.refuse = withReason(t, "REQUEST_STALE", nil)
	d.margin *= 0.9
	if err := d.ask(t); err == nil || d.has(t, d.receipt+".ask") {
		t.Errorf("asked unheard: %v; the ask is kept: %t", err, d.has(t, d.receipt+".ask"))
	}
	d.wire.refuse = nil

	// Another ask came between: its voucher promises too little by now.
	d.margin *= 0.9
	d.wire.lost = true
	if err := d.ask(t); err == nil {
		t.Fatal("it was not broken off")
	}
	d.wire.lost = false
	d.margin *= 0.9
	first := d.receipt
	d.receipt = filepath.Join(t.TempDir(), "other.json")
	must(t, d.ask(t))
	d.receipt = first
	work, nanoRho = d.paid(t)
	if err := d.resume(t); err == nil || !strings.HasPrefix(err.Error(), "VOUCHER_MISMATCH") {
		t.Errorf("with a voucher of before: %v", err)
	}
	if d.has(t, d.receipt+".ask") {
		t.Error("the refused ask is kept")
	}
	if w, n := d.paid(t); w != work || n != nanoRho {
		t.Errorf("the refusal cost %d hashes and %d nano-rho", w-work, n-nanoRho)
	}
}
