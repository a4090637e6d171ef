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
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/verifier"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// history is what a patient's hospitals show a reader, each checked.
type history struct {
	pointers []pointed // in the order of care
	faults   []string  // what is missing or forged, each named with its hospital
	offline  []string  // hospitals that did not answer, and why
}

// maxPointed bounds the pointers that a hospital may show of a patient, so that its answers come to an end.
const maxPointed = 200_000

// pointed is a pointer that opened, of which its hospital's log has a leaf.
type pointed struct {
	records.Pointer
	place      *pb.PointerPlace
	anchored   bool // the log's root is on the chain; else it is not there yet
	superseded bool // the hospital has pointed again at what its record became
	standing   records.Standing
	reply      *records.Reply // what the hospital replied to what she holds of it; nil: nothing, or nobody asked
	from       *chart
}

// chart is one hospital as a reader reaches it.
type chart struct {
	sharedHospital
	document *pb.SignedDocument
	conn     pb.RecordServiceClient
	close    func() error
}

// openCharts prepares connections to the hospitals of an access file.
func openCharts(s sharing, key *ledger.Key, n network) (all []*chart, close func() error, err error) {
	close = func() (err error) {
		for _, c := range all {
			err = errors.Join(err, c.close())
		}
		return err
	}
	for _, h := range s.Hospitals {
		conn, err := n.dial(h.Hospital, key, h.Provider)
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
		h.add(f)
	}
	h.sort()
	return h
}

// add adds what another hospital shows.
func (h *history) add(f history) {
	h.pointers, h.faults, h.offline = append(h.pointers, f.pointers...), append(h.faults, f.faults...), append(h.offline, f.offline...)
}

// sort puts pointers in the order of care.
func (h *history) sort() {
	slices.SortStableFunc(h.pointers, func(a, b pointed) int { return cmp.Compare(a.Time, b.Time) })
}

// read reads one hospital's pointers, page by page, each beyond the one before.
func (c *chart) read(ctx context.Context, t verifier.Trust) (h history) {
	var shown []records.Shown
	request := &pb.ListPointersRequest{Access: c.document, KnownBlock: knownBlock(t)}
	for {
		page, err := c.conn.ListPointers(ctx, request)
		if err != nil {
			h.offline = append(h.offline, fmt.Sprintf("%s at %s: %v", c.Provider, c.Hospital, explain(err)))
			break // what it showed before stands
		}
		n := len(page.GetPointers())
		if n > recordindex.MaxPage || len(shown)+n > maxPointed || !rising(request.GetAfter(), page.GetPointers()) {
			h.faults = append(h.faults, fmt.Sprintf("%s: its pages do not come to an end: %d pointers are shown", c.Provider, len(h.pointers)))
			break
		}
		shown = append(shown, c.take(&h, page, t)...)
		if !page.GetMore() || n == 0 {
			break
		}
		request = &pb.ListPointersRequest{Access: c.document, KnownBlock: knownBlock(t), After: page.GetPointers()[n-1].GetPlace()}
	}
	for _, gap := range records.Gaps(shown) {
		h.faults = append(h.faults, fmt.Sprintf("%s: %s: missing", c.Provider, gap))
	}
	supersede(h.pointers)
	return h
}

// knownBlock is the block that headers are to begin with, 0: the genesis block.
func knownBlock(t verifier.Trust) uint64 {
	if t.Known == nil {
		return 0
	}
	return t.Known.Block
}

// rising reports whether places follow one another beyond the first, nil: none.
func rising(after *pb.PointerPlace, page []*pb.ShownPointer) bool {
	for _, p := range page {
		at := p.GetPlace()
		if after != nil && cmp.Or(cmp.Compare(after.GetKind(), at.GetKind()), cmp.Compare(after.GetMonth(), at.GetMonth()), cmp.Compare(after.GetNumber(), at.GetNumber())) >= 0 {
			return false
		}
		after = at
	}
	return true
}

// supersede marks those of a hospital's pointers that are not the last of their cell with their locator: the hospital points
// again at a record that it amended.
func supersede(all []pointed) {
	type record struct {
		kind, month, locator string
	}
	of := func(p pointed) record { return record{p.place.GetKind(), p.place.GetMonth(), p.Locator} }
	last := map[record]uint64{}
	for _, p := range all {
		last[of(p)] = max(last[of(p)], p.place.GetNumber())
	}
	for i, p := range all {
		all[i].superseded = p.place.GetNumber() < last[of(p)]
	}
}

// take opens the pointers of a page; one that does not open is named.
func (c *chart) take(h *history, page *pb.ListPointersResponse, t verifier.Trust) (shown []records.Shown) {
	fault := func(format string, args ...any) {
		h.faults = append(h.faults, fmt.Sprintf("%s: ", c.Provider)+fmt.Sprintf(format, args...))
	}
	var proofs []*ledger.LogProof
	var standings []records.Standing
	for _, p := range page.GetPointers() {
		s, err := shownFrom(p, c.Provider)
		if err != nil {
			fault("%v", err)
			continue
		}
		shown, proofs, standings = append(shown, s), append(proofs, s.Inclusion), append(standings, standingFrom(p.GetStanding()))
	}
	anchor, err := anchorFrom(page.GetAnchor())
	if err != nil {
		fault("%v", err)
	}
	root, err := anchoredRoot(anchor, proofs, t)
	if err != nil {
		fault("%v", err)
		root = nil
	}
	for i, s := range shown {
		p, err := s.Open(c.Keys, c.Provider)
		if err != nil {
			fault("%s of %s, number %d: %v", s.Kind, s.Month, s.Number, err)
			continue
		}
		place := &pb.PointerPlace{Kind: string(s.Kind), Month: s.Month.String(), Number: s.Number}
		h.pointers = append(h.pointers, pointed{Pointer: p, place: place, anchored: under(s.Inclusion, root), standing: standings[i], from: c})
	}
	return shown
}

// anchorFrom reads what a hospital shows of the chain, nil if that is nothing.
func anchorFrom(b []byte) (*ledger.AnchorProof, error) {
	if len(b) == 0 {
		return nil, nil //nolint:nilnil // nothing is on the chain, and nothing is wrong
	}
	a := new(ledger.AnchorProof)
	if err := ledger.ParseCanonical(b, a); err != nil {
		return nil, fmt.Errorf("the proof of the anchor: %w", err)
	}
	return a, nil
}

// anchoredRoot is the proof, of those shown, whose root is on the chain by what the hospital shows of that: the one of least
// size, since others may be newer. It is nil if nothing is shown of it.
func anchoredRoot(anchor *ledger.AnchorProof, shown []*ledger.LogProof, t verifier.Trust) (*ledger.LogProof, error) {
	if anchor == nil {
		return nil, nil //nolint:nilnil // nothing is on the chain, and nothing is wrong
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
	return least, t.Anchored(anchor, *least, time.Now().Unix())
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

// standingFrom takes a standing by the hospital's word, none that there is not.
func standingFrom(s string) records.Standing {
	switch standing := records.Standing(s); standing {
	case records.Accepted, records.Questioned, records.Rejected:
		return standing
	}
	return ""
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

// cell is the month that p is kept under, which was checked when it was opened.
func (p pointed) cell() records.Month {
	m, _ := p.Month()
	return m
}
