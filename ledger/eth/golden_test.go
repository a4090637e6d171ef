package eth_test

import (
	"context"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/ledger/verify"
)

var update = flag.Bool("update", false, "make ledger/verify/testdata/anchor.json and testdata/gas.json anew, on a real chain")

// goldenFile is made here, where the chain is, so that the tests and the fuzzing of
// package verify need no node.
const goldenFile = "../verify/testdata/anchor.json"

// golden is a proof from a real chain with all that is needed to check it.
type golden struct {
	Trust verify.Trust       `json:"trust"`
	Claim verify.Claim       `json:"claim"`
	Now   uint64             `json:"now"`
	Proof ledger.AnchorProof `json:"proof"`
}

// rule makes work dear enough that no change of a header in these tests is good
// by luck; as the file is fixed, so is the luck.
var rule = pow.Rule{GenesisDifficulty: 1 << 14, MinDifficulty: 1 << 14, TargetSpacing: 10}

func TestUpdateGolden(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	g := record(t)
	raw, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenFile, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// record anchors some roots of two logs on a new chain and proves one.
func record(t *testing.T) golden {
	private, account := chaintest.Key(t, "operator")
	key, err := ledger.KeyFromBytes(crypto.FromECDSA(private))
	must(t, err)
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.Rule, cfg.Confirmations = rule, 2
	cfg.Alloc = map[common.Address]*big.Int{account: big.NewInt(params.Ether)}
	c := chaintest.Open(t, cfg, clock)
	sealTransactions(t, c)

	domain := ledger.Domain{ChainID: c.ChainID(), Genesis: ledger.Hash(c.GenesisHash())}
	organisation := ledger.HashBytes([]byte("hospital"))
	at, err := eth.Deploy(t.Context(), eth.Deployment{
		Client: c.Client(), Key: key, Organisation: organisation, Domain: domain, Confirmations: c.Confirmations(),
	})
	must(t, err)
	client, err := eth.New(t.Context(), eth.Config{Client: c.Client(), Addresses: at, Domain: domain, Confirmations: c.Confirmations()})
	must(t, err)
	tr, err := eth.NewTransactor(client, key)
	must(t, err)
	must(t, tr.Register(t.Context(), ledger.Participant{Address: key.Address(), Roles: ledger.RoleOperator | ledger.RoleProvider, Organisation: organisation}))

	claim := verify.Claim{Log: ledger.LogID(ledger.LogProvider, key.Address()), Size: 7, Root: ledger.HashBytes([]byte("seven leaves"))}
	for size := uint64(1); size < claim.Size; size++ {
		_, err := tr.Anchor(t.Context(), ledger.LogProvider, size, ledger.HashBytes([]byte{byte(size)}))
		must(t, err)
	}
	block, err := tr.Anchor(t.Context(), ledger.LogProvider, claim.Size, claim.Root)
	must(t, err)
	sealOne(t, c)
	sealOne(t, c)
	proof, final, err := client.AnchorProof(t.Context(), claim.Log, claim.Size, block, 0)
	must(t, err)
	if !final {
		t.Fatal("the anchor is not final")
	}
	return golden{
		Trust: verify.Trust{Genesis: domain.Genesis, Rule: rule, Anchors: at.Anchors, Confirmations: c.Confirmations()},
		Claim: claim, Now: uint64(clock.Now().Unix()), Proof: proof,
	}
}

// sealOne seals a block ten seconds after the last.
func sealOne(t testing.TB, c *chaintest.Chain) {
	c.Clock.Advance(10 * time.Second)
	if _, err := c.SealBlock(context.Background(), chain.MineConfig{Coinbase: common.Address{1}}); err != nil {
		t.Errorf("sealing: %v", err)
	}
}

// sealTransactions seals a block for each transaction until the test ends.
func sealTransactions(t testing.TB, c *chaintest.Chain) {
	hashes := make(chan common.Hash, 64)
	sub, err := gethclient.New(c.RPC()).SubscribePendingTransactions(context.Background(), hashes)
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-hashes:
				sealOne(t, c)
			case <-sub.Err(): //nolint:errcheck // closed by Unsubscribe
				return
			}
		}
	}()
	t.Cleanup(func() {
		sub.Unsubscribe()
		<-done
	})
}
