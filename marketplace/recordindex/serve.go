package recordindex

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Action is what a reader was shown.
type Action string

// The actions.
const (
	SawPointers  Action = "pointers"
	SawRecord    Action = "record"
	BreaksGlass  Action = "emergency"        // a clinician declared one, and got the keys
	Countersigns Action = "countersignature" // another clinician said whether there was one
	Replies      Action = "reply"            // a steward of the hospital said what came of a doubt of hers
	Opines       Action = "opinion"          // nothing was shown: she, or her guardian, said what she holds of a pointer or a reader
)

// Seen is a line of a patient's log: what a reader was shown by an access of hers, or what she said. A salted leaf of the hospital's log
// commits to it.
type Seen struct {
	Provider         ledger.Address            `json:"provider"`
	Access           ledger.Hash               `json:"access"` // or the document of an opinion, also where it is replied to
	Reader           ledger.Address            `json:"reader"` // or who signed the opinion or reply
	At               int64                     `json:"at"`     // Unix seconds
	Action           Action                    `json:"action"`
	Kinds            []records.Kind            `json:"kinds"`
	From             records.Month             `json:"from"`
	To               records.Month             `json:"to"`
	Number           uint64                    `json:"number"` // of the record, in its kind and month
	Opinion          *records.Opinion          `json:"opinion,omitempty"`
	Reply            *records.Reply            `json:"reply,omitempty"`
	Emergency        *records.Emergency        `json:"emergency,omitempty"`
	Countersignature *records.Countersignature `json:"countersignature,omitempty"`
}

// line is a use that shows what seen says.
func (x *Index) line(seen Seen) (u Use, err error) {
	seen.Provider = x.cfg.Provider
	u = Use{Access: seen.Access, Reader: seen.Reader, At: seen.At, Salt: provider.NewSalt(), Most: MaxDaily, MostOfAll: MaxDailyAll}
	if u.Content, err = ledger.Canonical(seen); err != nil {
		return u, err
	}
	u.Leaf = ledger.LeafHash(ledger.SaltedLeaf(u.Salt, u.Content))
	return u, nil
}

// admitted is a use that was: whose access it is and what that says.
type admitted struct {
	patient int64
	access  records.Access
	use     Use
}

// use admits a reader: who he is was checked over the request, and what he brings is checked here, at this moment. It is
// in the log when it returns. at is the pointer whose record he wants, nil for pointers. ErrNoAccess, ErrNoPointer, ErrTooOften.
func (x *Index) use(ctx context.Context, reader ledger.Address, signed ledger.SignedDocument, at *Place, see func(records.Access) (Seen, bool)) (admitted, error) {
	now := x.cfg.Now().Unix()
	a, signer, err := records.Read(signed, x.cfg.Domain, x.cfg.Provider, now)
	emergency := err != nil && x.clinician(reader)
	if emergency {
		var e records.Emergency
		e, signer, err = records.ReadEmergency(signed, x.cfg.Domain, x.cfg.Provider, now)
		a = e.Access(signer)
	}
	if err != nil || a.Reader != reader {
		return admitted{}, ErrNoAccess
	}
	seen, may := see(a)
	if !may {
		return admitted{}, ErrNoAccess
	}
	seen.Access, seen.Reader, seen.At = signed.Hash(), reader, now
	u, err := x.line(seen)
	if err != nil {
		return admitted{}, err
	}
	u.Pointer, u.Signer, u.Mandate, u.Emergency = at, signer, a.Mandate, emergency
	patient, err := x.cfg.Store.Use(ctx, u)
	return admitted{patient, a, u}, err
}

// lives is ErrNoAccess if an access has ended or was taken back since it was admitted, while what it shows was read.
func (x *Index) lives(ctx context.Context, a admitted) error {
	a.use.At = x.cfg.Now().Unix()
	if a.use.At >= a.access.Until {
		return ErrNoAccess
	}
	return x.cfg.Store.Lives(ctx, a.use)
}

// Page is pointers as a reader is shown them.
type Page struct {
	Pointers []records.Shown
	// Standings are what the patient holds of each, by the hospital's word; empty: she has said nothing.
	Standings []records.Standing
	Anchor    *ledger.AnchorProof // of the root that pointers are proven under, but for the newest; nil: none is on the chain
	Next      *Place              // beyond which there are more; nil: these are all
}

