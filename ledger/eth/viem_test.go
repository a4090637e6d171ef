package eth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

const contractsDir = "../contracts"

// viemRead is a view to be read, and what it must return in the JSON of read.mjs.
type viemRead struct {
	Contract string         `json:"contract"`
	Address  ledger.Address `json:"address"`
	View     string         `json:"view"`
	Args     []any          `json:"args"`
	want     any
}

// TestViem has viem, a client that is not ours, read every view of every contract
// through our node's HTTP JSON-RPC.
func TestViem(t *testing.T) {
	notUnderRace(t)
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: there is no node here to run viem with: ", err)
	}
	installViem(t)
	w := newWorld(t)
	reads := w.viemReads(t)
	everyView(t, reads)
	input, err := json.Marshal(map[string]any{"url": w.chain.HTTPEndpoint(), "reads": reads})
	must(t, err)
	run := exec.CommandContext(t.Context(), node, "read.mjs")
	var stderr bytes.Buffer
	run.Dir, run.Stdin, run.Stderr = contractsDir, bytes.NewReader(input), &stderr
	output, err := run.Output()
	if err != nil {
		t.Fatalf("viem: %v\n%s", err, stderr.String())
	}
	var got []any
	must(t, json.Unmarshal(output, &got))
	for i, r := range reads {
		if diff := cmp.Diff(r.want, got[i]); diff != "" {
			t.Errorf("%s.%s (-want +viem):\n%s", r.Contract, r.View, diff)
		}
	}
}

// installViem runs npm in ledger/contracts unless that was done before. Where
// there is no registry the test is skipped, but not in CI.
func installViem(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(contractsDir, "node_modules", "viem")); err == nil {
		return
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--silent")
	npm.Dir = contractsDir
	output, err := npm.CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("npm ci: %v\n%s", err, output)
	default:
		t.Skipf("SKIPPED, NOT PASSED: npm cannot install viem: %v\n%s", err, output)
	}
}

// everyView fails when a contract has a view that is not among reads.
func everyView(t *testing.T, reads []viemRead) {
	t.Helper()
	read := map[string]bool{}
	for _, r := range reads {
		read[r.Contract+"."+r.View] = true
	}
	for name, contract := range map[string]abi.ABI{
		"Registry": contracts.NewRegistry().GetABI(), "WorkBudget": contracts.NewWorkBudget().GetABI(),
		"Grants": contracts.NewGrants().GetABI(), "Anchors": contracts.NewAnchors().GetABI(),
	} {
		for method, m := range contract.Methods {
			if m.IsConstant() && !read[name+"."+method] {
				t.Errorf("%s.%s is not read", name, method)
			}
		}
	}
}

// viemReads writes something into each contract and says how viem must see it.
func (w *world) viemReads(t *testing.T) (reads []viemRead) {
	ctx := t.Context()
	work := w.rich(t)
	must(t, w.researcher.AddEscrow(ctx, w.marketplace.Address(), 100))
	g := w.grant("study")
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, w.committee, g)))
	root := ledger.HashBytes([]byte("root"))
	must(t, anchor(ctx, w.marketplace, ledger.LogReceipts, 5, root))
	must(t, w.hospital.Allow(ctx, "liver", 1<<60))
	head, err := w.chain.Client().BlockNumber(ctx)
	must(t, err)

	hex := func(a ledger.Address) any { return a.String() }
	account := func(a ledger.Address) any { return common.Address(a).Hex() }
	add := func(contract string, at ledger.Address, view string, want any, args ...any) {
		reads = append(reads, viemRead{contract, at, view, append([]any{}, args...), want})
	}
	hospital, researcher, market := w.hospital.Address(), w.researcher.Address(), w.marketplace.Address()
	registry := func(view string, want any, args ...any) { add("Registry", w.at.Registry, view, want, args...) }
	registry("genesisHash", w.domain.Genesis.String())
	registry("participant", map[string]any{"roles": 4., "organisation": hospitalOrg.String()}, hex(hospital))
	registry("holds", true, hex(hospital), 12)
	registry("identityOf", account(hospital), hex(hospital))
	registry("currentOf", account(hospital), hex(hospital))
	registry("approvalsOf", 1., hospitalOrg)
	registry("signers", []any{})
	registry("isSigner", false, hex(hospital))
	registry("offended", false, hex(hospital))
	registry("threshold", "1")
	registry("MAX_SIGNERS", "64")
	registry("MAX_APPROVALS", 16.)

	budget := func(view string, want any, args ...any) { add("WorkBudget", w.at.WorkBudget, view, want, args...) }
	budget("registry", account(w.at.Registry))
	budget("confirmations", fmt.Sprint(w.chain.Confirmations()))
	budget("releaseDelay", fmt.Sprint(releaseDelay))
	budget("credit", fmt.Sprint(work-100), hex(researcher))
	budget("accountOf", map[string]any{"escrowed": "100", "settled": "0", "releaseAt": 0., "releases": 0.}, hex(researcher), hex(market))
	budget("claimed", false, 1)

	grants := func(view string, want any, args ...any) { add("Grants", w.at.Grants, view, want, args...) }
	record := map[string]any{
		"status": 2., "suspensions": 0., "signatures": 1., "revision": "3", "approvedAt": fmt.Sprint(head - 2),
		"notBefore": fmt.Sprint(g.NotBefore), "expiry": fmt.Sprint(g.Expiry), "changedAt": "0", "reviewBy": "0", "organisation": hospitalOrg.String(),
		"amends": ledger.Hash{}.String(), "study": ledger.Hash{}.String(),
		"terms": w.termsStruct(t, g).String(), "datasets": []any{g.Datasets[0].String(), g.Datasets[1].String()},
		"nanoRhoCeilings": []any{"1000000", "2000000"},
	}
	grants("registry", account(w.at.Registry))
	grants("MAX_DATASETS", "64")
	grants("MAX_STEPS", "64")
	grants("stepsOf", ledger.Hash{}.String(), hex(market), g.Document)
	grants("get", record, g.Document, hospitalOrg)
	grants("approvedBy", record, g.Document, hex(w.committee.Address()))

	anchors := func(view string, want any, args ...any) { add("Anchors", w.at.Anchors, view, want, args...) }
	log := ledger.LogID(ledger.LogReceipts, market)
	anchors("registry", account(w.at.Registry))
	anchors("roots", root.String(), log, "5")
	anchors("newest", "5", log)
	anchors("logIdOf", log.String(), hex(market), ledger.LogKindHash(ledger.LogReceipts))
	anchors("allowance", fmt.Sprint(int64(1)<<60), hex(hospital), ledger.DatasetID("liver"))
	return reads
}

// termsStruct is the EIP-712 hashStruct of g's terms.
func (w *world) termsStruct(t *testing.T, g ledger.GrantRecord) common.Hash {
	t.Helper()
	terms, err := g.TermsHash()
	must(t, err)
	typ := "GrantTerms(bytes32 documentHash,uint64 revision,bytes32 genesisHash,uint64 expiry,bytes32 termsHash)"
	revision, expiry := common.BigToHash(number(g.Revision)), common.BigToHash(number(uint64(g.Expiry)))
	return crypto.Keccak256Hash(crypto.Keccak256([]byte(typ)), g.Document[:], revision[:], w.domain.Genesis[:], expiry[:], terms[:])
}
