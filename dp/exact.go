package dp

import (
	"fmt"
	"log/slog"
	"slices"
)

// redacted is all that an Exact says.
const redacted = "redacted"

// Exact is the true vector of a plan, laid out as [Plan.Tallies] says. Only Release reads it. It
// prints, logs and encodes as "redacted", also inside other values: it holds a
// function, which neither fmt nor reflection can look into.
type Exact struct {
	counts  func() []int64
	entries func() []Entry
}

// NewExact wraps counts, which it copies.
func NewExact(counts []int64) Exact {
	own := slices.Clone(counts)
	return Exact{counts: func() []int64 { return own }}
}

// NewExactByKey wraps what was counted for a plan with private keys, and copies it. The entries rise by key, and of one key by slot.
func NewExactByKey(entries []Entry) Exact {
	own := slices.Clone(entries)
	return Exact{entries: func() []Entry { return own }}
}

// byKey returns the entries; an Exact that NewExactByKey did not make has none, which is not the same as nobody.
func (e Exact) byKey() ([]Entry, bool) {
	if e.entries == nil {
		return nil, false
	}
	return e.entries(), true
}

// vector returns the counts; the zero Exact has none.
func (e Exact) vector() []int64 {
	if e.counts == nil {
		return nil
	}
	return e.counts()
}

// String implements fmt.Stringer.
func (Exact) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Exact) GoString() string { return redacted }

// Format implements fmt.Formatter, for every verb.
func (Exact) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// LogValue implements slog.LogValuer.
func (Exact) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (Exact) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (Exact) MarshalText() ([]byte, error) { return []byte(redacted), nil }
