package ledger_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
)

func TestHashBytes(t *testing.T) {
	// FIPS 180-2, appendix B.1.
	const want = "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := ledger.HashBytes([]byte("abc")).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := ledger.DatasetID("abc").String(); got != want {
		t.Errorf("dataset id %s, want %s", got, want)
	}
}

// TestTextForms: each value has one spelling, which is read back as the value.
func TestTextForms(t *testing.T) {
	forms := map[string]struct {
		size  int // bytes, -1 for any
		value func() textValue
	}{
		"Hash":      {32, func() textValue { return new(ledger.Hash) }},
		"Address":   {20, func() textValue { return new(ledger.Address) }},
		"Signature": {65, func() textValue { return new(ledger.Signature) }},
		"Bytes":     {-1, func() textValue { return new(ledger.Bytes) }},
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			n := max(form.size, 3)
			good := "0x" + strings.Repeat("0f", n-1) + "a9"
			v := form.value()
			if err := v.UnmarshalText([]byte(good)); err != nil {
				t.Fatal(err)
			}
			if text, err := v.MarshalText(); err != nil || string(text) != good {
				t.Errorf("written as %s (%v), want %s", text, err, good)
			}
			bad := map[string]string{
				"empty": "", "bare 0": "0", "no 0x": good[2:], "0X": "0X" + good[2:], "upper case": strings.Replace(good, "a", "A", 1),
				"one digit less": good[:len(good)-1], "one digit more": good + "0", "not hex": good[:len(good)-1] + "g",
				"space": " " + good[1:], "sign": "-" + good[1:], "wide digit": good[:len(good)-2] + "é",
			}
			if form.size >= 0 {
				bad["short"], bad["long"], bad["only 0x"] = good[:len(good)-2], good+"00", "0x"
			}
			for what, s := range bad {
				if err := form.value().UnmarshalText([]byte(s)); !errors.Is(err, ledger.ErrMalformed) {
					t.Errorf("%s, %q: %v, want ErrMalformed", what, s, err)
				}
			}
		})
	}
}

type textValue interface {
	encoding.TextUnmarshaler
	encoding.TextMarshaler
}

func TestBytes(t *testing.T) {
	var b ledger.Bytes
	if err := b.UnmarshalText([]byte("0x")); err != nil || b == nil || len(b) != 0 {
		t.Errorf("0x is %#v (%v)", b, err)
	}
	if err := b.UnmarshalText([]byte("0x00ff")); err != nil || len(b) != 2 || b[1] != 0xff {
		t.Errorf("0x00ff is %#v (%v)", b, err)
	}
	if err := b.UnmarshalText([]byte("0xzz")); err == nil || len(b) != 2 {
		t.Errorf("after an error the value is %#v (%v)", b, err)
	}
}

func TestParseHashAndAddress(t *testing.T) {
	h := ledger.HashBytes([]byte("a"))
	if got, err := ledger.ParseHash(h.String()); err != nil || got != h {
		t.Errorf("%s (%v), want %s", got, err, h)
	}
	if _, err := ledger.ParseHash(h.String()[:64]); !errors.Is(err, ledger.ErrMalformed) {
		t.Errorf("short hash: %v", err)
	}
	a := ledger.Address{19: 1}
	if got, err := ledger.ParseAddress(a.String()); err != nil || got != a {
		t.Errorf("%s (%v), want %s", got, err, a)
	}
	if _, err := ledger.ParseAddress(h.String()); !errors.Is(err, ledger.ErrMalformed) {
		t.Errorf("long address: %v", err)
	}
	if h.IsZero() || a.IsZero() || !(ledger.Hash{}).IsZero() || !(ledger.Address{}).IsZero() {
		t.Error("IsZero is wrong")
	}
	if b, err := json.Marshal(map[ledger.Address]ledger.Hash{a: h}); err != nil || string(b) != `{"`+a.String()+`":"`+h.String()+`"}` {
		t.Errorf("in JSON: %s (%v)", b, err)
	}
}

// The examples of EIP-55, and what people make of them.
func TestReadAddress(t *testing.T) {
	for _, right := range []string{
		"0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
		"0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
	} {
		for _, text := range []string{right, strings.ToLower(right), "0x" + strings.ToUpper(right[2:])} {
			if a, err := ledger.ReadAddress(text); err != nil || a.String() != strings.ToLower(right) {
				t.Errorf("%s: %s, %v", text, a, err)
			}
		}
	}
	for name, wrong := range map[string]string{
		"case of a letter": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed",
		"a digit":          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe0",
		"short":            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
		"no 0x":            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedab",
		"nothing":          "",
	} {
		if a, err := ledger.ReadAddress(wrong); !errors.Is(err, ledger.ErrMalformed) {
			t.Errorf("%s: %s, %v; want ErrMalformed", name, a, err)
		}
	}
}
