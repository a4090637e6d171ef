package records_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// An emergency is read as it was signed, lasts a day at most, and has a reason.
func TestEmergency(t *testing.T) {
	k, err := ledger.NewKey()
	must(t, err)
	d := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}
	for name, c := range map[string]struct {
		change func(*records.Emergency)
		expiry int64 // less the emergency's own end
		want   error
	}{
		"good":                {want: nil},
		"another hospital":    {change: func(e *records.Emergency) { e.Provider = ledger.Address{8} }, want: records.ErrMalformed},
		"no kinds":            {change: func(e *records.Emergency) { e.Kinds = nil }, want: records.ErrMalformed},
		"months out of order": {change: func(e *records.Emergency) { e.From = e.To + 1 }, want: records.ErrMalformed},
		"no nonce":            {change: func(e *records.Emergency) { e.Nonce = ledger.Hash{} }, want: records.ErrMalformed},
		"no reason":           {change: func(e *records.Emergency) { e.Reason = "help" }, want: records.ErrMalformed},
		"a long reason":       {change: func(e *records.Emergency) { e.Reason = strings.Repeat("a", 1001) }, want: records.ErrMalformed},
		"ended":               {change: func(e *records.Emergency) { e.Until = now }, want: records.ErrEnded},
		"too long":            {change: func(e *records.Emergency) { e.Until = now + 86401 }, want: records.ErrEnded},
		"signature for ever":  {expiry: 1, want: records.ErrMalformed},
	} {
		e := records.Emergency{
			Provider: hospital, Patient: 7, Kinds: []records.Kind{"conditions", "medication"}, To: 1500, Until: now + 86400, Reason: "unconscious, nobody with her", Nonce: ledger.Hash{1},
		}
		if c.change != nil {
			c.change(&e)
		}
		signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordEmergency, e, 1, e.Until+c.expiry)
		must(t, err)
		got, signer, err := records.ReadEmergency(signed, d, hospital, now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want == nil && (cmp.Diff(e, got) != "" || signer != k.Address() || !got.Access(signer).Admits("medication", 3)) {
			t.Errorf("%s: read %+v by %s", name, got, signer)
		}
		if _, _, err := records.Read(signed, d, hospital, now); err == nil {
			t.Errorf("%s: an emergency passes for an access", name)
		}
	}
}

func TestCountersignature(t *testing.T) {
	k, err := ledger.NewKey()
	must(t, err)
	d := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}
	for name, c := range map[string]struct {
		change func(*records.Countersignature)
		expiry int64
		want   error
	}{
		"good":             {expiry: now + 1, want: nil},
		"late":             {expiry: now, want: records.ErrEnded},
		"another hospital": {func(c *records.Countersignature) { c.Provider = ledger.Address{8} }, now + 1, records.ErrMalformed},
		"of nothing":       {func(c *records.Countersignature) { c.Emergency = ledger.Hash{} }, now + 1, records.ErrMalformed},
		"too many words":   {func(c *records.Countersignature) { c.Why = strings.Repeat("a", 1001) }, now + 1, records.ErrMalformed},
	} {
		s := records.Countersignature{Provider: hospital, Emergency: ledger.Hash{4}, Justified: true}
		if c.change != nil {
			c.change(&s)
		}
		signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordCountersignature, s, 1, c.expiry)
		must(t, err)
		got, signer, err := records.ReadCountersignature(signed, d, hospital, now)
		if !errors.Is(err, c.want) || err == nil && (got != s || signer != k.Address()) {
			t.Errorf("%s: %v, want %v; %+v", name, err, c.want, got)
		}
	}
}
