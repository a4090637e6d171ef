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
}

// Opine keeps what a patient says of a pointer or a reader, and enters it into her log: who gives access signs. From the moment that it returns, a
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
