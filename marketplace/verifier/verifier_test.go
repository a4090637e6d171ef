package verifier_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// wantMismatch fails unless err names a part that has one of the prefixes.
func wantMismatch(t testing.TB, err error, parts ...string) {
	t.Helper()
	var mismatch *ledger.MismatchError
	if !errors.As(err, &mismatch) {
		t.Errorf("got %v, want a mismatch of %q", err, parts)
		return
	}
	for _, p := range parts {
		if strings.HasPrefix(mismatch.Part, p) {
			return
		}
	}
	t.Errorf("got %v, want a mismatch of %q", err, parts)
}

func TestG6ReceiptVerifies(t *testing.T) {
	g := read(t)
	r, err := g.verify()
	if err != nil {
		t.Fatalf("%v (if the format of receipts changed, make the golden one anew with -update)", err)
	}
	if diff := cmp.Diff(parse(t, g.content), r); diff != "" {
		t.Errorf("another receipt came back (-in +out):\n%s", diff)
	}
	if len(r.Statement.Answer) < 10 || r.Anchor == nil {
		t.Errorf("the golden receipt has %d groups and anchor %v: too thin to test with", len(r.Statement.Answer), r.Anchor)
	}
}

// TestG6EveryBit flips bits of the receipt's bytes. With MEDMARKET_LONG it flips
// each one; else one bit of every byte, but of one byte in 29 of the headers, which
// are nine tenths of the receipt (each byte of a header has its flip in package
// ledger/verify). A flip must be refused, and be called by its part.
//
// Of the flips within a header one in 29 goes through the whole verifier; the
// others go through the two stages that look at a header, for all else is as in
// the receipt that passes: the form of its token, then the anchor.
func TestG6EveryBit(t *testing.T) {
	notUnderRace(t)
	g := read(t)
	r := parse(t, g.content)
	flips := flipsOf(g.content)
	flipAll(t, g, flips, anchored{
		content: g.content, anchor: *r.Anchor, inclusion: r.Inclusion, parts: sectionsOf(t, g.content).parts,
		verify: func(content []byte) error {
			_, err := verifier.Receipt(content, g.trust, g.now)
			return err
		},
	})
	t.Logf("bench: %d bits of a receipt of %d bytes flipped, each refused", len(flips), len(g.content))
}

// anchored is a document with an anchor, and how it is verified.
type anchored struct {
	content   []byte
	anchor    ledger.AnchorProof
	inclusion ledger.LogProof
	parts     func(i int) []string // by which a fault in byte i may be called
	verify    func([]byte) error
}

// flipsOf are the numbers of the bits to flip.
func flipsOf(content []byte) (flips []int) {
	long := os.Getenv("MEDMARKET_LONG") != ""
	headers := bytes.Index(content, []byte(`"headers":[`))
	afterHeaders := headers + bytes.IndexByte(content[headers:], ']')
	for i, c := range content {
		switch {
		case long:
			for bit := range 8 {
				flips = append(flips, 8*i+bit)
			}
		case i <= headers || i >= afterHeaders || i%29 == 0:
			flips = append(flips, 8*i+tellingBit(c, i))
		}
	}
	return flips
}

// tellingBit is a bit of c which, flipped, leaves a digit a digit if there is
// one, so that the fault is not in the spelling.
func tellingBit(c byte, i int) int {
	for k := range 8 {
		bit := (i + k) % 8
		if strings.IndexByte("0123456789abcdef", c) >= 0 && strings.IndexByte("0123456789abcdef", c^1<<bit) >= 0 {
			return bit
		}
	}
	return i % 8
}

// flipAll flips bits of a, on all cores.
func flipAll(t *testing.T, g golden, flips []int, a anchored) {
	var workers sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for w := range n {
		workers.Go(func() {
			mine := a
			mine.content = bytes.Clone(a.content)
			headers := headersOf(t, g, mine)
			for k := w; k < len(flips) && !t.Failed(); k += n {
				i, bit := flips[k]/8, flips[k]%8
				mine.content[i] ^= 1 << bit
				done, err := headers.verify(i)
				if !done || k%29 == w {
					err = mine.verify(mine.content)
				}
				wantMismatch(t, err, a.parts(i)...)
				if t.Failed() {
					t.Logf("at byte %d, bit %d: %q", i, bit, mine.content[max(0, i-40):min(len(mine.content), i+40)])
				}
				mine.content[i] ^= 1 << bit
			}
		})
	}
	workers.Wait()
}

