package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/verifier"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// history is what a patient's hospitals show a reader, each checked.
type history struct {
	pointers []pointed // in the order of care
	faults   []string  // what is missing or forged, each named with its hospital
	offline  []string  // hospitals that did not answer, and why
}

// pointed is a pointer that opened, of which its hospital's log has a leaf.
type pointed struct {
	records.Pointer
	place    *pb.PointerPlace
	anchored bool // the log's root is on the chain; else it is not there yet
	from     *chart
}

// chart is one hospital as a reader reaches it.
type chart struct {
	sharedHospital
	document *pb.SignedDocument
	conn     pb.RecordServiceClient
	close    func() error
}

// openCharts prepares connections to the hospitals of an access file.
func openCharts(s sharing, key *ledger.Key, d ledger.Domain) (all []*chart, close func() error, err error) {
	close = func() (err error) {
		for _, c := range all {
			err = errors.Join(err, c.close())
		}
		return err
	}
	for _, h := range s.Hospitals {
		conn, err := dial(h.Hospital, key, d, h.Provider)
		if err != nil {
			return nil, nil, errors.Join(err, close())
		}
		all = append(all, &chart{h, h.Document.document(), pb.NewRecordServiceClient(conn), conn.Close})
	}
	return all, close, nil
}

// readCharts asks all hospitals at once. One that does not answer is named, and so is what one shows that it should not.
func readCharts(ctx context.Context, all []*chart, t verifier.Trust) history {
	found := make([]history, len(all))
	var hospitals sync.WaitGroup
	for i, c := range all {
		hospitals.Go(func() { found[i] = c.read(ctx, t) })
	}
	hospitals.Wait()
	var h history
	for _, f := range found {
		h.pointers, h.faults, h.offline = append(h.pointers, f.pointers...), append(h.faults, f.faults...), append(h.offline, f.offline...)
	}
	slices.SortStableFunc(h.pointers, func(a, b pointed) int { return cmp.Compare(a.Time, b.Time) })
	return h
}

// read reads one hospital's pointers, page by page.
func (c *chart) read(ctx context.Context, t verifier.Trust) (h history) {
	var shown []records.Shown
	request := &pb.ListPointersRequest{Access: c.document}
	for {
		page, err := c.conn.ListPointers(ctx, request)
		if err != nil {
			h.offline = append(h.offline, fmt.Sprintf("%s at %s: %v", c.Provider, c.Hospital, explain(err)))
			return h
		}
		more := c.take(&h, page, t)
		shown = append(shown, more...)
		if !page.GetMore() || len(page.GetPointers()) == 0 {
			break
		}
		request = &pb.ListPointersRequest{Access: c.document, After: page.GetPointers()[len(page.GetPointers())-1].GetPlace()}
	}
	for _, gap := range records.Gaps(shown) {
		h.faults = append(h.faults, fmt.Sprintf("%s: %s: the pointer is missing", c.Provider, gap))
	}
	return h
}

// take opens the pointers of a page; one that does not open is named.
func (c *chart) take(h *history, page *pb.ListPointersResponse, t verifier.Trust) (shown []records.Shown) {
	fault := func(format string, args ...any) {
		h.faults = append(h.faults, fmt.Sprintf("%s: ", c.Provider)+fmt.Sprintf(format, args...))
	}
	var proofs []*ledger.LogProof
	for _, p := range page.GetPointers() {
		s, err := shownFrom(p, c.Provider)
		if err != nil {
			fault("%v", err)
			continue
		}
		shown, proofs = append(shown, s), append(proofs, s.Inclusion)
	}
	root, err := anchoredRoot(page.GetAnchor(), proofs, t)
	if err != nil {
		fault("%v", err)
		root = nil
	}
	for _, s := range shown {
		p, err := s.Open(c.Keys, c.Provider)
		if err != nil {
			fault("%s of %s, number %d: %v", s.Kind, s.Month, s.Number, err)
			continue
		}
		place := &pb.PointerPlace{Kind: string(s.Kind), Month: s.Month.String(), Number: s.Number}
		h.pointers = append(h.pointers, pointed{p, place, under(s.Inclusion, root), c})
	}
	return shown
}

// anchoredRoot is the proof, of those shown, whose root is on the chain by what the hospital shows of that: the one of least
// size, since others may be newer. It is nil if nothing is shown of it.
func anchoredRoot(anchor []byte, shown []*ledger.LogProof, t verifier.Trust) (*ledger.LogProof, error) {
	if len(anchor) == 0 {
		return nil, nil //nolint:nilnil // nothing is on the chain, and nothing is wrong
	}
	var a ledger.AnchorProof
	if err := ledger.ParseCanonical(anchor, &a); err != nil {
		return nil, fmt.Errorf("the proof of the anchor: %w", err)
	}
	var least *ledger.LogProof
	for _, p := range shown {
		if p != nil && (least == nil || p.Size < least.Size) {
			least = p
		}
	}
	if least == nil {
		return nil, nil //nolint:nilnil // there is nothing that it would be the anchor of
	}
	return least, t.Anchored(&a, *least, time.Now().Unix())
}

// under reports whether a leaf is proven under the root of another proof.
func under(p, root *ledger.LogProof) bool {
	return p != nil && root != nil && p.Size == root.Size && p.Root == root.Root
}

var errShown = errors.New("the hospital showed something of another form")

// hashFrom takes 32 bytes.
func hashFrom(b []byte) (h ledger.Hash, err error) {
	if len(b) != len(h) {
		return h, errShown
	}
	return ledger.Hash(b), nil
}

// shownFrom reads what came over the wire.
func shownFrom(p *pb.ShownPointer, hospital ledger.Address) (s records.Shown, err error) {
	s.Kind, s.Number, s.Entry.Value = records.Kind(p.GetPlace().GetKind()), p.GetPlace().GetNumber(), p.GetValue()
	if err := s.Month.UnmarshalText([]byte(p.GetPlace().GetMonth())); err != nil {
		return s, err
	}
	if s.Entry.Key, err = hashFrom(p.GetKey()); err != nil {
		return s, err
	}
	if s.Salt, err = hashFrom(p.GetSalt()); err != nil {
		return s, err
	}
	s.Inclusion, err = inclusionFrom(p.GetInclusion(), hospital)
	return s, err
}

// inclusionFrom reads a proof of a leaf of the hospital's log, nil if there is none.
func inclusionFrom(in *pb.LogInclusion, hospital ledger.Address) (*ledger.LogProof, error) {
	if in == nil {
		return nil, nil //nolint:nilnil // it is not published yet
	}
	p := &ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, hospital), Index: in.GetIndex(), Size: in.GetSize()}
	var err error
	if p.Root, err = hashFrom(in.GetRoot()); err != nil {
		return nil, err
	}
	for _, b := range in.GetPath() {
		h, err := hashFrom(b)
		if err != nil {
			return nil, err
		}
		p.Path = append(p.Path, h)
	}
	return p, nil
}
