package powrpc_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/rpc"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Of go-ethereum: a pool of the process, and the peer database's buffers, which linger for a second.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
		// Connections that net/http keeps for the next call.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
}

var alice, bob = common.HexToAddress("0xa1"), common.HexToAddress("0xb0")

// serving is a chain whose node is reached over HTTP.
func serving(t *testing.T, change func(*chain.Config)) (*chaintest.Chain, *powrpc.Client) {
	t.Helper()
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.HTTPAddr = "127.0.0.1:0"
	if change != nil {
		change(&cfg)
	}
	c := chaintest.Open(t, cfg, clock)
	return c, dial(t, c.HTTPEndpoint())
}

func dial(t *testing.T, url string) *powrpc.Client {
	t.Helper()
	client, err := powrpc.Dial(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func get(t *testing.T, client *powrpc.Client, coinbase common.Address) powrpc.Work {
	t.Helper()
	work, err := client.GetWork(t.Context(), coinbase)
	if err != nil {
		t.Fatal(err)
	}
	return work
}

// solve searches a seal as a miner does.
func solve(t *testing.T, work powrpc.Work, extra byte) pow.Seal {
	t.Helper()
	header, err := pow.DecodeHeader(work.Header)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := pow.ParseSeal(header.Extra)
	if err != nil {
		t.Fatal(err)
	}
	seal.ExtraNonce[0] = extra
	header.Extra = seal.Bytes()
	sealed, _, err := pow.Search(t.Context(), header, 1)
	if err != nil {
		t.Fatal(err)
	}
	if seal, err = pow.ParseSeal(sealed.Extra); err != nil {
		t.Fatal(err)
	}
	return seal
}

func TestWorkBecomesABlock(t *testing.T) {
	c, client := serving(t, nil)
	c.Seal(t, bob, 1)
	if _, err := client.GetWork(t.Context(), alice); !errors.Is(err, powrpc.ErrNotDue) {
		t.Errorf("in the second of the head: %v, want ErrNotDue", err)
	}
	c.Clock.Advance(time.Second)
	work := get(t, client, alice)
	if again := get(t, client, alice); again.ID != work.ID {
		t.Error("another work in the same second")
	}
	hash, err := client.SubmitWork(t.Context(), work.ID, solve(t, work, 7))
	if err != nil {
		t.Fatal(err)
	}
	if head := c.Head(); head.Hash != hash || head.Coinbase != alice || head.Number != 2 {
		t.Errorf("head %+v, want block 2 of %s with hash %s", head, alice, hash)
	}
	if _, err := client.SubmitWork(t.Context(), work.ID, solve(t, work, 8)); !errors.Is(err, powrpc.ErrStale) {
		t.Errorf("another seal for the same work: %v, want ErrStale", err)
	}
}

func TestOlderWorkOfTheSameHeadIsGood(t *testing.T) {
	c, client := serving(t, nil)
	c.Clock.Advance(time.Second)
	first := get(t, client, alice)
	c.Clock.Advance(2 * time.Second)
	if second := get(t, client, alice); second.ID == first.ID {
		t.Fatal("no newer work after two seconds")
	}
	if _, err := client.SubmitWork(t.Context(), first.ID, solve(t, first, 0)); err != nil {
		t.Error(err)
	}
}

func TestSubmissionsAreRefused(t *testing.T) {
	c, client := serving(t, nil)
	c.Clock.Advance(time.Second)
	work := get(t, client, alice)
	good := solve(t, work, 0)

	easier := good
	easier.Difficulty--
	bad := good
	for header, err := pow.DecodeHeader(work.Header); ; bad.Nonce++ {
		if err != nil {
			t.Fatal(err)
		}
		header.Extra = bad.Bytes()
		if header.Hash().Cmp(pow.Target(bad.Difficulty)) > 0 {
			break
		}
	}
	for name, tc := range map[string]struct {
		id   common.Hash
		seal pow.Seal
		want error
	}{
		"unknown work": {common.Hash{1}, good, powrpc.ErrStale},
		"easier":       {work.ID, easier, powrpc.ErrSeal},
		"no work done": {work.ID, bad, powrpc.ErrSeal},
	} {
		if _, err := client.SubmitWork(t.Context(), tc.id, tc.seal); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	var hash common.Hash
	err := c.RPC().Call(&hash, "pow_submitWork", work.ID, hexutil.Bytes("short"))
	if coded := rpc.Error(nil); !errors.As(err, &coded) || coded.ErrorCode() != powrpc.CodeSeal {
		t.Errorf("a short seal: %v, want code %d", err, powrpc.CodeSeal)
	}
	if _, err := client.GetWork(t.Context(), common.Address{}); err == nil {
		t.Error("work for nobody was given out")
	}
	if head := c.Head(); head.Number != 0 {
		t.Errorf("head is block %d", head.Number)
	}
	if _, err := client.SubmitWork(t.Context(), work.ID, good); err != nil {
		t.Errorf("the good seal afterwards: %v", err)
	}
}

// Many coinbases cannot make the node keep more than 64 works.
func TestWorksAreBounded(t *testing.T) {
	c, client := serving(t, nil)
	c.Clock.Advance(time.Second)
	var works []powrpc.Work
	for i := range 65 {
		works = append(works, get(t, client, common.BigToAddress(big.NewInt(int64(i+1)))))
	}
	if _, err := client.SubmitWork(t.Context(), works[0].ID, solve(t, works[0], 0)); !errors.Is(err, powrpc.ErrStale) {
		t.Errorf("the oldest of 65 works: %v, want ErrStale", err)
	}
	if _, err := client.SubmitWork(t.Context(), works[1].ID, solve(t, works[1], 0)); err != nil {
		t.Errorf("the second of 65 works: %v", err)
	}
}

// Who asks for work in many names takes no place from who sealed a block lately, nor the
// last ones from who asks again as miners do.
func TestMadeUpNamesDoNotPushMinersOut(t *testing.T) {
	c, client := serving(t, nil)
	c.Seal(t, alice, 1)
	c.Clock.Advance(time.Second)
	proven := get(t, client, alice)
	polling := get(t, client, bob)
	for i := range 200 {
		get(t, client, common.BigToAddress(big.NewInt(int64(1000+i))))
		if i%50 == 49 {
			get(t, client, bob)
		}
	}
	if again := get(t, client, bob); again.ID != polling.ID {
		t.Error("who polls lost the work to made-up names")
	}
	if _, err := client.SubmitWork(t.Context(), proven.ID, solve(t, proven, 1)); err != nil {
		t.Error(err)
	}
}

func TestStatusDifficultyAndRate(t *testing.T) {
	c, client := serving(t, nil)
	rate, err := client.HashRate(t.Context())
	if err != nil || rate.Blocks != 0 {
		t.Errorf("rate of the genesis block: %+v, %v", rate, err)
	}
	c.Seal(t, alice, 11)
	status, err := client.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Genesis != c.GenesisHash() || status.Head.Hash != c.Head().Hash || status.Final.Number != 5 || status.Enode != "" ||
		status.ChainID != chaintest.ChainID || status.Work.ToInt().Int64() != 11*64 {
		t.Errorf("status %+v", status)
	}
	c.Clock.Advance(17 * time.Second) // 16 spacings late
	difficulty, err := client.Difficulty(t.Context())
	if want := (powrpc.Difficulty{Head: 64, Next: 32}); err != nil || difficulty != want {
		t.Errorf("difficulty %+v, %v; want %+v", difficulty, err, want)
	}
	rate, err = client.HashRate(t.Context())
	if want := (powrpc.HashRate{HashesPerSecond: 64, Blocks: 10}); err != nil || rate != want {
		t.Errorf("rate %+v, %v; want %+v", rate, err, want)
	}
}

func TestCheckpoints(t *testing.T) {
	c, client := serving(t, nil)
	c.Seal(t, alice, 8)
	without, err := client.Checkpoints(t.Context())
	if err != nil || without.Interval != 0 || without.Final.Hash != c.Finalized().Hash || without.Final.Number != 2 {
		t.Errorf("without signers: %+v, %v", without, err)
	}
	key, err := ledger.KeyFromBytes(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	c, client = serving(t, func(c *chain.Config) {
		c.GenesisSigners, c.CheckpointInterval, c.Voter = []common.Address{common.Address(key.Address())}, 4, key
	})
	c.Seal(t, alice, 12)
	with, err := client.Checkpoints(t.Context())
	if err != nil || with.Interval != 4 || with.Justified.Number != 8 || with.Final.Number != 4 || with.Evidence != 0 {
		t.Errorf("with one signer: %+v, %v; want 8 justified and 4 final", with, err)
	}
}

func TestReorgsAreRemembered(t *testing.T) {
	c, client := serving(t, nil)
	if reorgs, err := client.Reorgs(t.Context()); err != nil || reorgs == nil || len(reorgs) != 0 {
		t.Errorf("before any: %v, %v", reorgs, err)
	}
	other := chaintest.Open(t, func() chain.Config {
		cfg := chaintest.Config(t, c.Clock)
		cfg.GenesisTime = uint64(chaintest.NewClock().Now().Unix())
		return cfg
	}(), c.Clock)
	c.Seal(t, alice, 3)
	from := c.Head()
	for _, block := range other.Seal(t, bob, 4) {
		if err := c.Import(block); err != nil {
			t.Fatal(err)
		}
	}
	reorgs, err := client.Reorgs(t.Context())
	if err != nil || len(reorgs) != 1 {
		t.Fatalf("reorgs %+v, %v", reorgs, err)
	}
	r := reorgs[0]
	if r.From.Hash != from.Hash || r.To.Hash != c.Head().Hash || r.Undone != 3 {
		t.Errorf("reorg %+v, want 3 blocks undone from %s to %s", r, from.Hash, c.Head().Hash)
	}
}

// onRealTime serves a chain on the machine's clock.
func onRealTime(t *testing.T) (*chaintest.Chain, *powrpc.Client) {
	return serving(t, func(c *chain.Config) { c.Now = nil })
}

// running runs a miner until the test ends; blocks receives what it seals.
func running(t *testing.T, cfg powrpc.MinerConfig) (m *powrpc.Miner, blocks chan powrpc.Block) {
	t.Helper()
	blocks = make(chan powrpc.Block, 100)
	cfg.OnBlock = func(b powrpc.Block) { blocks <- b }
	m, err := powrpc.NewMiner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return m, blocks
}

// Two miners of one coinbase on one node: their blocks make one chain.
func TestMinersShareANode(t *testing.T) {
	c, client := onRealTime(t)
	_, one := running(t, powrpc.MinerConfig{Client: client, Coinbase: alice, Threads: 2})
	_, two := running(t, powrpc.MinerConfig{Client: client, Coinbase: alice})
	var hashes []common.Hash
	for len(hashes) < 3 {
		select {
		case b := <-one:
			hashes = append(hashes, b.Hash)
		case b := <-two:
			hashes = append(hashes, b.Hash)
		}
	}
	for number := range uint64(3) {
		header, err := c.Client().HeaderByNumber(t.Context(), new(big.Int).SetUint64(number+1))
		if err != nil || !slices.Contains(hashes, header.Hash()) {
			t.Errorf("block %d: %v, %v", number+1, header, err)
		}
	}
}

// What another sealer puts on the head ends the search for its sibling.
func TestMinerFollowsTheHead(t *testing.T) {
	c, client := serving(t, func(c *chain.Config) {
		c.Rule = pow.Rule{GenesisDifficulty: 1 << 40, MinDifficulty: 16, TargetSpacing: 1}
	})
	c.Clock.Advance(time.Second)
	m, blocks := running(t, powrpc.MinerConfig{Client: client, Coinbase: alice, Poll: 5 * time.Millisecond})
	for m.Stats().Difficulty == 0 {
		<-time.After(time.Millisecond)
	}
	// Some 40 halvings later a block is easy: the miner gets to know by new work for the same head.
	c.Clock.Advance(700 * time.Second)
	if block := <-blocks; block.Number != 1 || m.Stats().Stale != 0 {
		t.Fatalf("block %+v, stats %+v", block, m.Stats())
	}
	block := c.Seal(t, bob, 1)[0]
	for c.Head().Hash != block.Hash() { // the miner was faster
		block = c.Seal(t, bob, 1)[0]
	}
	theirs := block.NumberU64()
	for number := uint64(0); number <= theirs; number = uint64((<-blocks).Number) {
		c.Clock.Advance(2 * time.Second)
	}
	header, err := c.Client().HeaderByNumber(t.Context(), new(big.Int).SetUint64(theirs))
	if err != nil || header.Coinbase != bob {
		t.Errorf("block %d, on which the miner went on, is not the other sealer's: %v", theirs, err)
	}
}

// A miner outlives its node.
func TestMinerWaitsForItsNode(t *testing.T) {
	down := true
	c, _ := onRealTime(t)
	node := httptest.NewUnstartedServer(nil)
	flaky := func(w http.ResponseWriter, r *http.Request) {
		if down {
			down = false
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, c.HTTPEndpoint(), http.StatusTemporaryRedirect)
	}
	node.Config.Handler = http.HandlerFunc(flaky)
	node.Start()
	defer node.Close()
	said := make(chan error, 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m, err := powrpc.NewMiner(powrpc.MinerConfig{
		Client: dial(t, node.URL), Coinbase: alice,
		OnNode: func(err error) { said <- err }, OnBlock: func(powrpc.Block) { cancel() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if first := <-said; first == nil {
		t.Error("the first report is that the node answers")
	}
	if second := <-said; second != nil {
		t.Errorf("the second report is %v", second)
	}
	if c.Head().Coinbase != alice {
		t.Error("no block was sealed")
	}
}

// A miner that is stopped while it hands in a block has handed it in: the work was done.
func TestStoppedMinerHandsInItsBlock(t *testing.T) {
	c, _ := onRealTime(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if bytes.Contains(body, []byte("pow_submitWork")) {
			stop()
			select { // until the miner hangs up, if it does
			case <-r.Context().Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
		answer, err := http.Post(c.HTTPEndpoint(), "application/json", bytes.NewReader(body))
		if err != nil {
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, answer.Body)
	}))
	defer node.Close()
	m, err := powrpc.NewMiner(powrpc.MinerConfig{Client: dial(t, node.URL), Coinbase: alice})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if s := m.Stats(); s.Blocks != 1 || c.Head().Coinbase != alice {
		t.Errorf("%+v, and the head is %s's", s, c.Head().Coinbase)
	}
}

// thief is a node that offers work which pays itself.
type thief struct{ work powrpc.Work }

func (th thief) GetWork(common.Address) powrpc.Work { return th.work }

func TestMinerWorksForItsCoinbaseOnly(t *testing.T) {
	c, client := serving(t, nil)
	c.Clock.Advance(time.Second)
	server := rpc.NewServer()
	defer server.Stop()
	if err := server.RegisterName(powrpc.Namespace, thief{get(t, client, bob)}); err != nil {
		t.Fatal(err)
	}
	node := httptest.NewServer(server)
	defer node.Close()
	m, err := powrpc.NewMiner(powrpc.MinerConfig{Client: dial(t, node.URL), Coinbase: alice})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(t.Context()); !errors.Is(err, powrpc.ErrCoinbase) {
		t.Errorf("Run: %v, want ErrCoinbase", err)
	}
}

func TestNewMinerRefuses(t *testing.T) {
	for name, cfg := range map[string]powrpc.MinerConfig{
		"no client":   {Coinbase: alice},
		"no coinbase": {Client: &powrpc.Client{}},
	} {
		if _, err := powrpc.NewMiner(cfg); !errors.Is(err, powrpc.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The header of a work is one whose hash is the work's id.
func TestWorkIDIsItsHash(t *testing.T) {
	c, client := serving(t, nil)
	c.Clock.Advance(time.Second)
	work := get(t, client, alice)
	header, err := pow.DecodeHeader(work.Header)
	if err != nil {
		t.Fatal(err)
	}
	if enc, err := rlp.EncodeToBytes(header); err != nil || header.Hash() != work.ID || len(enc) != len(work.Header) {
		t.Errorf("header %x of work %s, %v", enc, work.ID, err)
	}
}
