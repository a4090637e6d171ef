package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// onChain is all that anyone can read of a chain: every block with its
// transactions and every event, as the node's JSON-RPC writes them, in lower case.
type onChain struct {
	text         string
	transactions int
}

// readChain reads the chain of a town from its first block to its last.
func readChain(t *testing.T, w *town) (all onChain) {
	t.Helper()
	var last string
	must(t, json.Unmarshal(w.rpc(t, "eth_blockNumber"), &last))
	var n uint64
	_, err := fmt.Sscanf(last, "0x%x", &n)
	must(t, err)
	var text strings.Builder
	for i := range n + 1 {
		raw := w.rpc(t, "eth_getBlockByNumber", fmt.Sprintf("0x%x", i), true)
		var block struct{ Transactions []json.RawMessage }
		must(t, json.Unmarshal(raw, &block))
		all.transactions += len(block.Transactions)
		text.Write(raw)
	}
	text.Write(w.rpc(t, "eth_getLogs", map[string]string{"fromBlock": "0x0", "toBlock": last}))
	all.text = strings.ToLower(text.String())
	return all
}

// rpc calls a method of the town's node over HTTP.
func (w *town) rpc(t *testing.T, method string, params ...any) json.RawMessage {
	t.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": append([]any{}, params...)})
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.s.network.Chain, bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	must(t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(t, err)
	var reply struct{ Result, Error json.RawMessage }
	must(t, json.Unmarshal(content, &reply))
	if reply.Result == nil || reply.Error != nil {
		t.Fatalf("%s: %s", method, content)
	}
	return reply.Result
}

// blocks waits for n more blocks.
func (w *town) blocks(t *testing.T, n uint64) {
	t.Helper()
	until := w.s.node.Head().Number + n
	must(t, w.s.await(t.Context(), func() (bool, error) { return w.s.node.Head().Number >= until, nil }))
}

// quiet waits until everything that was to be recorded is on the chain.
func (w *town) quiet(t *testing.T) onChain {
	t.Helper()
	for before := readChain(t, w); ; {
		w.blocks(t, 4)
		now := readChain(t, w)
		if now.transactions == before.transactions {
			return now
		}
		before = now
	}
}

// manyDigits is a folder of records whose patient numbers are like no other number.
func manyDigits(t *testing.T, patients int) string {
	t.Helper()
	dir := t.TempDir()
	people := "person_id,gender_concept_id,year_of_birth\n"
	for i := range patients {
		people += fmt.Sprintf("%d,%d,%d\n", 7_318_245_960_131+int64(i)*1_000_003, 8507+25*(i%2), 1940+i%60)
	}
	must(t, os.WriteFile(filepath.Join(dir, "person.csv"), []byte(people), 0o600))
	return dir
}

// traces are what would tell of a patient if it were on the chain, in the
// spellings in which it could be there: her number, her key's address, and the
// hash and signature of what she signed.
func traces(t *testing.T, w *town) map[string]string {
	t.Helper()
	all := map[string]string{}
	number := func(n int64) {
		all[fmt.Sprintf("number %d", n)] = fmt.Sprint(n)
		all[fmt.Sprintf("number %d in hex", n)] = fmt.Sprintf("%x", n)
		all[fmt.Sprintf("number %d as text in hex", n)] = hex.EncodeToString([]byte(fmt.Sprint(n)))
	}
	for _, one := range w.pop.paper {
		number(one.number)
	}
	for _, one := range w.pop.people {
		number(one.number)
		address := one.key.Address()
		all[fmt.Sprintf("key of %d", one.number)] = hex.EncodeToString(address[:])
		hashes, err := w.documentOf(t.Context(), one.key)
		must(t, err)
		for i, h := range hashes {
			all[fmt.Sprintf("document of %d (%d)", one.number, i)] = h
		}
	}
	return all
}

// documentOf returns hashes and signature of the preference that the holder of a
// key has on record.
func (w *town) documentOf(ctx context.Context, key *ledger.Key) (found []string, err error) {
	she, err := newPerson(key, w.s.network)
	if err != nil {
		return nil, err
	}
	r, err := pb.NewPreferenceServiceClient(she.clinic).GetPreference(ctx, &pb.GetPreferenceRequest{})
	if err != nil {
		return nil, err
	}
	d := r.GetPreference()
	sig, err := ledger.ParseSignature(d.GetSignature())
	if err != nil {
		return nil, err
	}
	var s provider.PreferenceStatement
	if err := json.Unmarshal(d.GetContent(), &s); err != nil {
		return nil, err
	}
	class, err := ledger.HashOf(s.Preference)
	if err != nil {
		return nil, err
	}
	content := ledger.HashBytes(d.GetContent())
	signed := ledger.SignedDocument{Content: d.GetContent(), Revision: d.GetRevision(), Expiry: d.GetExpiry(), Signature: sig}.Hash()
	return []string{
		hex.EncodeToString(content[:]), hex.EncodeToString(signed[:]), hex.EncodeToString(class[:]), hex.EncodeToString(d.GetSignature()),
	}, she.close()
}

// G7: nothing on the chain names a patient or what she decided, and no transaction
// is there because of her. Every block, transaction and event of a demo's chain is
// searched; then everybody changes her mind twice, and no transaction comes of it.
// (That 11 hex digits turn up by chance has a probability below 10⁻⁵.)
func TestG7NothingPersonalIsOnTheChain(t *testing.T) {
	t.Parallel()
	w := newTown(t, townConfig{omop: manyDigits(t, 60), condition: 201826, margin: 2000, asks: 2, block: 1 << 14})
	must(t, w.question(t.Context()))
	must(t, w.verified(t.Context()))
	before := w.quiet(t)

	gone := map[string]string{}
	for _, next := range []choice{nothing, censusOnly, nothing} {
		for what, trace := range traces(t, w) {
			gone[fmt.Sprintf("%s before %d", what, next)] = trace
		}
		w.allChoose(t, next)
	}
	w.blocks(t, 6)
	after := readChain(t, w)
	if after.transactions != before.transactions {
		t.Errorf("%d transactions after everybody changed her mind, %d before", after.transactions, before.transactions)
	}
	if len(w.pop.people) < 40 || len(w.pop.paper) == 0 || before.transactions < 10 {
		t.Fatalf("%d patients, %d on paper, %d transactions", len(w.pop.people), len(w.pop.paper), before.transactions)
	}
	for what, trace := range gone {
		if strings.Contains(after.text, trace) {
			t.Errorf("%s is on the chain: %s", what, trace)
		}
	}
	// What is to be there is found in the same way.
	researcher := w.cast.researcher.address()
	content, _, err := w.cast.researcher.receipt(t.Context(), requestOf(t, w), 0)
	must(t, err)
	var r ledger.Receipt
	must(t, ledger.ParseCanonical(content, &r))
	short, _, err := w.cast.researcher.receipt(t.Context(), requestOf(t, w), r.Anchor.Block)
	must(t, err)
	trust := w.s.network.Trust
	trust.Known = new(verify.AnchoredIn(*r.Anchor, trust.Chain()))
	checked, err := verifier.Receipt(short, trust, time.Now().Unix())
	if err != nil || len(checked.Anchor.Headers) != 1+int(trust.Confirmations) {
		t.Errorf("a receipt from its own block on: %v, %d headers", err, len(checked.Anchor.Headers))
	}
	for what, trace := range map[string][]byte{"the researcher": researcher[:], "the grant": w.grant[:], "the root of the receipts": r.Inclusion.Root[:]} {
		if !strings.Contains(after.text, hex.EncodeToString(trace)) {
			t.Errorf("%s is not found on the chain", what)
		}
	}
}

// allChoose has every patient with a key sign the same choice.
func (w *town) allChoose(t *testing.T, c choice) {
	t.Helper()
	e := quietEnv(t)
	for _, one := range w.pop.people {
		she, err := newPerson(one.key, w.s.network)
		must(t, err)
		_, r, err := she.preference(e, nil)
		must(t, err)
		must(t, she.prefer(e, outcome{}, nil, c.preference(), r.GetPreference().GetRevision()+1))
		must(t, she.close())
	}
}

// requestOf is the id of the town's question.
func requestOf(t *testing.T, w *town) ledger.Hash {
	t.Helper()
	h, err := ledger.ParseHash(w.result.Receipt.ID)
	must(t, err)
	return h
}