// Pointers shows a reader the pointers of an access beyond a place (nil: from the first). The anchor's headers begin with block known, or with the genesis block
// (0). Errors: ErrNoAccess, ErrTooOften.
func (x *Index) Pointers(ctx context.Context, reader ledger.Address, signed ledger.SignedDocument, after *Place, known uint64) (Page, error) {
	a, err := x.use(ctx, reader, signed, nil, func(a records.Access) (Seen, bool) {
		return Seen{Action: SawPointers, Kinds: a.Kinds, From: a.From, To: a.To}, true
	})
	if err != nil {
		return Page{}, err
	}
	kept, err := x.cfg.Store.Pointers(ctx, a.patient, Scope{a.access.Kinds, a.access.From, a.access.To}, after, MaxPage)
	if err != nil {
		return Page{}, err
	}
	var page Page
	indexes := make([]*uint64, len(kept))
	var cell records.Cell // of one after another: they come by kind and month
	for i, k := range kept {
		if cell.Kind != k.Kind || cell.Month != k.Month {
			cell = x.secretOf(a.patient).Cell(k.Kind, k.Month)
		}
		e := records.Entry{Key: cell.EntryKey(k.Number), Value: k.Value}
		page.Standings = append(page.Standings, k.Standing)
		page.Pointers = append(page.Pointers, records.Shown{Kind: k.Kind, Month: k.Month, Number: k.Number, Entry: e, Salt: k.Salt})
		indexes[i] = k.Index
	}
	if len(kept) == MaxPage {
		page.Next = &kept[MaxPage-1].Place
	}
	proofs, anchor, err := x.prove(ctx, indexes, known)
	if err != nil {
		return Page{}, err
	}
	page.Anchor = anchor
	for i, p := range proofs {
		page.Pointers[i].Inclusion = p
	}
	if err := x.lives(ctx, a); err != nil {
		return Page{}, err
	}
	return page, nil
}

// Record shows a reader the record of one pointer. Errors: ErrNoAccess, ErrTooOften, ErrNoPointer, ErrMissing, ErrAltered,
// ErrSuperseded, ErrFaulty, ErrUnavailable, ErrTooLarge.
func (x *Index) Record(ctx context.Context, reader ledger.Address, signed ledger.SignedDocument, at Place) ([]byte, error) {
	a, err := x.use(ctx, reader, signed, &at, func(a records.Access) (Seen, bool) {
		return Seen{Action: SawRecord, Kinds: []records.Kind{at.Kind}, From: at.Month, To: at.Month, Number: at.Number}, a.Records && a.Admits(at.Kind, at.Month)
	})
	if err != nil {
		return nil, err
	}
	content, err := x.record(ctx, a.patient, at)
	if gone := x.lives(ctx, a); gone != nil {
		return nil, gone // nor is he told that it is missing
	}
	return content, err
}

// record reads and renders the record of a pointer.
func (x *Index) record(ctx context.Context, patient int64, at Place) ([]byte, error) {
	kept, err := x.cfg.Store.Pointer(ctx, patient, at)
	if err != nil {
		return nil, err
	}
	content, err := x.pointedAt(ctx, patient, kept)
	if !errors.Is(err, ErrMissing) && !errors.Is(err, ErrAltered) {
		return content, err
	}
	again, reading := x.pointedAgain(ctx, patient, kept)
	switch {
	case reading != nil:
		return nil, reading
	case again:
		return nil, ErrSuperseded
	}
	return nil, err
}

// pointedAt is the record that a pointer leads to. ErrMissing, ErrAltered, ErrFaulty, ErrUnavailable, ErrTooLarge.
func (x *Index) pointedAt(ctx context.Context, patient int64, kept Kept) ([]byte, error) {
	in, kind, day, ok := located(kept.Locator)
	var content []byte
	var err error
	switch {
	case ok && in == tables:
		content, err = x.inTables(ctx, patient, kind, day)
	case ok && in == server && x.cfg.Documents != nil:
		content, err = x.inServer(ctx, patient, kind, day)
	default:
		err = fmt.Errorf("a pointer leads nowhere: %w", ErrMissing)
	}
	if err != nil {
		return nil, err
	}
	if ledger.HashBytes(content) != kept.Record {
		return nil, ErrAltered
	}
	return content, nil
}

// inTables renders a record of the hospital's tables. ErrMissing.
func (x *Index) inTables(ctx context.Context, patient int64, kind records.Kind, day string) ([]byte, error) {
	events, known, err := x.cfg.Source.Events(ctx, patient, kind, day)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, ErrMissing
	}
	return x.render(events, known)
}

// inServer fetches a record of the hospital's FHIR server. ErrMissing, ErrFaulty, ErrUnavailable.
func (x *Index) inServer(ctx context.Context, patient int64, kind records.Kind, day string) ([]byte, error) {
	all, err := x.cfg.Documents.Documents(ctx, patient, kind, day)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrMissing
	}
	if all[0].Fault != "" {
		return nil, ErrFaulty
	}
	return all[0].Content, nil
}

// pointedAgain reports whether a later pointer of the same cell has the same locator.
func (x *Index) pointedAgain(ctx context.Context, patient int64, kept Kept) (bool, error) {
	for after := &kept.Place; after != nil; {
		later, err := x.cfg.Store.Pointers(ctx, patient, Scope{[]records.Kind{kept.Kind}, kept.Month, kept.Month}, after, MaxPage)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(later, func(k Kept) bool { return k.Locator == kept.Locator }) {
			return true, nil
		}
		if after = nil; len(later) == MaxPage {
			after = &later[MaxPage-1].Place
		}
	}
	return false, nil
}

