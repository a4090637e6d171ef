package chain_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/pow"
)

// open fails the test on an error and leaves closing to the caller.
func open(t *testing.T, cfg chain.Config) *chain.Node {
	t.Helper()
	node, err := chain.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func shut(t *testing.T, node *chain.Node) {
	t.Helper()
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTransactionsAreMined(t *testing.T) {
	_, sender := chaintest.Key(t, "sender")
	c := chaintest.New(t, sender)
	var sent []common.Hash
	for nonce := range uint64(50) {
		sent = append(sent, send(t, c.Node, "sender", nonce))
	}
	// The pool takes a moment to make the last ones ready: they may come a block later.
	got := 0
	for _, block := range c.Seal(t, alice, 3) {
		got += len(block.Transactions())
	}
	if got != len(sent) {
		t.Fatalf("%d transactions in the blocks, want %d", got, len(sent))
	}
	for _, hash := range sent {
		receipt, err := c.Client().TransactionReceipt(t.Context(), hash)
		if err != nil || receipt.Status != 1 {
			t.Fatalf("receipt %+v, %v", receipt, err)
		}
	}
	send(t, c.Node, "sender", 50)
	empty, err := c.SealBlock(t.Context(), chain.MineConfig{Coinbase: alice, Empty: true})
	if err != nil || len(empty.Transactions()) != 0 {
		t.Errorf("an empty block has %d transactions, %v", len(empty.Transactions()), err)
	}
}

// Events are found by range although there is no index.
func TestLogsAreFound(t *testing.T) {
	_, sender := chaintest.Key(t, "sender")
	c := chaintest.New(t, sender)
	c.Seal(t, alice, 20)
	emit := common.FromHex("60006000a000") // PUSH1 0, PUSH1 0, LOG0, STOP
	hash := submit(t, c.Node, "sender", &types.DynamicFeeTx{Data: emit, Gas: 100_000})
	c.Seal(t, alice, 20)
	logs, err := c.Client().FilterLogs(t.Context(), ethereum.FilterQuery{FromBlock: new(big.Int), ToBlock: big.NewInt(40)})
	if err != nil || len(logs) != 1 || logs[0].TxHash != hash || logs[0].BlockNumber != 21 {
		t.Errorf("logs %+v, %v; want one in block 21", logs, err)
	}
}

// A sender with a millionth of a coin can act: fees are a wei of gas.
func TestPoorSendersCanPay(t *testing.T) {
	_, sender := chaintest.Key(t, "poor")
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.Alloc = map[chain.Address]*big.Int{sender: big.NewInt(params.Ether / 1_000_000)}
	c := chaintest.Open(t, cfg, clock)
	tip, err := c.Client().SuggestGasTipCap(t.Context())
	if err != nil || tip.Cmp(common.Big1) != 0 {
		t.Errorf("suggested tip %v wei, %v; want 1", tip, err)
	}
	hash := send(t, c.Node, "poor", 0)
	c.Seal(t, alice, 1)
	if _, err := c.Client().TransactionReceipt(t.Context(), hash); err != nil {
		t.Error(err)
	}
}

func TestReopenKeepsTheChain(t *testing.T) {
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	first := &chaintest.Chain{Node: open(t, cfg), Clock: clock}
	first.Seal(t, alice, 10)
	head, final, genesis := first.Head(), first.Finalized(), first.GenesisHash()
	shut(t, first.Node)

	again := open(t, chain.Config{Dir: cfg.Dir, Now: clock.Now}) // the rest is stored
	defer shut(t, again)
	if again.Head() != head || again.Finalized() != final || again.GenesisHash() != genesis {
		t.Errorf("head %+v, final %+v, genesis %s after reopening; want %+v, %+v, %s",
			again.Head(), again.Finalized(), again.GenesisHash(), head, final, genesis)
	}
	if again.Rule() != cfg.Rule || again.ChainID() != cfg.ChainID {
		t.Errorf("rule %+v, chain id %d", again.Rule(), again.ChainID())
	}
}

func TestGenesisMismatch(t *testing.T) {
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.Alloc = map[chain.Address]*big.Int{alice: big.NewInt(5)}
	shut(t, open(t, cfg))
	for name, tc := range map[string]struct {
		change func(*chain.Config)
		says   string
	}{
		"chain id": {func(c *chain.Config) { c.ChainID++ }, "chain id 31338, stored 31337"},
		"rule":     {func(c *chain.Config) { c.Rule.TargetSpacing++ }, "rule"},
		"time":     {func(c *chain.Config) { c.GenesisTime = 1 }, "time 1"},
		"accounts": {func(c *chain.Config) { c.Alloc = map[chain.Address]*big.Int{} }, "0 accounts, stored 1"},
		"account":  {func(c *chain.Config) { c.Alloc = map[chain.Address]*big.Int{bob: big.NewInt(5)} }, "alloc of 0x"},
		"amount":   {func(c *chain.Config) { c.Alloc = map[chain.Address]*big.Int{alice: big.NewInt(6)} }, "is 6"},
	} {
		changed := cfg
		tc.change(&changed)
		_, err := chain.Open(changed)
		if !errors.Is(err, chain.ErrGenesisMismatch) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: error %v, want one that says %q", name, err, tc.says)
		}
	}
	shut(t, open(t, cfg)) // the failures left the directory usable
}

func TestOpenRefuses(t *testing.T) {
	good := chaintest.Config(t, chaintest.NewClock())
	for name, change := range map[string]func(*chain.Config){
		"no directory":    func(c *chain.Config) { c.Dir = "" },
		"no chain id":     func(c *chain.Config) { c.ChainID = 0 },
		"no rule":         func(c *chain.Config) { c.Rule = pow.Rule{} },
		"no amount":       func(c *chain.Config) { c.Alloc = map[chain.Address]*big.Int{alice: nil} },
		"negative amount": func(c *chain.Config) { c.Alloc = map[chain.Address]*big.Int{alice: big.NewInt(-1)} },
		"found by anyone": func(c *chain.Config) { c.Discover, c.ListenAddr = true, "127.0.0.1:0" },
		"no port":         func(c *chain.Config) { c.HTTPAddr = "localhost" },
		"no host":         func(c *chain.Config) { c.HTTPAddr = ":8545" },
	} {
		cfg := good
		change(&cfg)
		if _, err := chain.Open(cfg); !errors.Is(err, chain.ErrConfig) {
			t.Errorf("%s: error %v, want ErrConfig", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(good.Dir, "genesis.json"), []byte(`{"chain_id":1,"surprise":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := chain.Open(good); err == nil || !strings.Contains(err.Error(), "surprise") {
		t.Errorf("a genesis file with an unknown field: %v", err)
	}
}

func TestOneProcessADirectory(t *testing.T) {
	cfg := chaintest.Config(t, chaintest.NewClock())
	node := open(t, cfg)
	defer shut(t, node)
	if second, err := chain.Open(cfg); err == nil {
		shut(t, second)
		t.Error("the directory was opened twice")
	}
}

func TestHTTPServesReadersOnly(t *testing.T) {
	cfg := chaintest.Config(t, chaintest.NewClock())
	cfg.HTTPAddr = "127.0.0.1:0"
	node := open(t, cfg)
	defer shut(t, node)
	if strings.HasSuffix(node.HTTPEndpoint(), ":0") {
		t.Fatalf("endpoint %s has no real port", node.HTTPEndpoint())
	}
	client, err := rpc.DialHTTP(node.HTTPEndpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, allowed := range []string{"eth_blockNumber", "net_version", "web3_clientVersion", "pow_status"} {
		var result any
		if err := client.Call(&result, allowed); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
	}
	for _, method := range []string{"debug_setHead", "admin_nodeInfo", "miner_setGasPrice", "txpool_status", "engine_exchangeCapabilities", "personal_listWallets"} {
		var coded rpc.Error
		if err := client.Call(nil, method, "0x0"); !errors.As(err, &coded) || coded.ErrorCode() != -32601 {
			t.Errorf("%s: error %v, want method not found", method, err)
		}
	}
	modules, err := client.SupportedModules()
	if err != nil || len(modules) != 5 { // and "rpc", which lists them
		t.Errorf("modules %v, %v", modules, err)
	}
}

func TestHTTPPortTaken(t *testing.T) {
	cfg := chaintest.Config(t, chaintest.NewClock())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg.HTTPAddr = taken.Addr().String()
	if _, err := chain.Open(cfg); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error %v, want address in use", err)
	}
}

func TestNoHTTPByDefault(t *testing.T) {
	if endpoint := chaintest.New(t).HTTPEndpoint(); endpoint != "" {
		t.Errorf("endpoint %q", endpoint)
	}
}

// Old state can be proved, which offline verifiers need.
func TestProofsOfOldBlocks(t *testing.T) {
	c := chaintest.New(t)
	c.Seal(t, alice, 200)
	client := gethclient.New(c.RPC())
	for _, number := range []int64{1, 100, 200} {
		proof, err := client.GetProof(t.Context(), alice, nil, big.NewInt(number))
		if err != nil {
			t.Fatalf("block %d: %v", number, err)
		}
		if want := new(big.Int).Mul(big.NewInt(number), big.NewInt(params.Ether)); proof.Balance.Cmp(want) != 0 || len(proof.AccountProof) == 0 {
			t.Errorf("block %d: balance %s, want %s", number, proof.Balance, want)
		}
	}
}

func TestWholeChainVerifiesOffline(t *testing.T) {
	c := chaintest.New(t)
	c.Seal(t, alice, 30)
	var headers [][]byte
	for number := range int64(31) {
		header, err := c.Client().HeaderByNumber(t.Context(), big.NewInt(number))
		if err != nil {
			t.Fatal(err)
		}
		headers = append(headers, encodeHeader(t, header))
	}
	if _, err := pow.VerifyHeaders(c.Rule(), pow.Trusted{Hash: c.GenesisHash()}, headers, uint64(c.Clock.Now().Unix())); err != nil {
		t.Error(err)
	}
}

// go-ethereum's warnings reach our logger, its chatter does not, and slog's own
// default stays what it was.
func TestGethLogIsRouted(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	cfg := chaintest.Config(t, chaintest.NewClock())
	cfg.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	shut(t, open(t, cfg))
	if out.Len() != 0 {
		t.Errorf("a quiet start and stop logged:\n%s", out.String())
	}
	log.Warn("disk is slow", "ms", 7)
	if got := out.String(); !strings.Contains(got, "disk is slow") || !strings.Contains(got, "component=go-ethereum ms=7") {
		t.Errorf("the warning came out as %q", got)
	}
	if slog.Default() != before {
		t.Error("slog.Default was replaced")
	}
}

func TestClosedNodeRefuses(t *testing.T) {
	c := chaintest.New(t)
	block := c.Seal(t, alice, 1)[0]
	shut(t, c.Node)
	shut(t, c.Node)
	if err := c.Import(block); !errors.Is(err, chain.ErrClosed) {
		t.Errorf("Import: %v", err)
	}
	if err := c.Mine(context.Background(), chain.MineConfig{Coinbase: alice}); !errors.Is(err, chain.ErrClosed) {
		t.Errorf("Mine: %v", err)
	}
	c.Clock.Advance(time.Second)
	if _, err := c.SealBlock(context.Background(), chain.MineConfig{Coinbase: alice}); !errors.Is(err, chain.ErrClosed) {
		t.Errorf("SealBlock: %v", err)
	}
}
