package contracts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger/contracts"
)

type slot struct {
	Label  string `json:"label"`
	Slot   string `json:"slot"`
	Offset int    `json:"offset"`
}

type artifact struct {
	Compiler string          `json:"compiler"`
	Sources  string          `json:"sources"`
	ABI      json.RawMessage `json:"abi"`
	Bytecode string          `json:"bytecode"`
	Storage  []slot          `json:"storage"`
}

func read(t *testing.T, name string) artifact {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("artifacts", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var a artifact
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// parse reads an ABI; abigen drops all white space in it, so this does too.
func parse(t *testing.T, abi string) (parsed any) {
	t.Helper()
	abi = strings.Join(strings.Fields(abi), "")
	if err := json.Unmarshal([]byte(abi), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestGenerated fails when generate.sh was not run after a change of src.
func TestGenerated(t *testing.T) {
	files, err := filepath.Glob("src/*.sol") // sorted
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	sum := sha256.New()
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write([]byte(filepath.Base(f) + "\x00" + string(content) + "\x00"))
	}
	want := hex.EncodeToString(sum.Sum(nil))

	for name, binding := range map[string]*bind.MetaData{
		"Registry": &contracts.RegistryMetaData, "WorkBudget": &contracts.WorkBudgetMetaData,
		"Grants": &contracts.GrantsMetaData, "Anchors": &contracts.AnchorsMetaData,
	} {
		t.Run(name, func(t *testing.T) {
			a := read(t, name)
			if a.Sources != want {
				t.Errorf("artifact is of other sources (%s, now %s): run generate.sh", a.Sources, want)
			}
			if a.Bytecode != binding.Bin {
				t.Error("the binding has another bytecode than the artifact: run generate.sh")
			}
			if diff := cmp.Diff(parse(t, string(a.ABI)), parse(t, binding.ABI)); diff != "" {
				t.Errorf("ABI of artifact and binding differ (-artifact +binding):\n%s", diff)
			}
		})
	}
}

// TestAnchorsLayout pins the slot that offline proofs rely on.
func TestAnchorsLayout(t *testing.T) {
	want := []slot{{"roots", "0", 0}, {"newest", "1", 0}, {"_allowances", "2", 0}}
	if diff := cmp.Diff(want, read(t, "Anchors").Storage); diff != "" {
		t.Errorf("storage of Anchors (-want +got):\n%s", diff)
	}
}
