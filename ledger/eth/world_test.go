package eth_test

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/eth"
)

var (
	hospitalOrg = ledger.HashBytes([]byte("general hospital"))
	otherOrg    = ledger.HashBytes([]byte("other hospital"))
)

// world is a real chain with the contracts deployed and one participant of each
// kind. A block is sealed for each transaction that comes into the pool.
type world struct {
	chain  *chaintest.Chain
	domain ledger.Domain
	client *eth.Client
	at     eth.Addresses

	operator, marketplace, hospital, researcher *eth.Transactor
	committee                                   *ledger.Key

	afterBlock atomic.Pointer[func()] // hook: called after a block for a transaction
	sealing    sync.Mutex
	gas        uint64 // used by the last block with transactions
}

// keyOf is the same key for the same name.
func keyOf(t testing.TB, name string) *ledger.Key {
	t.Helper()
	private, _ := chaintest.Key(t, name)
	key, err := ledger.KeyFromBytes(crypto.FromECDSA(private))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// fundedNames own coins on every chain here, and so do the keys of the model's movers.
var fundedNames = []string{"operator", "marketplace", "hospital", "researcher", "stranger", "r1", "r2", "m1", "m2"}

// wealth is what accounts own on every chain here.
func wealth(t testing.TB) map[common.Address]*big.Int {
	names := slices.Clone(fundedNames)
	for _, name := range movers {
		for moves := range maxGenerations {
			names = append(names, keyName(name, moves))
		}
	}
	alloc := map[common.Address]*big.Int{}
	for _, name := range names {
		alloc[common.Address(keyOf(t, name).Address())] = new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))
	}
	return alloc
}

// newWorld deploys as deployment says, with the changes.
func newWorld(t testing.TB, changes ...func(*eth.Deployment)) *world {
	t.Helper()
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.HTTPAddr, cfg.Alloc = "127.0.0.1:0", wealth(t)
	w := &world{chain: chaintest.Open(t, cfg, clock), committee: keyOf(t, "committee")}
	w.domain = ledger.Domain{ChainID: w.chain.ChainID(), Genesis: ledger.Hash(w.chain.GenesisHash())}
	w.sealTransactions(t)

	d := w.deployment(t)
	for _, change := range changes {
		change(&d)
	}
	var err error
	if w.at, err = eth.Deploy(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if w.client, err = eth.New(t.Context(), w.config()); err != nil {
		t.Fatal(err)
	}
	w.operator, w.marketplace = w.transactor(t, "operator"), w.transactor(t, "marketplace")
	w.hospital, w.researcher = w.transactor(t, "hospital"), w.transactor(t, "researcher")
	role := ledger.RoleMarketplace
	if slices.ContainsFunc(d.Signers, func(s eth.Signer) bool { return s.Address == w.marketplace.Address() }) {
		role |= ledger.RoleProvider
	}
	w.register(t, w.marketplace.Address(), role, otherOrg)
	w.register(t, w.hospital.Address(), ledger.RoleProvider, hospitalOrg)
	w.register(t, w.researcher.Address(), ledger.RoleResearcher, otherOrg)
	w.register(t, w.committee.Address(), ledger.RoleCommittee, hospitalOrg)
	w.finalise(t)
	return w
}

func (w *world) deployment(t testing.TB) eth.Deployment {
	return eth.Deployment{
		Client: w.chain.Client(), Key: keyOf(t, "operator"), Organisation: hospitalOrg,
		Domain: w.domain, Confirmations: w.chain.Confirmations(), ReleaseDelay: releaseDelay,
	}
}

// releaseDelay is short, for a chain that seals when it is told to.
const releaseDelay = 20

func (w *world) config() eth.Config {
	return eth.Config{
		Client: w.chain.Client(), Addresses: w.at, Domain: w.domain,
		Confirmations: w.chain.Confirmations(), Poll: time.Millisecond,
	}
}

func (w *world) transactor(t testing.TB, name string) *eth.Transactor {
	t.Helper()
	tr, err := eth.NewTransactor(w.client, keyOf(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func (w *world) register(t testing.TB, a ledger.Address, roles ledger.Role, organisation ledger.Hash) {
	t.Helper()
	if err := w.operator.Register(t.Context(), ledger.Participant{Address: a, Roles: roles, Organisation: organisation}); err != nil {
		t.Fatal(err)
	}
}

// sealTransactions runs until the test ends.
func (w *world) sealTransactions(t testing.TB) {
	t.Helper()
	hashes := make(chan common.Hash, 1024)
	sub, err := gethclient.New(w.chain.RPC()).SubscribePendingTransactions(context.Background(), hashes)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-hashes:
				w.seal(t, common.Address{1}, 1)
				if after := w.afterBlock.Load(); after != nil {
					(*after)()
				}
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

// seal seals count blocks ten seconds apart, which keeps the difficulty, and
// returns the RLP of their headers.
func (w *world) seal(t testing.TB, coinbase common.Address, count int) (headers [][]byte) {
	t.Helper()
	w.sealing.Lock()
	defer w.sealing.Unlock()
	for range count {
		w.chain.Clock.Advance(10 * time.Second)
		block, err := w.chain.SealBlock(context.Background(), chain.MineConfig{Coinbase: coinbase})
		if err != nil {
			t.Errorf("sealing: %v", err)
			return headers
		}
		if block.GasUsed() > 0 {
			w.gas = block.GasUsed()
		}
		headers = append(headers, encode(t, block.Header()))
	}
	return headers
}

// finalise makes the present head final.
func (w *world) finalise(t testing.TB) {
	t.Helper()
	w.seal(t, common.Address{1}, int(w.chain.Confirmations()))
}

func (w *world) lastGas() uint64 {
	w.sealing.Lock()
	defer w.sealing.Unlock()
	return w.gas
}

func (w *world) now() int64 { return w.chain.Clock.Now().Unix() }

func encode(t testing.TB, h *types.Header) []byte {
	t.Helper()
	enc, err := rlp.EncodeToBytes(h)
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

// notUnderRace skips with -short, as under the race detector: it would find nothing in one thing after another.
func notUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused fails unless err is that refusal by a contract.
func refused(t testing.TB, err error, want eth.Refusal) {
	t.Helper()
	var e *eth.RefusedError
	if !errors.As(err, &e) || !errors.Is(err, want) {
		t.Errorf("got error %v, want a refusal %s", err, want)
	}
}
