package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func TestCode(t *testing.T) {
	c := provider.NewCode()
	shown := c.Reveal()
	if len(shown) != 34 || strings.Count(shown, "-") != 6 {
		t.Fatalf("%q is not seven groups of four", shown)
	}
	if provider.NewCode() == c {
		t.Error("two codes are one")
	}
	for _, s := range []string{shown, strings.ToLower(shown), strings.ReplaceAll(shown, "-", " "), strings.ReplaceAll(shown, "0", "o"), strings.ReplaceAll(shown, "1", "L")} {
		got, err := provider.ParseCode(s)
		if err != nil || got != c {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", shown[1:], shown + "0", strings.Repeat("U", 28), strings.Repeat("-", 10_000)} {
		if _, err := provider.ParseCode(s); err == nil {
			t.Errorf("%q passes", s)
		}
	}
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%#v", c), fmt.Sprintf("%+v", c)} {
		if s != "redacted" {
			t.Errorf("prints as %q", s)
		}
	}
}

// Every single wrong symbol is found, and every two that changed places.
func TestCodeFindsTypingErrors(t *testing.T) {
	for range 10 {
		code := strings.ReplaceAll(provider.NewCode().Reveal(), "-", "")
		for i := range code {
			for _, c := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
				wrong := code[:i] + string(c) + code[i+1:]
				if _, err := provider.ParseCode(wrong); (err == nil) != (wrong == code) {
					t.Fatalf("%s for %s at %d: %v", wrong, code, i, err)
				}
			}
			for j := range i {
				b := []byte(code)
				b[i], b[j] = b[j], b[i]
				if _, err := provider.ParseCode(string(b)); (err == nil) != (string(b) == code) {
					t.Fatalf("%s for %s: %v", b, code, err)
				}
			}
		}
	}
}

func TestCodeMarks(t *testing.T) {
	a, b := provider.NewCode(), provider.NewCode()
	key, other := ledger.Hash{1}, ledger.Hash{2}
	if !a.Marks(key).Is(a.Marks(key)) || a.Marks(key).Is(b.Marks(key)) || a.Marks(key).Is(a.Marks(other)) {
		t.Error("marks do not tell codes apart")
	}
	if a.Marks(key).Name == a.Marks(key).Secret || a.Marks(key).Name == b.Marks(key).Name {
		t.Error("names do not tell codes apart")
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add(provider.NewCode().Reveal())
	f.Add("oil-")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := provider.ParseCode(s)
		if err != nil {
			return
		}
		again, err := provider.ParseCode(c.Reveal())
		if err != nil || again != c {
			t.Errorf("%q: %v", s, err)
		}
	})
}