// headers are the tokens of a document's headers, in its bytes.
type headers struct {
	golden
	anchored
	from []int // where each token begins, at its quotation mark
	size []int
}

func headersOf(t *testing.T, g golden, a anchored) (h headers) {
	t.Helper()
	h = headers{golden: g, anchored: a}
	h.anchor.Headers = slices.Clone(a.anchor.Headers)
	at := bytes.Index(a.content, []byte(`"headers":[`))
	for _, header := range h.anchor.Headers {
		token := canonical(t, header)
		at += bytes.Index(a.content[at:], token)
		h.from, h.size = append(h.from, at), append(h.size, len(token))
	}
	return h
}

// verify checks the header that byte i stands in by itself; it is not done if i is
// in none, or if the byte there might end the token.
func (h *headers) verify(i int) (done bool, err error) {
	content := h.anchored.content
	n, _ := slices.BinarySearch(h.from, i+1)
	if n--; n < 0 || i == h.from[n] || i >= h.from[n]+h.size[n]-1 || content[i] < ' ' || content[i] > '~' || strings.IndexByte(`"\`, content[i]) >= 0 {
		return false, nil
	}
	was, token := h.anchor.Headers[n], content[h.from[n]:h.from[n]+h.size[n]]
	defer func() { h.anchor.Headers[n] = was }()
	var changed ledger.Bytes
	if err := ledger.ParseCanonical(token, &changed); err != nil {
		return true, &ledger.MismatchError{Part: "form", Err: err}
	}
	h.anchor.Headers[n] = changed
	return true, verify.Anchor(h.anchor,
		verify.Trust{Genesis: h.trust.Genesis, Rule: h.trust.Rule, Anchors: h.trust.Anchors, Confirmations: h.trust.Confirmations},
		verify.Claim{Log: h.inclusion.Log, Size: h.inclusion.Size, Root: h.inclusion.Root}, uint64(h.now))
}

// section is where a member of the receipt stands in its bytes, and which parts a
// fault there may be called by.
type section struct {
	end   int
	parts []string
}

type sections []section

func (s sections) parts(i int) []string {
	for _, section := range s {
		if i < section.end {
			return section.parts
		}
	}
	return []string{"form"}
}

// sectionsOf cuts canonical bytes at the members of the receipt, which stand in the
// order of their names.
func sectionsOf(t *testing.T, content []byte) (cut sections) {
	t.Helper()
	for _, s := range []struct {
		next  string // member that follows
		parts []string
	}{
		{`"block":`, []string{"form", verify.PartAccount}},
		{`"headers":`, []string{"form", verify.PartBlock}},
		{`"storage":`, []string{"form", verify.PartHeaders}},
		{`"inclusion":`, []string{"form", verify.PartStorage}},
		{`"marketplace":`, []string{"form", "inclusion"}},
		{`"signature":`, []string{"form", "marketplace"}},
		{`"statement":`, []string{"form", "statement: signature"}},
		{"", []string{"form", "genesis", "plan", "ask", "release", "time", "cost", "statement: signature"}},
	} {
		end := len(content)
		if s.next != "" {
			from := 0
			if len(cut) > 0 {
				from = cut[len(cut)-1].end
			}
			end = from + bytes.Index(content[from:], []byte(s.next))
			if end < from {
				t.Fatalf("no member %s after byte %d", s.next, from)
			}
		}
		cut = append(cut, section{end: end, parts: s.parts})
	}
	return cut
}

// TestG6Cut takes bytes away at the end, and adds some.
func TestG6Cut(t *testing.T) {
	g := read(t)
	for _, b := range [][]byte{nil, {}, g.content[:1], g.content[:len(g.content)/2], g.content[:len(g.content)-1],
		append(bytes.Clone(g.content), '\n'), append(bytes.Clone(g.content), g.content...), []byte("null"), []byte("{}"), []byte("[]")} {
		cut := g
		cut.content = b
		_, err := cut.verify()
		if len(b) == 2 && b[0] == '{' {
			wantMismatch(t, err, "form")
			continue
		}
		wantMismatch(t, err, "form", "genesis")
	}
}

func TestG6PendingReceipt(t *testing.T) {
	g := read(t)
	r := parse(t, g.content)
	r.Anchor = nil
	g.content = canonical(t, r)
	got, err := g.verify()
	if !errors.Is(err, verifier.ErrPending) {
		t.Fatalf("got %v, want ErrPending", err)
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("another receipt came back (-in +out):\n%s", diff)
	}
	// Pending excuses the anchor and nothing else.
	r.Statement.Answer[0].Estimates[0].Value++
	g.content = canonical(t, r)
	_, err = g.verify()
	wantMismatch(t, err, "statement: signature")
}

// TestG6OtherLog: a log made up for one verifier, in which the receipt stands beside
// another, is not the one that is anchored.
func TestG6OtherLog(t *testing.T) {
	g := read(t)
	r := parse(t, g.content)
	leaf, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	sibling, anchored := ledger.HashBytes([]byte("another receipt")), r.Inclusion.Size
	r.Inclusion.Index, r.Inclusion.Size, r.Inclusion.Path = 0, 2, []ledger.Hash{sibling}
	r.Inclusion.Root = ledger.HashBytes(slices.Concat([]byte{1}, leaf[:], sibling[:])) // RFC 6962, section 2.1
	g.content = canonical(t, r)
	_, err = g.verify()
	part := verify.PartStorage
	if anchored == 2 { // the true log has two leaves too
		part = verify.PartRoot
	}
	wantMismatch(t, err, part)
	r.Anchor = nil // and without its anchor the log fits
	g.content = canonical(t, r)
	if _, err = g.verify(); !errors.Is(err, verifier.ErrPending) {
		t.Errorf("the made-up log does not fit: %v", err)
	}
}

// TestG6EmptyAnchor: an anchor that is there but empty is not "pending".
func TestG6EmptyAnchor(t *testing.T) {
	g := read(t)
	r := parse(t, g.content)
	r.Anchor = &ledger.AnchorProof{}
	g.content = canonical(t, r)
	_, err := g.verify()
	wantMismatch(t, err, verify.PartHeaders)
}

// TestG6ClockBehind: headers must not come from the verifier's future.
func TestG6ClockBehind(t *testing.T) {
	g := read(t)
	for _, now := range []int64{g.now - 2*3600 - pow.MaxFuture, 0, -1, -1 << 63} {
		g.now = now
		_, err := g.verify()
		wantMismatch(t, err, verify.PartHeaders)
		if !errors.Is(err, pow.ErrTimeFuture) {
			t.Errorf("at %d: got %v, want pow.ErrTimeFuture", now, err)
		}
	}
}

// TestG6TrustFile changes each field of the trust file: the receipt must not pass
// under another trust. A new field without a case fails.
func TestG6TrustFile(t *testing.T) {
	other := ledger.Address{1}
	cases := map[string][]struct {
		change func(*verifier.Trust)
		part   string
	}{
		"ChainID": {{func(t *verifier.Trust) { t.ChainID++ }, "ask: signature"}},
		"Genesis": {{func(t *verifier.Trust) { t.Genesis[31] ^= 1 }, "genesis"}},
		"Rule": {
			{func(t *verifier.Trust) { t.Rule.GenesisDifficulty++ }, verify.PartHeaders},
			{func(t *verifier.Trust) { t.Rule.MinDifficulty++ }, verify.PartHeaders},
			{func(t *verifier.Trust) { t.Rule.TargetSpacing++ }, verify.PartHeaders},
		},
		"Confirmations": {
			{func(t *verifier.Trust) { t.Confirmations++ }, verify.PartBlock},
			{func(t *verifier.Trust) { t.Confirmations-- }, verify.PartBlock},
		},
		"Anchors":      {{func(t *verifier.Trust) { t.Anchors[19] ^= 1 }, verify.PartAccount}},
		"Marketplaces": {{func(t *verifier.Trust) { t.Marketplaces = []ledger.Address{other} }, "marketplace"}},
		"Known":        {{func(t *verifier.Trust) { t.Known = &verify.Known{Block: 1, Hash: t.Genesis} }, verify.PartHeaders}},
		"Providers":    {{func(t *verifier.Trust) { t.Providers = []ledger.Address{other} }, "release of 0x"}},
	}
	for field := range reflect.TypeFor[verifier.Trust]().Fields() {
		if len(cases[field.Name]) == 0 {
			t.Errorf("no case changes field %s", field.Name)
		}
		for i, c := range cases[field.Name] {
			t.Run(fmt.Sprint(field.Name, i), func(t *testing.T) {
				g := read(t)
				c.change(&g.trust)
				_, err := g.verify()
				wantMismatch(t, err, c.part)
			})
		}
	}
}

// TestG6TrustOfMore: trusting others besides does no harm.
func TestG6TrustOfMore(t *testing.T) {
	g := read(t)
	g.trust.Marketplaces = append([]ledger.Address{{1}}, g.trust.Marketplaces...)
	g.trust.Providers = append([]ledger.Address{{1}}, g.trust.Providers...)
	if _, err := g.verify(); err != nil {
		t.Error(err)
	}
}

func TestParseTrust(t *testing.T) {
	whole := func() (m map[string]any) {
		if err := json.Unmarshal(readTrust(t), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	edit := func(change func(map[string]any)) []byte {
		m := whole()
		change(m)
		return canonical(t, m)
	}
	bad := map[string][]byte{
		"empty":                 nil,
		"not JSON":              []byte("trust me"),
		"null":                  []byte("null"),
		"second object":         append(readTrust(t), "{}"...),
		"unknown field":         edit(func(m map[string]any) { m["checkpoints"] = 1 }),
		"short genesis":         edit(func(m map[string]any) { m["genesis"] = "0x00" }),
		"no rule set":           edit(func(m map[string]any) { m["rule"] = map[string]any{} }),
		"rule of zero":          edit(func(m map[string]any) { m["rule"].(map[string]any)["target_spacing"] = 0 }),
		"zero genesis":          edit(func(m map[string]any) { m["genesis"] = ledger.Hash{} }),
		"no providers":          edit(func(m map[string]any) { m["providers"] = []string{} }),
		"known genesis":         edit(func(m map[string]any) { m["known"] = map[string]any{"block": 0, "hash": ledger.Hash{1}} }),
		"known by number alone": edit(func(m map[string]any) { m["known"] = map[string]any{"block": 7} }),
	}
	for name := range whole() {
		bad["without "+name] = edit(func(m map[string]any) { delete(m, name) })
	}
	for name, b := range bad {
		t.Run(name, func(t *testing.T) {
			if _, err := verifier.ParseTrust(b); !errors.Is(err, verifier.ErrTrust) {
				t.Errorf("got %v, want ErrTrust", err)
			}
		})
	}
	trust, err := verifier.ParseTrust(canonical(t, whole()))
	if err != nil {
		t.Fatal(err)
	}
	known, err := verifier.ParseTrust(edit(func(m map[string]any) { m["known"] = map[string]any{"block": 7, "hash": ledger.Hash{1}} }))
	if err != nil || known.Chain().Known == nil || *known.Chain().Known != (verify.Known{Block: 7, Hash: ledger.Hash{1}}) {
		t.Errorf("known: %+v, %v", known.Chain().Known, err)
	}
	if want := (ledger.Domain{ChainID: trust.ChainID, Genesis: trust.Genesis}); trust.Domain() != want || want.ChainID == 0 {
		t.Errorf("domain %+v, want %+v", trust.Domain(), want)
	}
}

// notUnderRace skips a test with -short, which is how make test-race runs them: it does one thing after
// another, slowly, so the race detector would find nothing that make test does not.
func notUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}
