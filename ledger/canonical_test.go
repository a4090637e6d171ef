package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
)

func canonical(t testing.TB, v any) []byte {
	t.Helper()
	b, err := ledger.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCanonicalVectors: the first three are those of RFC 8785, sections 3.2.2 and 3.2.3.
func TestCanonicalVectors(t *testing.T) {
	tests := map[string]struct {
		in   any
		want string
	}{
		"RFC 8785 primitives": {
			json.RawMessage(`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
				"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`),
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		},
		"RFC 8785 order by UTF-16": {
			json.RawMessage(`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
				"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`),
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
				`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
		},
		"no HTML escapes":  {"<a & b>\u2028", "\"<a & b>\u2028\""},
		"minus zero":       {math.Copysign(0, -1), "0"},
		"largest integer":  {int64(1<<53 - 1), "9007199254740991"},
		"least integer":    {int64(-1<<53 + 1), "-9007199254740991"},
		"digits in a text": {`"\99007199254740993`, `"\"\\99007199254740993"`},
		"ask": {exampleAsk(), `{"at_least_as_of":0,"dataset":"st-ada","expiry":1800000000,` +
			`"grant":"0x0200000000000000000000000000000000000000000000000000000000000000","max_nano_rho":5000000,"max_work":2097152,` +
			`"plan_hash":"0x0300000000000000000000000000000000000000000000000000000000000000",` +
			`"provider":"0x0400000000000000000000000000000000000000",` +
			`"purpose":{"diseases":["MONDO:0005148"],"permission":"DUO:0000007"},` +
			`"request_id":"0x0100000000000000000000000000000000000000000000000000000000000000"}`},
		"release": {ledger.Release{Dataset: "st-ada", DatasetVersion: "v1", Vector: []int64{-3, 0, 12}, AsOf: 7, NanoRho: 5, Delta: 6, Work: 9, Time: 8}, `{"as_of":7,"ask":"` + zero + `",` +
			`"dataset":"st-ada","dataset_version":"v1","decision":"` + zero + `","delta":6,"grant":"` + zero + `","log_root":"` + zero + `","map_root":"` + zero + `","nano_rho":5,` +
			`"plan_hash":"` + zero + `","policy":"` + zero + `","request_id":"` + zero + `","time":8,"vector":[-3,0,12],"work":9}`},
		"log proof": {ledger.LogProof{Size: 2, Path: []ledger.Hash{{}}}, `{"index":0,"log":"` + zero + `","path":["` + zero + `"],"root":"` + zero + `","size":2}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, string(canonical(t, test.in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			h, err := ledger.HashOf(test.in)
			if want := ledger.Hash(sha256.Sum256([]byte(test.want))); err != nil || h != want {
				t.Errorf("hash %s (%v), want %s", h, err, want)
			}
		})
	}
}

const zero = "0x0000000000000000000000000000000000000000000000000000000000000000"

func exampleAsk() ledger.Ask {
	return ledger.Ask{
		RequestID: ledger.Hash{1}, Grant: ledger.Hash{2}, PlanHash: ledger.Hash{3}, Provider: ledger.Address{4}, Dataset: "st-ada",
		Purpose:    ledger.Purpose{Permission: "DUO:0000007", Diseases: []string{"MONDO:0005148"}},
		MaxNanoRho: 5_000_000, MaxWork: 2 << 20, Expiry: 1_800_000_000,
	}
}

// TestCanonicalInexact: beyond 2^53 RFC 8785 has one spelling for several integers,
// so two documents would have one hash.
func TestCanonicalInexact(t *testing.T) {
	for _, v := range []any{
		int64(1 << 53), int64(1<<53 + 1), int64(-1 << 53), int64(math.MaxInt64), int64(math.MinInt64), uint64(math.MaxUint64),
		json.RawMessage(`{"a":["0\\",9007199254740993]}`), json.RawMessage(`{"9":{"b":-9007199254740993}}`),
		json.RawMessage(`9007199254740993.4`), ledger.Ask{MaxWork: 1 << 53}, ledger.LogProof{Size: 1 << 60},
	} {
		if b, err := ledger.Canonical(v); !errors.Is(err, ledger.ErrInexact) {
			t.Errorf("%T %v became %s (%v), want ErrInexact", v, v, b, err)
		}
		if _, err := ledger.HashOf(v); !errors.Is(err, ledger.ErrInexact) {
			t.Errorf("%T %v has a hash", v, v)
		}
	}
	var n int64
	if err := ledger.ParseCanonical([]byte("9007199254740992"), &n); !errors.Is(err, ledger.ErrInexact) {
		t.Errorf("reading 2^53: %v, want ErrInexact", err)
	}
}

func TestCanonicalRefuses(t *testing.T) {
	for name, v := range map[string]any{
		"infinite": math.Inf(1), "function": func() {}, "broken JSON": json.RawMessage(`{"a":`),
		"duplicate key": json.RawMessage(`{"a":1,"\u0061":2}`), "lone surrogate": json.RawMessage(`"\ud800"`),
		"too deep": json.RawMessage(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)),
	} {
		if b, err := ledger.Canonical(v); err == nil {
			t.Errorf("%s became %.40s", name, b)
		}
	}
}

// TestParseCanonicalRefuses: a document has one byte form.
func TestParseCanonicalRefuses(t *testing.T) {
	good := string(canonical(t, exampleAsk()))
	replace := func(before, after string) string {
		t.Helper()
		if strings.Count(good, before) != 1 {
			t.Fatalf("%q is not in the ask once", before)
		}
		return strings.Replace(good, before, after, 1)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(good), "", " "); err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"nothing":                  "",
		"null":                     "null",
		"list":                     "[]",
		"cut":                      good[:len(good)-1],
		"indented":                 indented.String(),
		"space":                    replace(`"expiry":`, `"expiry": `),
		"newline after":            good + "\n",
		"brace after":              good + "}",
		"twice":                    good + good,
		"unknown field":            replace(`{"at_least_as_of"`, `{"Zeta":1,"at_least_as_of"`),
		"unknown field within":     replace(`"permission"`, `"note":"","permission"`),
		"duplicate key":            replace(`"expiry":1800000000`, `"expiry":1,"expiry":1800000000`),
		"duplicate key, same":      replace(`"expiry":1800000000`, `"expiry":1800000000,"expiry":1800000000`),
		"order":                    replace(`"max_nano_rho":5000000,"max_work":2097152`, `"max_work":2097152,"max_nano_rho":5000000`),
		"case of a name":           replace(`"dataset"`, `"Dataset"`),
		"escaped name":             replace(`"dataset"`, `"d\u0061taset"`),
		"escaped text":             replace(`"st-ada"`, `"st\u002dada"`),
		"escaped slash":            replace(`"st-ada"`, `"st\/ada"`),
		"invalid UTF-8":            replace(`"st-ada"`, "\"st\xffada\""),
		"exponent":                 replace(`1800000000`, `18e8`),
		"fraction of zero":         replace(`1800000000`, `1800000000.0`),
		"fraction":                 replace(`1800000000`, `1800000000.5`),
		"plus":                     replace(`1800000000`, `+1800000000`),
		"leading zero":             replace(`1800000000`, `01800000000`),
		"minus zero":               replace(`1800000000`, `-0`),
		"quoted number":            replace(`1800000000`, `"1800000000"`),
		"beyond int64":             replace(`1800000000`, `9223372036854775808`),
		"number null":              replace(`1800000000`, `null`),
		"missing field":            replace(`"expiry":1800000000,`, ``),
		"empty optional field":     replace(`["MONDO:0005148"]`, `[]`),
		"optional field null":      replace(`["MONDO:0005148"]`, `null`),
		"hash in upper case":       replace(`0x01`, `0X01`),
		"hash too short":           replace(`0x0100`, `0x01`),
		"hash null":                replace(`"0x0100000000000000000000000000000000000000000000000000000000000000"`, `null`),
		"text instead of a struct": replace(`{"diseases":["MONDO:0005148"],"permission":"DUO:0000007"}`, `"DUO:0000007"`),
		"deep nesting":             replace(`["MONDO:0005148"]`, strings.Repeat("[", 50_000)),
		"byte order mark":          "\ufeff" + good,
	}
	for name, b := range bad {
		t.Run(name, func(t *testing.T) {
			var a ledger.Ask
			if err := ledger.ParseCanonical([]byte(b), &a); !errors.Is(err, ledger.ErrNotCanonical) {
				t.Errorf("got %v, want ErrNotCanonical", err)
			}
		})
	}
	var a ledger.Ask
	if err := ledger.ParseCanonical([]byte(good), &a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleAsk(), a); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

var (
	integers = rapid.Int64Range(-1<<53+1, 1<<53-1)
	asks     = rapid.Custom(func(t *rapid.T) ledger.Ask {
		return ledger.Ask{
			RequestID: hashes.Draw(t, "request"), PlanHash: hashes.Draw(t, "plan"), Grant: hashes.Draw(t, "grant"),
			Provider: ledger.Address(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "provider")), Dataset: rapid.String().Draw(t, "dataset"),
			Purpose: ledger.Purpose{
				Permission: rapid.String().Draw(t, "permission"),
				Diseases:   rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "diseases"),
			},
			MaxNanoRho: integers.Draw(t, "nano-rho"), MaxWork: integers.Draw(t, "work"), Expiry: integers.Draw(t, "expiry"),
		}
	})
	hashes = rapid.Custom(func(t *rapid.T) (h ledger.Hash) {
		copy(h[:], rapid.SliceOfN(rapid.Byte(), len(h), len(h)).Draw(t, "hash"))
		return h
	})
)

