package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/audit"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// gatherer reads a marketplace's history: from the marketplace, hospitals and a node of the chain.
type gatherer struct {
	person   *person
	chain    *eth.Transactor
	receipts bool // read those that the key may
	logs     map[ledger.Address]string
	progress io.Writer
}

// gather reads the anchors first and the hospitals' logs last, so that what goes on meanwhile is no contradiction.
func (g gatherer) gather(ctx context.Context) (*audit.History, error) {
	trust := g.person.net.Trust
	h := &audit.History{Marketplace: trust.Marketplaces[0]}
	h.Logs = []audit.Log{{Kind: ledger.LogReceipts, Keeper: h.Marketplace}}
	for _, hospital := range trust.Providers {
		h.Logs = append(h.Logs, audit.Log{Kind: ledger.LogProvider, Keeper: hospital})
	}
	for i, l := range h.Logs {
		var err error
		if h.Logs[i].Anchors, err = g.chain.AnchorHistory(ctx, ledger.LogID(l.Kind, l.Keeper)); err != nil {
			return nil, err
		}
	}
	for _, read := range []func(context.Context, *audit.History) error{g.readEntries, g.readEscrows, g.readStudies, g.readReceipts, g.readLeaves} {
		if err := read(ctx, h); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (g gatherer) readEntries(ctx context.Context, h *audit.History) error {
	register := pb.NewRegisterServiceClient(g.person.market)
	low := uint64(math.MaxUint64) // index that the next page must go below
	for ask := (&pb.ListQueriesRequest{}); ; {
		r, err := register.ListQueries(ctx, ask)
		if err != nil {
			return err
		}
		for _, q := range r.GetQueries() {
			e, err := entryFrom(q)
			if err != nil {
				return fmt.Errorf("entry %d of the register: %w", q.GetIndex(), err)
			}
			h.Entries = append(h.Entries, e)
		}
		if r.GetNextPageToken() == "" {
			slices.Reverse(h.Entries)
			return nil
		}
		n := len(r.GetQueries())
		if n == 0 || r.GetQueries()[n-1].GetIndex() >= low {
			return errors.New("the register's pages do not end")
		}
		low = r.GetQueries()[n-1].GetIndex()
		ask.PageToken = r.GetNextPageToken()
	}
}

func entryFrom(q *pb.RegisteredQuery) (audit.Entry, error) {
	e := audit.Entry{
		Index: q.GetIndex(), Permission: q.GetPurpose().GetPermission(), Diseases: q.GetPurpose().GetDiseases(), Work: q.GetWork(), Time: q.GetTime(),
		NanoRho: q.GetCost().GetNanoRho(), Delta: q.GetCost().GetDelta(), NanoEpsilon: q.GetCost().GetNanoEpsilon(),
	}
	if len(q.GetRequestId()) != 32 || len(q.GetResearcher()) != 20 || len(q.GetGrant()) != 32 || len(q.GetLeaf()) != 32 {
		return e, errors.New("is malformed")
	}
	e.Request, e.Researcher, e.Grant, e.Leaf = ledger.Hash(q.GetRequestId()), ledger.Address(q.GetResearcher()), ledger.Hash(q.GetGrant()), ledger.Hash(q.GetLeaf())
	for _, x := range q.GetHospitals() {
		if len(x.GetProvider()) != 20 || len(x.GetPlanHash()) != 32 {
			return e, errors.New("has a malformed hospital")
		}
		state := x.GetState()
		if state == "answered" {
			state = ""
		}
		e.Hospitals = append(e.Hospitals, audit.Hospital{
			Dataset: x.GetDataset(), Provider: ledger.Address(x.GetProvider()), PlanHash: ledger.Hash(x.GetPlanHash()), State: ledger.MissingState(state),
			NanoRho: x.GetCost().GetNanoRho(), Delta: x.GetCost().GetDelta(), NanoEpsilon: x.GetCost().GetNanoEpsilon(), AsOf: x.GetAsOf(),
		})
	}
	return e, nil
}

// readEscrows reads what the chain has of the escrows that the entries drew on. What was final when a question was asked is still so.
func (g gatherer) readEscrows(ctx context.Context, h *audit.History) error {
	block, err := g.chain.FinalBlock(ctx)
	if err != nil {
		return err
	}
	seen := map[ledger.Address]bool{}
	for _, e := range h.Entries {
		if seen[e.Researcher] {
			continue
		}
		seen[e.Researcher] = true
		b, err := g.chain.CreditBalance(ctx, e.Researcher, h.Marketplace, block)
		if err != nil {
			return err
		}
		h.Escrows = append(h.Escrows, audit.Escrow{Researcher: e.Researcher, Held: b.Escrowed, Burnt: b.Burnt})
	}
	return nil
}

// readStudies reads the approved studies, and what the chain has of them.
func (g gatherer) readStudies(ctx context.Context, h *audit.History) error {
	register := pb.NewRegisterServiceClient(g.person.market)
	seen := map[ledger.Hash]bool{} // the first of each page
	for ask := (&pb.ListStudiesRequest{}); ; {
		r, err := register.ListStudies(ctx, ask)
		if err != nil {
			return err
		}
		for _, x := range r.GetStudies() {
			if len(x.GetId()) != 32 || len(x.GetCommittee()) != 20 {
				return errors.New("the register has a malformed study")
			}
			s := audit.Study{ID: ledger.Hash(x.GetId())}
			for _, a := range x.GetResearchers() {
				if len(a) == 20 {
					s.Researchers = append(s.Researchers, ledger.Address(a))
				}
			}
			var approved bool
			if s.Record, approved, err = g.chain.Grant(ctx, s.ID, ledger.Address(x.GetCommittee())); err != nil {
				return err
			}
			if approved { // else not finally, and nothing can have been asked
				h.Studies = append(h.Studies, s)
			}
		}
		if r.GetNextPageToken() == "" {
			return nil
		}
		if len(r.GetStudies()) == 0 || seen[ledger.Hash(r.GetStudies()[0].GetId())] {
			return errors.New("the register's pages do not end")
		}
		seen[ledger.Hash(r.GetStudies()[0].GetId())] = true
		ask.PageToken = r.GetNextPageToken()
	}
}

// readReceipts reads the receipts that the key is shown.
func (g gatherer) readReceipts(ctx context.Context, h *audit.History) error {
	if !g.receipts {
		return nil
	}
	tell := progressTo(g.progress, "read receipts:")
	for i, e := range h.Entries {
		r, err := pb.NewReceiptServiceClient(g.person.market).GetReceipt(ctx, &pb.GetReceiptRequest{RequestId: e.Request[:], Unproven: true})
		tell(i+1, len(h.Entries))
		switch status.Code(err) {
		case codes.OK:
			h.Receipts = append(h.Receipts, audit.Shown{Index: e.Index, Content: r.GetReceipt()})
		case codes.NotFound, codes.PermissionDenied: // not hers to see
		default:
			return err
		}
	}
	return nil
}

// readLeaves reads the logs of the hospitals of which it is known where they are.
func (g gatherer) readLeaves(ctx context.Context, h *audit.History) error {
	for i, l := range h.Logs[1:] {
		url, known := g.logs[l.Keeper]
		if !known {
			continue
		}
		var err error
		if h.Logs[1+i].Leaves, err = readLog(ctx, strings.TrimRight(url, "/"), progressTo(g.progress, "read leaves:")); err != nil {
			return fmt.Errorf("log of %s at %s: %w", l.Keeper, url, err)
		}
	}
	return nil
}

// readLog reads the hashes of all leaves of a log that is shown in tiles.
func readLog(ctx context.Context, url string, tell func(done, total int)) (leaves []ledger.Hash, err error) {
	checkpoint, err := fetch(ctx, url+"/checkpoint", 4096)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(checkpoint), "\n") // the second is the size
	if len(lines) < 3 {
		return nil, errors.New("malformed checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 48)
	if err != nil || size < 0 {
		return nil, errors.New("malformed checkpoint")
	}
	for n := int64(0); int64(len(leaves)) < size; n++ {
		t := tlog.Tile{H: ledger.TileHeight, N: n, W: int(min(size-int64(len(leaves)), 1<<ledger.TileHeight))}
		path := strings.Replace(t.Path(), fmt.Sprintf("tile/%d/", ledger.TileHeight), "tile/", 1)
		data, err := fetch(ctx, url+"/"+path, tlog.HashSize<<ledger.TileHeight)
		if err == nil && len(data) != t.W*tlog.HashSize {
			err = fmt.Errorf("%s has %d bytes", path, len(data))
		}
		if err != nil {
			return nil, err
		}
		for one := range slices.Chunk(data, tlog.HashSize) {
			leaves = append(leaves, ledger.Hash(one))
		}
		tell(len(leaves), int(size))
	}
	return leaves, nil
}

// fetchWithin bounds one request to a log.
const fetchWithin = 30 * time.Second

// fetch reads what is at url, of at most so many bytes. Where it is too fast for the server, it waits.
func fetch(ctx context.Context, url string, most int64) ([]byte, error) {
	for n := 0; ; n++ {
		body, wait, told, err := fetchOnce(ctx, url, most)
		if !told || n == mostWaits || !waited(ctx, wait) {
			return body, err
		}
	}
}

func fetchOnce(ctx context.Context, url string, most int64) (body []byte, wait time.Duration, told bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, 0, false, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, 0, false, err
	}
	defer answer.Body.Close() // it was only read
	if answer.StatusCode != http.StatusOK {
		wait, told = retryAfter(answer)
		return nil, wait, told, fmt.Errorf("GET %s: %s", url, answer.Status)
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("GET %s: more than %d bytes", url, most)
	}
	return body, 0, false, err
}

// proveAnchors adds the proofs of all anchors, in one state. Those that cannot be proven yet, and leaves beyond them, stay out.
func proveAnchors(ctx context.Context, chain *eth.Transactor, h *audit.History) error {
	block, err := chain.ProvableBlock(ctx)
	if err != nil {
		return err
	}
	proof := audit.Proof{Block: block}
	for i := range h.Logs {
		l := &h.Logs[i]
		l.Anchors = slices.DeleteFunc(l.Anchors, func(a ledger.Anchored) bool { return a.Block > block })
		sizes := make([]uint64, len(l.Anchors))
		for k, a := range l.Anchors {
			sizes[k] = a.Size
		}
		one, storage, found, err := chain.AnchorProofs(ctx, ledger.LogID(l.Kind, l.Keeper), sizes, block)
		if err != nil {
			return err
		}
		if !found {
			return errors.New("the node does not have what it listed: try again")
		}
		l.Storage = storage
		if len(sizes) > 0 {
			proof.Account = one.Account
		}
	}
	if proof.Headers, err = chain.Headers(ctx, 0, block); err != nil {
		return err
	}
	h.Proof = &proof
	return nil
}
