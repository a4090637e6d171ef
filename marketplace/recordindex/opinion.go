package recordindex

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// Opined is an opinion of a patient's.
type Opined struct {
	records.Opinion
	Document ledger.SignedDocument // it, as she signed it
	At       int64                 // Unix seconds
	Number   int64                 // 1, 2, 3, ... in the order in which hers were signed: one that takes another's place has a new one
	Reply    *Replied              // nil: nobody has replied
}

// Replied is what a steward said of a doubt.
type Replied struct {
	Document ledger.SignedDocument // a [records.Reply]
	Signer   ledger.Address
	At       int64 // Unix seconds
}

// Doubt is an opinion that doubts a pointer, as stewards see it.
type Doubt struct {
	Patient int64 // the hospital's own number
	Opined
}

// DoubtPlace is where a doubt stands among all.
type DoubtPlace struct {
	Patient int64
	Place
}

// Opine keeps what a patient says of a pointer or a reader, and enters it into her log: who gives access signs, or a delegate of hers if it rejects a reader. From the moment that it returns, a
// reader whom she rejected is shown nothing. mayBring says whether the caller may bring what the signer says. Errors: ErrMalformed,
// ErrNoAccess, ErrNoPointer, ErrTooOften, [provider.ErrStaleRevision] unless the revision is greater than that of her last one of the same.
func (x *Index) Opine(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	var o records.Opinion
	if err := ledger.ParseCanonical(signed.Content, &o); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := o.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	now := x.cfg.Now().Unix()
	if o.Provider != x.cfg.Provider || signed.Expiry <= now {
		return fmt.Errorf("%w: names another hospital, or came too late", ErrMalformed)
	}
	signer, err := signed.Signer(x.cfg.Domain, ledger.KindRecordOpinion)
	if err != nil || !mayBring(signer) {
		return ErrNoAccess
	}
	u, err := x.line(Seen{Access: signed.Hash(), Reader: signer, At: now, Action: Opines, Kinds: []records.Kind{}, Opinion: &o})
	if err != nil {
		return err
	}
	u.Signer, u.Mandate, u.Pointer = signer, o.Mandate, o.Pointer
	return x.cfg.Store.Opine(ctx, Opined{Opinion: o, Document: signed, At: now}, u)
}

// Opinions shows a patient, or her guardian, what was said in her name beyond a number (0: from the first), MaxPage at most. ErrNoAccess.
func (x *Index) Opinions(ctx context.Context, key ledger.Address, mandate *ledger.Hash, after int64) ([]Opined, error) {
	patient, err := x.giver(ctx, key, mandate)
	if err != nil {
		return nil, err
	}
	return x.cfg.Store.Opinions(ctx, patient, after, MaxPage)
}

// Doubts lists pointers that patients questioned or rejected, beyond a place (nil: from the first), by patient, kind, month and number,
// MaxPage at most; waiting: only those that nobody has replied to. The caller has checked that a steward of this hospital asks.
func (x *Index) Doubts(ctx context.Context, waiting bool, after *DoubtPlace) ([]Doubt, error) {
	return x.cfg.Store.Doubts(ctx, waiting, after, MaxPage)
}

// Reply keeps what a steward says of the doubt of a patient's pointer, and enters it into her log. The caller has checked that a steward of this hospital
// asks; mayBring says whether he may bring what the signer says. Errors: ErrMalformed, ErrNoAccess, ErrNoPointer unless she doubts that pointer by the
// very document that is replied to, and nobody has replied.
func (x *Index) Reply(ctx context.Context, patient int64, at Place, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	now := x.cfg.Now().Unix()
	r, signer, err := records.ReadReply(signed, x.cfg.Domain, x.cfg.Provider, now)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !mayBring(signer) {
		return ErrNoAccess
	}
	line, err := x.line(Seen{Access: r.Opinion, Reader: signer, At: now, Action: Replies, Kinds: []records.Kind{}, Reply: &r})
	if err != nil {
		return err
	}
	return x.cfg.Store.Reply(ctx, DoubtPlace{patient, at}, r, Replied{Document: signed, Signer: signer, At: now}, line)
}
