package verifier_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// FuzzG6Receipt changes receipts at will: none but the true one may pass, nothing
// may panic, and what is refused is named. A receipt without its anchor is pending;
// so may be one whose inclusion was made up, as no signature covers that.
func FuzzG6Receipt(f *testing.F) {
	g := read(f)
	r := parse(f, g.content)
	f.Add(g.content)
	r.Anchor = nil
	f.Add(canonical(f, r))
	r.Statement.Releases = nil
	f.Add(canonical(f, r))
	f.Add([]byte(`{"statement":{}}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, content []byte) {
		changed := g
		changed.content = content
		got, err := changed.verify()
		var mismatch *ledger.MismatchError
		switch {
		case err == nil:
			if !bytes.Equal(content, g.content) {
				t.Error("a changed receipt passed")
			}
		case errors.Is(err, verifier.ErrPending):
			if got.Anchor != nil || !bytes.Equal(canonical(t, got.Statement), canonical(t, parse(t, g.content).Statement)) {
				t.Error("a changed statement is pending")
			}
		case !errors.As(err, &mismatch) || mismatch.Part == "":
			t.Errorf("error %v names no part", err)
		}
	})
}
