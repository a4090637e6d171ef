package dp_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
)

// secret is a count that appears nowhere by chance, not even in an address.
const secret = 731_194_825_507

// Nothing that prints, logs or encodes an Exact shows a count.
func TestExactIsRedacted(t *testing.T) {
	e := dp.NewExact([]int64{secret, secret})
	type carrier struct{ E dp.Exact }
	type hidden struct{ e dp.Exact } // fmt calls no methods on unexported fields
	forms := map[string]any{
		"value": e, "pointer": &e, "field": carrier{e}, "pointer to field": &carrier{e},
		"slice": []dp.Exact{e}, "map": map[string]dp.Exact{"k": e}, "interface": []any{e},
		"hidden field": hidden{e}, "pointer to hidden field": &hidden{e},
		"error": fmt.Errorf("counting: %v", e),
	}
	for name, v := range forms {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%e", "%T", "%08d", "%p"} {
			check(t, name+" "+verb, fmt.Sprintf(verb, v))
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			slog.New(handler(&out)).Info("counted", "exact", v)
			check(t, name+" slog", out.String())
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, name+" json", string(encoded))
	}
}

func check(t *testing.T, how, text string) {
	t.Helper()
	for _, form := range []string{fmt.Sprint(secret), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("%o", secret), fmt.Sprintf("%b", secret)} {
		if strings.Contains(text, form) {
			t.Errorf("%s leaks: %s", how, text)
		}
	}
}

func TestExactSaysRedacted(t *testing.T) {
	e := dp.NewExact([]int64{secret})
	encoded, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	text, err := encoding.TextMarshaler(e).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for how, got := range map[string]string{
		"String": e.String(), "GoString": e.GoString(), "LogValue": e.LogValue().String(),
		"%v": fmt.Sprintf("%v", e), "%+v": fmt.Sprintf("%+v", e), "%#v": fmt.Sprintf("%#v", e),
		"%s": fmt.Sprintf("%s", e), "%d": fmt.Sprintf("%d", e), "text": string(text),
		"json": strings.Trim(string(encoded), `"`),
	} {
		if got != "redacted" {
			t.Errorf("%s: %q", how, got)
		}
	}
}
