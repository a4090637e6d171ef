package eth_test

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
)

func workOf(t *testing.T, headers ...[]byte) (sum int64) {
	t.Helper()
	for _, enc := range headers {
		h, err := pow.DecodeHeader(enc)
		must(t, err)
		seal, err := pow.ParseSeal(h.Extra)
		must(t, err)
		sum += int64(seal.Difficulty)
	}
	return sum
}

func (w *world) credit(t *testing.T, who ledger.Address) int64 {
	t.Helper()
	w.finalise(t)
	credit, err := w.client.Credit(t.Context(), who)
	must(t, err)
	return credit
}

func TestClaimGas(t *testing.T) {
	notUnderRace(t)
	w := newWorld(t)
	me := common.Address(w.researcher.Address())
	headers := w.seal(t, me, 35)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)

	must(t, w.researcher.ClaimHeaders(t.Context(), headers[0]))
	t.Logf("claim, first: %d gas", w.lastGas())
	must(t, w.researcher.ClaimHeaders(t.Context(), headers[1]))
	t.Logf("bench: claim_gas %d gas", w.lastGas())
	if w.lastGas() > 60_000 {
		t.Errorf("a later claim costs %d gas, want at most 60000", w.lastGas())
	}
	must(t, w.researcher.ClaimHeaders(t.Context(), headers[2:34]...))
	t.Logf("bench: claim_many_gas_each %d gas", w.lastGas()/32) // of 32
	if w.lastGas()/32 > 19_000 {
		t.Errorf("claimMany costs %d gas each, want at most 19000", w.lastGas()/32)
	}
	w.seal(t, common.Address{1}, 300) // further back than the 256 blocks of BLOCKHASH
	must(t, w.researcher.ClaimHeaders(t.Context(), headers[34]))
	t.Logf("claim of an old block: %d gas", w.lastGas())

	if got, want := w.credit(t, w.researcher.Address()), workOf(t, headers...); got != want {
		t.Errorf("credit is %d, want the work of all blocks, %d", got, want)
	}
	for number, want := range map[uint64]bool{1: false, w.number(t, headers[34]): true} {
		if got, err := w.client.IsClaimed(t.Context(), number); err != nil || got != want {
			t.Errorf("IsClaimed(%d) = %t, %v; want %t", number, got, err, want)
		}
	}
}

func (w *world) number(t *testing.T, header []byte) uint64 {
	t.Helper()
	h, err := pow.DecodeHeader(header)
	must(t, err)
	return h.Number.Uint64()
}

func TestClaimFindsOwnBlocks(t *testing.T) {
	w := newWorld(t)
	me, stranger := common.Address(w.researcher.Address()), common.Address(keyOf(t, "stranger").Address())
	own := w.seal(t, me, 40)
	w.seal(t, stranger, 2)
	own = append(own, w.seal(t, me, 1)...)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	must(t, w.hospital.ClaimHeaders(t.Context(), own[3])) // anybody may: it is hers

	got, err := w.researcher.Claim(t.Context())
	must(t, err)
	if want := (eth.Claimed{Blocks: 40, Work: uint64(workOf(t, own...) - workOf(t, own[3]))}); got != want {
		t.Errorf("claimed %+v, want %+v", got, want)
	}
	if got, want := w.credit(t, w.researcher.Address()), workOf(t, own...); got != want {
		t.Errorf("credit is %d, want %d", got, want)
	}
	if got, err := w.researcher.Claim(t.Context()); err != nil || got != (eth.Claimed{}) {
		t.Errorf("a second Claim got %+v, %v; want nothing", got, err)
	}
	again := w.transactor(t, "researcher") // remembers nothing
	if got, err := again.Claim(t.Context()); err != nil || got != (eth.Claimed{}) {
		t.Errorf("Claim after a restart got %+v, %v; want nothing", got, err)
	}
}

func TestG4ClaimRefusals(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	me := common.Address(w.researcher.Address())
	mine := w.seal(t, me, 2)
	foreign := w.seal(t, common.Address{7}, 1)
	claim := func(headers ...[]byte) error { return w.hospital.ClaimHeaders(ctx, headers...) }

	refused(t, claim(mine[1]), eth.TooYoung)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	refused(t, claim(foreign[0]), eth.NotResearcher)
	refused(t, claim(mine[0], foreign[0]), eth.NotResearcher)
	refused(t, claim(), eth.Nothing)
	must(t, claim(mine[0]))
	refused(t, claim(mine[0]), eth.AlreadyClaimed)
	refused(t, claim(mine[1], mine[1]), eth.AlreadyClaimed)
	refused(t, claim(mine[1], mine[0]), eth.AlreadyClaimed)
	must(t, claim(mine[1])) // the failed batches left no trace

	must(t, w.operator.Remove(ctx, w.researcher.Address()))
	late := w.seal(t, me, 1)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	refused(t, claim(late[0]), eth.NotResearcher)
}

