package verifier_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

var update = flag.Bool("update", false, "make testdata anew, by the demo")

// golden is an anchored receipt, an anchored consent proof and the trust file of its network, as the demo
// writes them:
//
//	go test ./marketplace/verifier -run TestUpdateGolden -update
type golden struct {
	content []byte
	consent []byte // proof of a patient who had withdrawn, at the log index of the receipt
	trust   verifier.Trust
	now     int64 // an hour after the question: after every header
}

func (g golden) verify() (ledger.Receipt, error) { return verifier.Receipt(g.content, g.trust, g.now) }

// read returns a copy that the test may change.
func read(t testing.TB) golden {
	t.Helper()
	content, err := os.ReadFile("testdata/receipt.json")
	if err != nil {
		t.Fatal(err)
	}
	proof, err := os.ReadFile("testdata/consent.json")
	if err != nil {
		t.Fatal(err)
	}
	trust, err := verifier.ParseTrust(readTrust(t))
	if err != nil {
		t.Fatal(err)
	}
	return golden{content: content, consent: proof, trust: trust, now: parse(t, content).Statement.Time + 3600}
}

func readTrust(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/trust.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse(t testing.TB, content []byte) (r ledger.Receipt) {
	t.Helper()
	if err := ledger.ParseCanonical(content, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func canonical(t testing.TB, v any) []byte {
	t.Helper()
	b, err := ledger.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUpdateGolden(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	dir := filepath.Join(t.TempDir(), "demo")
	demo := exec.CommandContext(t.Context(), "go", "run", "../../cmd/medmarket",
		"demo", "--once", "--patients", "300", "--dir", dir, "--log-level", "error")
	if out, err := demo.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"receipt.json", "consent.json", "trust.json"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("testdata", name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
