package verify_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
)

// golden is a proof from a real chain with all that is needed to check it. It is
// made by go test ./ledger/eth -run TestUpdateGolden -update.
type golden struct {
	Trust verify.Trust       `json:"trust"`
	Claim verify.Claim       `json:"claim"`
	Now   uint64             `json:"now"`
	Proof ledger.AnchorProof `json:"proof"`
}

func (g golden) verify() error { return verify.Anchor(g.Proof, g.Trust, g.Claim, g.Now) }

// read returns a copy that the test may change.
func read(t testing.TB) (g golden) {
	t.Helper()
	raw, err := os.ReadFile("testdata/anchor.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}
