package signin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
)

// The example of EIP-4361, "Example Message", with the resources and without the statement in turn.
const example = "example.com wants you to sign in with your Ethereum account:\n" +
	"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\n\n" +
	"I accept the ExampleOrg Terms of Service: https://example.com/tos\n\n" +
	"URI: https://example.com/login\nVersion: 1\nChain ID: 1\nNonce: 32891756\nIssued At: 2021-09-30T16:25:24Z\n" +
	"Resources:\n- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/\n- https://example.com/my-web2-claim.json"

func TestParse(t *testing.T) {
	a, err := ledger.ReadAddress("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")
	if err != nil {
		t.Fatal(err)
	}
	want := signin.Message{
		Domain: "example.com", Address: a, Statement: "I accept the ExampleOrg Terms of Service: https://example.com/tos",
		URI: "https://example.com/login", ChainID: 1, Nonce: "32891756", IssuedAt: "2021-09-30T16:25:24Z",
		Resources: []string{"ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/", "https://example.com/my-web2-claim.json"},
	}
	got, err := signin.Parse(example)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(signin.Message{})); err != nil || diff != "" {
		t.Fatalf("%v\n%s", err, diff)
	}
	want.Statement, want.Scheme, want.Expires, want.NotBefore, want.RequestID = "", "https", "2021-09-30T16:40:24Z", "2021-09-30T16:25:24.5+02:00", "a-1"
	if got, err = signin.Parse(want.String()); err != nil || got.String() != want.String() || got.NotBefore != want.NotBefore {
		t.Errorf("%v: %+v", err, got)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"no first line":        {" wants you", " wants us"},
		"wrong checksum":       {"0xC02a", "0xc02a"},
		"lower-case address":   {"0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"},
		"another version":      {"Version: 1", "Version: 2"},
		"chain id with a zero": {"Chain ID: 1", "Chain ID: 01"},
		"no chain id":          {"Chain ID: 1\n", ""},
		"short nonce":          {"32891756", "3289175"},
		"nonce with a hyphen":  {"32891756", "3289-1756"},
		"no time":              {"2021-09-30T16:25:24Z", "today"},
		"another order":        {"Nonce: 32891756\nIssued At: 2021-09-30T16:25:24Z", "Issued At: 2021-09-30T16:25:24Z\nNonce: 32891756"},
		"a field twice":        {"Nonce: 32891756", "Nonce: 32891756\nNonce: 32891756"},
		"unknown field":        {"Nonce: 32891756", "Nonce: 32891756\nRole: steward"},
		"carriage returns":     {"\n", "\r\n"},
		"a line more":          {"claim.json", "claim.json\n"},
		"statement of two":     {"I accept", "I accept\nI accept"},
		"no URI":               {"https://example.com/login", "login"},
		"domain with a path":   {"example.com wants", "example.com/login wants"},
		"domain with a user":   {"example.com wants", "a@example.com wants"},
		"no blank line":        {"Cc2\n\n", "Cc2\n"},
	} {
		wrong := strings.Replace(example, change[0], change[1], 1)
		if _, err := signin.Parse(wrong); wrong == example || !errors.Is(err, signin.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := signin.Parse(example + strings.Repeat("\n- a:b", 2000)); !errors.Is(err, signin.ErrMalformed) {
		t.Error("an endless message passes")
	}
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	good := signin.Message{Domain: "h.example", URI: "https://h.example/v1/sessions", ChainID: 7, Nonce: "12345678", IssuedAt: at(-time.Minute), Expires: at(time.Minute)}
	takes := signin.Expected{Domain: "h.example", URI: good.URI, ChainID: 7, MaxAge: 5 * time.Minute, MaxLife: 15 * time.Minute, Ahead: 15 * time.Second}
	for name, c := range map[string]struct {
		change func(*signin.Message)
		want   error
	}{
		"good":                  {func(*signin.Message) {}, nil},
		"another domain":        {func(m *signin.Message) { m.Domain = "evil.example" }, signin.ErrNotForUs},
		"another URI":           {func(m *signin.Message) { m.URI += "x" }, signin.ErrNotForUs},
		"another chain":         {func(m *signin.Message) { m.ChainID++ }, signin.ErrNotForUs},
		"without an end":        {func(m *signin.Message) { m.Expires = "" }, signin.ErrTime},
		"ended":                 {func(m *signin.Message) { m.Expires = at(0) }, signin.ErrTime},
		"too long":              {func(m *signin.Message) { m.Expires = at(15 * time.Minute) }, signin.ErrTime},
		"as long as may be":     {func(m *signin.Message) { m.Expires = at(14 * time.Minute) }, nil},
		"old":                   {func(m *signin.Message) { m.IssuedAt = at(-5*time.Minute - time.Second) }, signin.ErrTime},
		"a clock that is ahead": {func(m *signin.Message) { m.IssuedAt = at(15 * time.Second) }, nil},
		"of the future":         {func(m *signin.Message) { m.IssuedAt = at(16 * time.Second) }, signin.ErrTime},
		"not yet":               {func(m *signin.Message) { m.NotBefore = at(time.Second) }, signin.ErrTime},
		"from now on":           {func(m *signin.Message) { m.NotBefore = at(0) }, nil},
	} {
		m := good
		c.change(&m)
		if _, err := m.Check(takes, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// The digest is the one that wallets sign: hashMessage("hello world") of viem and ethers.
func TestDigest(t *testing.T) {
	if got := signin.Digest("hello world").String(); got != "0xd9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68" {
		t.Errorf("got %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add(strings.Replace(example, "I accept the ExampleOrg Terms of Service: https://example.com/tos\n", "", 1))
	f.Fuzz(func(t *testing.T, s string) {
		m, err := signin.Parse(s)
		if err == nil && m.String() != s {
			t.Errorf("%q is read as %q", s, m)
		}
	})
}