// TestG4ClaimTampered changes every byte of a header.
func TestG4ClaimTampered(t *testing.T) {
	notUnderRace(t)
	w := newWorld(t)
	header := w.seal(t, common.Address(w.researcher.Address()), 1)[0]
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	reasons := map[string]int{}
	for i := range header {
		changed := bytes.Clone(header)
		changed[i] ^= 1
		err := w.claimCall(t, changed, nil, nil)
		switch refusal := w.refusal(err); refusal {
		case eth.BadHeader, eth.NotCanonical, eth.TooYoung:
			reasons[string(refusal)]++
		default:
			t.Errorf("byte %d changed: got %v", i, err)
		}
	}
	if reasons["BadHeader"] == 0 || reasons["NotCanonical"] == 0 {
		t.Errorf("refusals were %v, want some BadHeader and some NotCanonical", reasons)
	}
	for _, length := range []int{0, 1, 3, 100, 559, len(header) - 1} {
		if got := w.refusal(w.claimCall(t, header[:length], nil, nil)); got != eth.BadHeader {
			t.Errorf("cut to %d bytes: got %v, want BadHeader", length, got)
		}
	}
	if got := w.refusal(w.claimCall(t, append(bytes.Clone(header), 0), nil, nil)); got != eth.BadHeader {
		t.Errorf("a byte appended: got %v, want BadHeader", got)
	}
	must(t, w.claimCall(t, header, nil, nil))
}

// TestG4ClaimOnOtherChainStates shows refusals that need a state an honest chain
// does not get into soon, by calls with parts of it replaced.
func TestG4ClaimOnOtherChainStates(t *testing.T) {
	w := newWorld(t)
	header := w.seal(t, common.Address(w.researcher.Address()), 1)[0]
	w.finalise(t)
	number := int64(w.number(t, header))
	at := func(block int64) *gethclient.BlockOverrides {
		return &gethclient.BlockOverrides{Number: big.NewInt(block)}
	}

	if got := w.refusal(w.claimCall(t, header, nil, at(number+8192))); got != eth.TooOld {
		t.Errorf("8192 blocks later: got %v, want TooOld", got)
	}
	// HISTORY vouches for whatever header it is shown.
	vouch := func(header []byte) *map[common.Address]gethclient.OverrideAccount {
		hash := crypto.Keccak256(header)
		code := append([]byte{0x7f}, hash...)                 // PUSH32 hash
		code = append(code, 0x5f, 0x52, 0x60, 32, 0x5f, 0xf3) // MSTORE at 0, RETURN 32 bytes
		return &map[common.Address]gethclient.OverrideAccount{params.HistoryStorageAddress: {Code: code}}
	}
	must(t, w.claimCall(t, header, vouch(header), at(number+8191)))
	greedy := bytes.Clone(header)
	work := bytes.Index(greedy, []byte("MRP1")) + 4
	greedy[work] = 0x7f // far more work than the hash shows
	if got := w.refusal(w.claimCall(t, greedy, vouch(greedy), at(number+300))); got != eth.NoWork {
		t.Errorf("a hash above the target: got %v, want NoWork", got)
	}
	copy(greedy[work:], make([]byte, 8))
	if got := w.refusal(w.claimCall(t, greedy, vouch(greedy), at(number+300))); got != eth.NoWork {
		t.Errorf("difficulty 0: got %v, want NoWork", got)
	}
	if got := w.refusal(w.claimCall(t, greedy, nil, at(number+300))); got != eth.NotCanonical && got != eth.TooOld {
		t.Errorf("history without the block: got %v, want NotCanonical or TooOld", got)
	}
}

// claimCall tries a claim without sending it.
func (w *world) claimCall(t *testing.T, header []byte, state *map[common.Address]gethclient.OverrideAccount, block *gethclient.BlockOverrides) error {
	t.Helper()
	if state == nil {
		state = &map[common.Address]gethclient.OverrideAccount{}
	}
	if block == nil {
		block = &gethclient.BlockOverrides{}
	}
	msg := ethereum.CallMsg{To: (*common.Address)(&w.at.WorkBudget), Data: contracts.NewWorkBudget().PackClaim(header)}
	_, err := gethclient.New(w.chain.RPC()).CallContractWithBlockOverrides(t.Context(), msg, nil, state, *block)
	return err
}

// refusal finds the name of a custom error by its selector.
func (w *world) refusal(err error) eth.Refusal {
	var data rpc.DataError
	if !errors.As(err, &data) {
		return ""
	}
	text, _ := data.ErrorData().(string)
	parsed := contracts.NewWorkBudget().GetABI()
	raw := common.FromHex(text)
	if len(raw) < 4 {
		return ""
	}
	definition, err := parsed.ErrorByID([4]byte(raw))
	if err != nil {
		return ""
	}
	return eth.Refusal(definition.Name)
}

