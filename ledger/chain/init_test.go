package chain_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

func TestInitAndJoin(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "first"), t.TempDir()
	cfg := chaintest.Config(t, chaintest.NewClock())
	cfg.Dir, cfg.Alloc = first, chaintest.Wealth(alice)
	genesis, err := chain.Init(cfg)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := chain.Join(second, filepath.Join(first, "genesis.json"))
	if err != nil || joined != genesis {
		t.Errorf("joined %s, %v; want %s", joined, err, genesis)
	}
	node := open(t, chain.Config{Dir: second, Now: cfg.Now, ListenAddr: "127.0.0.1:0"})
	defer shut(t, node)
	if node.GenesisHash() != genesis {
		t.Errorf("genesis %s when opened, %s when made", node.GenesisHash(), genesis)
	}
	key, err := os.Stat(filepath.Join(second, "medmarket", "nodekey"))
	if err != nil || key.Mode().Perm() != 0o600 {
		t.Errorf("node key: %v, %v; want mode 0600", key, err)
	}
	if _, err := chain.Init(cfg); !errors.Is(err, chain.ErrExists) {
		t.Errorf("Init again: %v, want ErrExists", err)
	}
	if _, err := chain.Join(first, filepath.Join(second, "genesis.json")); !errors.Is(err, chain.ErrExists) {
		t.Errorf("Join again: %v, want ErrExists", err)
	}
}

func TestJoinRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "genesis.json")
	for content, says := range map[string]string{
		"{}":                             "chain id is 0",
		`{"chain_id":1,"surprise":true}`: "surprise",
		"":                               "EOF",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err := chain.Join(dir, file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error that says %q", content, err, says)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%q: left %v, %v", content, left, err)
		}
	}
}

func TestAllowList(t *testing.T) {
	var log bytes.Buffer
	key, _ := chaintest.Key(t, "peer")
	url := enode.NewV4(&key.PublicKey, []byte{127, 0, 0, 1}, 1, 1).URLv4()
	byURL, byID, other := enode.PubkeyToIDV4(&key.PublicKey), chain.PeerID(crypto.Keccak256Hash([]byte{1})), chain.PeerID{9}
	path := filepath.Join(t.TempDir(), "allow")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(len(content)), 0)); err != nil {
			t.Fatal(err)
		}
	}
	write("# peers\n" + url + " # one\n\n" + byID.String() + "\n")
	list, err := chain.OpenAllowList(path, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if !list.Allows(byURL) || !list.Allows(byID) || list.Allows(other) {
		t.Errorf("allows %t, %t, %t; want the first two", list.Allows(byURL), list.Allows(byID), list.Allows(other))
	}
	write(byID.String())
	if list.Allows(byURL) || !list.Allows(byID) {
		t.Error("the new version of the file does not count")
	}
	for _, bad := range []string{"everybody", "0x12", "enode://12@127.0.0.1:1"} {
		write(bad)
		if list.Allows(byID) || log.Len() == 0 {
			t.Errorf("%q: a peer is allowed, or nothing was logged", bad)
		}
		if _, err := chain.OpenAllowList(path, slog.Default()); err == nil {
			t.Errorf("%q was opened", bad)
		}
	}
	write(byID.String())
	if !list.Allows(byID) {
		t.Error("a good file after a bad one does not count")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if list.Allows(byID) {
		t.Error("a peer is allowed without a file")
	}
}

// Nodes find each other through a third one, but speak only with whom they allow.
func TestDiscovery(t *testing.T) {
	clock := chaintest.NewClock()
	var banned atomic.Pointer[chain.PeerID]
	discovering := func(boot ...string) *chaintest.Chain {
		return join(t, clock, func(c *chain.Config) {
			c.Discover, c.Bootnodes = true, boot
			c.AllowPeer = func(id chain.PeerID) bool { return banned.Load() == nil || id != *banned.Load() }
		})
	}
	door := discovering()
	id := door.ID()
	banned.Store(&id) // known, not spoken with: the other two must find each other
	one, two := discovering(door.Enode()), discovering(door.Enode())
	await(t, "found", func() bool { return len(one.Peers()) == 1 && len(two.Peers()) == 1 })
	if peer := one.Peers()[0].ID; peer != two.ID() {
		t.Errorf("found %s, want %s", peer, two.ID())
	}
}
