package eth_test

import (
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// stockNode is go-ethereum as it comes, with a beacon chain of its own that makes
// every 32nd block final. It returns its JSON-RPC endpoint; seal has it seal blocks
// until the test ends.
func stockNode(t *testing.T, rich ledger.Address) (url string, seal func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	must(t, listener.Close())
	alloc := types.GenesisAlloc{common.Address(rich): {Balance: new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))}}
	beacon := simulated.NewBackend(alloc, func(n *node.Config, _ *ethconfig.Config) {
		n.HTTPHost, n.HTTPPort, n.HTTPModules = "127.0.0.1", port, []string{"eth"}
	})
	t.Cleanup(func() { must(t, beacon.Close()) })
	return fmt.Sprintf("http://127.0.0.1:%d", port), func() {
		done, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			for {
				select {
				case <-done:
					return
				case <-ticker.C:
					beacon.Commit()
				}
			}
		}()
		t.Cleanup(func() {
			close(done)
			<-stopped
		})
	}
}

// TestStockNode: the client works over HTTP against a node that is not ours, and
// reads what that node calls final.
func TestStockNode(t *testing.T) {
	ctx, key := t.Context(), keyOf(t, "operator")
	url, seal := stockNode(t, key.Address())
	connection, err := eth.Dial(ctx, url)
	must(t, err)
	t.Cleanup(connection.Close)
	genesis, err := connection.HeaderByNumber(ctx, new(big.Int))
	must(t, err)
	domain := ledger.Domain{ChainID: 1337, Genesis: ledger.Hash(genesis.Hash())}
	early, err := eth.New(ctx, eth.Config{Client: connection, Domain: domain, Confirmations: 6, Addresses: eth.Addresses{
		Registry: ledger.Address{1}, WorkBudget: ledger.Address{2}, Grants: ledger.Address{3}, Anchors: ledger.Address{4},
	}})
	must(t, err)
	if final, err := early.FinalBlock(ctx); err != nil || final != 0 {
		t.Errorf("before any block is final FinalBlock is %d, %v; want 0", final, err)
	}
	seal()
	at, err := eth.Deploy(ctx, eth.Deployment{
		Client: connection, Key: key, Organisation: hospitalOrg, Domain: domain, Confirmations: 6,
		Signers: []eth.Signer{{Address: key.Address(), Organisation: hospitalOrg}},
	})
	must(t, err)
	client, err := eth.New(ctx, eth.Config{Client: connection, Addresses: at, Domain: domain, Confirmations: 6, Poll: time.Millisecond})
	must(t, err)
	tr, err := eth.NewTransactor(client, key)
	must(t, err)
	must(t, tr.Register(ctx, ledger.Participant{
		Address: key.Address(), Roles: ledger.RoleOperator | ledger.RoleProvider | ledger.RoleCommittee | ledger.RoleResearcher, Organisation: hospitalOrg,
	}))
	w := &world{domain: domain}
	g := ledger.GrantRecord{
		Document: ledger.Hash{7}, Study: ledger.Hash{7}, Revision: 1, Committee: key.Address(), Datasets: []ledger.Hash{{1}}, Ceilings: []uint64{5},
		Expiry: time.Now().AddDate(1, 0, 0).Unix(), Status: ledger.GrantActive,
	}
	must(t, tr.ApproveGrant(ctx, g, w.sign(t, key, g)))
	must(t, tr.Allow(ctx, "liver", 7))
	last, err := tr.Anchor(ctx, ledger.LogProvider, 3, ledger.Hash{9})
	must(t, err)
	refused(t, tr.AddEscrow(ctx, key.Address(), 1), eth.NotMarketplace)
	refused(t, tr.ClaimHeaders(ctx, encode(t, genesis)), eth.BadHeader) // nobody sealed it

	final, err := client.FinalBlock(ctx)
	for ; err == nil && final < last; final, err = client.FinalBlock(ctx) {
		<-time.After(10 * time.Millisecond)
	}
	must(t, err)
	if got, err := client.Allowance(ctx, key.Address(), "liver"); err != nil || got != 7 {
		t.Errorf("Allowance is %d, %v; want 7", got, err)
	}
	if got, ok, err := client.Grant(ctx, g.Document, key.Address()); err != nil || !ok || got.Status != ledger.GrantActive {
		t.Errorf("Grant is %+v, %t, %v; want it active", got, ok, err)
	}
	log := ledger.LogID(ledger.LogProvider, key.Address())
	if got, err := client.AnchorRoot(ctx, log, 3); err != nil || got != (ledger.Hash{9}) {
		t.Errorf("AnchorRoot is %s, %v; want %s", got, err, ledger.Hash{9})
	}
	header, err := connection.HeaderByNumber(ctx, new(big.Int).SetUint64(final))
	must(t, err)
	if signers, err := client.Signers(ctx, ledger.Hash(header.Hash())); err != nil || len(signers) != 1 || signers[0] != key.Address() {
		t.Errorf("Signers are %v, %v; want the one named when deploying", signers, err)
	}
}