// TestCanonicalFixpoint: what was written is read again as it was, and a byte
// changed is either refused or says something else.
func TestCanonicalFixpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := asks.Draw(t, "ask")
		b, err := ledger.Canonical(a)
		if err != nil {
			t.Fatal(err)
		}
		var read ledger.Ask
		if err := ledger.ParseCanonical(b, &read); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if diff := cmp.Diff(a, read); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
		i := rapid.IntRange(0, len(b)-1).Draw(t, "index")
		b[i] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		var other ledger.Ask
		if ledger.ParseCanonical(b, &other) == nil && cmp.Equal(a, other) {
			t.Errorf("two spellings: %s", b)
		}
	})
}

// FuzzCanonical: the canonical form of JSON means the same, and is its own
// canonical form.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"b":[1,2.5e3,-0],"a":"\u00e9\n"}`, `9007199254740991`, `"\\\""`, `[[],{},null,true]`, "1e400", `{"a":1,"a":2}`, "[1E20]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := ledger.Canonical(json.RawMessage(raw))
		if err != nil {
			return
		}
		again, err := ledger.Canonical(json.RawMessage(b))
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%q, canonical again %q (%v)", b, again, err)
		}
		var before, after any
		if err := errors.Join(json.Unmarshal(raw, &before), json.Unmarshal(b, &after)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%q says something else than %q", b, raw)
		}
	})
}

// FuzzParseCanonical: bytes that are read as a receipt are the receipt's one form.
func FuzzParseCanonical(f *testing.F) {
	f.Add(canonical(f, newScene(f).receipt(f)))
	f.Add([]byte(`{"statement":{"plan":{"a":1e21}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r ledger.Receipt
		if ledger.ParseCanonical(raw, &r) != nil {
			return
		}
		if b := canonical(t, r); !bytes.Equal(b, raw) {
			t.Errorf("%q is read, but written as %q", raw, b)
		}
	})
}
