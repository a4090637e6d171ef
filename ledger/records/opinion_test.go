package records_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

func TestOpinion(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*records.Opinion)
		good   bool
	}{
		"of a pointer": {func(*records.Opinion) {}, true},
		"of a reader":  {func(o *records.Opinion) { o.Pointer, o.Reader = nil, &ledger.Address{9} }, true},
		"with words": {func(o *records.Opinion) {
			o.Standing, o.Why = records.Questioned, strings.Repeat("é", records.MaxWhy/2)
		}, true},
		"of no hospital":   {func(o *records.Opinion) { o.Provider = ledger.Address{} }, false},
		"of nothing":       {func(o *records.Opinion) { o.Pointer = nil }, false},
		"of both":          {func(o *records.Opinion) { o.Reader = &ledger.Address{9} }, false},
		"of no kind":       {func(o *records.Opinion) { o.Pointer.Kind = "" }, false},
		"of nobody":        {func(o *records.Opinion) { o.Pointer, o.Reader = nil, &ledger.Address{} }, false},
		"no standing":      {func(o *records.Opinion) { o.Standing = "" }, false},
		"another standing": {func(o *records.Opinion) { o.Standing = "approved" }, false},
		"too many words":   {func(o *records.Opinion) { o.Why = strings.Repeat("a", records.MaxWhy+1) }, false},
		"no words":         {func(o *records.Opinion) { o.Why = "\xff" }, false},
	} {
		o := records.Opinion{Provider: hospital, Pointer: &records.Place{Kind: "visits", Month: 1490}, Standing: records.Accepted}
		c.change(&o)
		if err := o.Check(); (err == nil) != c.good || err != nil && !errors.Is(err, records.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A reply is read as it was signed, by its own kind of document, at its own hospital and in its time.
func TestReply(t *testing.T) {
	k, err := ledger.NewKey()
	must(t, err)
	d := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}
	for name, c := range map[string]struct {
		change func(*records.Reply)
		expiry int64
		want   error
	}{
		"good":             {expiry: now + 1, want: nil},
		"late":             {expiry: now, want: records.ErrEnded},
		"another hospital": {func(r *records.Reply) { r.Provider = ledger.Address{8} }, now + 1, records.ErrMalformed},
		"to nothing":       {func(r *records.Reply) { r.Opinion = ledger.Hash{} }, now + 1, records.ErrMalformed},
		"without words":    {func(r *records.Reply) { r.Why = "" }, now + 1, records.ErrMalformed},
		"too many words":   {func(r *records.Reply) { r.Why = strings.Repeat("a", records.MaxWhy+1) }, now + 1, records.ErrMalformed},
	} {
		r := records.Reply{Provider: hospital, Opinion: ledger.Hash{4}, Revision: 5, Amended: true, Why: "it was another's"}
		if c.change != nil {
			c.change(&r)
		}
		signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordReply, r, 1, c.expiry)
		must(t, err)
		got, signer, err := records.ReadReply(signed, d, hospital, now)
		if !errors.Is(err, c.want) || err == nil && (got != r || signer != k.Address()) {
			t.Errorf("%s: %v, want %v; %+v", name, err, c.want, got)
		}
		opinion, err := ledger.NewSignedDocument(k, d, ledger.KindRecordOpinion, r, 1, now+1)
		must(t, err)
		if _, signer, err := records.ReadReply(opinion, d, hospital, now); err == nil && signer == k.Address() {
			t.Errorf("%s: a document of another kind passes for a reply", name)
		}
	}
}
