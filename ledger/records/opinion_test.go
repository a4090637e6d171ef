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
