package chain_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		os.Exit(victim(dir))
	}
	// What go-ethereum v1.17.10 leaves behind when all nodes are closed:
	goleak.VerifyTestMain(m,
		// one pool for the whole process, started when package core is loaded
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		// the peer database's buffer pool, which lingers for a second
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	)
}
