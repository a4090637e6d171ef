package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// G6: a consent proof is hers by her index, or by her signature; what anybody
// could be shown is not taken for hers.
func TestG6WhoseConsentProof(t *testing.T) {
	index, other := ledger.Hash{1}, ledger.Hash{2}
	her, him := ledger.Address{1}, ledger.Address{2}
	absent := verifier.Consented{Proof: consent.Proof{Index: index}}
	signed, recorded := absent, absent
	signed.Preference, signed.Signer = &provider.PreferenceStatement{Grantor: provider.Self()}, her
	recorded.Preference, recorded.Signer = &provider.PreferenceStatement{Grantor: provider.Grantor{By: "hospital", Form: "paper"}}, her
	const hers, whose, mismatch = "hers", "whose", "mismatch"
	for name, c := range map[string]struct {
		proof   verifier.Consented
		index   ledger.Hash
		patient ledger.Address
		want    string
	}{
		"signed, by index":                      {signed, index, ledger.Address{}, hers},
		"signed, by signature":                  {signed, ledger.Hash{}, her, hers},
		"signed, by both":                       {signed, index, her, hers},
		"signed by another":                     {signed, ledger.Hash{}, him, mismatch},
		"signed by another, at her index":       {signed, index, him, mismatch},
		"another's":                             {signed, other, ledger.Address{}, mismatch},
		"another's with her signature":          {signed, other, her, mismatch},
		"recorded, by index":                    {recorded, index, ledger.Address{}, hers},
		"recorded, by index and key":            {recorded, index, her, hers},
		"recorded, by key":                      {recorded, ledger.Hash{}, her, whose},
		"absent, by index":                      {absent, index, ledger.Address{}, hers},
		"absent, by key":                        {absent, ledger.Hash{}, her, whose},
		"absent, by index and key":              {absent, index, her, hers},
		"recorded, another's index and her key": {recorded, other, her, mismatch},
	} {
		err := (&verifyCommand{Index: c.index, Patient: c.patient}).hers(c.proof)
		got := hers
		switch {
		case errors.Is(err, errWhose):
			got = whose
		case errors.As(err, new(*ledger.MismatchError)):
			got = mismatch
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
		if got != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, got, err, c.want)
		}
	}
}

// G6: the index that a hospital first told is kept; it cannot tell another one later.
func TestG6IndexIsPinned(t *testing.T) {
	key := filepath.Join(t.TempDir(), "patient.key")
	one := consent.Proof{Provider: ledger.Address{1}, Index: ledger.Hash{1}}
	other, elsewhere := one, one
	other.Index = ledger.Hash{2}
	elsewhere.Provider, elsewhere.Index = ledger.Address{2}, ledger.Hash{3}
	for _, p := range []consent.Proof{one, one, elsewhere, one, elsewhere} {
		must(t, pin(key, p))
	}
	var exit *exitError
	if err := pin(key, other); !errors.As(err, &exit) || exit.code != exitMismatch {
		t.Errorf("another index: %v", err)
	}
	must(t, pin(key, one))
	must(t, os.WriteFile(key+".index", []byte("?"), 0o600))
	if err := pin(key, one); err == nil {
		t.Error("a file that cannot be read was passed over")
	}
}