// Revoke takes an access back: she signs, or who holds a mandate of hers. From the moment that it returns, the access admits nobody, and what is
// being read by it is not served; only what was on its way already arrives. mayBring says whether the caller may bring what the
// signer says. Errors: ErrMalformed, ErrNoAccess, ErrTooOften.
func (x *Index) Revoke(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	var r records.Revocation
	if err := ledger.ParseCanonical(signed.Content, &r); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	now := x.cfg.Now().Unix()
	if r.Provider != x.cfg.Provider || signed.Expiry <= now {
		return fmt.Errorf("%w: names another hospital, or came too late", ErrMalformed)
	}
	signer, err := signed.Signer(x.cfg.Domain, ledger.KindRecordRevocation)
	if err != nil || !mayBring(signer) {
		return ErrNoAccess
	}
	return x.cfg.Store.Withdraw(ctx, Withdrawn{Access: r.Access, Signer: signer, Mandate: r.Mandate, At: now, Most: MaxRevoked})
}

// Shown is a line of a patient's log with its proof.
type Shown struct {
	Number    int64  // among hers, from 1
	Content   []byte // canonical [Seen]
	Salt      ledger.Hash
	Inclusion *ledger.LogProof // nil until an interval has published it
}

// Uses shows a patient, or her guardian, what was seen by her accesses beyond a number (0: from the first), oldest first,
// MaxPage at most, and the anchor of the root that they are proven under, with headers as in [Index.Pointers]. Errors: ErrNoAccess.
func (x *Index) Uses(ctx context.Context, key ledger.Address, mandate *ledger.Hash, after int64, known uint64) ([]Shown, *ledger.AnchorProof, error) {
	patient, err := x.giver(ctx, key, mandate)
	if err != nil {
		return nil, nil, err
	}
	used, err := x.cfg.Store.Uses(ctx, patient, after, MaxPage)
	if err != nil {
		return nil, nil, err
	}
	all, indexes := make([]Shown, len(used)), make([]*uint64, len(used))
	for i, u := range used {
		all[i], indexes[i] = Shown{Number: u.Number, Content: u.Content, Salt: u.Salt}, u.Index
	}
	proofs, anchor, err := x.prove(ctx, indexes, known)
	for i, p := range proofs {
		all[i].Inclusion = p
	}
	return all, anchor, err
}

// prove proves leaves of the log, nil for those that are not published: under the last root on the chain where that covers
// them, else under the present one.
func (x *Index) prove(ctx context.Context, indexes []*uint64, known uint64) (proofs []*ledger.LogProof, proof *ledger.AnchorProof, err error) {
	proofs = make([]*ledger.LogProof, len(indexes))
	log := ledger.LogID(ledger.LogProvider, x.cfg.Provider)
	anchor, found, err := x.cfg.Store.LastAnchor(ctx)
	if err != nil {
		return nil, nil, err
	}
	var old, recent []int
	for i, index := range indexes {
		switch {
		case index == nil:
		case *index < anchor.Size:
			old = append(old, i)
		default:
			recent = append(recent, i)
		}
	}
	if err := x.include(ctx, log, anchor.Size, old, indexes, proofs); err != nil {
		return nil, nil, err
	}
	if len(recent) > 0 {
		size, _, err := x.cfg.Store.LogRoot(ctx)
		if err != nil {
			return nil, nil, err
		}
		if err := x.include(ctx, log, size, recent, indexes, proofs); err != nil {
			return nil, nil, err
		}
	}
	if !found || len(old) == 0 {
		return proofs, nil, nil
	}
	a, final, err := x.cfg.Chain.AnchorProof(ctx, log, anchor.Size, anchor.Block, known)
	if err != nil || !final {
		return proofs, nil, err
	}
	return proofs, &a, nil
}

// include proves those of which i names the place in indexes, under the root of the first size leaves.
func (x *Index) include(ctx context.Context, log ledger.Hash, size uint64, i []int, indexes []*uint64, proofs []*ledger.LogProof) error {
	if len(i) == 0 {
		return nil
	}
	at := make([]uint64, len(i))
	for j, place := range i {
		if at[j] = *indexes[place]; at[j] >= size {
			return errors.New("a leaf of the record index is beyond the end of the log")
		}
	}
	paths, root, err := x.cfg.Store.Inclusions(ctx, size, at)
	if err != nil {
		return err
	}
	for j, place := range i {
		proofs[place] = &ledger.LogProof{Log: log, Index: at[j], Size: size, Root: root, Path: paths[j]}
	}
	return nil
}
