package ledger

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

// byReference is the canonical form by the library that knows all of RFC 8785.
func byReference(compact []byte) ([]byte, error) {
	out, err := jcs.Transform(compact)
	if err == nil && !exact(out) {
		err = ErrInexact
	}
	return out, err
}

// holdPlainly holds the quick way against the reference: what it takes, that takes as well, and writes the same.
func holdPlainly(t interface {
	Helper()
	Fatalf(string, ...any)
}, raw []byte,
) (took bool) {
	t.Helper()
	compact, err := json.Marshal(json.RawMessage(raw))
	if err != nil {
		return false
	}
	got, is := plainly(compact)
	if !is {
		return false
	}
	want, err := byReference(compact)
	if err != nil || !bytes.Equal(want, got) {
		t.Fatalf("%q became %q, want %q (%v)", compact, got, want, err)
	}
	return true
}

// FuzzPlainly: the quick way writes what the reference writes, of whatever JSON.
func FuzzPlainly(f *testing.F) {
	for _, s := range []string{
		`{"b":[1,-2,0],"a":{"z":"","a b":null,"a":[],"a!":{}}}`, `{"a":1,"a":2}`, `-0`, `0`, `123456789012345`, `1234567890123456`, `"é"`, `"\u0041"`, `1.0`, `1e3`, `[[[{"y":1,"x":[true,false]}]]]`,
		`{"x":{"b":{"d":1,"c":2},"a":3},"w":{"f":4,"e":5}}`, "\"\x7f\"", `{"":1," ":2,"!":3}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { holdPlainly(t, raw) })
}

// document draws JSON like that of documents, its members in any order. Some has what the quick way leaves to the other.
func document(t *rapid.T, depth int) string {
	text := rapid.StringMatching(`[ -~]{0,6}|é"`)
	quoted := func(name string) string {
		b, _ := json.Marshal(text.Draw(t, name))
		return string(b)
	}
	switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
	case kind == 0:
		return quoted("text")
	case kind == 1:
		return strconv.FormatInt(rapid.Int64Range(-1<<54, 1<<54).Draw(t, "integer"), 10)
	case kind == 2:
		return rapid.SampledFrom([]string{"0", "-7", "12", "true", "false", "null", "999999999999999", "-0", "1.5", "1e3", "1000000000000000"}).Draw(t, "scalar")
	case kind == 3 && depth > 0:
		parts := make([]string, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range parts {
			parts[i] = document(t, depth-1)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case depth > 0:
		parts := make([]string, rapid.IntRange(0, 4).Draw(t, "members"))
		for i := range parts {
			name := rapid.StringMatching(`[ !a-c]{0,3}`).Draw(t, "name")
			parts[i] = `"` + name + `":` + document(t, depth-1)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "1"
}

// TestPlainly: what the quick way takes it writes as the reference does, and it takes some and leaves some.
func TestPlainly(t *testing.T) {
	var all, took int
	rapid.Check(t, func(t *rapid.T) {
		for range 5 {
			all++
			if holdPlainly(t, []byte(document(t, 5))) {
				took++
			}
		}
	})
	if took == 0 || took == all { // it takes three in five, and the shortest run has a hundred
		t.Errorf("the quick way took %d of %d", took, all)
	}
}

// TestPlainlyTakesDocuments: the quick way is that of asks and releases.
func TestPlainlyTakesDocuments(t *testing.T) {
	for _, v := range []any{Ask{Dataset: "st-ada", MaxWork: 1 << 40, Also: []Asked{{Dataset: "st-bob"}}}, Release{Dataset: "st-ada", Vector: []int64{-3, 0, 12}}, LogProof{Path: []Hash{{1}}}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, is := plainly(b); !is || !holdPlainly(t, b) {
			t.Errorf("%s goes the general way", b)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	a := Ask{Dataset: "st-ada", MaxWork: 1 << 40, Also: []Asked{{Dataset: "st-bob"}}}
	for b.Loop() {
		if _, err := Canonical(a); err != nil {
			b.Fatal(err)
		}
	}
}
