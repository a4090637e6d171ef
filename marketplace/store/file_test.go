package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/store"
)

func TestFilesAreGuarded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?c#d%20.db") // no byte of a name may be taken for an option
	openProvider(t, file)
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", name, info.Mode().Perm())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, file string)
		want error
	}{
		{"no folder", func(t *testing.T, file string) { must(t, os.Remove(filepath.Dir(file))) }, fs.ErrNotExist},
		{"a text file", func(t *testing.T, file string) {
			must(t, os.WriteFile(file, bytes.Repeat([]byte("patients\n"), 500), 0o600))
		}, store.ErrForeignFile},
		{"a folder", func(t *testing.T, file string) { must(t, os.Mkdir(file, 0o700)) }, store.ErrForeignFile},
		{"another application's database", func(t *testing.T, file string) {
			must(t, os.WriteFile(file, nil, 0o600))
			execute(t, file, `CREATE TABLE theirs (a INTEGER)`)
		}, store.ErrForeignFile},
		{"a marketplace's", func(t *testing.T, file string) { closeStore(t, openMarket(t, file)) }, store.ErrForeignFile},
		{"others may read it", func(t *testing.T, file string) {
			closeStore(t, openProvider(t, file))
			must(t, os.Chmod(file, 0o640))
		}, store.ErrExposed},
		{"a newer schema", func(t *testing.T, file string) {
			closeStore(t, openProvider(t, file))
			execute(t, file, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
		}, store.ErrNewerFile},
		{"a schema that was changed in place since", func(t *testing.T, file string) {
			closeStore(t, openProvider(t, file))
			execute(t, file, `PRAGMA user_version = 0`)
		}, store.ErrOtherSchema},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "folder", "provider.db")
			must(t, os.Mkdir(filepath.Dir(file), 0o700))
			c.make(t, file)
			before, _ := os.ReadFile(file) // a folder or nothing is compared as nothing
			_, err := store.OpenProvider(t.Context(), config(file))
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if after, _ := os.ReadFile(file); !bytes.Equal(before, after) { // as above
				t.Error("the file was changed")
			}
		})
	}
	if _, err := store.OpenMarket(t.Context(), store.Config{}); err == nil {
		t.Error("opened without a file")
	}
}

// execute runs one statement on a file behind the store's back.
func execute(t testing.TB, file, statement string, args ...any) {
	t.Helper()
	db := raw(t, file)
	_, err := db.ExecContext(t.Context(), statement, args...)
	must(t, errors.Join(err, db.Close()))
}

// raw opens a file whose name needs no escaping.
func raw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=foreign_keys(1)")
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// G5: two processes that have one file open, which is nobody's intention, count what the other charged, and set the map that the other left.
func TestG5TwoWritersOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "provider.db")
	both := []*store.Provider{openProvider(t, file), openProvider(t, file)}
	const patients = 6
	enrol(t, both[0], patients)
	setPolicy(t, both[0])
	cost := accountant.Cost{NanoRho: 3, Delta: 1}
	for i := range int64(patients) {
		p := both[i%2]
		record(t, p, preferences(i, 1, 1, "class"))
		chargeClass(t, p, fmt.Sprint("question ", i), cost)
	}
	for i, p := range both {
		for _, c := range now(t, p).Classes {
			if want := (accountant.Cost{NanoRho: patients * cost.NanoRho, Delta: patients * cost.Delta}); c.ID > 0 && c.Charged() != want {
				t.Errorf("process %d counts %+v, want %+v", i, c.Charged(), want)
			}
		}
	}
	proof, err := both[0].Consent(t.Context(), patients-1, publish(t, both[0]))
	must(t, err)
	var wrong *ledger.MismatchError // the store leaves the log's part out
	if errors.As(proof.Check(), &wrong) && wrong.Part != consent.PartCheckpoint && wrong.Part != consent.PartInclusion {
		t.Errorf("the map is not that of its root: %v", wrong)
	}
}
