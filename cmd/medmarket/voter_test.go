package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
)

// Who votes and is no signer is told so; a signer is not.
func TestVoterIsNoSigner(t *testing.T) {
	t.Parallel()
	signer, err := ledger.NewKey()
	must(t, err)
	other, err := ledger.NewKey()
	must(t, err)
	dir := filepath.Join(t.TempDir(), "node")
	past(t, dir, 1, signer.Address(), signer.Address())
	for name, c := range map[string]struct {
		voter *ledger.Key
		warns bool
	}{"a signer": {signer, false}, "another": {other, true}} {
		node, err := chain.Open(chain.Config{Dir: dir, Voter: c.voter})
		must(t, err)
		var said bytes.Buffer
		warnVoter(slog.New(slog.NewTextHandler(&said, nil)), node, c.voter.Address())
		if got := strings.Contains(said.String(), "is no signer"); got != c.warns {
			t.Errorf("%s: %q", name, &said)
		}
		must(t, node.Close())
	}
}
