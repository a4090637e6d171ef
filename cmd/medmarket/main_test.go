package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/marketplace/institution/institutiontest"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// long asks for full counts; see scripts/test-long.sh.
var long = os.Getenv("MEDMARKET_LONG") != ""

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"medmarket": program})
}

// program is medmarket as scripts and daemons run it.
func program() {
	if detector { // else its chain's first blocks take minutes each
		serveRule.GenesisDifficulty = 1 << 16
	}
	main()
}

// leakChecked fails a run whose tests all passed but left goroutines behind:
// every system that was opened must be gone once it is closed.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given { // these tests mostly wait for blocks, a second each
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	if code := m.M.Run(); code != 0 {
		return code
	}
	err := goleak.Find(
		// Of go-ethereum: a pool of the process, and the peer database's buffers, which linger for a second.
		goleak.IgnoreTopFunction("github.com/ethereum/go-ethereum/core.(*txSenderCacher).cache"),
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
		// Started by the init of a dependency of dp/noise; it cannot be stopped.
		goleak.IgnoreAnyFunction("github.com/golang/glog.(*fileSink).flushDaemon"),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: the tests passed, but:", err)
		return 1
	}
	return 0
}

// The scripts run the real main, each command in a process of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	people := institutionOfScripts{institutiontest.Start(t)}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "SHARED="+omoptest.SharedData())
			env.Values[daemonKey{}], env.Values[databaseKey{}] = &daemon{}, &database{}
			env.Defer(func() { env.Values[daemonKey{}].(*daemon).kill() })
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "shared": // the folders of real and synthetic OMOP data beside the repository
				return omoptest.SharedData() != "", nil
			case "postgres":
				return omoptest.HasPostgres(), nil
			case "long":
				return long, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"usage": cmdUsage, "json": cmdJSON, "flip": cmdFlip, "replace": cmdReplace,
			"capture": cmdCapture, "statement": cmdStatement, "near": cmdNear,
			"serve": cmdServe, "shutdown": cmdShutdown, "crash": cmdCrash,
			"database": cmdDatabase, "sql": cmdSQL,
			"institution": people.cmdInstitution, "signin": people.cmdSignIn,
		},
	})
}

// quietEnv is what a command gets when it runs inside a test.
func quietEnv(t testing.TB) *env {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := null.Close(); err != nil {
			t.Error(err)
		}
	})
	return &env{ctx: t.Context(), stdout: null, stderr: null, log: slog.New(slog.DiscardHandler)}
}

// patience bounds whatever waits for another process or for blocks: a machine
// with other work on it may be ten times slower than a quiet one.
const patience = 8 * time.Minute
