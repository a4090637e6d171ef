package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// record is what was seen, in order.
type record []string

// Members whose value is noise, drawn, a time, or the work of whatever blocks there were.
// Everything else is compared as it is.
var blotted = map[string]bool{
	"value": true, "low": true, "high": true, "vector": true,
	"odometer": true, // a place, always of three bytes
	"time":     true, "expiry": true, "createdAt": true, "created_at": true, "closed_at": true, "notBefore": true, "not_before": true, "start": true, "end": true, "took": true,
	"escrow": true, "settled": true, // of blocks
	"block": true, "anchor": true, // where the chain was; its proof is as long as the chain
}

var (
	hexes   = regexp.MustCompile(`(?:0x|sha256:)?[0-9a-f]{16,}`)
	ports   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	clocks  = regexp.MustCompile(`\d{4}-\d\d-\d\d(?:[T ](?:<br/>)?\d\d:\d\d(?::\d\d)?[0-9.]*(?:Z|[+-]\d\d:\d\d)?)?`)
	heights = regexp.MustCompile(`(block|Content-Length:) \d+`)
	shorts  = regexp.MustCompile(`0x[0-9a-f]+…[0-9a-f]*`)
)

// blot takes out of text, or of a JSON document, what must differ from one run to
// another: hashes, keys and signatures leave their length behind, lists theirs.
func blot(content string) string {
	var doc any
	dec := json.NewDecoder(strings.NewReader(content))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil || dec.More() {
		return blotText(content)
	}
	out, err := json.Marshal(blotJSON(doc))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func blotJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if list, ok := inner.([]any); ok && blotted[key] {
				v[key] = fmt.Sprintf("%d of them", len(list))
			} else if blotted[key] {
				v[key] = "blotted"
			} else {
				v[key] = blotJSON(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = blotJSON(v[i])
		}
	case json.Number: // readings of odometers begin at random, and have 16 digits
		return blotText(v.String())
	case string:
		return blotString(v)
	}
	return v
}

// blotString blots a string of a document: bytes in base64 that are a document
// themselves are blotted as such, others leave their length.
func blotString(s string) string {
	raw, err := base64.StdEncoding.DecodeString(s)
	switch {
	case err != nil || len(raw) < 16 || hexes.FindString(s) == s:
		return blotText(s)
	case bytes.HasPrefix(raw, []byte("{")) && json.Valid(raw):
		return blot(string(raw))
	}
	return fmt.Sprintf("%d bytes", len(raw))
}

func blotText(s string) string {
	s = shorts.ReplaceAllString(s, "short")
	s = hexes.ReplaceAllStringFunc(s, func(h string) string { return fmt.Sprintf("%d digits", len(h)) })
	s = ports.ReplaceAllString(s, "address")
	s = clocks.ReplaceAllString(s, "clock")
	return heights.ReplaceAllString(s, "$1 blotted")
}

// What is blotted out, and what must never be.
func TestBlot(t *testing.T) {
	const receipt = `{"answer":[{"key":["female"],"low":1,"value":2}],"as_of":64,"path":["0x00112233445566778899"],"time":1}`
	same := []string{
		`{"answer":[{"key":["female"],"low":-31,"value":2}],"as_of":64,"path":["0x99112233445566778899"],"time":1700000000}`,
	}
	other := []string{
		`{"answer":[{"key":["female"],"low":1,"value":2}],"as_of":128,"path":["0x00112233445566778899"],"time":1}`,
		`{"answer":[{"key":["female"],"low":1,"value":2}],"as_of":64,"path":["0x00112233445566778899","0x00112233445566778899"],"time":1}`,
		`{"answer":[{"key":["female"],"low":1,"value":2}],"as_of":64,"path":["0x0011223344556677889900"],"time":1}`,
		`{"answer":[{"key":["female"],"low":1,"value":2}],"as_of":64,"classes":3,"path":["0x00112233445566778899"],"time":1}`,
		`{"answer":[],"as_of":64,"path":["0x00112233445566778899"],"time":1}`,
	}
	nested := func(s string) string {
		return `{"receipt":"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"}`
	}
	for _, as := range []func(string) string{func(s string) string { return s }, nested} {
		for _, s := range same {
			if blot(as(s)) != blot(as(receipt)) {
				t.Errorf("%s is\n%s\nwant\n%s", s, blot(as(s)), blot(as(receipt)))
			}
		}
		for _, s := range other {
			if blot(as(s)) == blot(as(receipt)) {
				t.Errorf("%s looks the same", s)
			}
		}
	}
	for a, b := range map[string]string{
		`level=INFO classes=3`:    `level=INFO classes=4`,
		`as of <td>64</td>`:       `as of <td>128</td>`,
		"took 3 rows of 12":       "took 3 rows of 13",
		`{"charged":["a"]}`:       `{"charged":["a","b"]}`,
		`{"nanoRho":"2000"}`:      `{"nanoRho":"2001"}`,
		`{"log":"AAAAAAAAAAAA"}`:  `{"log":"AAAAAAAAAAAAAAAA"}`,
		"root 0x0123456789abcdef": "root 0x0123456789abcdef01",
	} {
		if blot(a) == blot(b) {
			t.Errorf("%s looks like %s", a, b)
		}
	}
	if a, b := "2026-11-24 20:57:05 at 127.0.0.1:80 in block 7", "2026-12-24 21:57:05 at 127.0.0.1:8080 in block 37"; blot(a) != blot(b) {
		t.Errorf("%s is unlike %s", blot(a), blot(b))
	}
}