// TestG4ClaimOrphaned seals a block with good work that loses against a heavier fork.
func TestG4ClaimOrphaned(t *testing.T) {
	w := newWorld(t)
	rival := w.twin(t)
	orphan := w.seal(t, common.Address(w.researcher.Address()), 1)[0]
	for range 3 {
		w.chain.Clock.Advance(10 * time.Second)
		block, err := rival.SealBlock(t.Context(), chain.MineConfig{Coinbase: common.Address{2}})
		must(t, err)
		must(t, w.chain.Import(block))
	}
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	refused(t, w.hospital.ClaimHeaders(t.Context(), orphan), eth.NotCanonical)
	if got, err := w.researcher.Claim(t.Context()); err != nil || got != (eth.Claimed{}) {
		t.Errorf("Claim got %+v, %v; want nothing", got, err)
	}
}

// TestG4ReorganisationUndoesCredit: with a claimed block go its claim and the escrow of
// it, and until then nobody who reads what is final was told of either.
func TestG4ReorganisationUndoesCredit(t *testing.T) {
	w := newWorld(t, func(d *eth.Deployment) { d.Confirmations = 1 })
	ctx, me, market := t.Context(), w.researcher.Address(), w.marketplace.Address()
	rival := w.twin(t)
	header := w.seal(t, common.Address(me), 1)[0]
	w.seal(t, common.Address{7}, 2)
	must(t, w.hospital.ClaimHeaders(ctx, header))
	must(t, w.researcher.AddEscrow(ctx, market, workOf(t, header)))
	held := func() int64 {
		t.Helper()
		budget := contracts.NewWorkBudget()
		msg := ethereum.CallMsg{To: (*common.Address)(&w.at.WorkBudget), Data: budget.PackAccountOf(common.Address(me), common.Address(market))}
		output, err := w.chain.Client().CallContract(ctx, msg, nil)
		must(t, err)
		account, err := budget.UnpackAccountOf(output)
		must(t, err)
		return account.Escrowed.Int64()
	}
	if got := held(); got != workOf(t, header) {
		t.Fatalf("%d in escrow at the head, want %d", got, workOf(t, header))
	}
	if got, err := w.client.Escrow(ctx, me, market); err != nil || got != 0 {
		t.Errorf("final escrow %d, %v; want none", got, err)
	}
	for w.chain.Head().Coinbase != (common.Address{2}) {
		w.chain.Clock.Advance(10 * time.Second)
		block, err := rival.SealBlock(ctx, chain.MineConfig{Coinbase: common.Address{2}})
		must(t, err)
		must(t, w.chain.Import(block))
	}
	w.finalise(t) // what was undone is tried again, and refused
	if got := held(); got != 0 {
		t.Errorf("%d in escrow after the reorganisation", got)
	}
	if got := w.credit(t, me); got != 0 {
		t.Errorf("credit %d after the reorganisation", got)
	}
}

// TestClaimLooksAgainAtWhatIsNotFinal: another's block, confirmed but not final, gives
// way to an own one.
func TestClaimLooksAgainAtWhatIsNotFinal(t *testing.T) {
	w := newWorld(t, func(d *eth.Deployment) { d.Confirmations = 1 })
	cfg := w.config()
	cfg.Confirmations = 1
	client, err := eth.New(t.Context(), cfg)
	must(t, err)
	me, err := eth.NewTransactor(client, keyOf(t, "researcher"))
	must(t, err)
	rival := w.twin(t)
	w.seal(t, common.Address{7}, 3)
	if got, err := me.Claim(t.Context()); err != nil || got != (eth.Claimed{}) {
		t.Fatalf("Claim got %+v, %v; want nothing", got, err)
	}
	for _, coinbase := range []common.Address{common.Address(me.Address()), {1}, {1}, {1}} {
		w.chain.Clock.Advance(10 * time.Second)
		block, err := rival.SealBlock(t.Context(), chain.MineConfig{Coinbase: coinbase})
		must(t, err)
		must(t, w.chain.Import(block))
	}
	if got, err := me.Claim(t.Context()); err != nil || got.Blocks != 1 {
		t.Errorf("Claim got %+v, %v; want the one block", got, err)
	}
}

// twin is another node with the same blocks.
func (w *world) twin(t *testing.T) *chaintest.Chain {
	t.Helper()
	genesis, err := w.chain.Client().HeaderByNumber(t.Context(), new(big.Int))
	must(t, err)
	cfg := chaintest.Config(t, w.chain.Clock)
	cfg.GenesisTime, cfg.Alloc = genesis.Time, wealth(t)
	twin := chaintest.Open(t, cfg, w.chain.Clock)
	for n := uint64(1); n <= w.chain.Head().Number; n++ {
		block, err := w.chain.Client().BlockByNumber(context.Background(), new(big.Int).SetUint64(n))
		must(t, err)
		must(t, twin.Import(block))
	}
	return twin
}
