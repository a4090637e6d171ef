package records_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

const now = 1_700_000_000

func access(reader ledger.Address) records.Access {
	return records.Access{
		Provider: hospital, Reader: reader, Kinds: []records.Kind{"conditions", "medication"}, From: 1440, To: 1500,
		Until: now + 3600, Records: true, Nonce: ledger.Hash{1},
	}
}

// An access is read as it was signed, and refused for another hospital, form or time.
func TestAccess(t *testing.T) {
	k, err := ledger.NewKey()
	must(t, err)
	d := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}
	reader := ledger.Address{9}
	for name, c := range map[string]struct {
		change func(*records.Access)
		expiry int64 // less the access's own end
		want   error
	}{
		"good":                {want: nil},
		"another hospital":    {change: func(a *records.Access) { a.Provider = ledger.Address{8} }, want: records.ErrMalformed},
		"no reader":           {change: func(a *records.Access) { a.Reader = ledger.Address{} }, want: records.ErrMalformed},
		"no kinds":            {change: func(a *records.Access) { a.Kinds = nil }, want: records.ErrMalformed},
		"kinds out of order":  {change: func(a *records.Access) { a.Kinds[0] = "visits" }, want: records.ErrMalformed},
		"a kind twice":        {change: func(a *records.Access) { a.Kinds[0] = "medication" }, want: records.ErrMalformed},
		"months out of order": {change: func(a *records.Access) { a.From = a.To + 1 }, want: records.ErrMalformed},
		"no nonce":            {change: func(a *records.Access) { a.Nonce = ledger.Hash{} }, want: records.ErrMalformed},
		"ended":               {change: func(a *records.Access) { a.Until = now }, want: records.ErrEnded},
		"too long":            {change: func(a *records.Access) { a.Until = now + 3*366*86400 }, want: records.ErrEnded},
		"signature for ever":  {expiry: 1, want: records.ErrMalformed},
	} {
		a := access(reader)
		if c.change != nil {
			c.change(&a)
		}
		signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordAccess, a, 1, a.Until+c.expiry)
		must(t, err)
		got, signer, err := records.Read(signed, d, hospital, now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want == nil && (cmp.Diff(a, got) != "" || signer != k.Address()) {
			t.Errorf("%s: read %+v by %s", name, got, signer)
		}
	}
	signed, err := ledger.NewSignedDocument(k, d, ledger.KindRecordRevocation, access(reader), 1, now+3600)
	must(t, err)
	if _, signer, err := records.Read(signed, d, hospital, now); err == nil && signer == k.Address() {
		t.Error("a document of another kind passes for an access")
	}
}

func TestAdmits(t *testing.T) {
	a := access(ledger.Address{9})
	for _, c := range []struct {
		kind  records.Kind
		month records.Month
		want  bool
	}{
		{"conditions", 1440, true}, {"medication", 1500, true}, {"conditions", 1439, false}, {"conditions", 1501, false}, {"visits", 1450, false},
	} {
		if got := a.Admits(c.kind, c.month); got != c.want {
			t.Errorf("%s of %s: %v", c.kind, c.month, got)
		}
	}
}

// An access key has the keys of its own access, and sealed it opens for its reader alone.
func TestAccessKey(t *testing.T) {
	patient, err := ledger.NewKey()
	must(t, err)
	doctor, err := ledger.NewKey()
	must(t, err)
	other, err := ledger.NewKey()
	must(t, err)
	secret := records.SecretOf(ledger.Hash{2}, 1)
	given, err := secret.Give(patient, ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}, access(doctor.Address()))
	must(t, err)
	for _, kind := range kinds {
		_, opens := given.Keys.Cell(kind, 1450)
		if want := kind == "conditions" || kind == "medication"; opens != want {
			t.Errorf("%s: %v", kind, opens)
		}
	}
	opener, err := records.OpenerOf(doctor)
	must(t, err)
	sealed, err := opener.Public().Seal("test", []byte("content"))
	must(t, err)
	again, err := records.OpenerOf(doctor) // of the key alone
	must(t, err)
	if got, err := again.Open("test", sealed); err != nil || string(got) != "content" {
		t.Errorf("opened %q, %v", got, err)
	}
	stranger, err := records.OpenerOf(other)
	must(t, err)
	changed := slices.Clone(sealed)
	changed[len(changed)-1]++
	for name, open := range map[string]func() ([]byte, error){
		"changed":         func() ([]byte, error) { return opener.Open("test", changed) },
		"another purpose": func() ([]byte, error) { return opener.Open("other", sealed) },
		"another reader":  func() ([]byte, error) { return stranger.Open("test", sealed) },
		"nothing":         func() ([]byte, error) { return opener.Open("test", nil) },
	} {
		if _, err := open(); !errors.Is(err, records.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (records.SealingKey{}).Seal("test", []byte("content")); !errors.Is(err, records.ErrMalformed) {
		t.Errorf("sealed to no key: %v", err)
	}
}
